package poynt

import (
	"encoding/hex"
	"strings"
	"time"
	_ "time/tzdata" // the store's own time, also on computers without a list of zones
	"unicode"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// brands writes card brands in full (receipts.md R-28).
var brands = map[text]string{
	"VISA": "Visa", "MASTERCARD": "Mastercard", "MAESTRO": "Maestro", "AMERICAN_EXPRESS": "American Express", "DISCOVER": "Discover",
	"DINERS_CLUB": "Diners Club", "JCB": "JCB", "UNIONPAY": "UnionPay", "INTERAC": "INTERAC", "DANKORT": "Dankort", "EBT": "EBT",
	"ALIPAY": "Alipay", "PAYPAL": "PayPal",
}

// tenders names what was used in place of a card (poynt.md 10.4).
var tenders = map[text]string{"CASH": "Cash", "CHEQUE": "Check", "CUSTOM_FUNDING_SOURCE": "Other tender"}

// entries are the entry modes of receipts.md 3.3.
var entries = map[text]payment.Entry{
	"INTEGRATED_CIRCUIT_CARD": payment.EntryChip, "CONTACTLESS_INTEGRATED_CIRCUIT_CARD": payment.EntryContactless,
	"CONTACTLESS_MAGSTRIPE": payment.EntryContactless, "TRACK_DATA_FROM_MAGSTRIPE": payment.EntrySwipe, "KEYED": payment.EntryManual,
}

// card is what may be known of the card.
func (t transaction) card() payment.Card {
	if name, ok := tenders[t.Funding.Type]; ok {
		return payment.Card{Brand: name}
	}
	return payment.Card{Brand: t.brand(), Masked: t.masked(), Entry: entries[t.Funding.Entry.Mode], CVM: t.cvm()}
}

func (t transaction) brand() string {
	if name, ok := brands[t.Funding.Card.Type]; ok {
		return name
	}
	return redact.Text(cut(string(t.Funding.Card.Type)))
}

// masked shows the last four digits, and only if there are no more than four.
func (t transaction) masked() string {
	last := string(t.Funding.Card.Last4)
	if len(last) != 4 || strings.ContainsFunc(last, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return "************" + last
}

// cvm tells how the cardholder was verified: the terminal's own flags first, then
// the chip's results (receipts.md 1.5). No claim where neither tells.
func (t transaction) cvm() payment.CVM {
	switch {
	case bool(t.PINCaptured):
		return payment.CVMPin
	case bool(t.SignatureRequired), bool(t.SignatureCaptured):
		return payment.CVMSignature
	}
	raw, err := hex.DecodeString(t.tag("9F34"))
	if err != nil || len(raw) != 3 || raw[2] == 1 {
		return ""
	}
	switch raw[0] & 0x3F {
	case 0x01, 0x02, 0x04:
		return payment.CVMPin
	case 0x1E:
		return payment.CVMSignature
	case 0x1F:
		return payment.CVMNone
	}
	return ""
}

// tag gives an EMV tag in upper-case hexadecimal; empty: not delivered.
func (t transaction) tag(names ...string) string {
	for _, name := range names {
		for key, value := range t.Funding.EMV.Tags {
			if strings.EqualFold(strings.TrimPrefix(strings.ToLower(key), "0x"), name) && value != "" {
				if _, err := hex.DecodeString(string(value)); err == nil && len(value) <= maxTag {
					return strings.ToUpper(string(value))
				}
			}
		}
	}
	return ""
}

// maxTag bounds the value of an EMV tag on a slip, in hexadecimal digits.
const maxTag = 64

// words decodes a tag with a text.
func (t transaction) words(names ...string) string {
	for _, name := range names {
		raw, err := hex.DecodeString(t.tag(name))
		plain := strings.TrimSpace(string(raw))
		if err == nil && plain != "" && !strings.ContainsFunc(plain, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
			return redact.Text(plain)
		}
	}
	return ""
}

// slips maps a transaction to both copies (receipts.md 3.1, Poynt); both show the
// last four digits only.
func (s settings) slips(r payment.Request, t transaction, outcome payment.Outcome, adjusted map[string]int64) []payment.Slip {
	currency := or(string(t.Amounts.Currency), s.currency)
	base, tip, back := t.base(), t.tip(adjusted), t.Amounts.Cashback.value
	slip := payment.Slip{
		Kind: r.Kind, At: time.Now().UTC(), Outcome: outcome, Test: t.Context.Kind == "TEST_MERCHANT",
		Merchant: payment.Merchant{City: place(t), Bank: cut(string(t.Processor.Acquirer)), MID: cut(string(t.Context.MID)), TID: cut(string(t.Context.TID))},
		Currency: cut(currency), Amount: decimal(base, currency), Total: decimal(base+tip+back, currency), TipMinor: tip, CashbackMinor: back,
		Brand: t.card().Brand, Label: t.words("9F12", "50"), Masked: t.card().Masked, Entry: t.card().Entry, CVM: t.card().CVM,
		AID: t.tag("84", "4F", "9F06"), TVR: t.tag("95"), TSI: t.tag("9B"), Response: t.words("8A"),
		Receipt: cut(string(t.ID)), Till: cut(r.Attempt.Reference),
	}
	if outcome == payment.Success {
		slip.AuthCode = t.references().AuthCode
	} else {
		slip.Text = reasonText(t)
	}
	slip.LocalDate, slip.LocalTime = t.local()
	if slip.AID == "" && (slip.Entry == payment.EntryChip || slip.Entry == payment.EntryContactless) && r.Kind == payment.Sale && outcome == payment.Success {
		slip.Flawed = "the processor delivered no AID"
	}
	merchant, customer := slip, slip
	merchant.Copy, customer.Copy = payment.MerchantCopy, payment.CustomerCopy
	merchant.Signature = outcome == payment.Success && bool(t.SignatureRequired) && !bool(t.SignatureCaptured)
	return []payment.Slip{merchant, customer}
}

// place is where the store is, as far as a transaction tells.
func place(t transaction) string {
	city, territory := cut(string(t.Context.City)), cut(string(t.Context.Territory))
	if city != "" && territory != "" {
		return city + ", " + territory
	}
	return city + territory
}

// local gives date and time by the store's clock (C-13); without a zone that is
// known they are left out, and the till's own stand there.
func (t transaction) local() (day, hour string) {
	at := t.created()
	zone, err := time.LoadLocation(string(t.Context.Zone))
	if at.IsZero() || t.Context.Zone == "" || err != nil {
		return "", ""
	}
	return at.In(zone).Format("2006-01-02"), at.In(zone).Format("15:04")
}

func decimal(minor int64, currency string) string {
	if _, err := money.Exponent(currency); err != nil {
		return ""
	}
	return money.Amount{Minor: minor, Currency: currency}.Decimal()
}
