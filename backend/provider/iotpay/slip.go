package iotpay

import (
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// words are what the till itself adds to a Canadian slip (iotpay.md 13.2).
type words struct{ chequing, savings, flash, surcharge, batch, sequence, order string }

var slipWords = map[string]words{
	english: {"CHEQUING", "SAVINGS", "FLASH DEFAULT", "SURCHARGE", "BATCH", "SEQ", "ORDER"},
	french:  {"CHÈQUES", "ÉPARGNE", "DÉFAUT FLASH", "FRAIS SUPPLÉMENTAIRES", "LOT", "SÉQ", "COMMANDE"},
}

// slips makes both copies out of an order (receipts.md 1.7, 3.1): IOT Pay delivers the
// data of a slip and prints none. A declined payment has its slips as well.
func (s settings) slips(r payment.Request, a answer, out payment.Result, amounts sums) []payment.Slip {
	c := a.card
	slip := payment.Slip{
		Kind: r.Kind, At: time.Now().UTC(), Outcome: out.Outcome, Currency: out.Currency,
		Merchant: payment.Merchant{MID: out.References.MID, TID: out.References.TID},
		Brand:    out.Card.Brand, Label: clean(c.Label.trimmed()), Masked: out.Card.Masked, Entry: out.Card.Entry,
		AID: clean(c.AID.trimmed()), TVR: clean(c.TVR.trimmed()), TSI: clean(c.TSI.trimmed()),
		Text: clean(c.Display.trimmed()), Receipt: c.Invoice.id(), Till: r.Attempt.Reference, Flawed: c.flaw,
	}
	if slip.Receipt == "" {
		slip.Receipt = out.References.Terminal
	}
	if at, ok := c.local(); ok {
		slip.LocalDate, slip.LocalTime = at.Format(time.DateOnly), at.Format("15:04")
	}
	signed := false
	if out.Outcome == payment.Success {
		slip.AuthCode, slip.CVM = out.References.AuthCode, out.Card.CVM
		slip.TipMinor, slip.CashbackMinor = amounts.tip, amounts.cashback
		slip.Amount = decimal(amounts.total - amounts.tip - amounts.cashback - amounts.surcharge)
		slip.Total = decimal(amounts.total)
		_, signed = c.verified()
		signed = signed && r.Kind == payment.Sale
	}
	merchant, customer := slip, slip
	merchant.Copy, customer.Copy = payment.MerchantCopy, payment.CustomerCopy
	merchant.Signature = signed
	for _, one := range []*payment.Slip{&merchant, &customer} {
		one.Language = s.languageOf(one.Copy, c)
		one.More = s.lines(a, amounts, one.Language)
		if out.Outcome == payment.Success && slip.Text != "" {
			one.More = append(one.More, slip.Text) // the response, also of an approval
		}
	}
	return []payment.Slip{merchant, customer}
}

// languageOf is the cardholder's for the customer's copy, where the card or the PIN pad
// tells it, else the store's. In Quebec French is never absent.
func (s settings) languageOf(copy payment.Copy, c card) string {
	inFrench, told := c.french()
	switch {
	case s.bilingual, copy == payment.CustomerCopy && told && inFrench:
		return french
	case copy == payment.CustomerCopy && told:
		return english
	}
	return s.language
}

// lines are what a Canadian slip must show beside the common lines (R-103, R-107, R-110,
//
func (s settings) lines(a answer, amounts sums, language string) []string {
	var list []string
	for _, in := range []string{language, english} {
		w := slipWords[in]
		if account := a.card.account(w); account != "" {
			list = append(list, account)
		}
		if amounts.surcharge > 0 {
			list = append(list, w.surcharge+" "+decimal(amounts.surcharge))
		}
		if in == english || !s.bilingual {
			break
		}
	}
	return append(list, numbers(a, slipWords[language])...)
}

// numbers are the lines that are the same in every language but for their labels.
func numbers(a answer, w words) []string {
	var list []string
	add := func(label, value string) {
		if value != "" {
			list = append(list, strings.TrimSpace(label+" "+value))
		}
	}
	add("", clean(a.card.Cryptogram.trimmed())) // its type stands before it already
	add(w.sequence, a.card.Seq.id())            // zeros too: they say that the host did not answer
	add(w.batch, a.card.Batch.id())
	add("TS:", a.card.hostStamp())
	add(w.order, a.order.PayOrderID.id())
	return list
}

// account is the account of an Interac payment; credit has none.
func (c card) account(w words) string {
	if !strings.EqualFold(c.Type.trimmed(), interac) {
		return ""
	}
	switch {
	case strings.EqualFold(c.Method.trimmed(), "T"):
		return w.flash
	case strings.EqualFold(c.Account.trimmed(), "C"):
		return w.chequing
	case strings.EqualFold(c.Account.trimmed(), "S"):
		return w.savings
	}
	return ""
}

func decimal(minor int64) string { return money.Amount{Minor: minor, Currency: currency}.Decimal() }
