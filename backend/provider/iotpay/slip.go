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

// canadianDate is how a Canadian slip writes a date.
const canadianDate = "2006/01/02"

// slips makes both copies out of an order (receipts.md 1.7, 3.1): IOT Pay delivers the
// data of a slip and prints none. A declined payment has its slips as well.
func (s settings) slips(r payment.Request, a answer, out payment.Result, amounts sums) []payment.Slip {
	c := a.card
	slip := payment.Slip{
		Kind: r.Kind, At: time.Now().UTC(), Outcome: out.Outcome, Currency: out.Currency,
		Merchant: payment.Merchant{MID: out.References.MID, TID: out.References.TID},
		Brand:    out.Card.Brand, Label: clean(c.Label.trimmed()), Masked: out.Card.Masked, Entry: out.Card.Entry,
		AID: clean(c.AID.trimmed()), TVR: clean(c.TVR.trimmed()), TSI: clean(c.TSI.trimmed()),
		Text: clean(c.Display.trimmed()), Receipt: c.Invoice.id(), Till: r.Attempt.Reference, Flawed: c.flaw, Titled: true,
	}
	if slip.Receipt == "" {
		slip.Receipt = out.References.Terminal
	}
	at, ok := c.local()
	if !ok {
		at = slip.At.In(time.Local) // none came back: the till's own clock
	}
	slip.LocalDate, slip.LocalTime = at.Format(canadianDate), at.Format(time.TimeOnly)
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
		one.Language, one.Also = s.languagesOf(one.Copy, c)
		one.More = lines(a, amounts, slipWords[one.Language].beside(slipWords[one.Also]))
		if out.Outcome == payment.Success && slip.Text != "" {
			one.More = append(one.More, slip.Text) // the response, also of an approval
		}
	}
	return []payment.Slip{merchant, customer}
}

// languagesOf gives the cardholder's for the customer's copy, where the card or the PIN
// pad tells it, else the store's. In Quebec French is never absent: who prefers
// English, or tells nothing, gets it beside the French.
func (s settings) languagesOf(copy payment.Copy, c card) (first, also string) {
	inFrench, told := c.french()
	switch customer := copy == payment.CustomerCopy; {
	case customer && told && inFrench:
		first = french
	case customer && told:
		first = english
	case customer && s.bilingual:
		return french, english
	default:
		first = s.language
	}
	if s.bilingual && first == english {
		return french, english
	}
	return first, ""
}

// beside puts the words of a second language beside these; those of none change nothing.
func (w words) beside(second words) words {
	for _, one := range []struct {
		mine   *string
		theirs string
	}{{&w.chequing, second.chequing}, {&w.savings, second.savings}, {&w.flash, second.flash}, {&w.surcharge, second.surcharge},
		{&w.batch, second.batch}, {&w.sequence, second.sequence}, {&w.order, second.order}} {
		if one.theirs != "" && one.theirs != *one.mine {
			*one.mine += " / " + one.theirs
		}
	}
	return w
}

// lines are what a Canadian slip must show beside the common lines (R-103, R-107, R-110,
//
func lines(a answer, amounts sums, w words) []string {
	var list []string
	if account := a.card.account(w); account != "" {
		list = append(list, account)
	}
	if amounts.surcharge > 0 {
		list = append(list, w.surcharge+" "+decimal(amounts.surcharge))
	}
	return append(list, numbers(a, w)...)
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
