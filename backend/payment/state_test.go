package payment_test

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestTableIsTotal walks every pair of state and trigger.
func TestTableIsTotal(t *testing.T) {
	verdicts := map[payment.Verdict]bool{payment.Move: true, payment.Repeat: true, payment.Late: true,
		payment.Dispute: true, payment.Refuse: true, payment.Ignore: true}
	pairs := 0
	for _, s := range payment.States {
		for _, on := range payment.Triggers {
			step, err := payment.Next(s, on)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			pairs++
			if !verdicts[step.Verdict] {
				t.Errorf("%s on %s: verdict %q", s, on, step.Verdict)
			}
			if step.Verdict != payment.Move && step.Verdict != payment.Late && step.To != s {
				t.Errorf("%s on %s: verdict %s goes to %s", s, on, step.Verdict, step.To)
			}
			if step.To == payment.InDoubt && s.Final() {
				t.Errorf("%s on %s: a known outcome is doubted", s, on)
			}
			if s.Final() && step.To != s && step != (payment.Step{To: payment.Approved, Verdict: payment.Late}) {
				t.Errorf("%s on %s: leaves a final state for %s", s, on, step.To)
			}
		}
	}
	if want := len(payment.States) * len(payment.Triggers); pairs != want {
		t.Errorf("%d pairs, want %d", pairs, want)
	}
}

// TestEveryPair states the whole table a second time, as a till's manual would:
// per trigger, the states in which it moves and where to. What is not listed must
// not move.
func TestEveryPair(t *testing.T) {
	const (
		created, sending, progress, asking = payment.Created, payment.Sending, payment.InProgress, payment.AwaitingAnswer
		aborting, doubt                    = payment.Aborting, payment.InDoubt
		approved, declined                 = payment.Approved, payment.Declined
		cancelled, failed                  = payment.Cancelled, payment.Failed
	)
	type moves = map[payment.State]payment.State
	want := map[payment.Trigger]moves{
		payment.OnSend: {created: sending, sending: sending, progress: sending},
		payment.OnProgress: {sending: progress, progress: progress, asking: asking, aborting: aborting, doubt: doubt,
			approved: approved, declined: declined, cancelled: cancelled, failed: failed},
		payment.OnAsk:            {sending: asking, progress: asking, asking: asking, aborting: asking, doubt: asking},
		payment.OnAnswer:         {asking: progress},
		payment.OnWithdraw:       {asking: progress},
		payment.OnAbort:          {created: cancelled, sending: aborting, progress: aborting, doubt: doubt},
		payment.OnDoubt:          {sending: doubt, progress: doubt, asking: doubt, aborting: doubt, doubt: doubt},
		payment.OnApproved:       {sending: approved, progress: approved, asking: approved, aborting: approved, doubt: approved, declined: approved, cancelled: approved, failed: approved},
		payment.OnDeclined:       {sending: declined, progress: declined, asking: declined, aborting: declined, doubt: declined},
		payment.OnCancelled:      {created: cancelled, sending: cancelled, progress: cancelled, asking: cancelled, aborting: cancelled, doubt: cancelled},
		payment.OnNotExecuted:    {created: failed, sending: failed, progress: failed, asking: failed, aborting: cancelled, doubt: failed},
		payment.OnAdjusted:       {approved: approved},
		payment.OnSettledPaid:    {doubt: approved},
		payment.OnSettledNotPaid: {doubt: declined},
	}
	for _, s := range payment.States {
		for _, on := range payment.Triggers {
			step, err := payment.Next(s, on)
			if err != nil {
				t.Fatal(err)
			}
			moved := step.Verdict == payment.Move || step.Verdict == payment.Late
			target, wanted := want[on][s]
			if moved != wanted || (moved && step.To != target) {
				t.Errorf("%s on %s: %+v; want %v to %q", s, on, step, wanted, target)
			}
		}
	}
}

func TestUnknownWordsAreErrors(t *testing.T) {
	if _, err := payment.Next("nowhere", payment.OnSend); err == nil {
		t.Error("an unknown state has a next one")
	}
	if _, err := payment.Next(payment.Created, "miracle"); err == nil {
		t.Error("an unknown trigger leads somewhere")
	}
}
