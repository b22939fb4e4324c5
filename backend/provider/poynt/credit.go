package poynt

import (
	"context"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// credit gives money to a card without a sale: Poynt's non-referenced credit (poynt.md
// 7.3). The card is presented at the terminal, as for a sale, and Poynt's own record
// alone tells what became of it.
func (t *Terminal) credit(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch {
	case !t.settings.credit:
		return payment.Result{}, badRequest(payment.CodeUnsupported, "this terminal is not set up for a refund without a sale. Its setting credit says so")
	case r.Attempt.Reference == "":
		return payment.Result{}, badRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Original != payment.References{}:
		return payment.Result{}, badRequest(payment.CodeInternal, "a refund without a sale names one")
	case r.Total.Minor <= 0 || r.Tip != 0 || r.Cashback != 0:
		return payment.Result{}, badRequest(payment.CodeInput, "the amount must be above zero, without a tip")
	case r.Total.Currency != t.settings.currency:
		return payment.Result{}, badRequest(payment.CodeInput, "the terminal's currency is "+t.settings.currency)
	}
	data, err := t.payload(r)
	if err != nil {
		return payment.Result{}, err
	}
	return t.stay(ctx, r, "Credit", data, to)
}

// atTerminal tells whether an attempt is a payment of its own at the terminal, found by
// its reference: a sale, or a credit. Everything else is found by its original.
func atTerminal(r payment.Request) bool { return r.Kind == payment.Sale || r.Unlinked }

// weigh adds up the transactions of a sale or of a credit.
func (s settings) weigh(r payment.Request, list []transaction, adjusted map[string]int64) verdict {
	if r.Unlinked {
		return s.judgeCredit(r, list)
	}
	return s.judge(r, list, adjusted)
}

// creditClass is what one transaction says about the credit that it belongs to: REFUND,
// REFUNDED, without a parent (poynt.md 7.3).
func (t transaction) creditClass() class {
	c, ok := statuses[t.Status]
	switch {
	case !ok || t.Action != "REFUND" || t.ParentID != "":
		return strange
	case t.Status == "REFUNDED" && bool(t.Voided):
		return undone
	case t.Status == "REFUNDED" && strings.EqualFold(string(t.Processor.Status), "Failure"):
		return declined
	case c == approved && t.Status != "REFUNDED":
		return strange
	}
	return c
}

// judgeCredit adds up the transactions of a credit, like judge. What is not a credit
// decides nothing: a terminal that does not know the wish may have charged the card.
func (s settings) judgeCredit(r payment.Request, list []transaction) verdict {
	v := verdict{found: len(list) > 0}
	by := map[class][]transaction{}
	for _, t := range list {
		if !t.Amounts.Order.told {
			t.Amounts.Order = t.Amounts.Total
		}
		c := t.creditClass()
		why := s.foreign(r, t, c)
		if why == "" && t.class() == approved {
			why = fmt.Sprintf("the terminal charged the card (transaction %s, %s %s) where it was to give money back: void that on the terminal", t.ID, t.Action, t.Status)
		}
		if why == "" && c == strange {
			v.Result = payment.Result{Reason: payment.ReasonUnknownCode,
				ReasonText: redact.Text(cut(fmt.Sprintf("Poynt tells of action %q with status %q where money was to be given back without a sale", t.Action, t.Status)))}
			return v
		}
		if why != "" {
			v.Result = payment.Result{Reason: payment.ReasonForeign, ReasonText: redact.Text(cut(why))}
			return v
		}
		by[c] = append(by[c], t)
		if made := t.created(); made.After(v.latest) {
			v.latest = made
		}
	}
	switch {
	case len(by[approved]) > 0:
		v.Result = s.credited(r, by[approved])
		v.open = v.Authorised < r.Total.Minor
	case len(by[running]) > 0:
		v.Result = payment.Result{Outcome: payment.Pending}
	case len(by[undone]) > 0:
		v.Result = s.unpaid(r, by[undone][len(by[undone])-1], payment.ReasonReversed, "it was given back and then voided")
		v.open = true
	case len(by[declined]) > 0:
		t := by[declined][len(by[declined])-1]
		v.Result = s.unpaid(r, t, payment.ReasonIssuer, reasonText(t))
		v.open = true
	}
	return v
}

// credited sums what was given back without a sale.
func (s settings) credited(r payment.Request, list []transaction) payment.Result {
	got := payment.Result{Outcome: payment.Success, Currency: r.Total.Currency, Card: list[0].card(), References: list[0].references()}
	for i, t := range list {
		got.Authorised += t.base() + t.Amounts.Tip.value + t.Amounts.Cashback.value
		if i < payment.MaxSlips/2 {
			got.Slips = append(got.Slips, s.slips(r, t, payment.Success, nil)...)
		}
	}
	if kind := list[0].Funding.Type; kind != "" && kind != "CREDIT_DEBIT" {
		got.ReasonText = redact.Text(cut(fmt.Sprintf("given back as %s on the terminal, not to a card", kind)))
	}
	return got
}
