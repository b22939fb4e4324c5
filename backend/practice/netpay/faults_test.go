package netpay

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Requests that are lost or refused never reach the terminal.
func TestLostRequests(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.login()
	for _, fault := range []string{"lose", "refuse", "status-401", "expired", "code-19", "code-07", "status-500", "status-502"} {
		c.set("sale.request", fault)
		r, err := c.push(opSale, map[string]any{"amount": 5, "folioNumber": c.folio()})
		if err == nil && r.text("code") == "00" {
			t.Errorf("%s: %d %s", fault, r.status, r.raw)
		}
	}
	if n := len(c.term.Bookings()); n != 0 {
		t.Errorf("%d bookings", n)
	}
	c.sell("5", nil)
	c.kept()
}

// Answers that are lost or unreadable change nothing of the sale.
func TestLostAnswers(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.login()
	for _, fault := range []string{"ok", "lose", "delay", "late", "slow", "duplicate", "truncate", "garbage", "empty-200", "status-500", "status-502", "code-07", "code-number", "no-code", "after-result"} {
		c.set("sale.answer", fault)
		folio := c.folio()
		r, err := c.push(opSale, map[string]any{"amount": 5, "folioNumber": folio})
		clean := err == nil && r.text("code") == "00" && r.status == 200
		if want := strings.Contains("ok delay late slow after-result", fault); clean != want {
			t.Errorf("%s: %d %s %v", fault, r.status, r.raw, err)
		}
		if fault == "after-result" && len(c.inbox) != 1 {
			t.Error("the answer came before the result")
		}
		c.fields(c.result(), map[string]any{"folioNumber": folio, "responseCode": "00"})
		if c.charged(folio) != 500 {
			t.Errorf("%s: charged %d", fault, c.charged(folio))
		}
	}
	c.kept()
}

func TestTokenFaults(t *testing.T) {
	c := newTill(t, Options{})
	for _, fault := range []string{"token.request=lose", "token.request=refuse", "token.request=status-401", "token.request=status-500",
		"token.answer=lose", "token.answer=truncate", "token.answer=garbage", "token.answer=empty-200", "token.answer=status-500", "token.answer=duplicate"} {
		name, value, _ := strings.Cut(fault, "=")
		c.set(name, value)
		if r, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay"); err == nil && r.body["access_token"] != nil {
			t.Errorf("%s: %d %s", fault, r.status, r.raw)
		}
	}
	c.set("token.answer", "no-expiry")
	if r, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay"); err != nil || r.body["expires_in"] != nil || r.text("access_token") == "" {
		t.Errorf("%d %s %v", r.status, r.raw, err)
	}
}

// Once is once, and always is always.
func TestSwitches(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.set("sale.request", "always:code-07")
	for range 3 {
		if r, err := c.push(opSale, map[string]any{"amount": 5, "folioNumber": c.folio()}); err != nil || r.text("code") != "07" {
			t.Errorf("%d %s %v", r.status, r.raw, err)
		}
	}
	c.set("sale.request", "ok")
	c.sell("5", nil)
	for _, bad := range [][2]string{{"nothing", "ok"}, {"sale.request", "magic"}, {"paper", "always:out"}} {
		if err := c.term.SetFault(bad[0], bad[1]); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	for _, f := range Faults() {
		for _, choice := range append([]string{}, f.Choices...) {
			if err := c.term.SetFault(f.Name, choice); err != nil {
				t.Error(err)
			}
		}
		if err := c.term.SetFault(f.Name, f.Choices[0]); err != nil {
			t.Error(err)
		}
		if f.Help == "" || f.Label == "" {
			t.Errorf("switch %s explains nothing", f.Name)
		}
	}
}

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

// The push gets lost, or meets a terminal that is busy, away or offline.
func TestPushes(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	sent := func() (folio string) {
		t.Helper()
		folio = c.folio()
		c.sent(opSale, map[string]any{"amount": 5, "folioNumber": folio, "disablePrintAnimation": true})
		return folio
	}
	c.set("sale.push", "lose")
	lost := sent()
	c.set("sale.push", "delay") // at pace 0 soon enough
	late := sent()
	c.fields(c.result(), map[string]any{"folioNumber": late})
	c.set("app", "background")
	away := sent()
	c.set("app", "front")
	c.said("The till has the result") // else it comes once more
	c.set("network", "unplugged")
	offline := sent()
	c.set("offline-push", "queue")
	queued := sent()
	c.set("network", "plugged")
	c.fields(c.result(), map[string]any{"folioNumber": queued})
	for _, folio := range []string{lost, away, offline} {
		if c.charged(folio) != 0 {
			t.Errorf("%s was charged", folio)
		}
	}
	c.customer("silent")
	sent()
	c.said("the terminal is silent")
	c.kept()

	c.customer("")
	first := sent()
	c.shows("Esperando medio de pago")
	sent() // dropped
	c.kept("is still running")
	c.set("busy-push", "queue")
	second := sent()
	c.inquire(first, nil) // waits too
	c.do(pinpad.ActionTap, "contactless")
	c.fields(c.result(), map[string]any{"folioNumber": first})
	c.shows("Esperando medio de pago")
	c.set("busy-push", "replace")
	third := sent()
	c.said("The sale is replaced")
	c.shows("Esperando medio de pago")
	c.do(pinpad.ActionTap, "contactless")
	c.fields(c.result(), map[string]any{"folioNumber": third})
	c.fields(c.result(), map[string]any{"folioNumber": first, "isRePrint": true})
	if c.charged(second) != 0 || c.charged(third) != 500 {
		t.Errorf("charged %v", c.term.Charged())
	}
	c.kept("is still running", "sale while", "reprint while", "sale while")
}

// A push that the network doubles is no fault of the till. With a queue it is
// charged twice, since nothing prevents it.
func TestDoubledPush(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless", Pace: 0.01})
	for policy, charged := range map[string]int64{"drop": 500, "queue": 1000} {
		c.set("busy-push", policy)
		c.set("sale.push", "duplicate")
		folio, _ := c.sell("5", nil)
		if policy == "queue" {
			c.result()
		}
		c.shows("Listo para cobrar")
		if c.charged(folio) != charged {
			t.Errorf("%s: charged %d", policy, c.charged(folio))
		}
	}
	c.kept()
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

// The cloud cannot be reached: connections are cut and refused.
func TestCloudAway(t *testing.T) {
	c := newTill(t, Options{Customer: "contactless"})
	c.login()
	c.set("sale.request", "swallow")
	failed := make(chan error, 1)
	go func() {
		_, err := c.push(opSale, map[string]any{"amount": 1, "folioNumber": "SWALLOWED"})
		failed <- err
	}()
	c.said("The next sale request: swallow")
	c.set("cloud", "unreachable")
	if err := <-failed; err == nil {
		t.Error("a swallowed request was answered")
	}
	if r, err := c.push(opSale, map[string]any{"amount": 1, "folioNumber": "CUT"}); err == nil {
		t.Errorf("%d %s", r.status, r.raw)
	}
	c.set("cloud", "reachable")
	c.sell("1", nil)
	if n := len(c.term.Bookings()); n != 1 {
		t.Errorf("%d bookings", n)
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
