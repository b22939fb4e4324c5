package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The refused start of an earlier attempt never ends the attempt that runs on the
// terminal, nor lets a second sale begin beside it (F-07, F-08).
func TestStatusOfAnEarlierAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(after(time.Second, busy), after(20*time.Second, approves))}
		s.lookup = after(3*time.Second, func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			if r.Attempt.Number == 1 {
				return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonBusy}, nil
			}
			return payment.Result{Outcome: payment.Pending}, nil
		})
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		if err := x.Look(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := x.stands(op.ID); got.State.Final() || got.Attempt.Number != 2 || s.count(&s.lookups) != 1 {
			t.Errorf("%s (%s), attempt %d, %d status requests", got.State, got.Reason, got.Attempt.Number, s.count(&s.lookups))
		}
		if _, err := x.Start(t.Context(), engine.Start{Amount: 100}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("a second sale beside it: %v", err)
		}
		x.ends(op.ID, payment.Approved, "")
	})
}

// An approval is never thrown away because it is of an earlier attempt (F-25).
func TestApprovalOfAnEarlierAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(after(time.Second, busy), after(time.Minute, busy)), lookup: after(3*time.Second, approves)}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		if err := x.Look(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, "")
	})
}

// What is provably not executed never comes into doubt by asking about it between
// two tries (SW-02, Seq6).
func TestLookWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(busy, approves), lookup: says(payment.Result{Outcome: payment.NotFound})}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		x.until(op.ID, "busy", func(op payment.Operation) bool { return op.Prompt.Code == payment.PromptBusy })
		if err := x.Look(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, "")
		if n := s.count(&s.sales); n != 2 {
			t.Errorf("%d sales", n)
		}
	})
}

// What was aborted before its first byte left is never sent (F-35, Seq19).
func TestAbortBeforeTheFirstByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves, signIn: func(ctx) error { time.Sleep(10 * time.Second); return nil }}
		x := newTill(t, s)
		defer x.close()
		synctest.Wait() // the sign-in is under way
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		if _, err := x.Abort(t.Context(), op.ID, "anna"); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		time.Sleep(time.Hour)
		if n := s.count(&s.sales); n != 0 {
			t.Errorf("%d sales were sent", n)
		}
		if n := s.count(&s.aborts); n != 0 {
			t.Errorf("%d aborts of nothing", n)
		}
	})
}

// Several clicks on abort while in doubt never send more than one abort (Seq24).
func TestAbortsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		for range 5 {
			if _, err := x.Abort(t.Context(), op.ID, "anna"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if n := s.count(&s.aborts); n != 1 {
			t.Errorf("%d aborts", n)
		}
	})
}

// An answer that nobody can read is never told as "no such transaction" (F-06, F-26).
func TestUnreadableStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs, lookup: says(payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: `the amount is "1O0"`})})
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		time.Sleep(time.Minute)
		op = x.stands(op.ID)
		if op.State != payment.InDoubt || op.Reason != payment.ReasonUnknownCode || strings.Contains(op.Doubt.Why, "no such") {
			t.Errorf("%s, %s: %s", op.State, op.Reason, op.Doubt.Why)
		}
		if !strings.Contains(op.Doubt.Answer, "1O0") {
			t.Errorf("what the terminal said is not told: %q", op.Doubt.Answer)
		}
	})
}
