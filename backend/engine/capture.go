package engine

import (
	"context"
	"fmt"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// reserved is what became of a sale that only reserved the money.
type reserved struct {
	taken, open int64              // minor units: captured, and asked for by captures without an outcome
	latest      payment.References // of the newest approved capture: what a refund points at (poynt.md 13)
}

// captured sums the captures of a sale.
func (e *Engine) captured(ctx context.Context, id string) (reserved, error) {
	var r reserved
	related, err := e.journal.Related(ctx, id)
	if err != nil {
		return r, err
	}
	for _, op := range related {
		switch {
		case op.Kind != payment.Capture:
		case op.State == payment.Approved:
			r.taken += op.Authorised
			r.latest = op.References
		case !op.State.Final():
			r.open += op.Total().Minor
		}
	}
	return r, nil
}

// capturable checks that reserved money can be taken, once, and completes s.
func (e *Engine) capturable(ctx context.Context, s *Start, op payment.Operation) (payment.Operation, error) {
	if op.Kind != payment.Sale || !op.AuthOnly {
		return op, conflict(fmt.Sprintf("Operation %d has taken the money already: there is nothing to capture.", op.Number))
	}
	if s.Terminal != op.Terminal {
		return op, conflict(fmt.Sprintf("Operation %d was made on terminal %s and can only be captured there.", op.Number, op.Terminal))
	}
	back, open, err := e.journal.Refunded(ctx, op.ID)
	if err != nil {
		return op, err
	}
	got, err := e.captured(ctx, op.ID)
	if err != nil {
		return op, err
	}
	switch {
	case back+open != 0:
		return op, conflict(fmt.Sprintf("Operation %d was voided, or is being voided: there is nothing to capture.", op.Number))
	case got.taken+got.open != 0:
		return op, conflict(fmt.Sprintf("The money of operation %d was captured already, or is being captured.", op.Number))
	}
	if s.Amount == 0 {
		s.Amount = op.Authorised
	}
	if s.Amount > op.Authorised {
		return op, conflict(fmt.Sprintf("Operation %d has reserved %s: more cannot be captured.", op.Number, op.Money(op.Authorised).Text(language.English)))
	}
	s.Currency = op.Currency
	return op, nil
}
