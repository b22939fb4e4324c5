package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider"
	"github.com/paydesk-till/paydesk/backend/secret"
)

// closeTime bounds how long a till takes to sign out and close.
const closeTime = 8 * time.Second

// Options say which till to open, and for what.
type Options struct {
	Folder   Folder
	Build    Build
	Practice bool    // with practice terminals in this process
	Customer string  // who stands at them; empty: a person at the pin pad page
	At       string  // the terminal that must know the customer; empty: the default one; Anywhere
	Pace     float64 // of the practice customers: 1 is as real
	Doing    string  // for whoever finds the folder taken: "takes a payment"
	Now      func() time.Time
}

// Till is an open till.
type Till struct {
	Folder  Folder
	Log     *slog.Logger
	Journal *journal.Journal
	Engine  *engine.Engine
	Seal    *Seal
	// Left are the operations that were open when the till was opened.
	Left []payment.Operation
	// PinPads are the pages of the practice terminals.
	PinPads []PinPad
	// Absent are the terminals that could not be opened, and why.
	Absent map[string]error

	secrets  *secret.Store
	trainees []string // the practice terminals' names
	listen   engine.ListenFunc
	changing sync.Mutex                    // guards Absent once the till is open
	closers  []func(context.Context) error // in the order of opening
}

// Open opens in order: lock, log, journal, seal, listener, practice terminals, engine
// with its terminals. What is open in the journal begins to be resolved at once.
func Open(ctx context.Context, o Options) (*Till, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	t := &Till{Folder: o.Folder, Absent: map[string]error{}, secrets: o.Folder.Secrets()}
	if err := t.open(ctx, o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Till) open(ctx context.Context, o Options) error {
	lock, err := TakeLock(o.Folder, o.Doing, o.Now())
	if err != nil {
		return err
	}
	t.later(func(context.Context) error { return lock.Release() })

	log, file := openLog(o.Folder)
	t.Log = log
	t.later(func(context.Context) error { return file.Close() })
	log.Info("opening", "version", o.Build.Version, "doing", o.Doing, "practice", o.Practice, "pid", os.Getpid())

	t.Journal, err = journal.Open(ctx, o.Folder.Journal(), journal.Options{Now: o.Now, Log: log})
	if err != nil {
		return err
	}
	t.later(func(context.Context) error { return t.Journal.Close() })
	if t.Left, err = t.Journal.Open(ctx); err != nil {
		return fmt.Errorf("read what is open: %w", err)
	}

	t.Seal = NewSeal(t.Journal, t.secrets, o.Now, log)
	t.later(t.Seal.start())

	listeners := NewListeners(log)
	t.later(func(context.Context) error { listeners.Close(); return nil })

	var train *training
	if o.Practice {
		if train, err = startTraining(o, log); err != nil {
			return err
		}
		t.PinPads = train.pinPads()
		for _, one := range train.added {
			t.trainees = append(t.trainees, one.kind.Provider)
		}
		t.later(func(context.Context) error { return train.close() })
	}

	t.Engine = engine.New(engine.Options{Journal: t.Journal, Log: log, Now: o.Now})
	t.later(t.Engine.Close)
	if train != nil {
		if err := train.add(ctx, t.Engine, o.Build, listeners.Listen); err != nil {
			return err
		}
	}
	t.listen = listeners.Listen
	if err := t.addTerminals(ctx, o); err != nil {
		return err
	}
	if _, err := t.Engine.Orphans(ctx); err != nil {
		return fmt.Errorf("look after what no terminal is there for: %w", err)
	}
	return nil
}

// addTerminals opens the terminals of the journal. One that cannot be opened does
// not keep the others from working.
func (t *Till) addTerminals(ctx context.Context, o Options) error {
	stored, err := t.Journal.Terminals(ctx)
	if err != nil {
		return fmt.Errorf("read the terminals: %w", err)
	}
	for _, s := range stored {
		if err := t.drive(ctx, o, s); err != nil {
			t.Log.Error("a terminal cannot be opened", "terminal", s.Name, "error", err)
		}
	}
	return nil
}

// drive opens a terminal that is set up. Why it cannot be is kept in Absent.
func (t *Till) drive(ctx context.Context, o Options, s journal.Terminal) error {
	p, err := provider.Find(s.Provider)
	var whole payment.Settings
	if err == nil {
		whole, err = WithSecrets(t.secrets, p.Info(), s)
	}
	if err == nil {
		err = t.Engine.Add(ctx, engine.Terminal{Name: s.Name, Provider: p, Settings: whole,
			Default: s.Default, Software: o.Build.Software(), Test: o.Practice}, t.listen)
	}
	t.setAbsent(s.Name, err)
	return err
}

func (t *Till) setAbsent(name string, err error) {
	t.changing.Lock()
	defer t.changing.Unlock()
	if t.Absent[name] = err; err == nil {
		delete(t.Absent, name)
	}
}

// absent says why a terminal could not be opened; nil: it could.
func (t *Till) absent(name string) error {
	t.changing.Lock()
	defer t.changing.Unlock()
	return t.Absent[name]
}

func (t *Till) later(end func(context.Context) error) { t.closers = append(t.closers, end) }

// Close closes in the reverse order of opening, within a bound. What is still open
// stays so in the journal and is resolved at the next start.
func (t *Till) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var errs []error
	for i := len(t.closers) - 1; i >= 0; i-- {
		errs = append(errs, t.closers[i](ctx))
	}
	t.closers = nil
	return errors.Join(errs...)
}

// Read opens a folder's journal for reading, also while another process has the
// folder.
func Read(ctx context.Context, f Folder) (*journal.Journal, error) {
	return journal.Open(ctx, f.Journal(), journal.Options{ReadOnly: true})
}

// Write opens a folder's journal alone, for a change that needs no terminal.
func Write(ctx context.Context, f Folder, doing string, do func(*journal.Journal) error) (err error) {
	lock, err := TakeLock(f, doing, time.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	j, err := journal.Open(ctx, f.Journal(), journal.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return do(j)
}

// ReadSeal is what the chain says of a folder's journal that is open for reading.
func ReadSeal(ctx context.Context, f Folder, j *journal.Journal) *Seal {
	s := NewSeal(j, f.Secrets(), time.Now, slog.New(slog.DiscardHandler))
	s.Load(ctx)
	return s
}

// StoredTerminals are the terminals of a folder; none where there is no journal yet.
func StoredTerminals(ctx context.Context, f Folder) (list []journal.Terminal, err error) {
	if f.fresh() {
		return nil, nil
	}
	j, err := Read(ctx, f)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return j.Terminals(ctx)
}
