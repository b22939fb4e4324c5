package iotpay

import (
	"context"
	"strconv"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// byHand is what a person does where IOT Pay documents nothing (iotpay.md 11.4).
const byHand = "IOT Pay documents no refund for cards at a PIN pad. Do it on the PIN pad or in IOT Pay's portal now, with the card present for Interac; then settle this by hand with the PIN pad's reference. Nothing was sent."

// elsewhere is what a person does where the setting refund is off.
const elsewhere = "IOT Pay documents no refund for cards at a PIN pad. Do it on the PIN pad or in IOT Pay's portal, with the card present for Interac. With the setting refund=manual Paydesk records it."

// refunding is a terminal whose settings allow refunds.
type refunding struct{ *Terminal }

// voiding is one that can void as well.
type voiding struct{ refunding }

// Refund gives money back, or has a person do it and record it. What IOT Pay refunds is
// not matched with the sale: the till itself caps the sum (iotpay.md 11.4).
func (t *refunding) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	if t.settings.refund == refundManual {
		to.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonUnsupported, Text: byHand})
		t.narrate(to, payment.PromptWait, payment.Cashier, byHand)
		return payment.Result{Reason: payment.ReasonUnsupported, ReasonText: byHand}, nil
	}
	q := request{path: refundPath, name: "RefundOrderRequest", fields: t.backFields(r)}
	q.fields = append(q.fields, field{"refundAmount", strconv.FormatInt(r.Total.Minor, 10)})
	if t.settings.refund == refundV3 {
		q.path, q.name, q.cards = cardRefundPath, "CardRefundRequest", true
	} else {
		q.fields = append(q.fields, field{"currency", r.Total.Currency}, field{"clientIp", t.settings.clientIP})
	}
	return t.giveBack(ctx, q, r, to)
}

// Void takes back a whole sale that is not settled yet.
func (t *voiding) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return t.giveBack(ctx, request{path: cardVoidPath, name: "CardVoidRequest", cards: true, fields: t.backFields(r)}, r, to)
}

// backFields are common to refunds and voids (iotpay.md 11.1, 11.3).
func (t *Terminal) backFields(r payment.Request) []field {
	return []field{{"mchId", t.settings.mch}, {"mchRefundNo", r.Attempt.Reference}, {"loginName", t.settings.job}, {"payOrderId", r.Original.Terminal}}
}

// giveBack sends a refund or a void, once.
func (t *Terminal) giveBack(ctx context.Context, q request, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Original.Terminal == "":
		return payment.Result{}, wrongRequest(payment.CodeInput, "IOT Pay's order of the original is not known, so nothing can be given back")
	case r.Kind == payment.Refund && (r.Total.Minor <= 0 || r.Total.Minor > maxAmount || r.Total.Currency != currency):
		return payment.Result{}, wrongRequest(payment.CodeInput, "the amount must be from 0.01 to 999,999.99, in "+currency)
	}
	q.reference, q.limit, q.money = r.Attempt.Reference, refundLimit, true
	got, err := t.call(ctx, q, to)
	if err != nil {
		return payment.Result{}, err
	}
	told := t.settings.given(r, got, q.cards)
	t.remark(got, told, to)
	return told, nil
}

// given reads the answer to a refund or a void. v1 answers with its two codes alone; the
// card API tells a status (iotpay.md 11). Trouble inside IOT Pay proves nothing.
func (s settings) given(r payment.Request, a answer, cards bool) payment.Result {
	switch {
	case a.failed() && (a.inTrouble() || a.mayHave()): // also one of two that somebody on the way made of it
		return payment.Result{Reason: payment.ReasonHost, ReasonText: a.words()}
	case a.failed():
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonRejected, ReasonText: a.words()}
	case !a.good():
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: clean("neither success nor failure: " + a.words())}
	case !a.proof.good():
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "the signature of the answer does not fit the merchant key"}
	case cards:
		return s.givenOrder(r, a)
	}
	return s.gaveBack(r, a, r.Total.Minor)
}

// givenOrder reads the order that the card API makes of a refund.
func (s settings) givenOrder(r payment.Request, a answer) payment.Result {
	if ok, why := s.ours(r, a.order); !ok {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: why}
	}
	switch status := a.order.Status.trimmed(); status {
	case statusPaid, statusNotified:
		amount, err := a.order.Amount.cents()
		if err != nil || amount == 0 {
			amount = r.Total.Minor
		}
		return s.gaveBack(r, a, amount)
	case statusDeclined, statusCancelled:
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonRejected, ReasonText: a.words()}
	case statusCreated, statusPaying:
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonNoAnswer, ReasonText: "IOT Pay says that it is not finished (status " + status + ")"}
	default:
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: clean("the status " + strconv.Quote(status))}
	}
}

func (s settings) gaveBack(r payment.Request, a answer, amount int64) payment.Result {
	out := payment.Result{Outcome: payment.Success, Currency: currency, Authorised: amount, Card: a.card.known(), References: s.references(a)}
	out.Slips = s.slips(r, a, out, sums{total: amount})
	return out
}

// lookupBack asks about a refund or a void. Only the card API knows a number of ours for
// one; for v1 no question is documented, and by hand only a person knows.
func (t *Terminal) lookupBack(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch t.settings.refund {
	case refundV3:
	case refundV1:
		return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "IOT Pay documents no question about a refund. Look into its portal, then settle this by hand."}, nil
	default:
		return payment.Result{Reason: payment.ReasonUnsupported, ReasonText: byHand}, nil
	}
	q := t.question(r.Attempt.Reference)
	q.path, q.name, q.cards = cardQueryPath, "CardQueryRequest", true
	got, err := t.call(ctx, q, to)
	switch {
	case err != nil:
		return payment.Result{}, err
	case got.unknownOrder():
		return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: got.words()}, nil
	case got.failed():
		return payment.Result{Reason: payment.ReasonRejected, ReasonText: "the query was refused: " + got.words()}, nil
	}
	return t.settings.given(r, got, true), nil
}
