package poynt_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// A sale in the older payload, with the address of the callback encoded once, ends as
// one in the newer (2).
func TestSeq02_HappySaleA(t *testing.T) {
	with(t, payment.Settings{"payload": "a"}, func(x *shop) {
		x.customer("chip-pin")
		one := x.open("journal.db", doorAddress)
		op := one.until(one.sell(), final)
		if op.State != payment.Approved || op.Authorised != 1256 || op.References.AuthCode == "" || op.Slip(payment.CustomerCopy) == nil {
			t.Errorf("%s (%s), %+v", op.State, op.ReasonText, op.References)
		}
		if d := one.Terminals()[0].Delivered; d.IsZero() {
			t.Error("the callback did not arrive")
		}
	})
}

// The cashier gives it up and nothing ever comes: a manager settles it, and it stays as
// it is, without an alarm, found by its reference (23).
func TestSeq23_GivenUpAndNothingComes(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("silent")
		one := x.open("journal.db", doorAddress)
		id := one.sell()
		time.Sleep(20 * time.Second)
		if _, err := one.Abort(context.Background(), id, "anna"); err != nil {
			t.Error(err)
		}
		op := one.until(id, parked)
		if op.Doubt.Why == "" || op.Authorised != 0 {
			t.Errorf("%+v", op.Doubt)
		}
		if _, err := one.Settle(context.Background(), id, payment.Settlement{Why: "the terminal shows nothing", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		op, err := one.journal.Find(context.Background(), op.References.Ours)
		if err != nil || op.ID != id || op.State != payment.Declined || len(op.Alarms) != 0 {
			t.Errorf("%v, %s, %+v", err, op.State, op.Alarms)
		}
		if charged := x.pair.Practice.Charged(); len(charged) != 0 {
			t.Errorf("charged %v", charged)
		}
	})
}

// The wish to stop overtakes the sale on its way to the terminal, which then takes the
// payment: the wish concludes nothing, and the result stands (40).
func TestSeq40_CancelOvertakesTheSale(t *testing.T) {
	for name, listens := range map[string]string{"callbacks": doorAddress, "asking alone": ""} {
		t.Run(name, func(t *testing.T) {
			with(t, payment.Settings{"listen": listens, "callback-url": ""}, func(x *shop) {
				x.customer("contactless")
				x.set([2]string{"message.delivery", "reorder"}, [2]string{"till-cancel", "ignored"})
				one := x.open("journal.db", doorAddress)
				id := one.sell()
				time.Sleep(time.Second)
				op, err := one.Abort(context.Background(), id, "anna")
				if err != nil || op.State.Final() {
					t.Errorf("%s, %v", op.State, err)
				}
				op = one.until(id, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
				var sum int64
				for _, minor := range x.pair.Practice.Charged() {
					sum += minor
				}
				if op.State == payment.InDoubt || sum != op.Authorised || (op.State == payment.Approved) != (sum == 1256) {
					t.Errorf("%s (%s), and the terminal charged %d", op.State, op.ReasonText, sum)
				}
				if op.State != payment.Approved {
					t.Errorf("the payment never reached the terminal: %s (%s)", op.State, op.ReasonText)
				}
			})
		})
	}
}

// A cloud that tells tracks, names, expiry and tags: none of it is in the journal's
// file, nor a token or a key (64).
func TestSeq64_NothingForbiddenInTheJournal(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set([2]string{"callback.card-data", "told"})
		one := x.open("journal.db", doorAddress)
		op := one.until(one.sell(), final)
		if op.State != payment.Approved {
			t.Fatalf("%s (%s)", op.State, op.ReasonText)
		}
		deliveries, err := one.journal.Deliveries(context.Background(), "one", op.References.Ours)
		if err != nil || len(deliveries) == 0 || !strings.Contains(deliveries[len(deliveries)-1].Body, "transactions") {
			t.Fatalf("no transaction was delivered: %v, %+v", err, deliveries)
		}
		one.stop()
		text, err := os.ReadFile(filepath.Join(x.folder, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte(op.References.Ours)) {
			t.Fatal("the file does not hold the operation: nothing was looked at")
		}
		// What the practice cloud then tells, and how a key and a signed token begin.
		for _, never := range []string{"656e63727970746564", "696e76656e746564", "9a0364b9e99bb480dd25e1f0284c8555", "PRACTICE/CARD", "BEGIN RSA", "BEGIN PRIVATE", "eyJhbGciOi"} {
			if bytes.Contains(text, []byte(never)) {
				t.Errorf("the journal holds %q", never)
			}
		}
	})
}

// The result is there before the answer to the message that asked for it: one approval,
// one charge, nothing asked twice.
func TestCallbackBeforeTheAnswer(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("contactless")
		x.set([2]string{"message.answer", "after-callback"})
		one := x.open("journal.db", doorAddress)
		op := one.until(one.sell(), final)
		if op.State != payment.Approved || op.Authorised != 1256 || len(op.Alarms) != 0 {
			t.Errorf("%s (%s), %+v", op.State, op.ReasonText, op.Alarms)
		}
		if charged := x.pair.Practice.Charged(); len(charged) != 1 {
			t.Errorf("charged %v", charged)
		}
	})
}
