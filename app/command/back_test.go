package command_test

import (
	"strings"
	"testing"
)

// TestIOTPayThereAndBack: what is not documented for cards is off and says what to do
// instead; switched on, parts go back until nothing is left.
func TestIOTPayThereAndBack(t *testing.T) {
	t.Parallel()
	sold := func(c cloud) answer { return money(t, 0, "sale", "--data", c.data, "--amount", "12.50") }
	taken := func(c cloud) (sum int64) {
		for _, minor := range charged(t, c.ledger) {
			sum += minor
		}
		return sum
	}
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", nil)
		sale := sold(c)
		for _, kind := range []string{"refund", "void"} {
			if status, out, said := run(t, kind, sale.Operation, "--data", c.data); status != 1 || out != "" || !strings.Contains(said, "PIN pad") {
				t.Errorf("%s: %d %s%s", kind, status, out, said)
			}
		}
		if got := taken(c); got != 1250 {
			t.Errorf("the PIN pad has %d", got)
		}
	})
	t.Run("by hand", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", nil, "refund=manual")
		sale := sold(c)
		if status, _, said := run(t, "refund", sale.Operation, "--amount", "3", "--data", c.data, "--wait", "0s"); status != 5 || !strings.Contains(said, "settle this by hand") {
			t.Errorf("%d %s", status, said)
		}
	})
	t.Run("v1 in parts", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", []string{"refund.cards=accepted"}, "refund=v1")
		sale := sold(c)
		for _, part := range []struct {
			amount string
			minor  int64
		}{{"3", 300}, {"2.50", 250}} {
			if got := money(t, 0, "refund", sale.Operation, "--amount", part.amount, "--data", c.data); got.Kind != "refund" || got.Authorised != part.minor || got.Original != sale.Operation {
				t.Errorf("%s: %+v", part.amount, got)
			}
		}
		if status, out, said := run(t, "refund", sale.Operation, "--amount", "7.01", "--data", c.data); status != 1 || out != "" || !strings.Contains(said, "7.00") {
			t.Errorf("more than is left: %d %s%s", status, out, said)
		}
		if got := money(t, 0, "refund", sale.Operation, "--data", c.data); got.Authorised != 700 {
			t.Errorf("the rest: %+v", got)
		}
	})
	t.Run("v1 in trouble", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", nil, "refund=v1")
		got := money(t, 5, "refund", sold(c).Operation, "--amount", "3", "--data", c.data, "--wait", "0s") // "system error" is no refusal
		if sum := taken(c); got.Authorised != 0 || sum != 1250 {
			t.Errorf("%+v, the PIN pad has %d", got, sum)
		}
	})
	t.Run("v3", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", []string{"card.api=accepted"}, "refund=v3", "card-url={cloud}")
		if got := money(t, 0, "void", sold(c).Operation, "--data", c.data); got.Kind != "void" || got.Authorised != 1250 {
			t.Errorf("%+v", got)
		}
	})
}

// TestPockytGivesBack: a refund has an outcome of its own, and its parts never exceed
// what was paid.
func TestPockytGivesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault  string
		status int
		left   int64
	}{
		{"success", 0, 950},
		{"pending", 0, 950},
		{"failed", 2, 1250},
		{"pending-failed", 2, 1250},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			till := newCloud(t, "pockyt", "contactless", []string{"refund.outcome=" + c.fault})
			sale := money(t, 0, "sale", "--data", till.data, "--amount", "12.50", "--qr")
			money(t, c.status, "refund", sale.Operation, "--amount", "3", "--data", till.data)
			if sum := paidOrders(t, till.ledger); sum != c.left {
				t.Errorf("the customer paid %d", sum)
			}
			if c.status != 0 {
				return
			}
			if status, out, said := run(t, "refund", sale.Operation, "--amount", "9.51", "--data", till.data); status != 1 || out != "" || !strings.Contains(said, "9.50") {
				t.Errorf("more than is left: %d %s%s", status, out, said)
			}
			if got := money(t, 0, "refund", sale.Operation, "--data", till.data); got.Authorised != 950 {
				t.Errorf("the rest: %+v", got)
			}
			if sum := paidOrders(t, till.ledger); sum != 0 {
				t.Errorf("the customer paid %d", sum)
			}
		})
	}
}
