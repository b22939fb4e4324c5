package poynt

import (
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// voided is a void that Poynt's record of the original proves. A void is whole: a tip
// that came after the till had last read the original went back with it.
func (s settings) voided(r payment.Request, original transaction) payment.Result {
	charged := original.base() + original.Amounts.Tip.value + original.Amounts.Cashback.value
	late := min(max(charged-r.Total.Minor, 0), original.Amounts.Tip.value)
	return payment.Result{Outcome: payment.Success, Currency: or(string(original.Amounts.Currency), s.currency), Authorised: or64(r.Total.Minor, charged) + late, Tip: late,
		Card: original.card(), References: original.references(), Slips: s.slips(r, original, payment.Success, nil)}
}

// judgeCaptures reads what was taken of reserved money: by a capture of its own
// (poynt.md 13), else by the original's own status.
func (s settings) judgeCaptures(r payment.Request, original transaction, captures []transaction) verdict {
	for i := len(captures) - 1; i >= 0; i-- {
		one := captures[i].complete(original)
		switch {
		case strings.EqualFold(string(one.Processor.Status), "Failure") || one.Status == "DECLINED":
			return verdict{Result: s.unpaid(r, one, payment.ReasonIssuer, reasonText(one)), found: true}
		case one.Status == "CAPTURED" || one.Status == "PARTIALLY_CAPTURED":
			return verdict{Result: s.moved(r, one), found: true}
		}
	}
	switch original.Status {
	case "CAPTURED":
		if total := original.Amounts.Total; total.told && total.value != r.Total.Minor {
			return verdict{Result: payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "the money is captured, but Poynt does not show the capture yet, which alone tells how much of it"}, found: true}
		}
		return verdict{Result: s.moved(r, original), found: true}
	case "PARTIALLY_CAPTURED":
		got := s.moved(r, original)
		got.Authorised = r.Total.Minor // how much, only the capture itself tells
		return verdict{Result: got, found: true}
	}
	return verdict{}
}

// judgeRefunds reads the refund of an attempt.
func (s settings) judgeRefunds(r payment.Request, original transaction, refunds []transaction) verdict {
	v := verdict{}
	for _, one := range refunds {
		one, v.found = one.complete(original), true
		failed := strings.EqualFold(string(one.Processor.Status), "Failure")
		switch {
		case one.Action != "REFUND":
			v.Result = payment.Result{Reason: payment.ReasonForeign, ReasonText: redact.Text(cut("Poynt answered with " + string(one.Action)))}
		case one.Status == "REFUNDED" && !failed && !bool(one.Voided):
			v.Result = s.moved(r, one)
			return v
		case one.Status == "DECLINED" || failed && one.Status == "REFUNDED":
			v.Result = s.unpaid(r, one, payment.ReasonIssuer, reasonText(one))
		default:
			v.Result = payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: redact.Text(cut("Poynt tells of a refund with status " + string(one.Status)))}
		}
	}
	return v
}

// moved is money that a capture took or a refund gave back. Without an amount it is
// what was asked for.
func (s settings) moved(r payment.Request, t transaction) payment.Result {
	got := payment.Result{Outcome: payment.Success, Currency: or(string(t.Amounts.Currency), r.Total.Currency), Authorised: r.Total.Minor,
		Card: t.card(), References: t.references()}
	if t.Amounts.Total.told {
		got.Authorised = t.Amounts.Total.value
	}
	got.Slips = s.slips(r, t, payment.Success, nil)
	return got
}

// complete adds what only the original tells: the card and the place.
func (t transaction) complete(original transaction) transaction {
	if t.Funding.Card.Last4 == "" {
		t.Funding = original.Funding
	}
	if t.Context.MID == "" {
		t.Context = original.Context
	}
	if !t.Amounts.Order.told {
		t.Amounts.Order = t.Amounts.Total
	}
	return t
}

func or64(n, otherwise int64) int64 {
	if n == 0 {
		return otherwise
	}
	return n
}
