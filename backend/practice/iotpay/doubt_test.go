package iotpay

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// The customers whose answers get lost are found by a query; the silent one and
// the one without a network are in doubt until they are gone.
func TestDoubtfulCustomers(t *testing.T) {
	inBubble(t, Options{Customer: "late-approval", Pace: 1}, func(t *testing.T, c *till) {
		number, r, err := c.create("100", nil)
		if err == nil {
			t.Errorf("answered: %s", r.raw)
		}
		c.has(c.query(number).body, map[string]any{"status": 1})
		time.Sleep(6 * time.Second)
		c.has(c.query(number).body, map[string]any{"status": 2})
		c.charged(number, 100)

		c.customer("gateway")
		number, r, err = c.create("100", nil)
		if err != nil || r.status != 502 || r.body != nil {
			t.Errorf("%d %s %v", r.status, r.raw, err)
		}
		time.Sleep(10 * time.Second)
		c.has(c.query(number).body, map[string]any{"status": 2})
		c.charged(number, 100)
		c.kept()
	})
	for customer, want := range map[string]struct{ open, end int }{"silent": {0, 4}, "unplugged": {1, 9}} {
		inBubble(t, Options{Customer: customer, Pace: 1}, func(t *testing.T, c *till) {
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
			defer cancel()
			number := c.number()
			if r, err := c.send(ctx, "/v1/create_order", formType, wrapped(handSigned(orderOf(number, "100")))); err == nil {
				t.Errorf("%s: %s", customer, r.raw)
			}
			time.Sleep(time.Hour)
			c.has(c.query(number).body, map[string]any{"status": want.open})
			// A second order meets a busy terminal, and burns no number.
			if _, r := c.pay("100", nil); r.text("retCode") != "FAIL" || r.text("retMsg") != "Terminal Busy 3667" {
				t.Errorf("%s", r.raw)
			}
			c.customer("chip-pin")
			c.set("network", "plugged")
			time.Sleep(time.Second)
			c.has(c.query(number).body, map[string]any{"status": want.end})
			c.charged(number, 0)
			number, _ = c.pay("100", nil)
			c.charged(number, 100)
			c.kept()
		})
	}
}

// A till that hangs up does not stop the customer, unless the switch says so.
func TestHangUp(t *testing.T) {
	for how, want := range map[string]struct {
		status  int
		charged int64
	}{"goes-on": {2, 100}, "stops": {4, 0}} {
		inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
			c.set("order.hang-up", how)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			number := c.number()
			if r, err := c.send(ctx, "/v1/create_order", formType, wrapped(handSigned(orderOf(number, "100")))); err == nil {
				t.Errorf("%s", r.raw)
			}
			time.Sleep(20 * time.Second)
			c.has(c.query(number).body, map[string]any{"status": want.status})
			c.charged(number, want.charged)
		})
	}
}

// The cloud may end the call before the customer is done.
func TestOrderLimit(t *testing.T) {
	inBubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.set("order.limit", "30s")
		start := time.Now()
		number, r := c.pay("100", nil)
		c.has(r.order(), map[string]any{"status": 1})
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %v", took)
		}
		c.customer("chip-pin")
		time.Sleep(20 * time.Second)
		c.has(c.query(number).body, map[string]any{"status": 2})
	})
}

// The shapes of a query's answer (sequence 34).
func TestShapesOfAQuery(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin"}, func(t *testing.T, c *till) {
		number, _ := c.pay("100", nil)
		r := c.query(number)
		c.has(r.body, map[string]any{"status": 2, "extra": `{"pos_flag":"yes"}`, "device": "TILL-01"})
		if !signedWellWithNumbers(r) {
			t.Errorf("%s", r.raw)
		}
		c.set("query.extra", "card")
		if c.query(number).text("extra") == `{"pos_flag":"yes"}` {
			t.Error("no card data")
		}
		c.set("query.shape", "payOrder")
		c.has(c.query(number).order(), map[string]any{"status": 2})
		c.set("query.shape", "result")
		c.has(c.query(number).nested("result"), map[string]any{"status": 2})
		c.set("answers.numbers", "strings")
		if s, ok := c.query(number).nested("result")["status"].(string); !ok || s != "2" {
			t.Errorf("status %q", s)
		}
		c.set("query.cards", "not-found")
		for how, want := range map[string]map[string]any{"ret-fail": {"retCode": "FAIL"}, "res-fail": {"retCode": "SUCCESS", "resCode": "FAIL", "errCode": "0112"},
			"no-order": {"retCode": "SUCCESS", "resCode": "SUCCESS", "status": nil}} {
			c.set("query.not-found", how)
			c.has(c.query(number).body, want)
		}
	})
}

func signedWellWithNumbers(r reply) bool {
	m := map[string]string{}
	for name := range r.body {
		m[name] = r.text(name)
	}
	return handSigned(m)["sign"] == r.body["sign"]
}

// What was open when the cloud went down is cancelled when it comes back.
func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	var number, paid string
	inBubble(t, Options{Customer: "chip-pin", Pace: 1, Ledger: file}, func(t *testing.T, c *till) {
		paid, _ = c.pay("500", nil)
		number = c.number()
		ended := make(chan error)
		go func() {
			_, err := c.post("/v1/create_order", orderOf(number, "100"), nil)
			ended <- err
		}()
		time.Sleep(3 * time.Second)
		if err := c.term.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("a closed cloud answered")
		}
	})
	inBubble(t, Options{Customer: "chip-pin", Ledger: file}, func(t *testing.T, c *till) {
		time.Sleep(time.Minute) // each bubble begins at the same moment
		c.has(c.query(number).body, map[string]any{"status": 4})
		c.has(c.query(paid).body, map[string]any{"status": 2, "amount": 500})
		c.charged(number, 0)
		c.charged(paid, 500)
		if _, r := c.pay("100", nil); r.text("resCode") != "FAIL" { // number 1 was used before the restart
			t.Errorf("%s", r.raw)
		}
	})
}

// Close ends whatever is going on, at any moment; no goroutine is left.
func TestCloseInTheMiddle(t *testing.T) {
	for after := time.Duration(0); after < 12*time.Second; after += 300 * time.Millisecond {
		inBubble(t, Options{Customer: "interac", Pace: 1}, func(t *testing.T, c *till) {
			c.set("order.answer", "slow")
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _, _ = c.create("100", nil) // whatever it says
			}()
			time.Sleep(after)
			if err := c.term.Close(); err != nil {
				t.Error(err)
			}
			<-ended
		})
	}
}

// The same run gives the same bytes.
func TestRepeatable(t *testing.T) {
	var runs [2]string
	for i := range runs {
		inBubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
			for range 3 {
				_, r := c.pay("100", nil)
				runs[i] += string(r.raw) + "\n"
			}
		})
	}
	if runs[0] != runs[1] {
		t.Errorf("first\n%s\nthen\n%s", runs[0], runs[1])
	}
}

// Power off and on in the middle: not completed, or too late to matter.
func TestReboot(t *testing.T) {
	inBubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		go func() {
			time.Sleep(5 * time.Second)
			if err := c.term.Device().Do(pinpad.Action{Name: pinpad.ActionReboot}); err != nil {
				t.Error(err)
			}
		}()
		number, r := c.pay("100", nil)
		c.has(r.order(), map[string]any{"status": 9})
		c.charged(number, 0)
		c.shows("Welcome")
	})
}
