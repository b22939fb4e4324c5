package netpay

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAmounts(t *testing.T) {
	for text, want := range map[string]int64{"1": 100, "0.3": 30, "0.30": 30, "249.9": 24990, "249.900": 24990, "9999999999999.99": 999999999999999} {
		if got, err := parseAmount(text); err != nil || got != want {
			t.Errorf("%s: %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "1e3", `"1"`, "0.30000000000000004", "01", "1.", ".5", "99999999999999.00", "null", "1.001"} {
		if got, err := parseAmount(text); err == nil {
			t.Errorf("%s is %d", text, got)
		}
	}
	for minor, want := range map[int64]string{1: "0.01", 100: "1.0", 450050: "4500.5", 58110: "581.1", 0: "0.0"} {
		if got := javaAmount(minor); got != want {
			t.Errorf("%d: %s", minor, got)
		}
	}
}

// What a till may get wrong is noted, and what cannot be carried out is refused.
func TestViolations(t *testing.T) {
	sale := func(change func(map[string]any)) map[string]any {
		fields := map[string]any{"serialNumber": DefaultSerial, "storeId": "700101", "amount": 10, "folioNumber": "F", "traceability": map[string]any{}, "isSmartAccounts": "true"}
		change(fields)
		return fields
	}
	for want, one := range map[string]struct {
		op     opKind
		fields map[string]any
		runs   bool
	}{
		"":                                            {opSale, sale(func(map[string]any) {}), true},
		"serialNumber is 12345, documented is":        {opSale, sale(func(m map[string]any) { m["serialNumber"] = 12345 }), false},
		"storeId is missing":                          {opSale, sale(func(m map[string]any) { delete(m, "storeId") }), true},
		"amount is missing":                           {opSale, sale(func(m map[string]any) { delete(m, "amount") }), false},
		"amount is zero":                              {opSale, sale(func(m map[string]any) { m["amount"] = 0 }), false},
		`amount: "10.00" is no decimal number`:        {opSale, sale(func(m map[string]any) { m["amount"] = "10.00" }), false},
		"has more than two decimals":                  {opSale, sale(func(m map[string]any) { m["amount"] = 0.30000000000000004 }), false},
		"folioNumber is missing":                      {opSale, sale(func(m map[string]any) { delete(m, "folioNumber") }), true},
		"folioNumber is empty":                        {opSale, sale(func(m map[string]any) { m["folioNumber"] = "" }), true},
		"folioNumber is longer than":                  {opSale, sale(func(m map[string]any) { m["folioNumber"] = strings.Repeat("é", 251) }), false},
		"traceability of the sale is missing":         {opSale, sale(func(m map[string]any) { delete(m, "traceability") }), true},
		`traceability is "x"`:                         {opSale, sale(func(m map[string]any) { m["traceability"] = "x" }), true},
		"isSmartAccounts is false":                    {opSale, sale(func(m map[string]any) { m["isSmartAccounts"] = false }), true},
		`isSmartAccounts is "yes"`:                    {opSale, sale(func(m map[string]any) { m["isSmartAccounts"] = "yes" }), true},
		`field "isSmartAccount" is not one of a sale`: {opSale, sale(func(m map[string]any) { m["isSmartAccount"] = "true" }), true},
		`field "orderId" is not one of a sale`:        {opSale, sale(func(m map[string]any) { m["orderId"] = "1" }), true},
		"msi is 5":                                    {opSale, sale(func(m map[string]any) { m["msi"] = 5 }), false},
		"tip is above amount":                         {opSale, sale(func(m map[string]any) { m["tip"] = 11 }), false},
		"neither orderId nor folioId":                 {opReprint, map[string]any{"serialNumber": DefaultSerial, "storeId": "1", "traceability": map[string]any{}, "orderId": ""}, false},
		"orderId is missing beside folioId":           {opReprint, map[string]any{"serialNumber": DefaultSerial, "storeId": "1", "traceability": map[string]any{}, "folioId": "F"}, true},
		`field "folioNumber" is not one of a reprint`: {opReprint, map[string]any{"serialNumber": DefaultSerial, "storeId": "1", "traceability": map[string]any{}, "orderId": "1", "folioNumber": "F"}, true},
		"orderId is empty":                            {opCancel, map[string]any{"serialNumber": DefaultSerial, "storeId": "1", "traceability": map[string]any{}, "orderId": ""}, false},
		`field "amount" is not one of a cancel`:       {opCancel, map[string]any{"serialNumber": DefaultSerial, "storeId": "1", "traceability": map[string]any{}, "orderId": "1", "amount": 1}, true},
	} {
		raw, err := json.Marshal(one.fields)
		if err != nil {
			t.Fatal(err)
		}
		_, faults, slips := parseRequest(one.op, raw)
		all := strings.Join(append(faults, slips...), "\n")
		if !strings.Contains(all, want) || want == "" && all != "" || (len(faults) == 0) != one.runs {
			t.Errorf("want %q, runs %v; got faults %q, slips %q", want, one.runs, faults, slips)
		}
	}
}

// The cloud's ways to refuse what it cannot carry out.
func TestMalformed(t *testing.T) {
	c := newTill(t, Options{})
	for mode, want := range map[string]struct {
		status int
		code   string
	}{"400": {400, ""}, "code": {200, "12"}, "sent": {200, "00"}} {
		c.set("malformed", mode)
		r, err := c.push(opSale, map[string]any{"amount": "1", "folioNumber": c.folio()})
		if err != nil || r.status != want.status || r.text("code") != want.code {
			t.Errorf("%s: %d %s %v", mode, r.status, r.raw, err)
		}
	}
	for mode, status := range map[string]int{"200": 200, "404": 404} {
		c.set("not-found.status", mode)
		r, err := c.push(opSale, map[string]any{"amount": 1, "serialNumber": "12345", "folioNumber": c.folio()})
		if err != nil || r.status != status || r.text("code") != "19" || r.text("message") != "No se encontró la terminal" {
			t.Errorf("%s: %d %s %v", mode, r.status, r.raw, err)
		}
	}
	for _, body := range []string{"", "[]", "{", `{"a":1}{"b":2}`, "{\"a\":\"\xff\"}"} {
		c.set("malformed", "400")
		if r, err := c.send(pathPush+"sale", "application/json", "Bearer "+c.token, body); err != nil || r.status != 400 {
			t.Errorf("%q: %d %s %v", body, r.status, r.raw, err)
		}
	}
	if r, err := c.send(pathPush+"sale", formType, "Bearer "+c.token, "{}"); err != nil || r.status != 415 {
		t.Errorf("as a form: %d %s %v", r.status, r.raw, err)
	}
	if r, err := c.send(pathPush+"sale", "application/json", "Bearer "+c.token, strings.Repeat(" ", maxBody+1)); err != nil || r.status != 400 {
		t.Errorf("too long: %d %s %v", r.status, r.raw, err)
	}
	if n := len(c.term.Bookings()); n != 0 {
		t.Errorf("%d bookings", n)
	}
}

func TestSecretsInTraceability(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.login()
	c.sell("1", map[string]any{"traceability": map[string]any{"token": c.token}})
	c.kept("contains the token")
}

func FuzzParseRequest(f *testing.F) {
	f.Add("sale", []byte(`{"serialNumber":"0000012345","storeId":"700101","amount":249.90,"folioNumber":"C03-1","traceability":{"a":[1,{"b":"\\\""}]},"isSmartAccounts":"true","msi":""}`))
	f.Add("reprint", []byte(`{"serialNumber":"0000012345","storeId":"700101","orderId":"","folioId":"C03-1","disablePrintAnimation":true,"isSmartAccounts":true}`))
	f.Add("cancel", []byte(`{"serialNumber":"0000012345","storeId":"700101","orderId":"260924184008-0000012345","traceability":{}}`))
	f.Add("sale", []byte(`{"amount":1e400,"tip":-1,"msi":null,"traceability":null,"serialNumber":null}`))
	f.Fuzz(func(t *testing.T, op string, raw []byte) {
		r, faults, _ := parseRequest(opKind(op), raw)
		if len(faults) > 0 {
			return
		}
		if opKind(op) == opSale && (r.Amount <= 0 || r.Tip < 0 || r.Tip > r.Amount) {
			t.Errorf("%s: %+v", raw, r)
		}
		if r.Traceability != nil && !json.Valid(r.Traceability) {
			t.Errorf("traceability %s", r.Traceability)
		}
	})
}

func FuzzAckCode(f *testing.F) {
	for _, seed := range []string{`{"code":"00","message":"Recibido"}`, `{"code":0}`, `{"result":{"code":"00"}}`, "", "null", `{"code":"00"}x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		code, problem := ackCode(raw)
		if problem == "" && !json.Valid(raw) {
			t.Errorf("%q is code %q", raw, code)
		}
	})
}

func FuzzToken(f *testing.F) {
	k := tokens{secret: []byte("x")}
	good := k.make(claims{ID: "1", Expires: 1})
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if _, ok := k.read(token); ok && token != good {
			t.Errorf("token %q was taken", token)
		}
	})
}
