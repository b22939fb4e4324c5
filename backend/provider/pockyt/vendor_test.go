package pockyt

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// 18: what is no wallet's code is stopped in the till, in a sentence that does not
// repeat it, and nothing is sent.
func TestSeq18Codes(t *testing.T) {
	for code, c := range map[string]struct{ vendor, says string }{
		"286498530672949108":     {"", ""},
		"286498530672949108\r\n": {"alipay", ""},
		"134567890123456789":     {"wechat", ""},
		"6212345678901234567":    {"unionpay", ""},
		"12345678901":            {"venmo", ""},
		"28649853067294910":      {"wechatpay", "18 digits"},
		"4006381333931":          {"", "product"},
		"96385074":               {"", "product"},
		"012345678905":           {"venmo", "product"},
		"28649853067294910a":     {"", "digits only"},
		"https://example.com/x":  {"", "digits only"},
		"２８６４９８５３０６７２９４９１０８":                   {"", "digits only"},
		"286498530672949108286498530672949108": {"", "twice"},
		strings.Repeat("7", 199):               {"", "199"},
		" \n":                                  {"", "nothing"},
		"12345":                                {"", "16 to 24 digits, and this has 5"},
		"286498530672949109":                   {"fantasy", "fantasy"},
	} {
		digits, err := checkCode(payment.Scanned(code), c.vendor)
		switch {
		case c.says == "":
			if err != nil || digits != strings.TrimSpace(code) {
				t.Errorf("%q: %q, %v", code, digits, err)
			}
		case err == nil || payment.CodeOf(err) != payment.CodeInput || payment.SentOf(err) != payment.SentNo || !strings.Contains(payment.TextOf(err), c.says):
			t.Errorf("%q: %v", code, err)
		case len(strings.TrimSpace(code)) > 5 && strings.Contains(payment.TextOf(err), strings.TrimSpace(code)):
			t.Errorf("it repeats the code: %v", err)
		}
		if err != nil {
			h := newHouse(t, nil)
			h.say = answers(nil)
			if _, err := h.sell(func(r *payment.Request) { r.Code, r.Vendor = payment.Scanned(code), c.vendor }); payment.SentOf(err) != payment.SentNo || h.made() != "" {
				t.Errorf("%q: %v, %s", code, err, h.made())
			}
		}
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(*payment.Request){
		"both":            func(r *payment.Request) { r.ShowQR = true },
		"a tip":           func(r *payment.Request) { r.Tip = 1 },
		"cash back":       func(r *payment.Request) { r.Cashback = 1 },
		"a reservation":   func(r *payment.Request) { r.AuthOnly = true },
		"another money":   func(r *payment.Request) { r.Total.Currency = "EUR" },
		"nothing":         func(r *payment.Request) { r.Total.Minor = 0 },
		"unionpay by QR":  func(r *payment.Request) { r.Code, r.Vendor = "", "unionpay" },
		"fantasy by QR":   func(r *payment.Request) { r.Code, r.Vendor = "", "fantasy" },
		"without an id":   func(r *payment.Request) { r.Attempt.Reference = "" },
		"a wrong wallet":  func(r *payment.Request) { r.Vendor = "wechatpay"; r.Code = "1" },
		"an unknown code": func(r *payment.Request) { r.Code = "x" },
	} {
		h := newHouse(t, nil)
		h.say = answers(nil)
		if _, err := h.sell(change); err == nil || payment.SentOf(err) != payment.SentNo || h.made() != "" {
			t.Errorf("%s: %v, %s", name, err, h.made())
		}
	}
}

func TestVendors(t *testing.T) {
	h := newHouse(t, payment.Settings{"vendor": "wechatpay"})
	list := h.Vendors()
	if len(list) != len(wallets) || list[0].ID != "wechatpay" || list[1].ID != "alipay" {
		t.Errorf("%+v", list)
	}
	if guessed(alipay) != "Alipay" || guessed("134567890123456789") != "WeChat Pay" || guessed("6212345678901234567") != "UnionPay" || guessed("999") != "" {
		t.Error("a code looks like another wallet's")
	}
	if err := h.CheckCode("1", ""); err == nil {
		t.Error("any code is taken")
	}
}

func FuzzCode(f *testing.F) {
	f.Add("286498530672949108", "alipay")
	f.Add("4006381333931", "")
	f.Fuzz(func(t *testing.T, code, vendor string) {
		digits, err := checkCode(payment.Scanned(code), vendor)
		if err == nil && (len(digits) < 10 || len(digits) > 32 || strings.Trim(digits, "0123456789") != "") {
			t.Errorf("%q is taken", digits)
		}
	})
}
