package pockyt

import (
	"net/url"
	"strings"
	"testing"
)

const addPath = "/app-instore/v3/add"

func sale(more ...string) map[string]string {
	return plus(f{"amount": "13", "currency": "USD", "settleCurrency": "USD", "reference": "sale-1"}, more)
}

// What is refused, with which code, and what is told about it.
func TestRefusals(t *testing.T) {
	for name, one := range map[string]struct {
		path string
		f    map[string]string
		code string
	}{
		"no amount":         {addPath, sale("amount", ""), "000020"},
		"no reference":      {addPath, f{"amount": "13", "currency": "USD", "settleCurrency": "USD"}, "000020"},
		"CAD":               {addPath, sale("currency", "CAD"), "000023"},
		"settled in EUR":    {addPath, sale("settleCurrency", "EUR"), "000023"},
		"GBP for USD":       {addPath, sale("settleCurrency", "GBP"), "000023"},
		"zero":              {addPath, sale("amount", "0.00"), "000023"},
		"negative":          {addPath, sale("amount", "-1"), "000023"},
		"three places":      {addPath, sale("amount", "1.001"), "000023"},
		"comma":             {addPath, sale("amount", "1,00"), "000023"},
		"exponent":          {addPath, sale("amount", "1e2"), "000023"},
		"huge":              {addPath, sale("amount", strings.Repeat("9", 30)), "000023"},
		"long reference":    {addPath, sale("reference", strings.Repeat("r", 65)), "000023"},
		"timeout":           {addPath, sale("timeout", "soon"), "000023"},
		"notice to nowhere": {addPath, sale("ipnUrl", "not an address"), "000023"},
		"another merchant":  {addPath, sale("merchantNo", "200044"), "000022"},
		"no identifier":     {"/app-data-search/v3/tran-query", f{}, "000020"},
		"both identifiers":  {"/app-data-search/v3/cancel", f{"reference": "sale-1", "transactionNo": "1"}, "000023"},
		"unknown order":     {"/app-data-search/v3/tran-query", f{"reference": "sale-9"}, "000021"},
		"unionpay by QR":    {"/app-instore/v3/create-trans-qrcode", sale("vendor", "unionpay"), "000023"},
		"QR without vendor": {"/app-instore/v3/create-trans-qrcode", sale(), "000020"},
		"a strange vendor":  {"/app-instore/v3/create-trans-qrcode", sale("vendor", "moneybag"), "000023"},
		"needQrcode":        {"/app-instore/v3/create-trans-qrcode", sale("vendor", "alipay", "needQrcode", "1"), "000023"},
		"version 2":         {"/app-instore/v2/reverse", sale(), "000010"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTill(t, Options{})
			if a := c.post(one.path, one.f); a.code() != one.code || a.status != 200 {
				t.Errorf("%d %s %v", a.status, a.raw, a.err)
			}
			if name != "unknown order" && len(c.cloud.Violations()) == 0 {
				t.Error("no violation is told")
			}
		})
	}
}

// Codes that no wallet shows, and wallets that show none.
func TestCodes(t *testing.T) {
	for code, want := range map[string]string{"": "000020", "4006381333931": "000023", "28649853067294910X": "000023", strings.Repeat("2", 200): "000023",
		"130000000000000000": "000022", "999999999999999999": "000100", aliCode: "000100"} {
		c := newTill(t, Options{})
		no := c.add("sale-1", "1.00").field("transactionNo")
		if a := c.prepay(no, "paymentBarcode", code); a.code() != want {
			t.Errorf("%q: %s, want %s", code, a.raw, want)
		}
	}
	c := newTill(t, Options{})
	no := c.add("sale-1", "1.00").field("transactionNo")
	if a := c.prepay(no, "vendor", "cashapppay"); a.code() != "000023" {
		t.Errorf("Cash App: %s", a.raw)
	}
	if a := c.prepay(no, "vendor", "wechat", "paymentBarcode", "130000000000000000"); a.code() != "000100" || a.field("vendor") != "wechatpay" {
		t.Errorf("the other spelling: %s", a.raw)
	}
	if a := c.prepay(no); a.code() != "000040" {
		t.Errorf("a second prepay: %s", a.raw)
	}
	c.violated("prepay of an order that is pending")
}

// Sequence 15, and a reference that was never made is free again.
func TestDuplicateReference(t *testing.T) {
	c := newTill(t, Options{})
	first := c.add("sale-1", "1.00")
	if a := c.add("sale-1", "1.00"); a.code() != "000023" {
		t.Errorf("%s", a.raw)
	}
	c.violated("used already")
	c.fault("reference.duplicate", "same")
	if a := c.add("sale-1", "1.00"); a.field("transactionNo") != first.field("transactionNo") {
		t.Errorf("%s", a.raw)
	}
	if a := c.add("sale-1", "2.00"); a.code() != "000023" {
		t.Errorf("another amount: %s", a.raw)
	}
}

// Sequences 43 to 45: forms, both spellings of an amount, and reserved characters.
func TestEncodings(t *testing.T) {
	c := newTill(t, Options{})
	values := url.Values{}
	for name, value := range signed(sale("note", "Café 100% + tip", "reference", "till-A&B=1")) {
		values.Set(name, value)
	}
	if a := c.send(addPath, "application/x-www-form-urlencoded", []byte(values.Encode())); a.code() != "000100" || a.field("amount") != "13.00" || a.field("reference") != "till-A&B=1" {
		t.Errorf("form: %s", a.raw)
	}
	one, two := signed(sale("reference", "sale-2")), signed(sale("reference", "sale-2", "amount", "13.00"))
	if one["verifySign"] == two["verifySign"] {
		t.Error("13 and 13.00 have the same signature")
	}
	if a := c.post(addPath, sale("reference", "sale-3", "amount", "13.00")); a.code() != "000100" {
		t.Errorf("%s", a.raw)
	}
	c.noViolations()
	for kind, body := range map[string]string{"application/json": `{"merchantNo":"200043"`, "text/plain": "x", "": "{}", "application/json; charset=UTF-8": `{"a":{"b":1}}`,
		"application/x-www-form-urlencoded": "a=1&a=2"} {
		if a := c.send(addPath, kind, []byte(body)); a.code() != "000023" {
			t.Errorf("%s %s: %s", kind, body, a.raw)
		}
	}
}

// A signature of another token, in capitals, or of other fields.
func TestWrongSignatures(t *testing.T) {
	for name, spoil := range map[string]func(map[string]string){
		"capitals": func(m map[string]string) { m["verifySign"] = strings.ToUpper(m["verifySign"]) },
		"amount":   func(m map[string]string) { m["amount"] = "1" },
		"a field":  func(m map[string]string) { m["note"] = "x" },
		"short":    func(m map[string]string) { m["verifySign"] = m["verifySign"][:31] },
	} {
		c := newTill(t, Options{})
		m := signed(sale())
		spoil(m)
		values := url.Values{}
		for key, value := range m {
			values.Set(key, value)
		}
		if a := c.send(addPath, "application/x-www-form-urlencoded", []byte(values.Encode())); a.code() != "000022" {
			t.Errorf("%s: %s", name, a.raw)
		}
		c.violated("wrong verifySign")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":"1","b":2,"c":null}`, `{"a":"1","a":"2"}`, `{"a":[1]}`, `{"a":true}x`, `[]`, "\x00", `{"\ud800":"x"}`} {
		f.Add("application/json", []byte(seed))
	}
	f.Add("application/x-www-form-urlencoded", []byte("a=1&b=%zz&c=+"))
	f.Add("application/json; charset=UTF-8", []byte(`{}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		got, _, err := decode(kind, body)
		if err != nil {
			return
		}
		if len(got) > maxFields {
			t.Errorf("%d fields", len(got))
		}
		got[signField] = sign(got, Token, true)
		if !verify(got, Token, emptyEither) {
			t.Error("what was signed does not verify")
		}
	})
}

func FuzzAmount(f *testing.F) {
	for _, seed := range []string{"13", "13.00", "0.01", "1,00", "99999999.99", "00", ".5", "1.", "1000.00"} {
		f.Add(seed, "USD")
	}
	f.Add("1000.00", "JPY")
	f.Fuzz(func(t *testing.T, text, currency string) {
		minor, err := parseAmount(text, currency)
		if err != nil {
			return
		}
		again, err := parseAmount(decimal(minor, currency), currency)
		if minor <= 0 || err != nil || again != minor {
			t.Errorf("%q is %d, and then %d, %v", text, minor, again, err)
		}
	})
}
