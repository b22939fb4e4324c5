package pockyt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// wallet is what is known of a vendor (pockyt.md 8). shortest and longest bound the
// digits of its customers' codes.
type wallet struct {
	payment.Vendor
	also              string // another spelling, as some pages have it
	shortest, longest int
	prefixes          []string // of the codes; empty: not documented
}

// wallets are the vendors as data. What a code of the last three looks like is not
// documented: the bounds are wide.
var wallets = []wallet{
	{Vendor: payment.Vendor{ID: "alipay", Title: "Alipay", Scan: true, Show: true}, shortest: 16, longest: 24, prefixes: []string{"25", "26", "27", "28", "29", "30"}},
	{Vendor: payment.Vendor{ID: "wechatpay", Title: "WeChat Pay", Scan: true, Show: true}, also: "wechat", shortest: 18, longest: 18, prefixes: []string{"10", "11", "12", "13", "14", "15"}},
	{Vendor: payment.Vendor{ID: "unionpay", Title: "UnionPay", Scan: true}, shortest: 19, longest: 19, prefixes: []string{"62"}},
	{Vendor: payment.Vendor{ID: "cashapppay", Title: "Cash App Pay", Scan: true, Show: true}, shortest: 10, longest: 32},
	{Vendor: payment.Vendor{ID: "paypal", Title: "PayPal", Scan: true, Show: true}, shortest: 10, longest: 32},
	{Vendor: payment.Vendor{ID: "venmo", Title: "Venmo", Scan: true, Show: true}, shortest: 10, longest: 32},
}

// The bounds of a code whose wallet nobody has named: those of the wallets that
// document theirs.
const (
	shortestCode = 16
	longestCode  = 24
)

// findWallet finds a vendor by either spelling.
func findWallet(id string) (wallet, bool) {
	id = strings.ToLower(strings.TrimSpace(id))
	i := slices.IndexFunc(wallets, func(w wallet) bool { return id != "" && (w.ID == id || w.also == id) })
	if i < 0 {
		return wallet{}, false
	}
	return wallets[i], true
}

func showVendors() (ids []string) {
	for _, w := range wallets {
		if w.Show {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

// title is how a person calls a vendor; what is unknown stands as it came.
func title(vendor string) string {
	if w, known := findWallet(vendor); known {
		return w.Title
	}
	return safe(vendor)
}

// guessed is the wallet that a code looks like, for the till's display only
// (pockyt.md 8); empty: none, or several.
func guessed(code string) string {
	for _, w := range wallets {
		if len(code) >= w.shortest && len(code) <= w.longest && slices.ContainsFunc(w.prefixes, func(p string) bool { return strings.HasPrefix(code, p) }) {
			return w.Title
		}
	}
	return ""
}

// Vendors are the wallets that can be named, the one of the settings first.
func (t *Terminal) Vendors() []payment.Vendor {
	var list []payment.Vendor
	for _, w := range wallets {
		if w.ID == t.settings.vendor {
			list = append([]payment.Vendor{w.Vendor}, list...)
			continue
		}
		list = append(list, w.Vendor)
	}
	return list
}

// CheckCode says what is wrong with a scanned code. Nothing was sent then.
func (t *Terminal) CheckCode(code payment.Scanned, vendor string) error {
	_, err := checkCode(code, vendor)
	return err
}

// checkCode gives the digits of a scanned code without the scanner's blanks and line
// end. No sentence repeats the code: it may still be charged.
func checkCode(code payment.Scanned, vendor string) (string, error) {
	bare := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, string(code))
	low, high, whose := shortestCode, longestCode, "a wallet's code"
	if vendor != "" {
		w, known := findWallet(vendor)
		if !known || !w.Scan {
			return "", wrongCode(fmt.Sprintf("a wallet called %.20q is not known here", vendor))
		}
		low, high, whose = w.shortest, w.longest, "a code of "+w.Title
	}
	length := fmt.Sprintf("%d to %d digits", low, high)
	if low == high {
		length = fmt.Sprintf("%d digits", low)
	}
	switch half := len(bare) / 2; {
	case bare == "":
		return "", wrongCode("the scanner read nothing")
	case strings.Trim(bare, "0123456789") != "":
		return "", wrongCode(whose + " is made of digits only, and there is something else in it")
	case product(bare):
		return "", wrongCode("this is a product's barcode (EAN)")
	case len(bare) >= 2*low && bare[:half] == bare[half:]:
		return "", wrongCode("the same code was scanned twice in a row")
	case len(bare) < low || len(bare) > high:
		return "", wrongCode(fmt.Sprintf("%s has %s, and this has %d", whose, length, len(bare)))
	}
	return bare, nil
}

func wrongCode(wrong string) *payment.Error {
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo,
		Text: "This is no wallet code: " + wrong + ". Nothing was sent, so nothing was charged. Have the customer open the payment code in the wallet, and scan it again."}
}

// product tells the number of an article: 8, 12, 13 or 14 digits with the check digit
// of GS1. No wallet's code that is documented is so short.
func product(digits string) bool {
	if n := len(digits); n != 8 && n != 12 && n != 13 && n != 14 {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}
