package pockyt

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// refundFor is how long a refund is waited for before it is in doubt: it is asked
// about all the same.
const refundFor = 60 * time.Second

// Refund gives back the whole or a part of a paid sale: by refund with a reference of
// its own, never by cancel (pockyt.md 9).
func (t *Terminal) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Original.Terminal == "":
		return payment.Result{}, wrongRequest(payment.CodeInput, "Pockyt's number of the original is not known, so it cannot be refunded")
	case r.Total.Minor <= 0 || r.Total.Currency != t.settings.currency:
		return payment.Result{}, wrongRequest(payment.CodeInput, "the amount must be above zero, in "+t.settings.currency)
	}
	if err := t.refundable(ctx, r, to); err != nil {
		return payment.Result{}, err
	}
	f := one(r.Original.Terminal, "")
	f["refundAmount"], f["currency"], f["settleCurrency"] = r.Total.Decimal(), r.Total.Currency, t.settings.settle
	f["refundReference"] = r.Attempt.Reference // the tutorial sends none, and nobody finds such a refund again (pockyt.md 12)
	got, err := t.call(ctx, refundPath, "RefundRequest", r.Attempt.Reference, f, to)
	if err != nil && payment.SentOf(err) == payment.SentNo {
		return payment.Result{}, err
	}
	if err == nil && got.code == codeDone {
		if out := t.refunded(r, got); out.Outcome == payment.Refused || out.Outcome == payment.Success && !out.Confirm {
			return out, nil
		}
	}
	to.Prompt(payment.Prompt{Code: payment.PromptAsking, Waiting: payment.Bank, Narrated: true, At: time.Now()})
	// A code that refuses turned the refund away, if the original knows nothing of it
	// either. One that nobody has described may mean that it is on its way: doubt.
	_, refused := refusals[got.code]
	turned := err == nil && (refused || got.code == codeState)
	return t.followRefund(ctx, r, got, turned, to)
}

// refundable asks about the original first: it must be paid, and the rest of it must
// be enough. Nothing is refunded by this.
func (t *Terminal) refundable(ctx context.Context, r payment.Request, to payment.Reporter) error {
	got, err := t.query(ctx, r.Original.Terminal, "", to)
	if err != nil {
		return harmlessRefund(err)
	}
	if text, refused := refusals[got.code]; refused {
		return &payment.Error{Code: payment.CodeRejected, Sent: payment.SentNo, Text: text + " Nothing was refunded.", Err: errCode(got)}
	}
	if got.code != codeDone {
		return harmlessRefund(errCode(got))
	}
	paid, err := got.Amount.minor(r.Total.Currency)
	switch {
	case got.Number.trimmed() != r.Original.Terminal || got.Currency.trimmed() != "" && got.Currency.trimmed() != r.Total.Currency || err != nil:
		return wrongRequest(payment.CodeForeign, "Pockyt told of another payment than the one to refund")
	case got.state() != stateSuccess:
		return wrongRequest(payment.CodeConflict, "Pockyt says that the payment is "+safe(got.state())+": only what is paid can be refunded")
	}
	left := paid
	for _, back := range got.refunds {
		done, open := back.settled()
		if n, err := back.Amount.minor(r.Total.Currency); err == nil && (done || open) {
			left -= n
		}
	}
	if r.Total.Minor > left {
		return wrongRequest(payment.CodeConflict, "Pockyt says that less than that is left of the payment")
	}
	return nil
}

func harmlessRefund(err error) *payment.Error {
	return &payment.Error{Code: payment.CodeUnreachable, Sent: payment.SentNo, Err: err,
		Text: "Pockyt did not tell how the payment stands, so it was not asked for a refund. Nothing was refunded. " + checkLink}
}

// refunded reads an answer to refund.
func (t *Terminal) refunded(r payment.Request, got order) payment.Result {
	number := first(got.Number, got.OldNumber)
	found := payment.References{Terminal: got.refundNumber()}
	switch {
	case number != "" && number != r.Original.Terminal, got.RefundOurs.trimmed() != "" && got.RefundOurs.trimmed() != r.Attempt.Reference,
		got.Currency.trimmed() != "" && got.Currency.trimmed() != r.Total.Currency:
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "it is about another refund"}
	case got.state() == stateFailed || got.state() == stateClosed:
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonRejected, ReasonText: got.words(), References: found}
	case got.state() != stateSuccess:
		return payment.Result{Outcome: payment.Pending, ReasonText: got.words(), References: found}
	case number == "" || got.RefundOurs.trimmed() == "":
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "it does not say which refund it is about"}
	}
	return t.gaveBack(r, got, got.RefundAmount)
}

// gaveBack is a refund that is done. Another amount counts once it was said twice, as
// with a sale.
func (t *Terminal) gaveBack(r payment.Request, got order, amount text) payment.Result {
	given, err := amount.minor(r.Total.Currency)
	if err != nil || given <= 0 {
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: "refunded, but the amount cannot be read: " + got.words()}
	}
	return payment.Result{Outcome: payment.Success, Currency: r.Total.Currency, Authorised: given,
		Card: payment.Card{Brand: title(got.Vendor.trimmed()), Entry: payment.EntryMobile}, References: payment.References{Terminal: got.refundNumber()},
		Slips: t.slips(r, got, payment.Success, given), Confirm: given != r.Total.Minor}
}

// followRefund asks what became of a refund whose answer did not tell, before anybody
// may repeat it (pockyt.md 9). turned: the answer turned it away.
func (t *Terminal) followRefund(ctx context.Context, r payment.Request, asked order, turned bool, to payment.Reporter) (payment.Result, error) {
	begun, missing, said := time.Now(), 0, int64(0)
	for {
		wait := soonAgain
		out, err := t.lookupRefund(ctx, r, to)
		if number := asked.refundNumber(); err == nil && out.Outcome == payment.NotFound && number != "" {
			out, err = t.unlisted(ctx, r, number, out, to)
		}
		if _, decides := out.Outcome.Trigger(); err == nil && decides && (!out.Confirm || out.Authorised == said) {
			out.Confirm = false
			return out, nil
		}
		said = out.Authorised
		switch {
		case err != nil:
			wait = faultAgain
		case out.Outcome == payment.NotFound:
			wait = seekApart
			if missing++; turned && missing == 2 {
				text := refusals[asked.code]
				return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonRejected, ReasonText: safe(text + " Pockyt said: " + asked.words())}, nil
			}
		default:
			missing = 0
		}
		if time.Since(begun) >= refundFor {
			return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "Pockyt does not tell yet what became of the refund"}, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, context.Cause(ctx))
		}
	}
}

// lookupRefund looks for our refund among those of the original, then asks about the
// refund itself: that it is listed does not say that it is done.
func (t *Terminal) lookupRefund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	got, err := t.query(ctx, r.Original.Terminal, "", to)
	if err != nil {
		return payment.Result{}, err
	}
	if got.code != codeDone {
		return payment.Result{}, unanswered(got)
	}
	if got.Number.trimmed() != r.Original.Terminal {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "it names another transaction"}, nil
	}
	for _, back := range got.refunds {
		if back.Reference.trimmed() == r.Attempt.Reference {
			return t.tracked(ctx, r, got, back, to)
		}
	}
	return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: "the payment has no refund with this reference"}, nil
}

// unlisted asks about a refund by its own number that Pockyt told before and that the
// original does not list, or not any more: one that has failed may vanish from there.
func (t *Terminal) unlisted(ctx context.Context, r payment.Request, number string, missing payment.Result, to payment.Reporter) (payment.Result, error) {
	own, err := t.query(ctx, number, "", to)
	if err != nil {
		return payment.Result{}, err
	}
	if own.code != codeDone || own.Type.trimmed() != "refund" || own.Number.trimmed() != number {
		return missing, nil
	}
	return t.refunded(r, order{Number: text(r.Original.Terminal), RefundOurs: text(r.Attempt.Reference), RefundNumber: text(number), RefundAmount: own.Amount,
		Currency: own.Currency, Vendor: own.Vendor, Status: text(own.state()), code: own.code, said: own.said}), nil
}

// tracked finds out how a refund stands that the original lists.
func (t *Terminal) tracked(ctx context.Context, r payment.Request, original order, back refund, to payment.Reporter) (payment.Result, error) {
	if c := back.Currency.trimmed(); c != "" && c != r.Total.Currency {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "refunded in another currency"}, nil
	}
	as := order{Number: original.Number, Reference: original.Reference, RefundOurs: back.Reference, RefundNumber: text(back.number()), RefundAmount: back.Amount,
		Currency: text(r.Total.Currency), Vendor: original.Vendor, VendorID: original.VendorID, Status: back.Status, code: original.code, said: original.said}
	if as.Status.trimmed() == "" && back.number() != "" {
		own, err := t.query(ctx, back.number(), "", to)
		if err != nil {
			return payment.Result{}, err
		}
		if own.code == codeDone && own.Type.trimmed() == "refund" && own.Number.trimmed() == back.number() {
			as.Status, as.said = text(own.state()), own.said
		}
	}
	if as.Status.trimmed() == "" {
		as.Status = stateSuccess // Pockyt tells no more than that it is among the refunds
	}
	return t.refunded(r, as), nil
}
