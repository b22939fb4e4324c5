package nexo

import (
	"regexp"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// card tells brand, last four digits, way of reading and verification.
func (a answer) card() payment.Card {
	if a.result == nil || a.result.Instrument == nil {
		return payment.Card{}
	}
	told := a.result.Instrument.Card
	card := payment.Card{Brand: strings.TrimSpace(told.Brand), Masked: lastFour(told.Masked),
		Entry: entries[strings.ToLower(told.Entry)], CVM: authentications[a.result.Authentication]}
	// "01,Test Debit": the number tells what kind of card it is (nexo-retailer.md 7.1).
	if _, name, ok := strings.Cut(told.Brand, ","); ok {
		card.Brand = strings.TrimSpace(name)
	}
	card.Brand = redact.Text(card.Brand)
	if a.result.Instrument.Type == "Mobile" {
		card.Entry = payment.EntryMobile
	}
	return card
}

func (a answer) products() []string {
	if a.result == nil || a.result.Instrument == nil {
		return nil
	}
	return a.result.Instrument.Card.Products
}

// entries maps EntryMode, compared without case (nexo-retailer.md 7.1, appendix B).
var entries = map[string]payment.Entry{
	"icc": payment.EntryChip, "synchronousicc": payment.EntryChip,
	"contactless": payment.EntryContactless, "tapped": payment.EntryContactless, "rfid": payment.EntryContactless,
	"magstripe": payment.EntrySwipe,
	"keyed":     payment.EntryManual, "manual": payment.EntryManual,
	"mobile": payment.EntryMobile,
}

// authentications maps AuthenticationMethod where the terminal sends it (schema
// only); the letters on receipts are not decoded.
var authentications = map[string]payment.CVM{
	"OfflinePIN": payment.CVMPin, "OnLinePIN": payment.CVMPin,
	"PaperSignature": payment.CVMSignature, "SignatureCapture": payment.CVMSignature,
}

var endsInFour = regexp.MustCompile(`^.*?(\d{4})\s*$`)

// lastFour masks a card number down to its last four digits. What does not
// end in four digits shows none.
func lastFour(masked string) string {
	found := endsInFour.FindStringSubmatch(masked)
	if found == nil {
		return ""
	}
	return "************" + found[1]
}

// maskFor holds a delivered masked number to the ceiling of its copy: first six
// and last four for the merchant, last four for the customer.
func maskFor(c payment.Copy, masked string) string {
	masked = strings.TrimSpace(masked)
	digits, runs := 0, []rune(masked)
	for _, r := range runs {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if c == payment.MerchantCopy && digits <= 10 {
		return masked
	}
	if c != payment.MerchantCopy && digits <= 4 {
		return masked
	}
	for i := range max(0, len(runs)-4) {
		runs[i] = '*'
	}
	return string(runs)
}
