package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Extend gives the customer more time: the moment at which the till would give the
// payment up is put off by a step. The error says why it cannot be; then the old one
// stands.
func (e *Engine) Extend(ctx context.Context, id string) (payment.Operation, error) {
	t := e.talkOf(id)
	if t == nil {
		op, err := e.journal.Operation(ctx, id)
		if err != nil {
			return op, err
		}
		return op, conflict(fmt.Sprintf("There is nothing to wait for any more: operation %d is %s.", op.Number, op.State))
	}
	return ask(ctx, t, func() (payment.Operation, error) { return t.extend(ctx) })
}

func (t *talk) extend(ctx context.Context) (payment.Operation, error) {
	op := t.snapshot()
	switch {
	case t.w.extender == nil || op.Prompt.Until.IsZero():
		return op, &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: "Nothing runs out here that the till could put off."}
	case op.State != payment.InProgress && op.State != payment.Sending:
		return op, conflict(fmt.Sprintf("There is nothing to wait for any more: operation %d is %s.", op.Number, op.State))
	}
	until, err := t.w.extender.Extend(ctx, t.request())
	if err != nil {
		return op, err
	}
	p := op.Prompt
	p.Until, p.At = until, t.w.e.now()
	t.prompt(p)
	t.note(payment.EventNote, payment.Note{Text: "The customer gets more time, until " + until.Local().Format(time.TimeOnly) + "."})
	return t.snapshot(), nil
}
