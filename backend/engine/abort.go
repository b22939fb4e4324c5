package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// Abort asks the terminal to stop. It never decides: the aborted request's own
// answer does. The error says why it cannot be asked now.
func (e *Engine) Abort(ctx context.Context, id, operator string) (payment.Operation, error) {
	t := e.talkOf(id)
	if t == nil {
		op, err := e.journal.Operation(ctx, id)
		if err != nil {
			return op, err
		}
		return op, conflict(fmt.Sprintf("Too late to stop: operation %d is %s.", op.Number, op.State))
	}
	return ask(ctx, t, func() (payment.Operation, error) { return t.abort(operator) })
}

func (t *talk) abort(operator string) (payment.Operation, error) {
	op := t.snapshot()
	if t.w.aborter == nil {
		return op, &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: "This terminal cannot be stopped from here. Stop it on the terminal itself."}
	}
	step, err := payment.Next(op.State, payment.OnAbort)
	switch {
	case err != nil:
		return op, err
	case step.Verdict == payment.Repeat:
		return op, nil
	case op.State == payment.AwaitingAnswer:
		return op, conflict("The terminal waits for your answer about the signature. Answer that it does not match to stop the payment.")
	case step.Verdict != payment.Move:
		return op, conflict(fmt.Sprintf("Too late to stop: operation %d is %s.", op.Number, op.State))
	case t.w.voiding(t):
		return op, conflict("The payment is being taken back already.")
	case time.Since(t.abortSent) < t.w.clocks().AbortWait:
		return op, nil // on its way, or taken a moment ago
	}
	if t.commit(fact{payment.EventAbort, payment.Note{Operator: redact.Text(operator)}}) == nil {
		return t.snapshot(), unrecorded(errClosing)
	}
	if t.calls > 0 && !t.sent && op.State != payment.InDoubt {
		// The first byte has not left, and now it never will.
		t.conclude(payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier})
		return t.snapshot(), nil
	}
	if t.timers.has(clockBusy) {
		t.timers.drop(clockBusy)
		t.again() // nothing is out: it ends here
		return t.snapshot(), nil
	}
	clocks := t.w.clocks()
	t.timers.drop(clockSilence)
	t.timers.set(clockAbort, clocks.AbortWait)
	if t.state() != payment.InDoubt {
		t.timers.set(clockDoubt, clocks.DoubtAfter)
	}
	t.sendAbort(t.request())
	return t.snapshot(), nil
}

// sendAbort asks the terminal to stop; the provider repeats what gets lost, as its
// protocol says. Whatever comes back, the payment's own answer decides.
func (t *talk) sendAbort(request payment.Request) {
	t.abortSent = time.Now()
	t.w.done.Go(func() {
		ctx, cancel := context.WithTimeout(t.ctx, t.w.clocks().AbortWait)
		defer cancel()
		if err := t.w.aborter.Abort(ctx, request, "Cancelled by cashier", t); err != nil {
			t.note(payment.EventNote, payment.Note{Text: "The abort was not taken: " + payment.TextOf(err)})
			t.post(t.ctx, func() { t.abortSent = time.Time{} })
		}
	})
}
