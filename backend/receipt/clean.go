package receipt

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxField bounds one text of a slip; a terminal that sends more is not believed
// to have written a receipt.
const maxField = 512

// telephone is the sign that a terminal sends and no receipt code page has.
var telephone = strings.NewReplacer("\u260e", "Tel.", "\ufe0f", "")

// verbatim takes out of a delivered text only what could act as a command of a
// printer or change the direction of a line. Blanks inside stay.
func verbatim(text string) string {
	if len(text) > maxField {
		text = text[:maxField]
	}
	text = norm.NFC.String(strings.ToValidUTF8(text, "?"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, telephone.Replace(text))
}

// clean is verbatim with no more than single blanks.
func clean(text string) string { return strings.Join(strings.Fields(verbatim(text)), " ") }

// maskedNumber is a card number with some of its digits masked.
var maskedNumber = regexp.MustCompile(`\d{1,8}[*xX•]{3,}\d{1,6}`)

// prose is a free text of a provider or a person for one copy: without card
// numbers, and on the customer's copy without the first six of a masked one.
func prose(text string, c payment.Copy) string {
	text = redact.Text(clean(text))
	if c == payment.CustomerCopy {
		text = maskedNumber.ReplaceAllStringFunc(text, lastFour)
	}
	return text
}

// cardNumber gives the card's number for one copy: the customer's shows the last
// four digits whatever arrives, the merchant's at most the first six as well
//
func cardNumber(masked string, c payment.Copy) string {
	masked = clean(masked)
	digits := 0
	for _, r := range masked {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if c == payment.CustomerCopy || digits > 10 {
		return lastFour(masked)
	}
	return masked
}

// lastFour replaces every sign but the last four by a star, and those of the last
// four that are no digit too: what is left of a number is never more than that.
func lastFour(number string) string {
	runes := []rune(number)
	for i, r := range runes {
		if i < len(runes)-4 || r < '0' || r > '9' {
			runes[i] = '*'
		}
	}
	return string(runes)
}
