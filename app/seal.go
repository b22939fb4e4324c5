package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/report"
	"github.com/paydesk-till/paydesk/backend/secret"
)

// headName is the secret under which the chain's head is kept.
const headName = "journal-head"

// The rhythm of the seal.
const (
	// sealEvery is how often the head is written down, if it moved.
	sealEvery = time.Minute
	// wholeAfter is how long after the start the whole journal is checked, out of the
	// way of whoever opens the till; wholeEvery is how old the latest check may be then.
	wholeAfter = 2 * time.Minute
	wholeEvery = 24 * time.Hour
)

// The environment variables of the secret store.
const (
	keyVariable      = "PAYDESK_KEY"      // a passphrase for the encrypted file
	keychainVariable = "PAYDESK_KEYCHAIN" // "off": the keychain is never asked
)

// Secrets is the folder's secret store. Practice has nothing to hide, so that the
// keychain is left alone.
func (f Folder) Secrets() *secret.Store {
	return secret.New(secret.Options{Folder: string(f), Passphrase: os.Getenv(keyVariable),
		NoKeychain: filepath.Base(string(f)) == practiceDir || os.Getenv(keychainVariable) == "off"})
}

// kept is what the secret store holds about the journal.
type kept struct {
	journal.Mark
	Whole report.Whole `json:"whole"` // the latest check of the whole journal
}

// Seal keeps the head of the journal's chain in the secret store, and tells what the
// chain says. A head that does not agree is an alarm, and is not written over: it
// never keeps anybody from taking a payment.
type Seal struct {
	journal *journal.Journal
	secrets *secret.Store
	log     *slog.Logger
	now     func() time.Time
	wake    chan struct{} // somebody wants the whole journal checked

	mu      sync.Mutex
	changed func()
	kept    kept
	where   string // in words, where the head is kept
	problem string // why the store cannot be used
	fault   string // how the journal differs from the head
	running bool   // the whole journal is being checked
}

// NewSeal makes a seal without looking at anything yet: Load reads what is kept.
func NewSeal(j *journal.Journal, secrets *secret.Store, now func() time.Time, log *slog.Logger) *Seal {
	return &Seal{journal: j, secrets: secrets, now: now, log: log, wake: make(chan struct{}, 1)}
}

// Load reads the head that is kept and compares the journal with it.
func (s *Seal) Load(ctx context.Context) {
	var k kept
	problem := ""
	raw, err := s.secrets.Get(headName)
	switch {
	case errors.Is(err, secret.ErrNotFound):
	case err != nil:
		problem = err.Error()
	case json.Unmarshal(raw, &k) != nil:
		problem = "what is kept there is no head of a journal"
	}
	where := s.secrets.Where().Text
	s.mu.Lock()
	s.kept, s.problem, s.where = k, problem, where
	s.mu.Unlock()
	if problem != "" {
		s.log.Warn("the head of the journal's chain cannot be read", "error", problem)
	}
	s.compare(ctx)
}

// compare looks whether the journal still has the event that was written down.
func (s *Seal) compare(ctx context.Context) {
	s.mu.Lock()
	mark := s.kept.Mark
	s.mu.Unlock()
	fault, err := s.journal.Agrees(ctx, mark)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("the journal was not compared with its head", "error", err)
		}
		return
	}
	s.mu.Lock()
	fresh := fault != s.fault
	s.fault = fault
	s.mu.Unlock()
	if fault != "" && fresh {
		s.log.Error("the journal does not agree with the head kept outside of it", "fault", fault)
	}
	if fresh {
		s.tell()
	}
}

// OnChange has f called when there is something new to show.
func (s *Seal) OnChange(f func()) {
	s.mu.Lock()
	s.changed = f
	s.mu.Unlock()
}

func (s *Seal) tell() {
	s.mu.Lock()
	f := s.changed
	s.mu.Unlock()
	if f != nil {
		f()
	}
}

// keep writes the head down if it moved. A head that does not agree stays.
func (s *Seal) keep(ctx context.Context) {
	s.mu.Lock()
	k, blocked := s.kept, s.fault != "" || s.problem != ""
	s.mu.Unlock()
	if blocked {
		return
	}
	mark, err := s.journal.Mark(ctx)
	if err != nil {
		s.log.Warn("the head of the journal's chain was not read", "error", err)
		return
	}
	if mark.Seq == k.Seq {
		return
	}
	k.Mark = mark
	s.write(k)
}

func (s *Seal) write(k kept) {
	raw, err := json.Marshal(k)
	if err == nil {
		err = s.secrets.Set(headName, raw)
	}
	if err != nil {
		s.log.Warn("the head of the journal's chain was not written down", "error", err)
		return
	}
	s.mu.Lock()
	s.kept = k
	s.mu.Unlock()
}

// start begins to keep the head; the returned function writes it down for the last
// time. Opening a till does not wait for a keychain.
func (s *Seal) start() (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Load(ctx)
		s.keep(ctx) // what a killed till recorded last is not in the head yet
		s.run(ctx)
	}()
	return func(within context.Context) error {
		cancel()
		select {
		case <-ended:
		case <-within.Done():
			return fmt.Errorf("keep the head of the journal's chain: %w", within.Err())
		}
		// What was noted and not waited for belongs to the head.
		if err := s.journal.Log(within); err != nil {
			s.log.Warn("the last events are not in the head", "error", err)
		}
		s.keep(within)
		return nil
	}
}

func (s *Seal) run(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	first := time.NewTimer(wholeAfter)
	defer first.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.compare(ctx)
			s.keep(ctx)
		case <-first.C:
			s.mu.Lock()
			old := s.now().Sub(s.kept.Whole.At) > wholeEvery
			s.mu.Unlock()
			if old {
				s.verify(ctx)
			}
		case <-s.wake:
			s.verify(ctx)
		}
	}
}
