package engine

import (
	"github.com/paydesk-till/paydesk/backend/payment"
)

// resume takes up an operation that was open when the till last stopped. Nothing
// new starts on the terminal before its outcome is known.
func (t *talk) resume() {
	op := t.snapshot()
	t.resumed = true
	t.w.e.hub.operation(op)
	// The customer may have gone meanwhile: after a restart nothing starts elsewhere
	// before a person says so again (F-30). The fence itself stands.
	t.endHandover(payment.HandedOver{End: payment.HandoverRestart, Text: "Paydesk was restarted before it was known whether the card was charged. Nothing was started elsewhere by itself."})
	switch {
	case op.State == payment.Created:
		// No attempt was committed, so no byte has left.
		t.conclude(payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonRestart, ReasonText: "Paydesk stopped before anything was sent."})
	case op.Provisional != nil && op.State == payment.AwaitingAnswer:
		// The cashier is asked again: the question stands in the operation.
	case op.Provisional != nil && op.SignatureRefused:
		t.resumeVoid()
	case op.Provisional != nil:
		t.commit(fact{payment.EventQuestion, payment.Question{ID: t.w.e.newID(), At: t.w.e.now(), RefuseOnly: op.Slip(payment.MerchantCopy) == nil}})
	default:
		t.doubt(payment.ReasonRestart, "Paydesk was stopped while this was under way.")
	}
	t.loop()
}

// resumeVoid goes on with the void of a refused signature, or makes it if the till
// stopped before it could.
func (t *talk) resumeVoid() {
	related, err := t.w.e.journal.Related(t.ctx, t.id)
	if err != nil {
		t.w.e.log.Error("find the void of a refused signature", "operation", t.id, "error", err)
		t.timers.set(clockVoid, commitAgainMost)
		return
	}
	var latest payment.Operation
	t.voids = 0
	for _, op := range related {
		if op.Kind == payment.Void {
			t.voids++
			if op.Number > latest.Number {
				latest = op
			}
		}
	}
	switch {
	case latest.ID == "", latest.State == payment.Failed && t.voids < voidTries:
		t.takeBack(t.snapshot().Operator)
	case latest.State.Final():
		t.voided(latest)
	default:
		void := newTalk(t.w, latest)
		t.follow(void, void.resume)
	}
}
