package nexo

import (
	"context"
	"errors"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// Lookup asks what became of an attempt (nexo-retailer.md 12). It asks by the
// attempt's ServiceID and, when that finds nothing of ours, once more for the last
// transaction. A status answer is believed only when it repeats our
// SaleTransactionID, or the original's id for a void.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	first, err := t.look(ctx, r, t.referenceTo(r), to)
	if err != nil || (first.Outcome != payment.NotFound && first.Reason != payment.ReasonForeign) {
		return first, err
	}
	last, err := t.look(ctx, r, nil, to)
	if err != nil || (last.Outcome != payment.NotFound && last.Reason != payment.ReasonForeign) {
		return last, err
	}
	// The first look was for our own ServiceID: its word counts. The second shows
	// that the terminal is idle, and with what it was busy last.
	first.ReasonText += "; last transaction: " + last.ReasonText
	return first, nil
}

// look sends one TransactionStatusRequest.
func (t *Terminal) look(ctx context.Context, r payment.Request, reference *messageReference, to payment.Reporter) (payment.Result, error) {
	got, err := t.status(ctx, reference, to)
	if err != nil {
		return payment.Result{}, err
	}
	switch got.Response.Result {
	case resultSuccess:
		return t.found(r, got.Repeated)
	case resultFailure:
		return notFound(got.Response)
	}
	return payment.Result{}, fault(payment.CodeUnreadable, payment.SentMaybe, false,
		fmt.Errorf("unknown Result %q of a status request", short(got.Response.Result)))
}

// status posts the request and gives the body of the answer.
func (t *Terminal) status(ctx context.Context, reference *messageReference, to payment.Reporter) (*statusResponse, error) {
	m, err := t.next(ctx, "TransactionStatus")
	if err != nil {
		return nil, err
	}
	m.StatusRequest = &statusRequest{Reference: reference}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	got, err := t.exchange(ctx, m, false, nil, to)
	if err != nil {
		return nil, err
	}
	if got.StatusResponse == nil {
		return nil, fault(payment.CodeUnreadable, payment.SentMaybe, false, errors.New("a status answer without its body"))
	}
	return got.StatusResponse, nil
}

// notFound reads a status answer that repeats nothing.
func notFound(r response) (payment.Result, error) {
	switch r.Condition {
	case "Busy", "InProgress":
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: reasonText(r, "", nil)}, nil
	case "NotFound":
		return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: reasonText(r, "", nil)}, nil
	}
	return payment.Result{}, refusedService("tell what became of the payment", r)
}

// found reads a repeated message: it decides only when it is ours.
func (t *Terminal) found(r payment.Request, again *repeated) (payment.Result, error) {
	if again == nil {
		return foreign("nothing is repeated"), nil
	}
	a, ok := answerOf(again.Payment, again.Reversal)
	if !ok {
		return foreign("another kind of transaction is repeated"), nil
	}
	id := ""
	if again.Header != nil {
		id = again.Header.ServiceID
	}
	if ok, why := a.ours(r, id); !ok {
		if a.poi != nil {
			why += ", the terminal's own id " + short(a.poi.Transaction.TransactionID) + " of " + short(a.poi.Transaction.TimeStamp)
		}
		return foreign(why), nil
	}
	if a.response.Result == resultFailure && conditionOf(r.Kind, a.response.Condition).running {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: reasonText(a.response, "", nil)}, nil
	}
	result, err := t.outcome(r, a)
	result.Confirm = false // this is the look-up that confirms
	if err == nil {
		return result, nil
	}
	// The terminal's stored answer to our own attempt: a refused start proves that
	// nothing was carried out, and what nobody can read stays unknown.
	switch payment.CodeOf(err) {
	case payment.CodeBusy:
		return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonBusy, ReasonText: reasonText(a.response, "", nil)}, nil
	case payment.CodeNotSignedIn:
		return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonNotSignedIn, ReasonText: reasonText(a.response, "", nil)}, nil
	}
	return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: redact.Text(shorten(err.Error(), maxReason))}, nil
}

// foreign is a status answer about something else, with the evidence.
func foreign(why string) payment.Result {
	return payment.Result{Reason: payment.ReasonForeign, ReasonText: redact.Text(shorten("not ours: "+why, maxReason))}
}

// Ping asks for the last transaction: any well-formed answer proves life, also a
// refusal. That there is no session is told as CodeNotSignedIn. It must not be
// called while a payment is open (F-23).
func (t *Terminal) Ping(ctx context.Context, to payment.Reporter) error {
	got, err := t.status(ctx, nil, to)
	if err != nil {
		return err
	}
	if got.Response.Result == resultFailure && conditionOf(payment.Sale, got.Response.Condition).refused == payment.CodeNotSignedIn {
		return refusedStart(payment.CodeNotSignedIn, got.Response)
	}
	return nil
}
