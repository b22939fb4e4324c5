package pinpad

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// total is what the terminal really moved in one currency.
type total struct {
	Amount   string // the sum as the customer's account sees it, with currency
	Bookings int    // charged bookings in the sum
	Unread   int    // charged bookings whose amount could not be read
}

// totals sums the charged bookings per currency, in the order of first
// appearance. An amount that cannot be read is counted, never guessed.
func totals(ledger []Booking) []total {
	type sum struct {
		currency         string
		minor            int64
		decimals         int
		bookings, unread int
	}
	var sums []sum
	for _, b := range ledger {
		if !b.Charged {
			continue
		}
		minor, decimals, currency, ok := parse(b.Amount)
		at := slices.IndexFunc(sums, func(s sum) bool { return s.currency == currency && s.decimals == decimals })
		if at < 0 {
			at = len(sums)
			sums = append(sums, sum{currency: currency, decimals: decimals})
		}
		s := &sums[at]
		if !ok || s.minor > math.MaxInt64-minor && minor > 0 || s.minor < math.MinInt64-minor && minor < 0 {
			s.unread++
			continue
		}
		s.minor += minor
		s.bookings++
	}
	all := make([]total, len(sums))
	for i, s := range sums {
		all[i] = total{format(s.minor, s.decimals, s.currency), s.bookings, s.unread}
	}
	return all
}

// maxDigits keeps a parsed amount far inside an int64.
const maxDigits = 15

// parse reads a shown amount such as "-1 250.00 SEK": minor units, the number of
// decimals, the currency.
func parse(shown string) (minor int64, decimals int, currency string, ok bool) {
	number, currency, found := cutLast(strings.TrimSpace(shown), " ")
	if !found || len(currency) != 3 {
		return 0, 0, "", false
	}
	negative := false
	for _, sign := range []string{"-", "\u2212", "+"} {
		if rest, cut := strings.CutPrefix(number, sign); cut {
			number, negative = rest, sign != "+"
			break
		}
	}
	whole, fraction, _ := strings.Cut(number, ".")
	whole = strings.NewReplacer(" ", "", "\u00a0", "").Replace(whole)
	for _, r := range whole + fraction {
		if r < '0' || r > '9' || len(whole)+len(fraction) > maxDigits {
			return 0, 0, "", false
		}
		minor = minor*10 + int64(r-'0')
	}
	if negative {
		minor = -minor
	}
	return minor, len(fraction), currency, whole != ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// format is the reverse of parse, without separators between thousands.
func format(minor int64, decimals int, currency string) string {
	if currency == "" {
		return "not readable"
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	digits := strings.Repeat("0", decimals+1)
	if s := strconv.FormatInt(minor, 10); len(s) > len(digits) {
		digits = s
	} else {
		digits = digits[:len(digits)-len(s)] + s
	}
	if decimals == 0 {
		return sign + digits + " " + currency
	}
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:] + " " + currency
}
