package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// closes ends unpaid, and may be paid all the same.
func closes(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonExpired, Currency: r.Total.Currency, Reopens: true}, nil
}

func pays(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	return approval(r), nil
}

// What was closed unpaid and is paid all the same is late money, in this run of the till
// and in the next one, also where the clock was set forward while the till was off.
func TestClosedIsPaidAllTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		restart bool
		jump    time.Duration
	}{"the till goes on": {}, "the till is started anew": {restart: true}, "and its clock was set": {restart: true, jump: 20 * time.Hour}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: closes, lookup: closes}
				x := newTill(t, s)
				op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Cancelled, payment.ReasonExpired)
				time.Sleep(time.Minute)
				if s.count(&s.lookups) == 0 {
					t.Error("nothing was asked")
				}
				if c.restart {
					x.close()
					time.Sleep(c.jump)
					s = &script{sale: closes, lookup: pays}
					x = open(t, x.path, s, nil)
				}
				defer x.close()
				s.finds(pays)
				got := x.until(op.ID, "paid", func(op payment.Operation) bool { return op.State == payment.Approved })
				if len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmLateMoney || got.Authorised != 100 || got.Reopens {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// What a person settled is asked about after a restart whatever the clock on the wall was
// set to meanwhile: it may have stood at its first day before.
func TestSettledIsAskedAboutAfterTheClockWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(_ ctx, _ payment.Request, _ payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
		}
		x := newTill(t, &script{sale: silent, lookup: silent})
		op := x.start(payment.Sale, 100, "")
		x.until(op.ID, "parked", func(op payment.Operation) bool { return op.Doubt.Parked })
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Why: "not in its journal", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		x.close()
		time.Sleep(3 * 365 * 24 * time.Hour)
		x = open(t, x.path, &script{lookup: pays}, nil)
		defer x.close()
		got := x.until(op.ID, "paid", func(op payment.Operation) bool { return op.State == payment.Approved })
		if len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%+v", got)
		}
	})
}

// It is asked about less and less often, and not for ever.
func TestClosedIsAskedAboutWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: closes, lookup: closes}
		x := newTill(t, s)
		defer x.close()
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Cancelled, payment.ReasonExpired)
		for _, span := range []struct {
			lasts       time.Duration
			least, most int
		}{{time.Minute, 3, 5}, {9 * time.Minute, 5, 10}, {19 * time.Minute, 3, 5}, {10 * time.Minute, 0, 1}, {24 * time.Hour, 0, 0}} {
			before := s.count(&s.lookups)
			time.Sleep(span.lasts)
			if n := s.count(&s.lookups) - before; n < span.least || n > span.most {
				t.Errorf("asked %d times in %s, want %d to %d", n, span.lasts, span.least, span.most)
			}
		}
	})
}

// While nobody answers it stays watched, for a day.
func TestClosedIsAskedAboutUntilSomebodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(c ctx, _ payment.Request, _ payment.Reporter) (payment.Result, error) {
			<-c.Done() // as long as the provider waits for an answer
			return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
		}
		s := &script{sale: closes, lookup: silent}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Cancelled, payment.ReasonExpired)
		time.Sleep(3 * time.Hour)
		s.finds(pays)
		x.until(op.ID, "paid", func(op payment.Operation) bool { return op.State == payment.Approved && len(op.Alarms) == 1 })
		s.finds(silent)
		x.ends(x.start(payment.Sale, 200, "").ID, payment.Cancelled, payment.ReasonExpired)
		time.Sleep(26 * time.Hour)
		before := s.count(&s.lookups)
		time.Sleep(24 * time.Hour)
		if n := s.count(&s.lookups) - before; n > 0 {
			t.Errorf("asked %d times after more than a day", n)
		}
	})
}
