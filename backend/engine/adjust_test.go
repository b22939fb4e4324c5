package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// tipping is a terminal that approves with the tip open, and tells of a charge when it
// is asked.
func tipping(told func(payment.Request) payment.Result) *script {
	open := func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
		got := approval(r)
		got.TipOpen = true
		return got, nil
	}
	return &script{sale: open, lookup: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return told(r), nil }}
}

// Of another amount than asked it is said what is left to do: what is missing is still
// due, and no refund (iotpay.md, sequence 28).
func TestWhatIsLeftOfAnotherAmount(t *testing.T) {
	for says, change := range map[string]func(*payment.Result){
		"0.30 SEK is still to be paid": func(r *payment.Result) { r.Authorised = 70 },
		"0.30 SEK too much":            func(r *payment.Result) { r.Authorised = 130 },
		"0.40 SEK is still to be paid": func(r *payment.Result) { r.Authorised, r.Tip = 70, 10 },
		"Settle the difference":        func(r *payment.Result) { r.Authorised, r.Cashback = 130, 30 },
		"SEK was asked for":            func(r *payment.Result) { r.Authorised, r.Currency = 70, "NOK" },
	} {
		synctest.Test(t, func(t *testing.T) {
			x := newTill(t, &script{sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
				got := approval(r)
				change(&got)
				return got, nil
			}})
			defer x.close()
			op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
			if len(op.Alarms) != 1 || !strings.Contains(strings.ReplaceAll(op.Alarms[0].Text, "\u00a0", " "), says) {
				t.Errorf("%q is missing in %+v", says, op.Alarms)
			}
		})
	}
}

// charged is an approval of another amount.
func charged(total, tip int64, open bool) func(payment.Request) payment.Result {
	return func(r payment.Request) payment.Result {
		got := approval(r)
		got.Authorised, got.Tip, got.TipOpen = total, tip, open
		return got
	}
}

// A tip that comes after the approval is taken without an alarm, in this run of the till
// and in the next one, and is what can be given back.
func TestTipAfterTheApproval(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := tipping(charged(100, 0, true))
			x := newTill(t, s)
			op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
			if op.Authorised != 100 || !op.TipOpen {
				t.Fatalf("approved with %d, tip open %t", op.Authorised, op.TipOpen)
			}
			if restart {
				x.close()
				s = tipping(charged(115, 15, true))
				x = open(t, x.path, s, nil)
			} else {
				time.Sleep(6 * time.Hour)
				s.finds(tipping(charged(115, 15, true)).lookup)
			}
			defer x.close()
			got := x.until(op.ID, "adjusted", func(op payment.Operation) bool { return op.Adjusted != nil })
			if got.State != payment.Approved || got.Authorised != 115 || got.Tip != 15 || got.Adjusted.From != 100 || len(got.Alarms) != 0 {
				t.Errorf("%+v", got)
			}
			void := x.start(payment.Void, 0, op.ID)
			if void.Requested != 115 {
				t.Errorf("a void of %d", void.Requested)
			}
			x.ends(void.ID, payment.Approved, "")
		})
	}
}

// It is read often while the customer may still stand there, seldom later, not at all
// after the provider's time or once the tip is fixed, and never while somebody pays.
func TestTipIsReadWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tipping(charged(100, 0, true))
		x := newTill(t, s)
		defer x.close()
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		for _, span := range []struct {
			lasts       time.Duration
			least, most int
		}{{time.Minute, 3, 4}, {9 * time.Minute, 4, 9}, {23 * time.Hour, 20, 45}, {2 * time.Hour, 0, 2}, {24 * time.Hour, 0, 0}} {
			before := s.count(&s.lookups)
			time.Sleep(span.lasts)
			if n := s.count(&s.lookups) - before; n < span.least || n > span.most {
				t.Errorf("asked %d times in %s, want %d to %d", n, span.lasts, span.least, span.most)
			}
		}
		s.finds(tipping(charged(5, 0, false)).lookup)
		x.ends(x.start(payment.Sale, 5, "").ID, payment.Approved, "")
		time.Sleep(time.Minute)
		before := s.count(&s.lookups)
		time.Sleep(24 * time.Hour)
		if n := s.count(&s.lookups) - before; n != 0 {
			t.Errorf("asked %d times after the tip was fixed", n)
		}
	})
}

// What is no tip is taken too, and told, once.
func TestAnotherAmountAfterTheApproval(t *testing.T) {
	for name, c := range map[string]struct {
		told  payment.Result
		total int64
		text  string
	}{
		"less":             {payment.Result{Currency: "SEK", Authorised: 90}, 90, "SEK 90"},
		"more, and no tip": {payment.Result{Currency: "SEK", Authorised: 130}, 130, "no tip"},
		"more than a tip":  {payment.Result{Currency: "SEK", Authorised: 130, Tip: 10}, 130, "no tip"},
		"cash paid out":    {payment.Result{Currency: "SEK", Authorised: 130, Cashback: 30}, 130, "no tip"},
		"other currency":   {payment.Result{Currency: "EUR", Authorised: 100}, 100, "EUR"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tipping(func(payment.Request) payment.Result {
					c.told.Outcome, c.told.TipOpen = payment.Success, true
					return c.told
				})
				x := newTill(t, s)
				defer x.close()
				id := x.start(payment.Sale, 100, "").ID
				got := x.until(id, "alarmed", func(op payment.Operation) bool { return len(op.Alarms) > 0 })
				if got.Authorised != c.total || got.Alarms[0].Code != payment.AlarmAmount || c.text == "no tip" && !strings.Contains(got.Alarms[0].Text, c.text) {
					t.Errorf("%d, %+v", got.Authorised, got.Alarms)
				}
				time.Sleep(24 * time.Hour)
				if again, err := x.journal.Operation(t.Context(), id); err != nil || len(again.Alarms) != 1 {
					t.Errorf("alarms %+v, %v", again.Alarms, err)
				}
			})
		})
	}
}

// A till that void its own sale is not told that the sale is disputed, but learns what
// went back with it; a void that nobody here knows of is an alarm.
func TestUndoneWhileTheTipIsOpen(t *testing.T) {
	for _, ours := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := tipping(func(payment.Request) payment.Result {
				return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonReversed, Currency: "SEK", Authorised: 115, Tip: 15}
			})
			x := newTill(t, s)
			defer x.close()
			op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
			if ours {
				x.ends(x.start(payment.Void, 0, op.ID).ID, payment.Approved, "")
			}
			time.Sleep(time.Hour)
			got, err := x.journal.Operation(t.Context(), op.ID)
			if err != nil || got.State != payment.Approved {
				t.Fatalf("%s, %v", got.State, err)
			}
			if ours && (len(got.Alarms) != 0 || got.Authorised != 115) {
				t.Errorf("%d, %+v", got.Authorised, got.Alarms)
			}
			if !ours && (len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmDispute || got.Authorised != 100) {
				t.Errorf("%d, %+v", got.Authorised, got.Alarms)
			}
		})
	}
}

// A manager's word that it is paid, and the terminal's that the tip is open: the watch
// goes over from the one to the other.
func TestTipAfterAManagersWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tipping(charged(100, 0, true))
		s.sale = lost
		asked := s.lookup
		s.lookup = func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
		}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Paid: true, Operator: "boss", Why: "the slip"}); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, payment.ReasonSettled)
		s.finds(asked)
		x.until(op.ID, "confirmed", func(op payment.Operation) bool { return op.Reason == "" && op.TipOpen })
		s.finds(tipping(charged(115, 15, true)).lookup)
		x.until(op.ID, "adjusted", func(op payment.Operation) bool { return op.Tip == 15 && len(op.Alarms) == 0 })
		if _, err := x.Start(t.Context(), engine.Start{Amount: 7}); err != nil {
			t.Errorf("the terminal is not free: %v", err)
		}
	})
}
