package app

import (
	"cmp"
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
	"github.com/paydesk-till/paydesk/backend/payment"
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

// Want has the whole journal checked soon; it returns at once.
func (s *Seal) Want() {
	s.mu.Lock()
	s.running = true
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // somebody wanted it already
	}
	s.tell()
}

// verify is Verify for whom nobody waits.
func (s *Seal) verify(ctx context.Context) {
	if _, err := s.Verify(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("the journal was not checked to its end", "error", err)
	}
}

// Verify checks the whole journal against the head that is kept, and remembers what
// came out. It takes time with the journal's length.
func (s *Seal) Verify(ctx context.Context) (journal.Verdict, error) {
	s.mu.Lock()
	s.running = true
	mark := s.kept.Mark
	s.mu.Unlock()
	s.tell()
	verdict, err := s.journal.Verify(ctx, mark)
	s.mu.Lock()
	s.running = false
	if err == nil {
		s.kept.Whole = report.Whole{At: s.now().UTC(), Events: verdict.Events, Operations: verdict.Operations, Seq: verdict.Seq, Faults: verdict.Faults}
	}
	k, blocked := s.kept, s.problem != ""
	s.mu.Unlock()
	if err == nil && !verdict.Sound() {
		s.log.Error("the journal is not sound", "faults", verdict.Faults)
	}
	if err == nil && !blocked && s.journal.Writable() {
		s.write(k)
	}
	s.tell()
	return verdict, err
}

// Of tells what the chain says of one operation: of its own lines at once, of the
// rest as it was last looked at.
func (s *Seal) Of(ctx context.Context, operation string) (report.Seal, error) {
	check, err := s.journal.CheckOperation(ctx, operation)
	if err != nil {
		return report.Seal{}, err
	}
	seal := report.Seal{Lines: check.Events, First: check.First, Last: check.Last, Faults: check.Faults, Head: s.Head()}
	s.mu.Lock()
	defer s.mu.Unlock()
	seal.Whole = s.kept.Whole
	seal.Whole.Running = s.running
	return seal, nil
}

// Head tells what is kept outside of the journal, and whether the journal agrees.
func (s *Seal) Head() report.Head {
	s.mu.Lock()
	defer s.mu.Unlock()
	return report.Head{Seq: s.kept.Seq, Hash: s.kept.Hash, At: s.kept.At, Where: s.where, Fault: s.fault, Problem: s.problem}
}

// Alarm says what everybody should know about the journal; empty: nothing.
func (s *Seal) Alarm() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	const meaning = " Payments go on and are recorded, but this record is no evidence until somebody has found out why: keep a copy of the data folder, then run \"paydesk journal verify\"."
	switch {
	case s.fault != "":
		return "The journal is not the one that this till wrote: " + s.fault + "." + meaning + " If a backup was brought back on purpose, \"paydesk journal accept\" ends this alarm."
	case len(s.kept.Whole.Faults) > 0:
		return "The journal was changed by something else than Paydesk: " + s.kept.Whole.Faults[0] + "." + meaning
	}
	return ""
}

// Accept takes the journal as it is for the right one, as after a backup was brought
// back: the head is written down anew. Who did it and why is recorded in the journal.
func (s *Seal) Accept(ctx context.Context, operator, why string) error {
	s.mu.Lock()
	k := s.kept
	fault := s.fault
	s.mu.Unlock()
	text := fmt.Sprintf("The head kept outside of the journal was event %d with hash %s, written down %s. It was given up for the journal as it is (%s): %s",
		k.Seq, k.Hash, k.At.Format(time.RFC3339), cmp.Or(fault, "it agreed"), why)
	event, err := payment.NewEvent("", s.now(), payment.EventNote, payment.Note{Text: text, Operator: operator})
	if err != nil {
		return err
	}
	if err := s.journal.Log(ctx, event); err != nil {
		return err
	}
	mark, err := s.journal.Mark(ctx)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(kept{Mark: mark})
	if err == nil {
		err = s.secrets.Set(headName, raw)
	}
	if err != nil {
		return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: err, Text: "The head could not be written into the secret store, so the old one stays. No payment is affected. See `paydesk doctor` for where secrets are kept."}
	}
	s.mu.Lock()
	s.kept, s.fault, s.problem = kept{Mark: mark}, "", ""
	s.mu.Unlock()
	s.tell()
	return nil
}
