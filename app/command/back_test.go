package command_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// heldByPad sums what IOT Pay's PIN pad took and did not give back: a refund or a
// reversal is a booking of its own.
func heldByPad(t *testing.T, ledger string) (sum int64) {
	t.Helper()
	text, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	newest := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		var record struct {
			Booking struct {
				ID, Kind, Outcome string
				Amount            int64
				Charged           bool
			}
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		b := record.Booking
		switch {
		case b.Charged:
			newest[b.ID] = b.Amount
		case b.Kind != "purchase" && b.Outcome == "approved":
			newest[b.ID] = -b.Amount
		}
	}
	for _, minor := range newest {
		sum += minor
	}
	return sum
}

// TestIOTPayThereAndBack: what is not documented for cards is off and says what to do
// instead; switched on, parts go back until nothing is left.
func TestIOTPayThereAndBack(t *testing.T) {
	t.Parallel()
	sold := func(c cloud) answer { return money(t, 0, "sale", "--data", c.data, "--amount", "12.50") }
	t.Run("off", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", nil)
		sale := sold(c)
		for _, kind := range []string{"refund", "void"} {
			if status, out, said := run(t, kind, sale.Operation, "--data", c.data); status != 1 || out != "" || !strings.Contains(said, "PIN pad") {
				t.Errorf("%s: %d %s%s", kind, status, out, said)
			}
		}
		if got := heldByPad(t, c.ledger); got != 1250 {
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
		if sum := heldByPad(t, c.ledger); sum != 0 {
			t.Errorf("the PIN pad has %d", sum)
		}
	})
	t.Run("v1 in trouble", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, "iotpay", "chip-pin", nil, "refund=v1")
		got := money(t, 5, "refund", sold(c).Operation, "--amount", "3", "--data", c.data, "--wait", "0s") // "system error" is no refusal
		if sum := heldByPad(t, c.ledger); got.Authorised != 0 || sum != 1250 {
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

// TestIOTPaySignature: IOT Pay's slip is the till's, so the cashier says whether the
// signature fits. One that does not fit leaves the payment with an alarm where nothing
// can take it back, and is taken back where a void can be sent.
func TestIOTPaySignature(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		word   string
		faults []string
		more   []string
		status int
		said   string
		left   int64
	}{
		"fits":                   {"yes", nil, nil, 0, "Signature matches: yes", 1250},
		"does not fit":           {"no", nil, nil, 0, "cannot take the payment back", 1250},
		"does not fit, and void": {"no", []string{"card.api=accepted"}, []string{"refund=v3", "card-url={cloud}"}, 3, "Signature matches: no", 0},
		"nobody is asked":        {"no", nil, []string{"signature=print"}, 0, "Approved: sale 1", 1250},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			till := newCloud(t, "iotpay", "signature", c.faults, c.more...)
			status, out, said := run(t, "sale", "--amount", "12.50", "--data", till.data, "--signature", c.word)
			if status != c.status || !strings.Contains(said, c.said) {
				t.Errorf("%d %s%s", status, out, said)
			}
			if sum := heldByPad(t, till.ledger); sum != c.left {
				t.Errorf("the PIN pad has %d", sum)
			}
		})
	}
}
