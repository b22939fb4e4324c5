package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

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
