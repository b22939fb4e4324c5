package frontend

import (
	"context"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// abilities says what may be offered for an operation, worded from what its
// terminal can do (F-18). The engine checks again; this keeps the page from
// offering what cannot be honoured.
func (p *Pages) abilities(ctx context.Context, op payment.Operation) (view.Abilities, error) {
	var can view.Abilities
	if op.Kind == payment.Void || op.State != payment.Approved {
		return can, nil
	}
	if op.Kind == payment.Capture {
		can.WhyNoVoid = "It took what an earlier sale had reserved. Money is given back at that sale."
		can.WhyNoRefund = can.WhyNoVoid
		return can, nil
	}
	given, open, err := p.journal.Refunded(ctx, op.ID)
	if err != nil {
		return can, err
	}
	related, err := p.journal.Related(ctx, op.ID)
	if err != nil {
		return can, err
	}
	for _, other := range related {
		if other.Kind == payment.Void && other.Original == op.ID && !ended(other) {
			can.WhyNoVoid = voidedWords(op, other)
			can.WhyNoRefund = can.WhyNoVoid
			if op.AuthOnly {
				can.WhyNoCapture = can.WhyNoVoid
			}
			return can, nil
		}
	}
	t, found := p.terminal(op.Terminal)
	if !found || t.Name != op.Terminal {
		can.WhyNoVoid = fmt.Sprintf("Terminal %s is not connected to this till.", op.Terminal)
		can.WhyNoRefund = can.WhyNoVoid
		return can, nil
	}
	got := view.CapturesOf(op, related)
	can.Left, can.CardForRefund, can.Partial = got.Paid-given-open, t.Limits.CardForRefund, t.Limits.PartialRefund
	can.VoidUntil = t.Limits.VoidUntil
	can.WhyNoRefund = whyNoRefund(t, can.Left, given, open)
	if op.AuthOnly && op.Kind == payment.Sale {
		can.WhyNoCapture = whyNoCapture(t, op, got)
		can.Capture = can.WhyNoCapture == ""
	}
	if got.Reserved() {
		can.Left, can.WhyNoRefund = 0, "Nothing is charged yet: the money is only reserved."
	}
	if op.Kind == payment.Refund {
		can.Left, can.WhyNoRefund = 0, "A refund cannot be refunded."
	}
	if op.Unlinked() {
		can.WhyNoVoid = "Money that was given back without a sale cannot be taken back from here. If it was a mistake, take a payment."
		return can, nil
	}
	if can.WhyNoVoid, err = p.whyNoVoid(ctx, t, op, given+open); op.AuthOnly && !got.Reserved() {
		can.WhyNoVoid = "The reserved money was captured, or is being captured. Use a refund."
	}
	can.Void, can.Refund = can.WhyNoVoid == "", can.WhyNoRefund == ""
	return can, err
}

// ended says that a void came to nothing, so that another one may be tried.
func ended(void payment.Operation) bool {
	return void.State.Final() && void.State != payment.Approved
}

func voidedWords(op, void payment.Operation) string {
	switch {
	case void.State == payment.Approved && op.Kind == payment.Refund:
		return "It is voided: the card is charged again."
	case void.State == payment.Approved && op.AuthOnly:
		return "It is voided: nothing of the reserved money is taken."
	case void.State == payment.Approved:
		return "It is voided: the whole amount goes back to the customer."
	}
	return "A void of it is under way: wait until its outcome is known."
}

func whyNoCapture(t engine.TerminalStatus, op payment.Operation, got view.Captures) string {
	switch {
	case !t.CanCapture:
		return "This terminal cannot take what was reserved."
	case got.Open.ID != "":
		return "One is under way: wait until its outcome is known."
	case got.Paid >= op.Authorised:
		return "All of it has been captured."
	case got.Paid > 0:
		return "A part has been captured already, and the rest is not taken any more."
	}
	return ""
}

func whyNoRefund(t engine.TerminalStatus, left, given, open int64) string {
	switch {
	case !t.CanRefund && t.Limits.RefundElsewhere != "":
		return t.Limits.RefundElsewhere
	case !t.CanRefund:
		return "This terminal cannot give money back to a card."
	case left <= 0 && open > 0:
		return "A refund of it is under way: wait until its outcome is known."
	case left <= 0:
		return "All of it has been given back already."
	case given+open > 0 && !t.Limits.PartialRefund:
		return "This terminal refunds whole payments only, and a part has been given back."
	}
	return ""
}

func (p *Pages) whyNoVoid(ctx context.Context, t engine.TerminalStatus, op payment.Operation, given int64) (string, error) {
	switch {
	case !t.CanVoid:
		return "This terminal cannot void a payment. Use a refund.", nil
	case given > 0:
		return "Money of it was given back already. Only a refund of the rest is possible.", nil
	case !t.Limits.VoidLastOnly:
		return "", nil
	}
	last, found, err := p.journal.Last(ctx, t.Name)
	if err != nil {
		return "", err
	}
	if !found || last.ID != op.ID {
		return "This terminal voids its latest payment only, and this is not the latest. Use a refund.", nil
	}
	return "", nil
}
