package poynt

import (
	"context"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of a change by REST (poynt.md 4, 13).
const (
	changeLimit = 60 * time.Second
	changeTries = 2 // with the same idempotency key
)

// Void takes back a whole payment: over Poynt's cloud or on the terminal, as the
// settings say. The path is never changed by itself (poynt.md 13).
func (t *Terminal) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Void
	return t.change(ctx, r, t.settings.bridged, to)
}

// Refund gives back a payment in whole or in part, or, where the request says so,
// money without a payment.
func (t *Terminal) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Refund
	if r.Unlinked {
		return t.credit(ctx, r, to)
	}
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
		if v, _, err := t.look(ctx, r, sought{}, to); err == nil && v.found {
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
