package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// A handover takes the card to another terminal: it asks the first one to stop, waits
// for that attempt's own final word, and only then starts the next.

// handoverFor is how long a handover may take and still go on by itself. After that
// the customer may have left: a person says so again (F-30).
const handoverFor = 2 * time.Minute

// HandOver takes the card on another terminal. An attempt that ended without a
// charge is repeated there at once, and the new operation is returned. An open one is
// asked to stop and is returned with its Handover: when its own final answer says
// that nothing was charged, the same sale starts on the other terminal by itself; an
// approval wins, and nothing starts. Twice the same wish is one.
func (e *Engine) HandOver(ctx context.Context, id, terminal, operator string) (payment.Operation, error) {
	defer e.handovers.lock(id)()
	op, err := e.journal.Operation(ctx, id)
	if err != nil {
		return op, err
	}
	operator = redact.Text(operator)
	if err := e.canTake(op, terminal); err != nil {
		return op, err
	}
	if !op.State.Final() {
		t := e.talkOf(id)
		if t == nil {
			return op, inTheWay(op, fmt.Sprintf("Terminal %s cannot be asked what became of operation %d. A manager settles it by hand first. Nothing was sent.", op.Terminal, op.Number))
		}
		asked, err := ask(ctx, t, func() (payment.Operation, error) { return t.handOver(terminal, operator) })
		if err == nil && !asked.State.Final() {
			return asked, nil
		}
		if op, _ = e.journal.Operation(ctx, id); !op.State.Final() {
			return op, err
		}
		if op.Handover.Open() {
			return op, nil // it ended at once: the fence goes on
		}
	}
	started, err := e.takeOver(ctx, op, terminal, operator)
	if err == nil && op.Handover.Open() { // the till was stopped before it could go on
		_, err = e.recordAbout(ctx, op.ID, fact{payment.EventHandedOver, payment.HandedOver{End: payment.HandoverStarted, Operation: started.ID}})
	}
	return started, err
}

// canTake says why a sale cannot be taken to a terminal, before anything is stopped
// for it.
func (e *Engine) canTake(op payment.Operation, terminal string) error {
	switch {
	case op.Kind != payment.Sale:
		return input("Only a sale can be taken to another terminal. Nothing was sent.")
	case terminal == "" || terminal == op.Terminal:
		return input("Choose another terminal than the one that has the payment now. Nothing was sent.")
	}
	w, err := e.worker(terminal)
	if err != nil {
		return err
	}
	if op.Currency != w.currency() { // its provider may know this one, and the terminal refuse it once the first was stopped
		return input(fmt.Sprintf("Terminal %s takes %s, and this sale is in %s. Nothing was sent, and the payment stays where it is. Choose another terminal.", terminal, w.currency(), op.Currency))
	}
	if other, open := w.openOperation(); open && other.Cart != op.Cart {
		return inTheWay(other, fmt.Sprintf("Terminal %s is taken by operation %d. Nothing was sent, and the payment stays where it is. Choose another terminal.", terminal, other.Number))
	}
	return w.accepts(sameSale(op))
}

// sameSale is the wish that an operation was.
func sameSale(op payment.Operation) Start {
	return Start{Kind: payment.Sale, Currency: op.Currency, Amount: op.Requested, Tip: op.TipAsked, Cashback: op.CashbackAsked,
		Reference: op.Reference, Lines: op.Lines, Operator: op.Operator, AuthOnly: op.AuthOnly}
}

// takeOver starts the same sale on another terminal, once for each operation.
func (e *Engine) takeOver(ctx context.Context, op payment.Operation, terminal, operator string) (payment.Operation, error) {
	if op.State == payment.Approved {
		return op, standsPaid(op)
	}
	// The account is not carried over: another terminal may be another provider's, and
	// the account that gets the money is chosen there.
	s := sameSale(op)
	s.FormKey, s.Cart, s.replaces, s.Terminal = "handover:"+op.ID, op.Cart, op.ID, terminal
	if s.Cart == "" {
		s.Cart = op.ID
	}
	if operator != "" {
		s.Operator = operator
	}
	return e.Start(ctx, s)
}

// handOver commits the wish, so that it is known whatever happens, and asks the
// terminal to stop. What it asks never decides: the attempt's own answer does.
func (t *talk) handOver(terminal, operator string) (payment.Operation, error) {
	op := t.snapshot()
	switch {
	case op.State.Final():
		return op, nil
	case op.Handover.Open() && op.Handover.Terminal == terminal:
		return op, nil
	case op.Handover.Open():
		return op, conflict(fmt.Sprintf("It is being taken to terminal %s already. Take that back first.", op.Handover.Terminal))
	case t.w.voiding(t):
		return op, conflict("The card was charged here, and the money is being taken back. Wait for that; then the sale can be taken elsewhere.")
	case op.State == payment.AwaitingAnswer:
		return op, conflict("The terminal waits for your answer about the signature. Answer it first: if the signature does not match, the sale can be taken elsewhere.")
	case op.Doubt.Parked:
		return op, inTheWay(op, parkedWords(op))
	}
	if t.commit(fact{payment.EventHandover, payment.Handover{Terminal: terminal, Operator: operator, At: t.w.e.now()}}) == nil {
		return t.snapshot(), unrecorded(errClosing)
	}
	if op.State == payment.InDoubt {
		t.look()
	}
	if t.w.aborter != nil {
		if _, err := t.abort(operator); err != nil {
			t.note(payment.EventNote, payment.Note{Text: "The terminal was not asked to stop: " + payment.TextOf(err)})
		}
	}
	return t.snapshot(), nil
}

func parkedWords(op payment.Operation) string {
	return fmt.Sprintf("Terminal %s does not tell what became of operation %d, so the customer may have been charged there. Nothing was started elsewhere. A manager looks into that terminal's own report and settles it by hand; then the sale can be taken on another terminal.", op.Terminal, op.Number)
}

// KeepHere takes a handover back: when the attempt ends, nothing starts elsewhere.
func (e *Engine) KeepHere(ctx context.Context, id, operator string) (payment.Operation, error) {
	t := e.talkOf(id)
	if t == nil {
		op, err := e.journal.Operation(ctx, id)
		if err != nil {
			return op, err
		}
		return op, conflict(fmt.Sprintf("Operation %d has ended already.", op.Number))
	}
	return ask(ctx, t, func() (payment.Operation, error) {
		if op := t.snapshot(); op.State.Final() {
			return op, conflict(fmt.Sprintf("Operation %d has ended already.", op.Number))
		}
		t.endHandover(payment.HandedOver{End: payment.HandoverDropped, Operator: redact.Text(operator)})
		return t.snapshot(), nil
	})
}

// endHandover commits that nothing will start elsewhere by itself.
func (t *talk) endHandover(h payment.HandedOver) {
	if t.snapshot().Handover.Open() {
		t.commit(fact{payment.EventHandedOver, h})
	}
}

// fenced goes on with a handover once the outcome is known: it is called when the
// conversation has let go of its terminal.
func (t *talk) fenced() {
	if op := t.snapshot(); op.Handover.Open() {
		t.w.done.Go(func() { t.goOn(op) })
	}
}

// goOn starts the same sale on the other terminal, unless it was paid. A stop of the
// till leaves the wish as it is: then a person says so again.
func (t *talk) goOn(op payment.Operation) {
	e, end := t.w.e, payment.HandedOver{End: payment.HandoverStarted}
	switch {
	case t.ctx.Err() != nil:
		return
	case op.State == payment.Approved:
		end = payment.HandedOver{End: payment.HandoverPaid, Text: fmt.Sprintf("Terminal %s was faster: it is paid there. Nothing was started on terminal %s.", op.Terminal, op.Handover.Terminal)}
	case op.Reason == payment.ReasonSettled:
		end = payment.HandedOver{End: payment.HandoverSettled, Text: fmt.Sprintf("It was settled by hand before terminal %s told how it ended. Nothing was started by itself: say so again if the customer is still there.", op.Terminal)}
	case e.now().Sub(op.Handover.At) > handoverFor:
		end = payment.HandedOver{End: payment.HandoverExpired, Text: fmt.Sprintf("It took long until terminal %s told that nothing was charged. Nothing was started by itself: say so again if the customer is still there.", op.Terminal)}
	default:
		started, err := e.takeOver(t.ctx, op, op.Handover.Terminal, op.Handover.Operator)
		switch {
		case t.ctx.Err() != nil && err != nil:
			return
		case err != nil:
			end = payment.HandedOver{End: payment.HandoverRefused, Text: payment.TextOf(err)}
		default:
			end.Operation = started.ID
		}
	}
	if err := e.record(context.WithoutCancel(t.ctx), t, fact{payment.EventHandedOver, end}); err != nil {
		e.log.Error("record what came of a handover", "operation", op.ID, "error", err)
	}
}

// record commits through a conversation that may have ended meanwhile.
func (e *Engine) record(ctx context.Context, t *talk, f fact) error {
	_, err := ask(ctx, t, func() (struct{}, error) {
		if t.commit(f) == nil {
			return struct{}{}, unrecorded(errClosing)
		}
		return struct{}{}, nil
	})
	if err != nil && t.ended() {
		_, err = e.append(ctx, t.id, f)
	}
	return err
}
