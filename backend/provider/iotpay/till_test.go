package iotpay_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// counter is a till with a practice PIN pad, in virtual time.
type counter struct {
	*engine.Engine
	t       *testing.T
	pair    conform.Pair
	journal *journal.Journal
}

func withTill(t *testing.T, more payment.Settings, test func(x *counter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, folder, network := context.Background(), t.TempDir(), &conform.Network{}
		x := &counter{t: t, pair: open(troubles, more)(t, network, folder)}
		var err error
		if x.journal, err = journal.Open(ctx, filepath.Join(folder, "journal.db"), journal.Options{}); err != nil {
			t.Fatal(err)
		}
		x.Engine = engine.New(engine.Options{Journal: x.journal})
		if err := x.Add(ctx, engine.Terminal{Name: "one", Provider: x.pair.Provider, Settings: x.pair.Settings, Transport: network.Transport(), Test: true}, network.Listen); err != nil {
			t.Fatal(err)
		}
		test(x)
		for what, err := range map[string]error{"engine": x.Close(ctx), "journal": x.journal.Close(), "practice": x.pair.Practice.Close()} {
			if err != nil {
				t.Errorf("closing the %s: %v", what, err)
			}
		}
		network.Close()
	})
}

// runs starts an operation and waits until ok says enough.
func (x *counter) runs(s engine.Start, ok func(payment.Operation) bool) payment.Operation {
	x.t.Helper()
	op, err := x.Start(context.Background(), s)
	if err != nil {
		x.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	changes, err := x.Follow(ctx, op.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	for op = range changes {
		if ok(op) {
			return op
		}
	}
	x.t.Fatalf("it stays %s", op.State)
	return op
}

func final(op payment.Operation) bool { return op.State.Final() }

// 37: a refund by hand waits for a manager's name and the PIN pad's reference; nothing
// is sent, and what was given back counts.
func TestSeq37RecordedByHand(t *testing.T) {
	withTill(t, payment.Settings{"refund": "manual"}, func(x *counter) {
		if err := x.pair.Practice.SetCustomer("chip-pin"); err != nil {
			t.Fatal(err)
		}
		sale := x.runs(engine.Start{Amount: 1000}, final)
		before := len(x.pair.Practice.Charged())
		begun := time.Now()
		refund := x.runs(engine.Start{Kind: payment.Refund, Original: sale.ID, Amount: 400, Operator: "anna", Why: "broken"}, func(op payment.Operation) bool { return op.Doubt.Parked })
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the manager waits %s for a terminal that cannot tell", took)
		}
		if refund.Doubt.Why == "" || len(x.pair.Practice.Charged()) != before {
			t.Errorf("%+v", refund.Doubt)
		}
		settled, err := x.Settle(context.Background(), refund.ID, payment.Settlement{Paid: true, Why: "done on the PIN pad", Code: "724173", Operator: "bert"})
		if err != nil || settled.State != payment.Approved {
			t.Fatalf("%s, %v", settled.State, err)
		}
		if _, err := x.Start(context.Background(), engine.Start{Kind: payment.Refund, Original: sale.ID, Amount: 601, Operator: "anna", Why: "more than is left"}); err == nil {
			t.Error("more was given back than was paid")
		}
	})
}

// 30 and 9: what a person must look at is an alarm of the operation.
func TestSeq30Seq09Alarms(t *testing.T) {
	withTill(t, nil, func(x *counter) {
		for _, c := range []struct{ customer, fault, value, code string }{
			{"chip-pin", "order.answer", "wrong-signature", payment.AlarmProof}, {"interac", "payment.surcharge", "any-card", payment.AlarmSurcharge},
		} {
			if err := x.pair.Practice.SetCustomer(c.customer); err != nil {
				t.Fatal(err)
			}
			if err := x.pair.Practice.SetFault(c.fault, c.value); err != nil {
				t.Fatal(err)
			}
			op := x.runs(engine.Start{Amount: 1000}, final)
			found := false
			for _, a := range op.Alarms {
				found = found || a.Code == c.code
			}
			if op.State != payment.Approved || !found {
				t.Errorf("%s: %s, alarms %+v", c.fault, op.State, op.Alarms)
			}
			if charged := x.pair.Practice.Charged()[op.Attempt.Reference]; charged != op.Authorised {
				t.Errorf("%s: %d in the till, %d charged", c.fault, op.Authorised, charged)
			}
		}
	})
}

// By default nothing is given back from the till, and the refusal says what to do.
func TestRefundIsOffAndSaysWhy(t *testing.T) {
	withTill(t, payment.Settings{"refund": "off"}, func(x *counter) {
		if err := x.pair.Practice.SetCustomer("chip-pin"); err != nil {
			t.Fatal(err)
		}
		sale := x.runs(engine.Start{Amount: 1000}, final)
		for _, kind := range []payment.Kind{payment.Refund, payment.Void} {
			_, err := x.Start(context.Background(), engine.Start{Kind: kind, Original: sale.ID, Amount: 1000, Operator: "anna", Why: "broken"})
			if payment.CodeOf(err) != payment.CodeUnsupported || !strings.Contains(payment.TextOf(err), "on the PIN pad") {
				t.Errorf("%s: %v", kind, err)
			}
		}
	})
}
