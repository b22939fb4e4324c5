package iotpay

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// What is refused, in the order of iotpay.md 15, and noted against the till.
func TestRefusals(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin"}, func(t *testing.T, c *till) {
		var noted []string
		for _, odd := range []struct{ name, value, noted string }{
			{"mchOrderNo", "", "mchOrderNo is missing"}, {"mchOrderNo", strings.Repeat("9", 31), "longer than 30"}, {"mchId", "10000702", "not the merchant's"},
			{"amount", "0", "no amount"}, {"amount", "-1", "no amount"}, {"amount", "28.65", "no amount"}, {"amount", "100000000", "no amount"},
			{"currency", "USD", "currency is not CAD"}, {"channelId", "WX_NATIVE", "channelId"}, {"jobNo", "somebody", "jobNo"}, {"extra", "", "extra is missing"},
			{"notifyUrl", "https://till.invalid/", "notifyUrl"}, {"tip", "x", "tip"}, {"subject", strings.Repeat("é", 65), "subject is longer"},
		} {
			_, r := c.pay("100", map[string]string{odd.name: odd.value})
			c.has(r.body, map[string]any{"retCode": "FAIL", "retMsg": "request params[" + odd.name + "] error.", "resCode": nil, "sign": nil})
			noted = append(noted, odd.noted)
		}
		c.kept(noted...)
		if n := len(c.term.Bookings()); n != 0 {
			t.Errorf("%d bookings", n)
		}
	})
}

// The wrapper: encoded and raw are taken, bare JSON is not (sequences 32, 33).
func TestWrapper(t *testing.T) {
	inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		text := func() string {
			b, err := json.Marshal(handSigned(orderOf(c.number(), "100")))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		one := text()
		for _, body := range []struct {
			media, body string
			good        bool
		}{
			{formType, url.Values{"params": {text()}}.Encode(), true}, {formType + "; charset=UTF-8", "params=" + text(), true},
			{formType, text(), false}, {"application/json", "params=" + url.QueryEscape(text()), false}, {formType, "params=", false}, {formType, "", false},
			{formType, "params=" + url.QueryEscape(`{"mchId":null}`), false}, {formType, "params=" + url.QueryEscape(`["x"]`), false},
			{formType, "params=" + url.QueryEscape(one[:len(one)-1]+`,"amount":"1"}`), false}, {formType, "params=" + url.QueryEscape(one) + "&params=x", false},
		} {
			r, err := c.send(t.Context(), "/v1/create_order", body.media, body.body)
			if err != nil || (r.text("retCode") == "SUCCESS") != body.good {
				t.Errorf("%s: %s %v", body.body, r.raw, err)
			}
			if body.good {
				c.has(r.order(), map[string]any{"body": "Café & crêpe 50% + taxes"})
			}
		}
		if len(c.term.Violations()) != 8 {
			t.Errorf("violations %q", c.term.Violations())
		}
	})
}

// Signatures are strict: other case, another key, a member that was not signed.
func TestWrongSignatures(t *testing.T) {
	inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		for name, spoil := range map[string]func(m map[string]string){
			"lower case": func(m map[string]string) { m["sign"] = strings.ToLower(m["sign"]) },
			"added":      func(m map[string]string) { m["tip"] = "0" },
			"changed":    func(m map[string]string) { m["amount"] = "1" },
			"trimmed":    func(m map[string]string) { m["subject"] += " " },
		} {
			m := handSigned(orderOf(c.number(), "100"))
			spoil(m)
			r, err := c.send(t.Context(), "/v1/create_order", formType, wrapped(m))
			if err != nil || r.text("retMsg") != "signature fail" || r.body["sign"] != nil {
				t.Errorf("%s: %s %v", name, r.raw, err)
			}
		}
		c.kept("wrong signature", "wrong signature", "wrong signature", "wrong signature")
		// An empty member is not signed, a numeric zero is.
		if _, r := c.pay("100", map[string]string{"tip": "0"}); r.text("retCode") != "SUCCESS" {
			t.Errorf("%s", r.raw)
		}
	})
}

// A used order number: refused, answered again, or charged again; noted always.
func TestUsedOrderNumber(t *testing.T) {
	for how, want := range map[string]int64{"refuse": 100, "replay": 100, "charge": 200} {
		inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
			c.set("order.reuse", how)
			number, first := c.pay("100", nil)
			r, err := c.post("/v1/create_order", orderOf(number, "100"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if again := string(r.raw) == string(first.raw); again != (how == "replay") {
				t.Errorf("%s: %s", how, r.raw)
			}
			if refused := r.text("resCode") == "FAIL"; refused != (how == "refuse") {
				t.Errorf("%s: %s", how, r.raw)
			}
			c.charged(number, want)
			c.kept("used again")
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`params=%7B%22a%22%3A%221%22%7D`))
	f.Add([]byte(`params={"a":1,"b":true,"c":"é&+%"}`))
	f.Add([]byte(`{"a":"1"}`))
	f.Add([]byte(`params={"a":{"b":1}}`))
	f.Add([]byte("params={\"a\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		raw, err := unwrap(body)
		if err != nil {
			raw = body
		}
		members, err := parse(raw)
		if err != nil {
			return
		}
		if len(members) > maxMembers {
			t.Errorf("%d members", len(members))
		}
		o := object{}
		for name, value := range members {
			o = o.with(name, value)
		}
		again, err := parse(o.text())
		if err != nil || len(again) != len(members) {
			t.Fatalf("what was read cannot be read again: %s: %v", o.text(), err)
		}
		for name, value := range members {
			if again[name] != value {
				t.Errorf("%q became %q", value, again[name])
			}
		}
		members["sign"] = signature(members, Key)
		if !genuine(members, Key) {
			t.Error("an own signature is wrong")
		}
	})
}
