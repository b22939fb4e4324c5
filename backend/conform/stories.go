package conform

import (
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func givesBack(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	x.customer("chip-pin")
	x.trouble(x.pair.Faults["refund and void"])
	sale := func() payment.Operation {
		op := x.end(x.begin(engine.Start{Amount: 1000}).ID, nil)
		check(t, op, []payment.State{payment.Approved})
		return op
	}
	back := func(kind payment.Kind, of payment.Operation, amount int64) payment.Operation {
		op := x.end(x.begin(engine.Start{Kind: kind, Original: of.ID, Amount: amount, Operator: "anna", Why: "test"}).ID, nil)
		check(t, op, []payment.State{payment.Approved})
		return op
	}
	first, last := sale(), sale()
	status := x.engine.Terminals()[0]
	switch {
	case status.CanVoid:
		back(payment.Void, last, 0)
	case status.CanRefund:
		back(payment.Refund, last, 0)
	default:
		t.Skip("the till cannot give money back here")
	}
	switch {
	case status.CanRefund:
		back(payment.Refund, first, 400)
		back(payment.Refund, first, 0)
	case status.CanVoid && !status.Limits.VoidLastOnly:
		back(payment.Void, first, 0)
	}
	var sum int64
	for _, minor := range x.pair.Practice.Charged() {
		sum += minor
	}
	if sum != 0 {
		t.Errorf("after giving everything back the terminal has %d", sum)
	}
}

// restarts stops the till while the customer is at it, lets the customer finish,
// and starts it again: the outcome that the terminal booked, once.
func restarts(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	x.customer("chip-pin")
	op := x.begin(engine.Start{Amount: 1250})
	time.Sleep(amidst)
	x.stop()
	time.Sleep(time.Minute) // virtual: the customer finishes
	x.start()
	op = x.end(op.ID, nil)
	check(t, op, []payment.State{payment.Approved})
	agree(t, x, op, false)
}

// updates has the terminal ask for an update: it is let go in a quiet moment, not
// while customers come, and payments go on afterwards (MP-04).
func updates(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	if x.pair.Updated == nil {
		t.Skip("these terminals do not update themselves through the till")
	}
	x.customer("chip-pin")
	pay := func() {
		check(t, x.end(x.begin(engine.Start{Amount: 1250}).ID, nil), []payment.State{payment.Approved})
	}
	pay()
	x.trouble(x.pair.Faults["update"])
	time.Sleep(4 * time.Minute)
	if x.pair.Updated() {
		t.Error("it was let go although the till was hardly quiet")
	}
	time.Sleep(6 * time.Minute)
	if !x.pair.Updated() {
		t.Error("it was never let go")
	}
	pay()
	for _, v := range x.pair.Practice.Violations() {
		t.Errorf("the till broke the protocol: %s", v)
	}
}
