package netpay

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Results that get lost, come late, twice, in the wrong order or in pieces.
func TestResults(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.set("sale.result", "duplicate")
	_, p := c.sell("5", nil)
	if again := c.result(); compact(again.raw) != compact(p.raw) {
		t.Errorf("the second is %s, the first %s", again.raw, p.raw)
	}
	for _, fault := range []string{"delay", "late"} { // at pace 0 soon enough
		c.set("sale.result", fault)
		folio, p := c.sell("5", nil)
		c.fields(p, map[string]any{"folioNumber": folio})
	}
	c.set("sale.result", "hold")
	held := c.folio()
	c.sent(opSale, map[string]any{"amount": 5, "folioNumber": held})
	c.until(func(pinpad.View) bool { return c.charged(held) == 500 }, "the sale is booked")
	c.shows("Listo para cobrar")
	c.nothing()
	c.inquire(held, nil)
	c.fields(c.result(), map[string]any{"isRePrint": true, "folioNumber": held})
	c.fields(c.result(), map[string]any{"isRePrint": false, "folioNumber": held})

	for _, fault := range []string{"truncate", "garbage"} {
		c.set("sale.result", fault)
		if _, p := c.sell("5", nil); p.body != nil || len(p.raw) < 100 {
			t.Errorf("%s can be read: %s", fault, p.raw)
		}
	}
	c.set("sale.result", "empty")
	if _, p := c.sell("5", nil); len(p.raw) != 0 {
		t.Errorf("posted %s", p.raw)
	}
	c.kept()
	c.customer("")
	c.set("sale.result", "fail")
	c.sent(opSale, map[string]any{"amount": 5, "folioNumber": c.folio(), "disablePrintAnimation": true})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "phone")
	c.shows("No pudimos regresar")
	c.nothing()
	c.do(pinpad.ActionKey, "green")
	c.fields(c.result(), map[string]any{"responseCode": "00"})
	c.set("listener", "unreachable")
	c.sent(opSale, map[string]any{"amount": 5, "folioNumber": c.folio(), "disablePrintAnimation": true})
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "phone")
	c.shows("No pudimos regresar")
	c.do(pinpad.ActionKey, "red")
	c.shows("Listo para cobrar")
	c.nothing()
}

// A stranger's approval comes beside the true result, which here is a refusal.
func TestForgedResults(t *testing.T) {
	for kind, odd := range map[string]map[string]any{
		"approved":      {"amount": "5.0", "terminalId": DefaultSerial, "storeId": "700101"},
		"wrong-amount":  {"amount": "6.0"},
		"wrong-store":   {"storeId": "700102", "affiliation": "7000002"},
		"wrong-serial":  {"terminalId": "9999999999"},
		"other-till":    {"amount": "5.0", "terminalId": DefaultSerial},
		"unknown-folio": {},
		"last-week":     {},
	} {
		c := newTill(t, Options{})
		c.set("result.forged", kind)
		folio, p := c.sell("5", nil)
		c.fields(p, map[string]any{"responseCode": "00", "isRePrint": false, "transType": "A"})
		c.fields(p, odd)
		if own := p.text("folioNumber") == folio; own != (kind != "unknown-folio" && kind != "last-week") {
			t.Errorf("%s: folio %s", kind, p.text("folioNumber"))
		}
		c.shows("Esperando medio de pago")
		c.do(pinpad.ActionInsert, "declined")
		c.shows("Ingrese su NIP")
		c.do(pinpad.ActionPIN, "right")
		c.shows("Oprima")
		c.do(pinpad.ActionKey, "green")
		c.fields(c.result(), map[string]any{"responseCode": "62", "folioNumber": folio})
		if sum := c.term.Charged(); len(sum) != 0 {
			t.Errorf("%s: charged %v", kind, sum)
		}
		c.kept()
	}
}

// Last week's result is a true one, if there was any.
func TestReplay(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	first, old := c.sell("5", nil)
	c.set("result.forged", "last-week")
	c.sent(opSale, map[string]any{"amount": 7, "folioNumber": c.folio()})
	results := []posted{c.result(), c.result()}
	for _, p := range results {
		if p.text("folioNumber") == first {
			c.fields(p, map[string]any{"amount": "5.0", "authCode": old.text("authCode")})
			if p.text("orderId") == old.text("orderId") {
				t.Error("the replay is of today")
			}
			return
		}
	}
	t.Errorf("no replay among %s and %s", results[0].raw, results[1].raw)
}

// Odd types and older apps: whatever the shape, the sale can be made out.
func TestOddities(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.set("result.types", "cycle")
	seen := map[string]bool{}
	for range oddities {
		folio, p := c.sell("249.90", nil)
		if p.body == nil || c.charged(folio) != 24990 {
			t.Fatalf("result %s", p.raw)
		}
		var parts []string
		for _, name := range []string{"amount", "isQps", "hasPin", "isRePrint", "moduleCharge", "folioNumber", "traceability", "hexSign", "algoNuevo"} {
			_, present := p.body[name]
			parts = append(parts, strings.ReplaceAll(strings.TrimSpace(p.text(name)), folio, "F"), kindOf(p.body[name]), map[bool]string{true: "+", false: "-"}[present])
		}
		seen[strings.Join(parts, "|")] = true
	}
	if len(seen) < 9 { // the dates do not show here
		t.Errorf("only %d shapes came", len(seen))
	}
	c.set("result.types", "documented")
	c.set("result.profile", "2019")
	_, p := c.sell("249.90", nil)
	for _, name := range []string{"bin", "folioNumber", "isRePrint", "storeId", "transactionId", "authAmount", "rrnNumber"} {
		if _, present := p.body[name]; present {
			t.Errorf("in 2019 there was no %s", name)
		}
	}
	if !strings.Contains(string(p.raw), `"isQps":1.0`) || !strings.Contains(string(p.raw), `"preStatus":0.0`) || p.text("promotion") != "0" {
		t.Errorf("in 2019: %s", p.raw)
	}
	c.set("result.profile", "2022")
	c.customer("cancels")
	_, p = c.sell("1", nil)
	if _, present := p.body["orderId"]; present || p.body["bin"] == nil {
		t.Errorf("in 2022: %s", p.raw)
	}
	c.kept()
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case float64:
		return "number"
	case bool:
		return "flag"
	}
	return "more"
}

// Whatever a result is about, also one that names no sale and has few fields, each
// oddity leaves something that can be sent, at any age of the app.
func TestOdditiesOfARefusal(t *testing.T) {
	c := newTill(t, Options{})
	for _, profile := range []string{"2025", "2022", "2019"} {
		for _, o := range oddities {
			r := c.term.refusal(&operation{kind: opReprint}, "25", "No se encontró la transacción")
			c.set("result.profile", profile)
			c.set("result.types", o.name)
			c.term.disguise(r)
			if raw := encode(r); strings.Contains(string(raw), `"isQps":"<nil>"`) {
				t.Errorf("%s, %s: %s", profile, o.name, raw)
			}
		}
	}
}

func TestMonths(t *testing.T) {
	for _, o := range oddities {
		r := result{"ticketDate": "SEP. 24, 26 18:40:07 ", "transDate": "2026-09-24 18:40:10.CST", "amount": "249.9", "hasPin": true, "isRePrint": false, "isQps": 0}
		o.apply(r)
		want := map[string]string{"month-long": "SEPT. 24, 26 18:40:07 ", "month-set": "SET. 24, 26 18:40:07 ", "month-bare": "SEP 24, 26 18:40:07 ",
			"month-lower": "sep. 24, 26 18:40:07 ", "month-unknown": "ZZZ. 24, 26 18:40:07 "}[o.name]
		if want != "" && r["ticketDate"] != want {
			t.Errorf("%s: %q", o.name, r["ticketDate"])
		}
		want = map[string]string{"zone-cdt": "2026-09-24 18:40:10.CDT", "zone-mst": "2026-09-24 18:40:10.MST", "zone-unknown": "2026-09-24 18:40:10.XQT", "zone-missing": "2026-09-24 18:40:10"}[o.name]
		if want != "" && r["transDate"] != want {
			t.Errorf("%s: %q", o.name, r["transDate"])
		}
	}
}
