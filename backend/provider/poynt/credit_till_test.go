package poynt_test

import (
	"context"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// giveAway begins a refund without a sale.
func (one *till) giveAway() string {
	one.t.Helper()
	op, err := one.Start(context.Background(), engine.Start{Kind: payment.Refund, Unlinked: true, Amount: 1256, Operator: "anna", Why: "sold before this till"})
	if err != nil {
		one.t.Fatal(err)
	}
	return op.ID
}

// A credit from the engine to the practice terminal and back, in both forms, told or
// asked for; no sale counts as refunded by it (1, 2, 5, 6, 19).
func TestSeq01_02_05_06_19_CreditFromEndToEnd(t *testing.T) {
	for _, more := range []payment.Settings{{"payload": "b"}, {"payload": "a"}, {"payload": "a", "credit-action": "non-reference-credit"}, {"listen": ""}} {
		with(t, more, func(x *shop) {
			x.customer("chip-pin")
			one := x.open("journal.db", doorAddress)
			sale := one.until(one.sell(), final)
			op := one.until(one.giveAway(), final)
			if op.State != payment.Approved || op.Authorised != 1256 || len(op.Alarms) != 0 || op.Slip(payment.CustomerCopy) == nil || !op.Unlinked() {
				t.Fatalf("%v: %s (%s), %+v", more, op.State, op.ReasonText, op.Alarms)
			}
			if charged := x.pair.Practice.Charged(); charged[op.References.Ours] != -1256 || charged[sale.References.Ours] != 1256 {
				t.Errorf("%v: charged %v", more, charged)
			}
			if back, open, err := one.journal.Refunded(context.Background(), sale.ID); back != 0 || open != 0 || err != nil {
				t.Errorf("%v: of the sale %d and %d count as given back, %v", more, back, open, err)
			}
			x.customer("declined")
			if op := one.until(one.giveAway(), final); op.State != payment.Declined {
				t.Errorf("%v: %s (%s)", more, op.State, op.ReasonText)
			}
			if more["listen"] == "" && more["payload"] == "" {
				return // a cancel leaves no trace (design 10.11)
			}
			x.customer("cancels")
			if op := one.until(one.giveAway(), final); op.State != payment.Cancelled {
				t.Errorf("%v: %s (%s)", more, op.State, op.ReasonText)
			}
			x.customer("chip-pin")
			x.set([2]string{"callback.result", "lose"})
			if op := one.until(one.giveAway(), final); op.State != payment.Approved {
				t.Errorf("%v: %s (%s)", more, op.State, op.ReasonText)
			}
		})
	}
}

// A terminal that knows the other word only ignores the message; one that does not know
// the wish charges the card. Neither is taken for a refund.
func TestCreditThatTheTerminalDoesNotKnow(t *testing.T) {
	with(t, payment.Settings{"payload": "a"}, func(x *shop) {
		x.customer("chip-pin")
		x.set([2]string{"credit.word", "non-reference-credit"})
		one := x.open("journal.db", doorAddress)
		if op := one.until(one.giveAway(), func(op payment.Operation) bool { return final(op) || parked(op) }); op.State == payment.Approved {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
		if charged := x.pair.Practice.Charged(); len(charged) != 0 {
			t.Errorf("charged %v", charged)
		}
	})
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set([2]string{"credit", "charges"})
		one := x.open("journal.db", doorAddress)
		op := one.until(one.giveAway(), parked)
		if op.State != payment.InDoubt || op.Reason != payment.ReasonForeign {
			t.Errorf("%s, %s (%s)", op.State, op.Reason, op.ReasonText)
		}
	})
}

// The till dies at any moment of a credit: it is given once, and found (53, 54).
func TestSeq53_54_TheTillDiesInACredit(t *testing.T) {
	for after := 100 * time.Millisecond; after < 6*time.Second; after += 1400 * time.Millisecond {
		with(t, nil, func(x *shop) {
			x.customer("contactless")
			one := x.open("journal.db", doorAddress)
			id := one.giveAway()
			time.Sleep(after)
			one.stop()
			time.Sleep(time.Minute)
			one = x.open("journal.db", doorAddress)
			if op := one.until(id, final); op.State != payment.Approved {
				t.Errorf("after %s: %s (%s)", after, op.State, op.ReasonText)
			}
			if charged := x.pair.Practice.Charged(); len(charged) != 1 {
				t.Errorf("after %s: charged %v", after, charged)
			}
		})
	}
}

// A terminal that told of an earlier payment is offline now: what it did not get in time
// was not carried out (24).
func TestSeq24_CreditForAnOfflineTerminal(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("contactless")
		one := x.open("journal.db", doorAddress)
		one.until(one.sell(), final)
		x.set([2]string{"network", "unplugged"})
		if op := one.until(one.giveAway(), final); op.State != payment.Failed || op.Reason != payment.ReasonExpired {
			t.Errorf("%s, %s (%s)", op.State, op.Reason, op.ReasonText)
		}
		if charged := x.pair.Practice.Charged(); len(charged) != 1 {
			t.Errorf("charged %v", charged)
		}
	})
}
