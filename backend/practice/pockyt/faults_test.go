package pockyt

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Whatever choice of whatever switch is set: nothing panics, nothing is charged twice,
// nothing hangs, and the query agrees with the ledger once the trouble is over.
func TestEveryChoice(t *testing.T) {
	for _, fault := range Faults() {
		for _, choice := range fault.Choices {
			values := []string{choice}
			if fault.Once {
				values = append(values, bench.Always+choice)
			}
			for _, value := range values {
				t.Run(fault.Name+"="+value, func(t *testing.T) { sweep(t, fault, value) })
			}
		}
	}
}

func sweep(t *testing.T, fault Fault, value string) {
	bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
		c.fault(fault.Name, value)
		a := c.add("sale-1", "12.56", "ipnUrl", c.back)
		if a.field("transactionNo") == "" {
			a = c.ask("sale-1")
		}
		c.prepay(a.field("transactionNo"))
		c.qr("sale-2", "3.00", "ipnUrl", c.back)
		settle(time.Minute)
		c.ask("sale-1")
		c.refund("sale-1", "1.00", "r-1")
		c.cancel("sale-2")
		settle(time.Minute)
		for _, all := range Faults() {
			c.fault(all.Name, all.Choices[0])
		}
		settle(3 * time.Hour)
		for _, reference := range []string{"sale-1", "sale-2"} {
			minor, n := c.cloud.Charged(reference)
			if n > 1 {
				t.Errorf("%s is charged %d times", reference, n)
			}
			q := c.ask(reference)
			if paid := q.field("status") == "success" && (len(infos(q)) == 0 || reference == "sale-1"); paid != (minor > 0) {
				t.Errorf("%s: charged %d, and the query says %s", reference, minor, q.raw)
			}
		}
	})
}

func TestFaultsOfMessages(t *testing.T) {
	for value, want := range map[string]string{"system-error": "000000", "supplier-error": "000080", "no-rights": "000030", "not-matching": "000022", "version-error": "000010"} {
		bubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
			c.fault("add.request", value)
			if a := c.add("sale-1", "1.00"); a.code() != want {
				t.Errorf("%s: %s", value, a.raw)
			}
			if a := c.ask("sale-1"); a.code() != "000021" {
				t.Errorf("%s: it was processed: %s", value, a.raw)
			}
			if a := c.add("sale-1", "1.00"); a.code() != "000100" {
				t.Errorf("%s met the second too: %s", value, a.raw)
			}
		})
	}
	for value, spoiled := range map[string]func(reply) bool{
		"lose":            func(a reply) bool { return a.err != nil },
		"truncate":        func(a reply) bool { return a.err != nil },
		"garbage":         func(a reply) bool { return a.err != nil },
		"html":            func(a reply) bool { return a.status == 500 && strings.Contains(string(a.raw), "<html>") },
		"empty":           func(a reply) bool { return len(a.raw) == 0 },
		"status-500":      func(a reply) bool { return a.status == 500 },
		"supplier-error":  func(a reply) bool { return a.code() == "000080" },
		"strange-code":    func(a reply) bool { return a.code() == "990817" },
		"no-result":       func(a reply) bool { return a.code() == "000100" && a.result() == nil },
		"other-order":     func(a reply) bool { return a.field("transactionNo") == otherNo },
		"other-amount":    func(a reply) bool { return a.field("amount") == "999.99" },
		"other-currency":  func(a reply) bool { return a.field("currency") == "HKD" },
		"unknown-status":  func(a reply) bool { return a.field("transactionStatus") == "settling" },
		"number-amount":   func(a reply) bool { return strings.Contains(string(a.raw), `"amount":12.56`) },
		"upper-case":      func(a reply) bool { return a.field("transactionStatus") == "SUCCESS" },
		"other-reference": func(a reply) bool { return a.field("reference") == otherReference },
	} {
		bubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
			no := c.add("sale-1", "12.56").field("transactionNo")
			c.fault("prepay.answer", value)
			if a := c.prepay(no); !spoiled(a) {
				t.Errorf("%s: %d %s %v", value, a.status, a.raw, a.err)
			}
			if q := c.ask("sale-1"); q.field("status") != "success" || q.field("amount") != "12.56" {
				t.Errorf("%s: %s", value, q.raw)
			}
			c.charged("sale-1", 1256)
			c.noViolations()
		})
	}
}

// A switch that is not there, a choice that it has not.
func TestUnknownSwitches(t *testing.T) {
	c := newTill(t, Options{})
	for name, value := range map[string]string{"nonsense": "ok", "add.answer": "nonsense", "network": bench.Always + "unplugged"} {
		if err := c.cloud.SetFault(name, value); err == nil {
			t.Errorf("%s=%s is taken", name, value)
		}
	}
	if err := c.cloud.SetCustomer("nobody"); err == nil {
		t.Error("an unknown customer is taken")
	}
	if _, err := New(Options{Customer: "nobody"}); err == nil {
		t.Error("New takes an unknown customer")
	}
}
