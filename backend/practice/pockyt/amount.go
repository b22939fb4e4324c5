package pockyt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// errAmount says that a text is no amount in the wire's form.
var errAmount = errors.New("this is no amount")

// parseAmount reads a decimal string in major units (pockyt.md 7): digits and at
// most one point, "13" as well as "13.00". In a currency without decimals "1000.00"
// counts as 1000: what the real service takes there is unknown.
func parseAmount(text, currency string) (int64, error) {
	whole, part, point := strings.Cut(text, ".")
	if !digits(whole) || point && !digits(part) {
		return 0, fmt.Errorf("%w: %q", errAmount, bench.Shorten(text))
	}
	places, err := money.Exponent(currency)
	if err != nil {
		return 0, fmt.Errorf("reading an amount: %w", err)
	}
	if len(part) > places {
		if strings.Trim(part[places:], "0") != "" {
			return 0, fmt.Errorf("%w: %q has too many decimals", errAmount, bench.Shorten(text))
		}
		part = part[:places]
	}
	text = whole
	if part != "" {
		text += "." + part
	}
	a, err := money.Parse(text, currency)
	if err != nil {
		return 0, fmt.Errorf("reading an amount: %w", err)
	}
	if a.Minor <= 0 {
		return 0, fmt.Errorf("%w: %q is not above zero", errAmount, bench.Shorten(text))
	}
	return a.Minor, nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// decimal writes an amount with all decimals of its currency.
func decimal(minor int64, currency string) string {
	return money.Amount{Minor: minor, Currency: currency}.Decimal()
}

// shownAmount is for the page, signed as the customer's account sees it.
func shownAmount(minor int64, currency string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + decimal(minor, currency) + " " + currency
}
