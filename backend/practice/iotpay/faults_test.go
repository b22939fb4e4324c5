package iotpay

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// A request that meets trouble is not carried out, and a later one is.
func TestRequestFaults(t *testing.T) {
	for _, fault := range requestChoices[1:] {
		inBubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.set("order.request", fault)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			number := c.number()
			r, err := c.send(ctx, "/v1/create_order", formType, wrapped(handSigned(orderOf(number, "100"))))
			answered := strings.HasPrefix(fault, "fail-") || strings.HasPrefix(fault, "status-")
			if (err == nil) != answered {
				t.Errorf("%s: %s %v", fault, r.raw, err)
			}
			if n := len(c.term.Bookings()); n != 0 {
				t.Errorf("%s: %d bookings", fault, n)
			}
			if r, err := c.post("/v1/create_order", orderOf(number, "100"), nil); err != nil || r.text("resCode") != "SUCCESS" {
				t.Errorf("%s stays: %s %v", fault, r.raw, err)
			}
			c.kept()
		})
	}
}

// Whatever becomes of an answer, the payment stands and a query tells it.
func TestAnswerFaults(t *testing.T) {
	f, err := bench.FaultNamed(faultTable, "order.answer")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range f.Choices[1:] {
		inBubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.set("order.answer", fault)
			start := time.Now()
			number, r, err := c.create("100", nil)
			took := time.Since(start)
			good := err == nil && r.status == http.StatusOK && r.body != nil && r.text("resCode") == "SUCCESS" &&
				r.order()["status"] == 2. && r.order()["amount"] == 100. && r.order()["mchOrderNo"] == number && r.order()["currency"] == "CAD" &&
				r.order()["mchId"] == MerchantID && r.card() != nil && signedWell(t, r)
			if same := fault == "delay" || fault == "late" || fault == "slow" || fault == "big"; good != same {
				t.Errorf("%s: %s %v", fault, r.raw[:min(len(r.raw), 500)], err)
			}
			if wait := map[string]time.Duration{"delay": 20, "late": 200, "slow": 19}[fault] * time.Second; took < wait {
				t.Errorf("%s took %v", fault, took)
			}
			if fault == "big" && len(r.raw) < bigAnswer {
				t.Errorf("%d bytes", len(r.raw))
			}
			time.Sleep(10 * time.Second)
			c.has(c.query(number).body, map[string]any{"status": 2, "amount": 100, "mchOrderNo": number})
			c.charged(number, 100)
			if v := c.term.faults.Get("order.answer"); v != "ok" {
				t.Errorf("%s stays", v)
			}
			c.kept()
		})
	}
}

// signedWell checks an answer's signature by reading a, on its own.
func signedWell(t *testing.T, r reply) bool {
	t.Helper()
	m := map[string]string{}
	for name, value := range r.body {
		if text, ok := value.(string); ok {
			m[name] = text
		}
	}
	return handSigned(m)["sign"] == r.body["sign"]
}

// Both readings, and failures signed or not.
func TestSignaturesOfAnswers(t *testing.T) {
	inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		_, r := c.pay("100", nil)
		if !signedWell(t, r) {
			t.Errorf("%s", r.raw)
		}
		c.set("answers.signature", readingB)
		_, r = c.pay("100", nil)
		from, to := strings.Index(string(r.raw), `"payOrder":`)+len(`"payOrder":`), strings.LastIndex(string(r.raw), `,"sign":`)
		m := map[string]string{"payOrder": string(r.raw[from:to]), "resCode": "SUCCESS", "retCode": "SUCCESS", "payOrderId": r.text("payOrderId"), "mchOrderNo": r.text("mchOrderNo")}
		if handSigned(m)["sign"] != r.body["sign"] {
			t.Errorf("%s", r.raw)
		}
		c.set("failures.signature", "signed")
		if r := c.query("nothing"); r.text("retCode") != "FAIL" || !signedWell(t, r) {
			t.Errorf("%s", r.raw)
		}
	})
}

// A switch with "always:" stays.
func TestAlways(t *testing.T) {
	inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		c.set("order.answer", "always:lose")
		for range 3 {
			if _, r, err := c.create("100", nil); err == nil {
				t.Errorf("%s", r.raw)
			}
		}
		c.set("order.answer", "ok")
		c.pay("100", nil)
		for _, odd := range []string{"order.answer=x", "x=ok", "busy=always:res-fail"} {
			name, value, _ := strings.Cut(odd, "=")
			if c.term.SetFault(name, value) == nil {
				t.Errorf("%s was taken", odd)
			}
		}
	})
}

// Every choice of every switch that stays lets a sale of a plain customer end, and
// the truth is in the ledger.
func TestEverySwitch(t *testing.T) {
	for _, f := range Faults() {
		if f.Once || f.Name == "network" || f.Name == "cloud" {
			continue
		}
		for _, choice := range f.Choices {
			inBubble(t, Options{Customer: "interac", Pace: 1}, func(t *testing.T, c *till) {
				c.set(f.Name, choice)
				number, r := c.pay("1000", map[string]string{"tip": "100"})
				if status := r.text("payOrder"); r.order() == nil {
					t.Errorf("%s=%s: %s %s", f.Name, choice, status, r.raw)
				}
				want := int64(1000)
				if f.Name == "tip" && choice == "on-top" {
					want = 1100
				}
				time.Sleep(2 * time.Minute)
				c.charged(number, want)
				c.query(number)
				c.kept()
			})
		}
	}
}

// Partial approval, cash back and surcharge are told and booked.
func TestOtherAmounts(t *testing.T) {
	inBubble(t, Options{Customer: "interac"}, func(t *testing.T, c *till) {
		c.set("payment.bank", "partial")
		number, r := c.pay("1000", nil)
		c.has(r.order(), map[string]any{"amount": 900, "status": 2})
		c.charged(number, 900)
		c.set("payment.cashback", "some")
		c.set("payment.surcharge", "any-card")
		number, r = c.pay("1000", nil)
		c.has(r.order(), map[string]any{"amount": 1000})
		c.has(r.card(), map[string]any{"cashbackAmount": "00000000429", "surchargeAmount": "00000000010"})
		c.charged(number, 1439)
		c.customer("tips")
		c.set("tip.prompt", "on")
		number, r = c.pay("1000", nil)
		c.has(r.order(), map[string]any{"amount": 1100, "tip": 100})
		c.charged(number, 1100)
		for fault, status := range map[string]any{"declined": 9, "unknown-code": 9, "no-answer": 9} {
			c.set("payment.bank", fault)
			number, r = c.pay("1000", nil)
			c.has(r.order(), map[string]any{"status": status})
			c.charged(number, 0)
		}
	})
}
