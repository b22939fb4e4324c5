package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What a manager settled stays watched, also over a restart: an approval that comes
// to light later is the truth, and an alarm (F-04, F-25).
func TestSettledIsWatched(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			silent := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
				return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
			}
			s := &script{sale: lost, lookup: silent}
			x := newTill(t, s)
			op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
			if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "no slip"}); err != nil {
				t.Fatal(err)
			}
			x.ends(op.ID, payment.Declined, payment.ReasonSettled)
			found := &script{sale: approves, lookup: approves}
			if restart {
				x.close()
				x = open(t, x.path, found, nil)
			} else {
				time.Sleep(time.Hour)
				s.finds(approves)
			}
			defer x.close()
			got := x.until(op.ID, "found approved", func(op payment.Operation) bool { return op.State == payment.Approved && len(op.Alarms) > 0 })
			if got.Alarms[0].Code != payment.AlarmLateMoney || got.Authorised != 100 {
				t.Errorf("%+v", got)
			}
			time.Sleep(time.Hour)
			if again, err := x.journal.Operation(t.Context(), op.ID); err != nil || len(again.Alarms) != 1 {
				t.Errorf("alarms %+v, %v", again.Alarms, err)
			}
		})
	}
}

// The terminal's own word that nothing was charged ends the watch without an alarm,
// and nothing is asked while somebody pays (F-23).
func TestSettledIsConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost, lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
		}}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "no slip"}); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Declined, payment.ReasonSettled)
		synctest.Wait()
		s.plays(func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			time.Sleep(50 * time.Second) // of a slow customer
			return approval(r), nil
		})
		for range 5 {
			before := s.count(&s.lookups)
			next := x.start(payment.Sale, 5, "")
			x.ends(next.ID, payment.Approved, "")
			if n := s.count(&s.lookups); n != before {
				t.Errorf("asked %d times while somebody paid", n-before)
			}
			synctest.Wait()
		}
		s.finds(func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused}, nil
		})
		time.Sleep(5 * time.Minute)
		asked := s.count(&s.lookups)
		time.Sleep(time.Hour)
		if n := s.count(&s.lookups); n != asked {
			t.Errorf("asked %d times more after the answer", n-asked)
		}
		if got, err := x.journal.Operation(t.Context(), op.ID); err != nil || got.State != payment.Declined || len(got.Alarms) != 0 {
			t.Errorf("%s, %+v, %v", got.State, got.Alarms, err)
		}
	})
}

// That a terminal never told of a payment is taken as proof that it did not get it; it
// stays watched all the same, seldom, and what comes to light is an alarm.
func TestExpiredIsWatched(t *testing.T) {
	watched(t, payment.NotDone, payment.ReasonExpired, payment.Failed)
	watched(t, payment.Stopped, payment.ReasonNotFound, payment.Cancelled)
}

func watched(t *testing.T, outcome payment.Outcome, reason payment.Reason, state payment.State) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		expired := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: outcome, Reason: reason}, nil
		}
		s := &script{sale: expired, lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.NotFound}, nil
		}}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, state, reason)
		time.Sleep(20 * time.Hour)
		if n := s.count(&s.lookups); n < 20 || n > 60 {
			t.Errorf("asked %d times in 20 hours", n)
		}
		s.finds(approves)
		got := x.until(op.ID, "found approved", func(op payment.Operation) bool { return op.State == payment.Approved && len(op.Alarms) > 0 })
		if got.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%+v", got.Alarms)
		}
	})
}
