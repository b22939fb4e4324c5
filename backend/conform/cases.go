package conform

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// one is one case of the suite.
type one struct {
	name     string
	customer string
	answer   *bool // of the signature question
	abort    bool  // while the customer is at it
	states   []payment.State
	// unsure: the outcome may also stay in doubt, parked, if nothing was charged twice.
	unsure bool
}

var yes, no = true, false

// cases are what a certification would ask. Those with trouble are named as in Pair.Faults.
var cases = []one{
	{name: "happy", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "contactless", customer: "contactless", states: []payment.State{payment.Approved}},
	{name: "declined", customer: "declined", states: []payment.State{payment.Declined}},
	{name: "wrong PIN", customer: "wrong-pin", states: []payment.State{payment.Declined}},
	{name: "cancelled by the customer", customer: "cancels", states: []payment.State{payment.Cancelled}},
	{name: "aborted by the cashier", customer: "walks-away", abort: true, states: []payment.State{payment.Cancelled}},
	{name: "signature accepted", customer: "signature", answer: &yes, states: []payment.State{payment.Approved}},
	{name: "signature refused", customer: "signature", answer: &no},
	{name: "late approval", customer: "late-approval", states: []payment.State{payment.Approved}},
	{name: "lost request", customer: "chip-pin", states: []payment.State{payment.Failed, payment.InDoubt}, unsure: true},
	{name: "refused connection", customer: "chip-pin", states: []payment.State{payment.Failed, payment.InDoubt}, unsure: true},
	{name: "lost answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "lost answer of a decline", customer: "declined", states: []payment.State{payment.Declined}},
	{name: "late answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "slow body", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "duplicate answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "duplicate display", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "reordered display", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "lost displays", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "foreign displays", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "truncated answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "unreadable answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "empty answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "server error", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "wrong id", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "wrong reference", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "unknown result", customer: "chip-pin", states: []payment.State{payment.Approved, payment.InDoubt}, unsure: true},
	{name: "unknown code", customer: "chip-pin", states: []payment.State{payment.Declined}},
	{name: "lost status answers", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "another amount", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "busy first", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "session lost", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "abort lost", customer: "walks-away", abort: true, states: []payment.State{payment.Cancelled}},
	{name: "abort too late", customer: "chip-pin", abort: true, states: []payment.State{payment.Approved}},
	{name: "bank unreachable", customer: "unreachable", states: []payment.State{payment.Declined}},
	{name: "unplugged", customer: "unplugged", states: []payment.State{payment.InDoubt, payment.Declined, payment.Cancelled}, unsure: true},
	{name: "silent", customer: "silent", states: []payment.State{payment.InDoubt}, unsure: true},
}

// needsFault names the cases that make no sense without an entry in Pair.Faults.
var needsFault = map[string]bool{"lost request": true, "refused connection": true, "lost answer": true, "lost answer of a decline": true,
	"late answer": true, "slow body": true, "duplicate answer": true, "duplicate display": true, "reordered display": true, "lost displays": true,
	"foreign displays": true, "truncated answer": true, "unreadable answer": true, "empty answer": true, "server error": true, "wrong id": true,
	"wrong reference": true, "unknown result": true, "unknown code": true, "lost status answers": true, "another amount": true,
	"busy first": true, "session lost": true, "abort lost": true, "abort too late": true}

func play(t *testing.T, open Open, c one) {
	x := newTill(t, open)
	defer x.close()
	faults, known := x.pair.Faults[c.name]
	if !known && needsFault[c.name] {
		t.Skipf("this protocol has no such trouble")
	}
	if c.answer != nil && !*c.answer && x.pair.SignatureRefused == "" {
		t.Skip("the till has no say in the signature")
	}
	if c.abort && !x.engine.Terminals()[0].CanAbort {
		t.Skip("the till cannot stop this terminal")
	}
	x.customer(c.customer)
	x.trouble(faults)
	op := x.begin(engine.Start{FormKey: "form", Amount: 1250})
	if c.abort {
		time.Sleep(amidst)
		if _, err := x.engine.Abort(context.Background(), op.ID, "anna"); err != nil {
			t.Error(err)
		}
	}
	asked := false
	op = x.end(op.ID, func(op payment.Operation) {
		if c.answer != nil && op.State == payment.AwaitingAnswer && op.Question != nil && !asked {
			asked = true
			if _, err := x.engine.Answer(context.Background(), op.ID, payment.Answer{Question: op.Question.ID, Yes: *c.answer, Operator: "anna"}); err != nil {
				t.Error(err)
			}
		}
	})
	states := c.states
	if len(states) == 0 {
		states = []payment.State{x.pair.SignatureRefused}
	}
	traceless := slices.Contains(x.pair.Traceless, c.name)
	if traceless {
		states = append(slices.Clone(states), payment.InDoubt)
	}
	check(t, op, states)
	if asks := x.pair.SignatureRefused != ""; c.answer != nil && asked != asks {
		t.Errorf("asked about the signature: %t", asked)
	}
	agree(t, x, op, c.unsure || traceless)
}
