package payment_test

import (
	"reflect"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// place is what can matter of an operation to what becomes of it. The walk visits
// every place that any events lead to, and TestWalk shows that nothing that is left
// out (texts, times, slips, counts) ever decides.
type place struct {
	kind                                             payment.Kind
	state                                            payment.State
	provisional, question, refused, withdrawn        bool
	doubted, asked, parked, settled, reversal, ended bool
	authorised                                       int64
	alarmed, adjusted, tipOpen                       bool
}

func placeOf(op payment.Operation) place {
	return place{kind: op.Kind, state: op.State, provisional: op.Provisional != nil, question: op.Question != nil,
		refused: op.SignatureRefused, withdrawn: op.SignatureWithdrawn,
		doubted: !op.Doubt.Since.IsZero(), asked: op.Doubt.Asked > 0, parked: op.Doubt.Parked,
		settled: op.Reason == payment.ReasonSettled, reversal: op.Reason == payment.ReasonPendingReversal,
		ended: !op.EndedAt.IsZero(), authorised: op.Authorised, alarmed: len(op.Alarms) > 0, adjusted: op.Adjusted != nil, tipOpen: op.TipOpen}
}

// node is a place with the first operation that reached it, and how.
type node struct {
	op   payment.Operation
	path []payment.Event
	next []place // by move
}

// walk visits every place that the moves lead to from a new operation of a kind.
// check sees each single step, also those to places that are known already.
func walk(t *testing.T, kind payment.Kind, list []move, check func(from payment.Operation, m move, to payment.Operation, v payment.Verdict)) map[place]*node {
	t.Helper()
	first := event(t, payment.EventCreated, payment.Operation{ID: "op", Kind: kind, State: payment.Created, Currency: "SEK", Requested: 100})
	var op payment.Operation
	if _, err := op.Apply(first); err != nil {
		t.Fatal(err)
	}
	seen := map[place]*node{placeOf(op): {op: op, path: []payment.Event{first}}}
	for queue := []place{placeOf(op)}; len(queue) > 0; queue = queue[1:] {
		at := seen[queue[0]]
		for _, m := range list {
			to := at.op
			verdict, err := to.Apply(m.event)
			if err != nil {
				t.Fatalf("%s in %+v: %v", m.name, placeOf(at.op), err)
			}
			check(at.op, m, to, verdict)
			p := placeOf(to)
			at.next = append(at.next, p)
			if known := seen[p]; known == nil {
				seen[p] = &node{op: to, path: append(at.path[:len(at.path):len(at.path)], m.event)}
				queue = append(queue, p)
			} else if kind == payment.Sale { // the kinds only multiply this
				alike(t, list, known.op, to)
			}
		}
	}
	return seen
}

// alike shows that two operations in one place go on in the same way.
func alike(t *testing.T, list []move, one, other payment.Operation) {
	t.Helper()
	for _, m := range list {
		a, b := one, other
		va, errA := a.Apply(m.event)
		vb, errB := b.Apply(m.event)
		if errA != nil || errB != nil || va != vb || placeOf(a) != placeOf(b) {
			t.Fatalf("%s leads from %+v to %s %+v (%v), and to %s %+v (%v)", m.name, placeOf(one), va, placeOf(a), errA, vb, placeOf(b), errB)
		}
	}
}

// TestWalk is complete: every place, every event, every class of content.
func TestWalk(t *testing.T) {
	list, wrong := moves(t), impossible(t)
	places, steps, longest := 0, 0, 0
	states := map[payment.State]int{}
	for _, kind := range []payment.Kind{payment.Sale, payment.Capture, payment.Refund, payment.Void} {
		seen := walk(t, kind, list, func(from payment.Operation, m move, to payment.Operation, v payment.Verdict) {
			steps++
			for _, fault := range faults(from, m, to, v) {
				t.Errorf("%s in %+v leads with verdict %s to %+v: %s", m.name, placeOf(from), v, placeOf(to), fault)
			}
			if t.Failed() && steps > 20_000 {
				t.FailNow()
			}
		})
		places += len(seen)
		for p, n := range seen {
			states[p.state]++
			longest = max(longest, len(n.path)-1)
			replays(t, n)
			for _, e := range wrong {
				op := n.op
				if _, err := op.Apply(e); err == nil || !reflect.DeepEqual(op, n.op) {
					t.Fatalf("%s %s in %+v: %v, now %+v", e.Kind, e.Data, p, err, placeOf(op))
				}
			}
		}
		exits(t, seen, list)
	}
	t.Logf("%d kinds of event and content, %d places, the farthest %d events away, %d steps; places by state: %v", len(list), places, longest, steps, states)
	for _, s := range payment.States {
		if states[s] == 0 {
			t.Errorf("nothing leads to %s", s)
		}
	}
}
