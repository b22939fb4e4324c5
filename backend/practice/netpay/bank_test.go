package netpay

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// The bank's odd decisions.
func TestBank(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	for fault, want := range map[string]map[string]any{
		"fraud-rule":   {"responseCode": "59", "message": "Regla de Fraude"},
		"unknown-code": {"responseCode": "ZZ"},
		"read-error":   {"responseCode": "05"},
		"declined":     {"responseCode": "62"},
	} {
		c.set("sale.bank", fault)
		folio, p := c.sell("10", nil)
		c.fields(p, want)
		if c.charged(folio) != 0 {
			t.Errorf("%s was charged", fault)
		}
	}
	c.set("sale.bank", "other-amount")
	folio, p := c.sell("10", nil)
	c.fields(p, map[string]any{"responseCode": "00", "amount": "9.0"})
	if c.charged(folio) != 900 {
		t.Errorf("charged %d", c.charged(folio))
	}
	c.set("reversal.result", "silence")
	c.set("sale.bank", "line-breaks")
	folio = c.folio()
	c.sent(opSale, map[string]any{"amount": 10, "folioNumber": folio})
	c.said("No result is posted")
	c.inquire(folio, nil)
	c.fields(c.result(), map[string]any{"isRePrint": true, "reprintModule": "PRV"})
}

// A line that breaks while the bank decides leaves a pending reversal, and so does
// a terminal that loses its power.
func TestBreaksWhileTheBankDecides(t *testing.T) {
	for name, trouble := range map[string]func(*till){
		"network": func(c *till) { c.set("network", "unplugged"); c.do(pinpad.ActionPull, "") },
		"power":   func(c *till) { c.do(pinpad.ActionReboot, "") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newTill(t, Options{Pace: 1})
			folio := c.folio()
			c.sent(opSale, map[string]any{"amount": 10, "folioNumber": folio, "disablePrintAnimation": true})
			c.shows("Esperando medio de pago")
			c.do(pinpad.ActionInsert, "chip-pin")
			c.shows("Ingrese su NIP")
			c.do(pinpad.ActionPIN, "right")
			c.shows("Esperando Autorización")
			trouble(c)
			c.until(func(pinpad.View) bool { return len(c.term.Bookings()) == 1 }, "the sale is booked")
			if b := c.booking(folio); b.Charged || b.Outcome == outcomeApproved || b.OrderID == "" {
				t.Errorf("booked %+v", b)
			}
			c.nothing()
		})
	}
}

// What loyalty points pay is missing in amount; the bill is the sum (sequence 64).
func TestLoyalty(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	for part, want := range map[string]string{"part": "5.0", "whole": "0.0"} {
		c.set("sale.loyalty", part)
		folio, p := c.sell("10", nil)
		c.fields(p, map[string]any{"responseCode": "00", "amount": want})
		summary, _ := p.body["summary"].(map[string]any)
		if summary["sum"] != "10.0" || summary["amount"] != want || p.body["spinPremia"] == nil || c.charged(folio) != 1000 {
			t.Errorf("%s: %s", part, p.raw)
		}
		if whole := strings.HasPrefix(p.text("orderId"), "700101-") && strings.HasSuffix(p.text("orderId"), "-R"); whole != (part == "whole") {
			t.Errorf("%s: order %s", part, p.text("orderId"))
		}
		c.inquire(folio, nil)
		if again := c.result(); again.body["summary"] == nil || again.text("orderId") != p.text("orderId") {
			t.Errorf("reprinted as %s", again.raw)
		}
	}
	_, p := c.sell("10", nil)
	if p.body["summary"] != nil {
		t.Errorf("without points: %s", p.raw)
	}
	c.kept()
}
