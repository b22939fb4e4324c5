package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// What a manager settled as paid never keeps an amount that was only asked for once
// the terminal tells the real one: it could be refunded beyond what was charged (F-40,
// design 10.8).
func TestSettledAsPaidLearnsTheAmount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost, lookup: lost}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.settle(op.ID, true)
		s.finds(func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			a := approval(r)
			a.Authorised = 90
			return a, nil
		})
		time.Sleep(5 * time.Minute)
		op = x.stands(op.ID)
		if op.State != payment.Approved || op.Authorised != 90 || op.References.AuthCode == "" || op.Reason != "" {
			t.Errorf("%s (%s) with %d, %+v", op.State, op.Reason, op.Authorised, op.References)
		}
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmAmount {
			t.Errorf("alarms %+v", op.Alarms)
		}
		if _, err := x.Start(t.Context(), engine.Start{Kind: payment.Refund, Original: op.ID, Amount: 100, Operator: "anna", Why: "w"}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("more is refunded than was charged: %v", err)
		}
	})
}

// What a manager settled as paid never stays so in silence where "not found" proves
// that nothing was carried out (design 10.3, F-25).
func TestSettledAsPaidIsNotFound(t *testing.T) {
	for setting, alarms := range map[string]int{"doubt": 0, "not-executed": 1} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{sale: lost, lookup: lost}
			x := open(t, t.TempDir()+"/journal.db", s, payment.Settings{"not-found": setting})
			defer x.close()
			op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
			x.settle(op.ID, true)
			s.finds(says(payment.Result{Outcome: payment.NotFound}))
			time.Sleep(5 * time.Minute)
			if op = x.stands(op.ID); op.State != payment.Approved || len(op.Alarms) != alarms {
				t.Errorf("%s: %s, alarms %+v", setting, op.State, op.Alarms)
			}
		})
	}
}

// A terminal is never signed in to while what a manager settled may still run on it:
// that would reset the payment (nexo-retailer.md 5.4). Once its word is known, it is.
func TestSettledIsNotSignedInOver(t *testing.T) {
	for _, again := range []bool{false, true} { // the till stops once more after the settlement
		synctest.Test(t, func(t *testing.T) {
			x := newTill(t, &script{sale: hangs})
			op := x.start(payment.Sale, 100, "")
			synctest.Wait()
			x.close()
			s := &script{}
			x = open(t, x.path, s, nil)
			x.settle(x.reaches(op.ID, payment.InDoubt).ID, false)
			if again {
				x.close()
				x = open(t, x.path, s, nil)
			}
			defer x.close()
			signedIn := func() int {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.signIns
			}
			time.Sleep(time.Hour)
			if n := signedIn(); n != 0 {
				t.Errorf("signed in %d times", n)
			}
			s.finds(says(payment.Result{Outcome: payment.Refused}))
			time.Sleep(5 * time.Minute)
			if n := signedIn(); n != 1 {
				t.Errorf("signed in %d times after it was known", n)
			}
		})
	}
}

// What a manager settled is watched also while its own call never answers (F-04), and
// the call's late proof that nothing was sent disputes his "paid" (F-25).
func TestSettledWhileTheCallIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: hangs, lookup: lost}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.settle(op.ID, false)
		time.Sleep(time.Hour)
		s.finds(approves)
		time.Sleep(5 * time.Minute)
		if op = x.stands(op.ID); op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%s, alarms %+v", op.State, op.Alarms)
		}

		s.finds(lost)
		s.plays(after(time.Hour, func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeUnreachable, payment.SentNo)
		}))
		op = x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.settle(op.ID, true)
		time.Sleep(2 * time.Hour)
		if op = x.stands(op.ID); op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmDispute {
			t.Errorf("%s, alarms %+v", op.State, op.Alarms)
		}
	})
}
