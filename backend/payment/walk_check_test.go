package payment_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// faults tells what is wrong with one step.
func faults(from payment.Operation, m move, to payment.Operation, v payment.Verdict) (list []string) {
	wrong := func(is bool, what string) {
		if is {
			list = append(list, what)
		}
	}
	before, after := from.State, to.State
	confirmed := before == payment.Approved && from.Reason == payment.ReasonSettled && m.outcome && m.pays > 0
	if m.on == "" {
		wrong(to.State != from.State, "an event that says nothing of the state changes it")
	} else {
		step, err := payment.Next(from.State, m.on)
		stored := from.Provisional != nil && m.denies
		byVoid := from.SignatureRefused && m.event.Kind == payment.EventResult && from.Provisional != nil && hasReason(m.event, payment.ReasonSignature)
		switch {
		case err != nil:
			wrong(true, err.Error())
		case confirmed:
			wrong(after != payment.Approved || v != payment.Move || to.Authorised != m.pays || to.Reason == payment.ReasonSettled, "the terminal's word does not take the place of a manager's")
		case stored && !byVoid:
			wrong(to.State != from.State || v != payment.Dispute, "a stored approval gives way to a word that is not the void's")
		default:
			wrong(to.State != step.To || v != step.Verdict, fmt.Sprintf("the table says %+v", step))
		}
	}
	wrong(before.Final() && after != before && (v != payment.Late || after != payment.Approved), "a known outcome is forgotten")
	wrong(after == payment.Approved && before != payment.Approved && m.pays == 0, "approved without a word that it is paid")
	wrong(m.outcome && m.pays > 0 && before != payment.Created && after != payment.Approved, "an approval does not win")
	told := m.pays
	if m.on == payment.OnSettledPaid && from.Provisional != nil {
		told = from.Provisional.Authorised
	}
	wrong(after == payment.Approved && before != payment.Approved && to.Authorised != told, "approved with another amount than was told")
	adjusted := before == payment.Approved && m.adjusts > 0
	wrong(adjusted && (to.Authorised != m.adjusts || to.Adjusted == nil || to.Adjusted.From == 0), "the amount that it has come to is not taken")
	wrong(!adjusted && m.on == payment.OnAdjusted && to.Authorised != from.Authorised, "an amount that cannot be booked is taken")
	wrong(to.Adjusted != nil && after != payment.Approved, "adjusted, and not approved")
	wrong(before == payment.Approved && !confirmed && !adjusted && (to.Authorised != from.Authorised || to.Tip != from.Tip), "what was charged changes after the approval")
	wrong(after.Final() && after != payment.Approved && to.Authorised != 0, "not paid, with an amount")
	wrong(after.Final() && (to.Provisional != nil || to.Question != nil || to.Doubt != payment.Doubt{}), "the outcome is known, and something is still open")
	wrong(after.Final() == to.EndedAt.IsZero(), "the time of the end is missing, or too early")
	wrong((to.Question != nil) != (after == payment.AwaitingAnswer), "a question and its state do not belong together")
	wrong(to.Doubt.Parked && after != payment.InDoubt, "parked, and not in doubt")
	wrong(after == payment.InDoubt && to.Doubt.Since.IsZero(), "in doubt, and nobody knows since when")
	wrong(len(to.Alarms) < len(from.Alarms), "an alarm is lost")
	return list
}

func hasReason(e payment.Event, reason payment.Reason) bool {
	var r payment.Result
	return json.Unmarshal(e.Data, &r) == nil && r.Reason == reason
}

// replays reads the events of a place back, as the journal does.
func replays(t *testing.T, n *node) {
	t.Helper()
	var op, back payment.Operation
	for _, e := range n.path {
		if _, err := op.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := json.Marshal(n.op)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(op, n.op) || !reflect.DeepEqual(back, n.op) {
		t.Fatalf("replayed %+v, read back %+v, was %+v", op, back, n.op)
	}
}

// exits measures how far each open place is from a known outcome, by the terminal's
// word alone and by people's alone: neither may be stuck.
func exits(t *testing.T, seen map[place]*node, list []move) {
	t.Helper()
	byPeople := map[string]bool{"doubt": true, "settled paid": true, "settled not paid": true, "abort": true}
	for _, way := range []struct {
		whose string
		most  int
		takes func(move) bool
	}{
		{"the terminal's word", 1, func(m move) bool { return m.outcome }},
		{"a manager's word", 2, func(m move) bool { return byPeople[m.name] }},
	} {
		for p, n := range seen {
			if p.state == payment.Created || p.state.Final() {
				continue
			}
			if far := distance(seen, n, list, way.takes, way.most); far > way.most {
				t.Errorf("%+v has no exit by %s within %d events", p, way.whose, way.most)
			}
		}
	}
}

func distance(seen map[place]*node, n *node, list []move, takes func(move) bool, most int) int {
	if n.op.State.Final() {
		return 0
	}
	best := most + 1
	for i, m := range list {
		if most > 0 && takes(m) {
			best = min(best, 1+distance(seen, seen[n.next[i]], list, takes, most-1))
		}
	}
	return best
}
