package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// AnswerAlarms takes a named person's word that they have looked at the alarms of an
// operation; a.Alarms is how many of them they saw. An alarm stands on every page
// until then. It changes no money.
func (e *Engine) AnswerAlarms(ctx context.Context, id string, a payment.AlarmAnswer) (payment.Operation, error) {
	a.Operator, a.Why, a.At = redact.Text(strings.TrimSpace(a.Operator)), redact.Text(strings.TrimSpace(a.Why)), e.now()
	if a.Operator == "" || a.Why == "" {
		return payment.Operation{}, input("Answering an alarm needs the name of who does it and what was done about it.")
	}
	op, err := e.journal.Operation(ctx, id)
	if err != nil {
		return op, err
	}
	if a.Alarms <= len(op.Alarms)-len(op.OpenAlarms()) {
		return op, conflict(fmt.Sprintf("The alarm of operation %d was answered already.", op.Number))
	}
	return e.recordAbout(ctx, id, fact{payment.EventLooked, a})
}

// answeredBy has a refund or void that came through answer the alarms of its
// original that stood when a named person started it.
func (e *Engine) answeredBy(ctx context.Context, back payment.Operation) {
	ctx = context.WithoutCancel(ctx)
	original, err := e.journal.Operation(ctx, back.Original)
	if err != nil {
		e.log.Error("read what was given back", "operation", back.ID, "error", err)
		return
	}
	stood := 0
	for _, alarm := range original.Alarms {
		if !alarm.At.After(back.CreatedAt) {
			stood++
		}
	}
	if stood <= len(original.Alarms)-len(original.OpenAlarms()) || back.Operator == "" {
		return
	}
	answer := payment.AlarmAnswer{Operator: back.Operator, Why: back.Why, Operation: back.ID, Alarms: stood, At: e.now()}
	if _, err := e.recordAbout(ctx, original.ID, fact{payment.EventLooked, answer}); err != nil {
		e.log.Error("answer an alarm with what was given back", "operation", original.ID, "error", err)
	}
}

// recordAbout commits about an operation, through its conversation if that goes on.
func (e *Engine) recordAbout(ctx context.Context, id string, f fact) (payment.Operation, error) {
	t := e.talkOf(id)
	for _, w := range e.all() {
		if t == nil {
			t = w.goesOn(id)
		}
	}
	if t == nil {
		return e.append(ctx, id, f)
	}
	if err := e.record(ctx, t, f); err != nil {
		return payment.Operation{}, err
	}
	return e.journal.Operation(ctx, id)
}
