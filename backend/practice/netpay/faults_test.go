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
