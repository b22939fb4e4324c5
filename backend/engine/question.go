package engine

import (
	"context"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// asking is a terminal that waits for the cashier's word.
type asking struct {
	reply   chan payment.Answer
	dropped chan struct{}
}

// Ask puts the terminal's question to the cashier and waits. The answer is
// committed before it is returned. It fails when the operation ends first (DM-09),
// when another question takes its place, or with ctx.
func (t *talk) Ask(ctx context.Context, q payment.Question) (payment.Answer, error) {
	a, err := ask(ctx, t, func() (*asking, error) { return t.question(q) })
	if err != nil {
		return payment.Answer{}, err
	}
	select {
	case said := <-a.reply:
		return said, nil
	case <-a.dropped:
		return payment.Answer{}, conflict("The question was overtaken.")
	case <-t.over:
		return payment.Answer{}, conflict("The operation has ended.")
	case <-ctx.Done():
		t.post(t.ctx, func() { t.withdraw(a) })
		return payment.Answer{}, fmt.Errorf("the terminal took its question back: %w", ctx.Err())
	}
}

func (t *talk) question(q payment.Question) (*asking, error) {
	op := t.snapshot()
	step, err := payment.Next(op.State, payment.OnAsk)
	if err != nil {
		return nil, err
	}
	if step.Verdict != payment.Move || op.Provisional != nil {
		return nil, conflict("No operation waits for an answer.")
	}
	t.dropQuestion()
	if q.ID == "" {
		q.ID = t.w.e.newID()
	}
	q.At = t.w.e.now()
	// After a restart the slip that is not here will not come any more (SPI-05).
	q.RefuseOnly = q.RefuseOnly || t.resumed && op.Slip(payment.MerchantCopy) == nil
	a := &asking{reply: make(chan payment.Answer, 1), dropped: make(chan struct{})}
	t.asking = a
	t.timers.drop(clockSilence, clockAbort, clockDoubt, clockAsk, clockPark)
	if t.commit(fact{payment.EventQuestion, q}) == nil {
		return nil, unrecorded(errClosing)
	}
	return a, nil
}

// dropQuestion lets a waiting terminal go without an answer.
func (t *talk) dropQuestion() {
	if t.asking != nil {
		close(t.asking.dropped)
		t.asking = nil
	}
}

// withdraw closes the question that the terminal took back.
func (t *talk) withdraw(a *asking) {
	if t.asking != a {
		return // answered or replaced meanwhile
	}
	t.dropQuestion()
	if t.state() == payment.AwaitingAnswer {
		t.commit(fact{payment.EventWithdrawn, payment.Note{Text: "The terminal took its question back."}})
		t.listen()
	}
}

// Answer takes the cashier's word about the signature. Yes needs the slip to be
// there: nobody can compare a signature without it (design 10.5).
func (e *Engine) Answer(ctx context.Context, id string, a payment.Answer) (payment.Operation, error) {
	t := e.talkOf(id)
	if t == nil {
		return payment.Operation{}, conflict("This question is closed: the terminal has ended the operation meanwhile.")
	}
	a.At, a.Operator = e.now(), redact.Text(a.Operator)
	return ask(ctx, t, func() (payment.Operation, error) { return t.answer(a) })
}

func (t *talk) answer(a payment.Answer) (payment.Operation, error) {
	op := t.snapshot()
	switch {
	case op.State != payment.AwaitingAnswer || op.Question == nil, a.Question != "" && a.Question != op.Question.ID:
		return op, conflict("This question is closed: it was answered already, or the terminal went on.")
	case a.Yes && op.Question.RefuseOnly, a.Yes && op.Slip(payment.MerchantCopy) == nil:
		return op, conflict("The slip to sign has not arrived, so the signature cannot be accepted. Wait for it, or answer that it does not match.")
	}
	a.Question = op.Question.ID
	if op.Provisional != nil {
		return t.signature(a)
	}
	if t.commit(fact{payment.EventAnswer, a}) == nil {
		return t.snapshot(), unrecorded(errClosing)
	}
	if t.asking != nil {
		t.asking.reply <- a
		t.asking = nil
	}
	t.listen()
	return t.snapshot(), nil
}
