package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The fence keeps one sale from being charged twice (F-07): whatever shares a cart
// has at most one attempt without an outcome, on all terminals together, and none
// after it was paid.

// maxAttempts bounds the attempts at one cart that are read.
const maxAttempts = 100

// unpaid refuses a sale that is open or paid already, as an attempt at the same cart
// or with the same reference and amount, and names the latest attempt before it. The
// caller holds the cart and the reference.
func (e *Engine) unpaid(ctx context.Context, op *payment.Operation) error {
	attempts, err := e.journal.Operations(ctx, payment.Query{Cart: op.Cart, Limit: maxAttempts})
	if err != nil {
		return err
	}
	for _, other := range attempts {
		switch {
		case other.Kind != payment.Sale:
		case !other.State.Final():
			return standsOpen(other)
		case other.State == payment.Approved:
			if back, _, err := e.journal.Refunded(ctx, other.ID); err != nil {
				return err
			} else if back < other.Authorised {
				return standsPaid(other)
			}
		}
	}
	if len(attempts) > 0 && op.Replaces == "" {
		op.Replaces = attempts[0].ID
	}
	if op.Reference == "" {
		return nil
	}
	open, err := e.journal.Open(ctx)
	if err != nil {
		return err
	}
	for _, other := range open {
		if other.Kind == payment.Sale && strings.EqualFold(other.Reference, op.Reference) && other.Total() == op.Total() {
			return standsOpen(other)
		}
	}
	return nil
}

func standsOpen(op payment.Operation) error {
	next := "Wait for its outcome, or take the card over to another terminal from there."
	if op.Doubt.Parked {
		next = "Its terminal does not tell how it ended: a manager settles it by hand first."
	}
	return inTheWay(op, fmt.Sprintf("This sale is open already, as operation %d on terminal %s, and may have been charged there. Nothing was sent. %s", op.Number, op.Terminal, next))
}

func standsPaid(op payment.Operation) error {
	return inTheWay(op, fmt.Sprintf("This sale is paid already, by operation %d on terminal %s. Nothing was sent. Hand over its receipt, or begin a new sale.", op.Number, op.Terminal))
}

func inTheWay(op payment.Operation, text string) error {
	return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: text, Operation: op.ID}
}

// twice finds another attempt at the same cart that is paid as well.
func (e *Engine) twice(ctx context.Context, op payment.Operation) (payment.Operation, bool) {
	for _, other := range e.attempts(ctx, op) {
		if other.State == payment.Approved || other.Provisional != nil {
			return other, true
		}
	}
	return payment.Operation{}, false
}

// attempts are the other sales of the same cart, newest first.
func (e *Engine) attempts(ctx context.Context, op payment.Operation) []payment.Operation {
	if op.Cart == "" || op.Kind != payment.Sale {
		return nil
	}
	list, err := e.journal.Operations(ctx, payment.Query{Cart: op.Cart, Limit: maxAttempts})
	if err != nil {
		e.log.Error("look for other attempts at a sale", "operation", op.ID, "error", err)
	}
	var others []payment.Operation
	for _, other := range list {
		if other.ID != op.ID && other.Kind == payment.Sale {
			others = append(others, other)
		}
	}
	return others
}

// stopOthers asks the terminals to stop that are about to charge for what a late
// approval has just paid. Their own answers decide.
func (e *Engine) stopOthers(ctx context.Context, op payment.Operation) {
	for _, other := range e.attempts(ctx, op) {
		if other.State.Final() {
			continue
		}
		if _, err := e.Abort(ctx, other.ID, ""); err != nil {
			e.log.Warn("stop a second attempt at a paid sale", "operation", other.ID, "error", err)
		}
	}
}
