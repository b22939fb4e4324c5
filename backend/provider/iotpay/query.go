package iotpay

import (
	"context"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// question is a query about an order, by our own number (iotpay.md 10.1).
func (t *Terminal) question(reference string) request {
	return request{path: queryPath, name: "QueryOrderRequest", reference: reference, limit: queryLimit,
		fields: []field{{"mchId", t.settings.mch}, {"mchOrderNo", reference}}}
}

// Lookup asks what became of an attempt. An order that is not found while its own call is
// still open has only not arrived yet.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	if r.Kind != payment.Sale {
		return t.lookupBack(ctx, r, to)
	}
	told, err := t.query(ctx, r, to)
	if err == nil && told.Outcome == payment.NotFound && t.running(r.Attempt.Reference) {
		told = payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the PIN pad has it"}
	}
	return told, err
}

// query asks once. Where the order is not found, the card API is asked as well if the
// settings say so (iotpay.md 10.1).
func (t *Terminal) query(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	told, err := t.queryOnce(ctx, t.question(r.Attempt.Reference), r, to)
	if err != nil || told.Outcome != payment.NotFound || !t.settings.cardQuery {
		return told, err
	}
	again := t.question(r.Attempt.Reference)
	again.path, again.name, again.cards = cardQueryPath, "CardQueryRequest", true
	return t.queryOnce(ctx, again, r, to)
}

func (t *Terminal) queryOnce(ctx context.Context, q request, r payment.Request, to payment.Reporter) (payment.Result, error) {
	got, err := t.call(ctx, q, to)
	switch {
	case err != nil:
		return payment.Result{}, err
	case got.unknownOrder() || got.good() && got.order.nothing():
		return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: got.words()}, nil
	case got.badSignature():
		return payment.Result{}, wrongKey(got.words())
	case got.failed():
		return payment.Result{Reason: payment.ReasonRejected, ReasonText: "the query was refused: " + got.words()}, nil
	}
	told := t.settings.verdict(r, got)
	t.remark(got, told, to)
	if _, decides := told.Outcome.Trigger(); !decides || got.proof.good() {
		return told, nil
	}
	if !t.settings.matches(r, got.order) {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "the signature of the answer does not fit the merchant key, and order, merchant, amount and currency do not all agree"}, nil
	}
	return t.unproven(told), nil
}

// unproven is an outcome that a query confirmed although a signature does not fit: an
// approval stands, and somebody must look (design 10.12).
func (t *Terminal) unproven(told payment.Result) payment.Result {
	if told.Outcome != payment.Success {
		return told
	}
	for _, a := range told.Alarms {
		if a.Code == payment.AlarmProof {
			return told
		}
	}
	told.Alarms = append(told.Alarms, payment.Alarm{Code: payment.AlarmProof, Text: proofDoubted})
	return told
}

// remark keeps what is odd about an answer in the timeline.
func (t *Terminal) remark(got answer, told payment.Result, to payment.Reporter) {
	note := func(reason payment.Reason, words string) {
		to.Note(payment.Note{Terminal: t.name, Reason: reason, Text: words})
	}
	switch {
	case told.Reason == payment.ReasonForeign:
		note(payment.ReasonForeign, "An answer was not taken: "+told.ReasonText+".")
	case told.Outcome == payment.Success && got.card.flaw != "":
		note(payment.ReasonNone, "Approved, but "+got.card.flaw+": the slip is short. The details are on the PIN pad and in IOT Pay's portal.")
	}
	if !got.proof.good() && got.good() {
		note(payment.ReasonNone, "The signature of an answer is "+string(got.proof)+".")
	}
}
