package pockyt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// slips makes both copies (receipts.md ): wallet, Pockyt's number, our
// reference, amount and time. There is no card, so there are no lines of one.
func (t *Terminal) slips(r payment.Request, got order, outcome payment.Outcome, minor int64) []payment.Slip {
	s := payment.Slip{
		Kind: r.Kind, At: time.Now().UTC(), Outcome: outcome, Currency: r.Total.Currency,
		Merchant: payment.Merchant{MID: t.settings.merchant, TID: t.settings.store},
		Brand:    title(got.Vendor.trimmed()), Text: onSlip(got), Receipt: safe(got.Number.trimmed()), Till: r.Attempt.Reference,
	}
	if minor > 0 {
		s.Amount = money.Amount{Minor: minor, Currency: r.Total.Currency}.Decimal()
		s.Total = s.Amount
	}
	if outcome == payment.Success {
		s.Scan = got.Number.trimmed() // a refund begins with scanning it
		if r.Kind == payment.Refund {
			s.Scan = r.Original.Terminal
		}
	}
	at, ok := moment(first(got.Paid, got.Created))
	if !ok {
		at = s.At
	}
	at = at.In(time.Local) // Pockyt's clock is UTC+8: the slip shows the store's
	s.LocalDate, s.LocalTime = at.Format(time.DateOnly), at.Format("15:04")
	s.More = lines(r, got)
	merchant, customer := s, s
	merchant.Copy, customer.Copy = payment.MerchantCopy, payment.CustomerCopy
	return []payment.Slip{merchant, customer}
}

// onSlip is what a customer reads of an order that is not paid. Pockyt's own text is about
// the question ("query success"), not about the payment.
func onSlip(got order) string {
	if state := got.state(); state != "" {
		return safe("Pockyt says: " + state)
	}
	return got.words()
}

// lines are what has no place of its own in a slip.
func lines(r payment.Request, got order) []string {
	var list []string
	add := func(label, value string) {
		if value != "" {
			list = append(list, label+" "+safe(value))
		}
	}
	add("Transaction", got.Number.trimmed())
	add("Reference", r.Attempt.Reference)
	add("Wallet's id", got.VendorID.trimmed())
	if rate := got.Rate.trimmed(); rate != "" {
		add("Rate", rate)
		add("Paid in CNY", got.Foreign.trimmed())
	}
	add("Refund", got.refundNumber())
	for _, back := range got.refunds {
		if done, _ := back.settled(); !done {
			continue // nobody has that money back
		}
		add("Refund", back.number())
		add("Refunded", back.Amount.trimmed()+" "+back.Currency.trimmed())
		add("Refunded in CNY", back.Rmb.trimmed())
	}
	return list
}
