package poynt

import (
	"context"
	"net/http"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// captureAction is the action of a transaction that took reserved money.
const captureAction = "CAPTURE"

// plan says what to send, or, with an empty exchange, why nothing is to be sent
// (poynt.md 13, choice rule).
func (t *Terminal) plan(ctx context.Context, r payment.Request, original transaction, to payment.Reporter) (exchange, payment.Result, error) {
	if r.Kind == payment.Refund && original.Action == "CAPTURE" {
		original.Action = "SALE" // what was captured is refunded by the capture's own id, like a sale
	}
	x := exchange{method: http.MethodPost, id: intent(r, string(r.Kind)), body: []byte("{}")}
	state := original.class()
	if own := original; r.Kind == payment.Refund && own.Action == captureAction {
		own.Action = "SALE" // a capture is no payment, but what is given back (poynt.md 13)
		state = own.class()
	}
	switch {
	case r.Kind == payment.Void && state == undone:
		return exchange{}, t.settings.voided(r, original), nil
	case state == undone:
		return exchange{}, no(payment.ReasonReversed, "the original was voided"), nil
	case state != approved:
		return exchange{}, no(payment.ReasonRejected, "the original is "+string(original.Status)+" at Poynt"), nil
	case original.Status == "REFUNDED":
		return exchange{}, no(payment.ReasonRejected, "the original was refunded in full already"), nil
	}
	switch r.Kind {
	case payment.Void:
		if original.Settled || original.Status != "AUTHORIZED" && original.Status != "CAPTURED" {
			return exchange{}, no(payment.ReasonVoidRefused, "the payment is settled, or partly refunded: use a refund"), nil
		}
		x.name, x.path = "Void", t.path("/transactions/"+string(original.ID)+"/void")
	case payment.Capture:
		return t.planCapture(r, original, x)
	case payment.Refund:
		return t.planRefund(ctx, r, original, x, to)
	}
	return x, payment.Result{}, nil
}

func (t *Terminal) planCapture(r payment.Request, original transaction, x exchange) (exchange, payment.Result, error) {
	if original.Action == "SALE" || original.Status != "AUTHORIZED" {
		return exchange{}, no(payment.ReasonRejected, "the money was captured already"), nil
	}
	x.name, x.path = "Capture", t.path("/transactions/"+string(original.ID)+"/capture")
	if r.Total.Minor == original.Amounts.Total.value {
		return x, payment.Result{}, nil
	}
	var err error
	x.body, err = compact(map[string]any{"amounts": sum(r)})
	return x, payment.Result{}, err
}

// planRefund points at the capture where the original only reserved the money
// (poynt.md 13, "which id to refund").
func (t *Terminal) planRefund(ctx context.Context, r payment.Request, original transaction, x exchange, to payment.Reporter) (exchange, payment.Result, error) {
	target := original
	if original.Action != "SALE" && original.Action != captureAction {
		captures, err := t.children(ctx, original, captureAction, original.created(), to)
		if err != nil {
			return exchange{}, payment.Result{}, &payment.Error{Code: payment.CodeOf(err), Sent: payment.SentNo, Err: err,
				Text: "Poynt cannot be asked for the capture that is to be refunded. " + moneyNot + " Try again in a moment."}
		}
		if len(captures) == 0 && original.Status == "AUTHORIZED" {
			return exchange{}, no(payment.ReasonRejected, "the money is only reserved so far: void the payment, or refund it once it is captured"), nil
		}
		if len(captures) > 0 {
			target = captures[len(captures)-1]
		}
	}
	if r.Total.Minor > target.Amounts.Total.value && target.Amounts.Total.told {
		return exchange{}, no(payment.ReasonRejected, "more than was captured cannot be refunded"), nil
	}
	body := refundBody{Action: "REFUND", ParentID: string(target.ID),
		References: append([]reference{{Type: "CUSTOM", CustomType: ourReference, ID: text(r.Attempt.Reference)}}, signature(r)...)}
	body.Funding.Type = or(string(original.Funding.Type), "CREDIT_DEBIT")
	if r.Total.Minor != target.Amounts.Total.value || target.Status != "CAPTURED" {
		amounts := sum(r)
		body.Amounts = &amounts
	}
	var err error
	x.name, x.path = "Refund", t.path("/transactions")
	x.body, err = compact(body)
	return x, payment.Result{}, err
}

// refundBody is that of poynt.md 13.
type refundBody struct {
	Action   string `json:"action"`
	ParentID string `json:"parentId"`
	Funding  struct {
		Type string `json:"type"`
	} `json:"fundingSource"`
	Amounts    *whole      `json:"amounts,omitempty"`
	References []reference `json:"references"`
}

// whole is the amount of a change, without parts.
type whole struct {
	Total    int64  `json:"transactionAmount"`
	Order    int64  `json:"orderAmount"`
	Tip      int64  `json:"tipAmount"`
	Currency string `json:"currency"`
}

func sum(r payment.Request) whole {
	return whole{Total: r.Total.Minor, Order: r.Total.Minor, Currency: r.Total.Currency}
}
