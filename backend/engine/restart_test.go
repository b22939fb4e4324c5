package engine_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// A till that comes back while the terminal is still at it gets the question of the
// signature, but no longer the answer to its own call: it goes on asking, instead of
// waiting out the silence.
func TestQuestionAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs})
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		x.close()

		s := &script{}
		answered := make(chan struct{})
		s.lookup = answers(func(_ ctx, _ payment.Request, to payment.Reporter) (payment.Result, error) {
			go func() {
				if err := to.Slip(t.Context(), slip()); err != nil {
					t.Error(err)
				}
				if _, err := to.Ask(t.Context(), payment.Question{}); err != nil {
					t.Error(err)
				}
				to.Prompt(payment.Prompt{Code: payment.PromptPresent})
				close(answered)
			}()
			return payment.Result{Outcome: payment.Pending}, nil
		}, func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return approval(r), nil })
		y := open(t, x.path, s, nil)
		defer y.close()
		y.reaches(op.ID, payment.AwaitingAnswer)
		y.answer(op.ID, true)
		<-answered
		since := time.Now()
		y.ends(op.ID, payment.Approved, "")
		if took, most := time.Since(since), 5*time.Second; took > most {
			t.Errorf("known %s after the answer, want %s at most", took, most)
		}
	})
}

// A clock that was set back a day between two starts moves no bound: doubt goes to a
// manager when it should, numbers do not repeat, and the journal is sound.
func TestClockSetBackADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead := func() time.Time { return time.Now().Add(24 * time.Hour) }
		path := filepath.Join(t.TempDir(), "journal.db")
		x := openAt(t, path, &script{sale: hangs, lookup: unreachable}, ahead)
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		if _, err := x.Abort(t.Context(), op.ID, "anna"); err != nil {
			t.Fatal(err)
		}
		x.reaches(op.ID, payment.InDoubt)
		x.close()

		s := &script{sale: approves, lookup: unreachable}
		y := openAt(t, path, s, time.Now)
		defer y.close()
		since := time.Now()
		y.until(op.ID, "parked", func(op payment.Operation) bool { return op.Doubt.Parked })
		if took := time.Since(since); took > 6*time.Minute {
			t.Errorf("parked after %s", took)
		}
		y.settle(op.ID, false)
		next := y.ends(y.start(payment.Sale, 5, "").ID, payment.Approved, "")
		if next.Number != op.Number+1 || next.Attempt.Reference == op.Attempt.Reference {
			t.Errorf("receipt %d, reference %s; before it %d, %s", next.Number, next.Attempt.Reference, op.Number, op.Attempt.Reference)
		}
		if v, err := y.journal.Verify(t.Context()); err != nil || !v.Sound() {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

// openAt opens a till whose clock shows what now says.
func openAt(t *testing.T, path string, s *script, now func() time.Time) *till {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Journal: j, Now: now})
	if err := e.Add(t.Context(), engine.Terminal{Name: "one", Provider: s}, nil); err != nil {
		t.Fatal(err)
	}
	return &till{Engine: e, t: t, journal: j, script: s, path: path}
}
