package poynt

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of a change by REST (poynt.md 4, 13).
const (
	changeLimit = 60 * time.Second
	changeTries = 2 // with the same idempotency key
	traces      = 4 // looks for what came of an unclear answer
	tracePause  = 3 * time.Second
	oldest      = 90 * 24 * time.Hour // of an original whose time cannot be read
)

// Void takes back a whole payment: over Poynt's cloud or on the terminal, as the
// settings say. The path is never changed by itself (poynt.md 13).
func (t *Terminal) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Void
	return t.change(ctx, r, t.settings.bridged, to)
}

// Refund gives back a payment in whole or in part. A credit without an original does
// not exist in the till: every refund points at a payment.
func (t *Terminal) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Refund
	return t.change(ctx, r, t.settings.bridged, to)
}

// Capture takes money that was reserved; it exists by REST only (poynt.md 7.3).
func (t *Terminal) Capture(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Capture
	return t.change(ctx, r, false, to)
}

// change reads the original again, sees whether the change is possible, and has it
// carried out.
func (t *Terminal) change(ctx context.Context, r payment.Request, bridged bool, to payment.Reporter) (payment.Result, error) {
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, badRequest(payment.CodeInternal, "the attempt has no reference")
	case !uuidForm.MatchString(r.Original.Terminal):
		return payment.Result{}, badRequest(payment.CodeInput, "Poynt's id of the original payment is not known")
	case r.Kind != payment.Void && r.Total.Minor <= 0:
		return payment.Result{}, badRequest(payment.CodeInput, "the amount must be above zero")
	}
	original, ok, err := t.transaction(ctx, r.Original.Terminal, to)
	if err != nil {
		return payment.Result{}, &payment.Error{Code: payment.CodeOf(err), Sent: payment.SentNo, Err: err,
			Text: "Poynt cannot be asked about the original payment. " + moneyNot + " Try again in a moment."}
	}
	if !ok {
		return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonNotFound, ReasonText: "Poynt does not know the original payment."}, nil
	}
	x, result, err := t.plan(ctx, r, original, to)
	if err != nil || x.name == "" {
		return result, err
	}
	if bridged {
		data, err := t.action(r)
		if err != nil {
			return payment.Result{}, err
		}
		to.Prompt(payment.Prompt{Code: payment.PromptText, Narrated: true, Waiting: payment.Cashier, At: time.Now(),
			Text: "Confirm on the terminal. The amount there must be " + r.Total.Decimal() + " " + r.Total.Currency + "."})
		return t.stay(ctx, r, x.name, data, to)
	}
	return t.carryOut(ctx, r, x, original, to)
}

// no is a change that Poynt's own record of the original rules out: nothing was sent.
func no(why payment.Reason, text string) payment.Result {
	return payment.Result{Outcome: payment.Refused, Reason: why, ReasonText: text}
}

// plan says what to send, or, with an empty exchange, why nothing is to be sent
// (poynt.md 13, choice rule).
func (t *Terminal) plan(ctx context.Context, r payment.Request, original transaction, to payment.Reporter) (exchange, payment.Result, error) {
	x := exchange{method: http.MethodPost, id: intent(r.Attempt.Reference, string(r.Kind)), body: []byte("{}")}
	state := original.class()
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
	if original.Action != "SALE" {
		captures, err := t.children(ctx, original, "CAPTURE", original.created(), to)
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
	body := refundBody{Action: "REFUND", ParentID: string(target.ID), References: []reference{{Type: "CUSTOM", CustomType: ourReference, ID: text(r.Attempt.Reference)}}}
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

// carryOut sends a change. An unclear answer is looked into, and the change repeated
// once under the same idempotency key where Poynt asks for that (poynt.md 13).
func (t *Terminal) carryOut(ctx context.Context, r payment.Request, x exchange, original transaction, to payment.Reporter) (payment.Result, error) {
	to.Prompt(payment.Prompt{Code: payment.PromptAuthorise, Waiting: payment.Bank, Narrated: true, At: time.Now()})
	var why error
	for try := range changeTries {
		got, err := t.client.call(ctx, changeLimit, x, to)
		switch {
		case try == 0 && err != nil && !ambiguous(err):
			return payment.Result{}, err
		case try == 0 && err == nil && got.refused():
			return t.turnedDown(ctx, r, got, to)
		case err == nil && got.ok() && r.Kind != payment.Void:
			if result, ok := t.answered(r, original, got.body); ok {
				return result, nil
			}
		}
		if why = err; err == nil {
			why = unclear(got)
		}
		if result, ok := t.trace(ctx, r, to); ok {
			return result, nil
		}
		if ctx.Err() != nil || !repeatable(got) {
			break
		}
	}
	return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: payment.TextOf(why)}, ctx.Err()
}

// repeatable tells whether an unclear answer leaves the same request to be sent again
// under the same key. Where Poynt has begun to take it back, or suspects a double,
// it does not.
func repeatable(got reply) bool {
	switch string(got.fault.Code) {
	case codeDuplicate, "PROCESSOR_TIMEOUT", "EXTERNAL_SERVER_READ_TIMEOUT", "TXN_DUPLICATE", "TXN_ALREADY_EXISTS", "PROCESSOR_DETECTED_DUP":
		return false
	}
	return !got.ok()
}

// turnedDown reads a clear no to the first try of a change.
func (t *Terminal) turnedDown(ctx context.Context, r payment.Request, got reply, to payment.Reporter) (payment.Result, error) {
	switch code := string(got.fault.Code); {
	case code == codeAlreadyCaptured && r.Kind == payment.Capture:
		if v, _, err := t.look(ctx, r, sought{}, to); err == nil && v.Outcome == payment.Success {
			return v.Result, nil // by the batch, say: the money is taken
		}
	case code == codeAlreadyVoid && r.Kind == payment.Void:
		return payment.Result{Outcome: payment.Success, ReasonText: "it was already void", References: r.Original}, nil
	case code == codeUnauthorized, got.status == http.StatusForbidden:
		e := refusal(got)
		e.Text = "Poynt does not permit this app to do that. " + moneyNot
		if r.Kind != payment.Capture {
			e.Text += " Set refund-path to terminal, and confirm it on the terminal, or do it in Poynt's dashboard."
		}
		return payment.Result{}, e
	case got.status != http.StatusBadRequest:
		return payment.Result{}, refusal(got)
	}
	why := payment.ReasonRejected
	switch {
	case r.Kind == payment.Void:
		why = payment.ReasonVoidRefused
	case got.fault.Code == codeDeclined:
		why = payment.ReasonIssuer
	}
	text := got.fault.String()
	if r.Kind == payment.Void {
		text = "use a refund: " + text
	}
	return payment.Result{Outcome: payment.Refused, Reason: why, ReasonText: text}, nil
}

// answered reads the transaction that a capture or refund was answered with.
func (t *Terminal) answered(r payment.Request, original transaction, body []byte) (payment.Result, bool) {
	one, err := readTransaction(body)
	if err != nil {
		return payment.Result{}, false
	}
	var v verdict
	if r.Kind == payment.Refund {
		v = t.settings.judgeRefunds(r, original, []transaction{one})
	} else {
		v = t.settings.judgeCaptures(r, original, []transaction{one})
	}
	_, decides := v.Outcome.Trigger()
	return v.Result, decides
}

// trace looks a few times for what came of a change.
func (t *Terminal) trace(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, bool) {
	for range traces {
		got, _, err := t.look(ctx, r, sought{}, to)
		if _, decides := got.Outcome.Trigger(); err == nil && decides {
			return got.Result, true
		}
		select {
		case <-time.After(tracePause):
		case <-ctx.Done():
			return payment.Result{}, false
		}
	}
	return payment.Result{}, false
}

// children lists what was done to a transaction since a time (poynt.md 10.1: parentId).
func (t *Terminal) children(ctx context.Context, parent transaction, action text, since time.Time, to payment.Reporter) ([]transaction, error) {
	if since.IsZero() { // when it was made cannot be read
		since = time.Now().Add(-oldest)
	}
	q := t.since(payment.Request{Attempt: payment.Attempt{At: since}}, map[string][]string{"action": {string(action)}})
	q.Del("endAt") // it may be captured days later
	return t.list(ctx, q, func(one transaction) bool { return one.ParentID == parent.ID && one.Action == action }, string(parent.ID), to)
}

// lookBack asks what became of a void, capture or refund.
func (t *Terminal) lookBack(ctx context.Context, r payment.Request, s sought, to payment.Reporter) (verdict, error) {
	original, ok, err := t.transaction(ctx, r.Original.Terminal, to)
	if err != nil || !ok {
		return verdict{}, err
	}
	if r.Kind == payment.Void {
		if original.class() != undone {
			return verdict{}, nil
		}
		return verdict{Result: t.settings.voided(r, original), found: true}, nil
	}
	var captures, refunds []transaction
	if original.Action != "SALE" {
		if captures, err = t.children(ctx, original, "CAPTURE", original.created(), to); err != nil {
			return verdict{}, err
		}
	}
	if r.Kind == payment.Capture {
		return t.settings.judgeCaptures(r, original, captures), nil
	}
	for _, parent := range append([]transaction{original}, captures...) {
		list, err := t.children(ctx, parent, "REFUND", r.Attempt.At, to)
		if err != nil {
			return verdict{}, err
		}
		refunds = append(refunds, list...)
	}
	for _, id := range s.ids {
		if one, ok, err := t.transaction(ctx, id, to); err != nil {
			return verdict{}, err
		} else if ok && one.Action == "REFUND" && one.named(r.Attempt.Reference) {
			refunds = append(refunds, one)
		}
	}
	refunds, why := t.mine(r, refunds)
	if why != nil {
		return verdict{Result: payment.Result{Reason: payment.ReasonForeign, ReasonText: why.Error()}, found: true}, nil
	}
	return t.settings.judgeRefunds(r, original, refunds), nil
}

// clockRoom is what two clocks may differ by after they were compared.
const clockRoom = 5 * time.Second

// mine chooses the refunds of this attempt: those with our reference, or, where Poynt
// keeps none, the only one of this amount since the attempt began.
func (t *Terminal) mine(r payment.Request, list []transaction) ([]transaction, error) {
	var ours, likely []transaction
	seen := map[text]bool{}
	from := r.Attempt.At.Add(-t.client.wire.skew() - clockRoom)
	for _, one := range list {
		switch {
		case seen[one.ID]:
		case one.named(r.Attempt.Reference):
			ours = append(ours, one)
		case !one.ofAnother(r.Attempt.Reference) && !one.created().Before(from) && (one.Amounts.Total.value == r.Total.Minor || t.settings.bridged):
			likely = append(likely, one)
		}
		seen[one.ID] = true
	}
	switch {
	case len(ours) > 0:
		return ours, nil
	case len(likely) > 1:
		return nil, fmt.Errorf("%d refunds at Poynt may be this one", len(likely))
	}
	return likely, nil
}
