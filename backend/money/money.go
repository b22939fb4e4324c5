package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Limit is the largest amount in minor units that Paydesk takes: 99,999,999.99
// in a currency of two decimals, the bound of the nexo schema before its decimals
// (nexo-retailer.md 4.4).
const Limit int64 = 9_999_999_999

// maxText bounds what Parse looks at.
const maxText = 64

// The errors of Parse. They are wrapped with the text that was refused.
var (
	ErrEmpty    = errors.New("no amount was given")
	ErrFormat   = errors.New("this is not an amount")
	ErrDecimals = errors.New("too many decimals for the currency")
	ErrLimit    = errors.New("the amount is beyond the limit")
	ErrNegative = errors.New("the amount is negative")
	ErrCurrency = errors.New("unknown currency")
)

// Amount is a sum of money: Minor is in the currency's smallest unit, Currency
// its ISO 4217 code in capitals.
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Exponent tells how many decimals a currency has: 2 for SEK, 0 for JPY. The
// error is ErrCurrency.
func Exponent(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code {
		return 0, fmt.Errorf("%w: %q", ErrCurrency, code)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale, nil
}

// Parse reads an amount as a person or a provider writes it: digits, one comma or
// point before at most the currency's number of decimals, blanks as group signs.
// "1,234" in a currency of two decimals is refused, because it can be read in two
// ways. Zero is an amount; negative ones are ErrNegative.
func Parse(text, code string) (Amount, error) {
	exponent, err := Exponent(code)
	if err != nil {
		return Amount{}, err
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	switch {
	case bare == "":
		return Amount{}, ErrEmpty
	case len(bare) > maxText:
		return Amount{}, fmt.Errorf("%w: it has %d characters", ErrFormat, len(bare))
	case strings.HasPrefix(bare, "-") || strings.HasPrefix(bare, "\u2212"):
		return Amount{}, fmt.Errorf("%w: %q", ErrNegative, text)
	}
	whole, decimals := bare, ""
	if at := strings.IndexAny(bare, ".,"); at >= 0 {
		whole, decimals = bare[:at], bare[at+1:]
		if whole == "" || decimals == "" {
			return Amount{}, fmt.Errorf("%w: %q", ErrFormat, text)
		}
	}
	if !digits(whole) || (decimals != "" && !digits(decimals)) {
		return Amount{}, fmt.Errorf("%w: %q", ErrFormat, text)
	}
	if kept := strings.TrimRight(decimals, "0"); len(kept) > exponent {
		return Amount{}, fmt.Errorf("%w: %q has more than %d", ErrDecimals, text, exponent)
	}
	if len(decimals) == 3 && exponent != 3 && whole != "0" {
		// "1,000" may mean a thousand: not for us to guess.
		return Amount{}, fmt.Errorf("%w: %q has more than %d", ErrDecimals, text, exponent)
	}
	decimals = (decimals + "0000")[:exponent]
	minor, err := strconv.ParseInt(whole+decimals, 10, 64)
	if err != nil || minor > Limit {
		return Amount{}, fmt.Errorf("%w: %q", ErrLimit, text)
	}
	return Amount{Minor: minor, Currency: code}, nil
}

func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// Decimal writes the amount with a point and all of its decimals: "12.50".
func (a Amount) Decimal() string {
	exponent, err := Exponent(a.Currency)
	if err != nil {
		exponent = 2
	}
	sign, minor := "", a.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := strconv.FormatInt(minor, 10)
	if exponent == 0 {
		return sign + text
	}
	if len(text) <= exponent {
		text = strings.Repeat("0", exponent+1-len(text)) + text
	}
	return sign + text[:len(text)-exponent] + "." + text[len(text)-exponent:]
}

// Number writes the amount without its currency as the language does:
// "1,234.50" or "1 234,50" (plain blanks, also for printers).
func (a Amount) Number(lang language.Tag) string {
	exponent, err := Exponent(a.Currency)
	if err != nil {
		exponent = 2
	}
	whole, decimals, _ := strings.Cut(a.Decimal(), ".")
	negative := strings.HasPrefix(whole, "-")
	units, err := strconv.ParseInt(strings.TrimPrefix(whole, "-"), 10, 64)
	if err != nil {
		return a.Decimal()
	}
	printer := message.NewPrinter(lang)
	text := printer.Sprint(number.Decimal(units))
	if exponent > 0 {
		text += separator(printer) + decimals
	}
	if negative {
		text = "-" + text
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
}

// separator asks the language data for its decimal sign.
func separator(printer *message.Printer) string {
	if strings.Contains(printer.Sprint(number.Decimal(0.5, number.MinFractionDigits(1))), ",") {
		return ","
	}
	return "."
}

// Text is Number with the ISO code behind it: "1,234.50 SEK".
func (a Amount) Text(lang language.Tag) string { return a.Number(lang) + "\u00a0" + a.Currency }
