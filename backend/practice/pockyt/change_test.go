package pockyt

import (
	"testing"
	"time"
)

func infos(a reply) []any {
	list, _ := a.result()["refundInfo"].([]any)
	return list
}

// Sequences 25 and 26: parts, the whole, and no more.
func TestRefunds(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		no, _ := c.order("sale-1", "10.00")
		a := c.refund("sale-1", "4.00", "r-1")
		if a.code() != "000100" || a.field("status") != "success" || a.field("transactionNo") != no || a.field("refundReference") != "r-1" || a.field("refundAmount") != "4.00" {
			t.Errorf("%s", a.raw)
		}
		if a := c.refund("sale-1", "6", "r-2"); a.field("status") != "success" {
			t.Errorf("%s", a.raw)
		}
		c.noViolations()
		q := c.ask("sale-1")
		if len(infos(q)) != 2 || q.field("status") != "success" {
			t.Errorf("%s", q.raw)
		}
		if q := c.ask("r-1"); q.field("transactionType") != "refund" || q.field("amount") != "4.00" || q.field("transactionNo") != a.field("refundTransactionNo") {
			t.Errorf("%s", q.raw)
		}
		if a := c.refund("sale-1", "0.01", "r-3"); a.code() != "000023" {
			t.Errorf("over the rest: %s", a.raw)
		}
		c.violated("above the rest")
		if a := c.refund("sale-1", "4.00", "r-1"); a.code() != "000023" {
			t.Errorf("same reference: %s", a.raw)
		}
		c.charged("sale-1", 1000)
		var back int64
		for _, b := range c.cloud.Bookings() {
			if b.Kind == "refund" && b.Charged && b.Original == no {
				back += b.AmountMinor
			}
		}
		if back != 1000 {
			t.Errorf("%d went back", back)
		}
	})
}

func TestRefundOutcomes(t *testing.T) {
	for choice, want := range map[string]struct {
		first, then string
		back        bool
	}{
		"pending": {"pending", "success", true}, "pending-failed": {"pending", "failed", false},
		"pending-for-ever": {"pending", "pending", true}, "failed": {"failed", "failed", false},
	} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.order("sale-1", "10.00")
			c.fault("refund.outcome", choice)
			if a := c.refund("sale-1", "10.00", "r-1"); a.field("status") != want.first {
				t.Errorf("%s: %s", choice, a.raw)
			}
			settle(4 * time.Second)
			if a := c.ask("r-1"); a.field("status") != want.then {
				t.Errorf("%s: %s", choice, a.raw)
			}
			if b := c.cloud.Bookings()[1]; b.Charged != want.back {
				t.Errorf("%s: %+v", choice, b)
			}
		})
	}
}

// Sequences 28 and 29, and refunds that are asked twice.
func TestRefundsRefused(t *testing.T) {
	bubble(t, Options{Customer: "abandons", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "10.00")
		if a := c.refund("sale-1", "1.00", "r-1"); a.code() != "000040" {
			t.Errorf("%s", a.raw)
		}
		c.violated("pending")
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "10.00")
		settle(91 * 24 * time.Hour)
		if a := c.refund("sale-1", "1.00", "r-1"); a.code() != "000040" {
			t.Errorf("%s", a.raw)
		}
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "10.00")
		c.fault("refund.same", "replay")
		first := c.refund("sale-1", "4.00", "r-1")
		if again := c.refund("sale-1", "4.00", "r-1"); again.field("refundTransactionNo") != first.field("refundTransactionNo") || len(c.cloud.Bookings()) != 2 {
			t.Errorf("%s, then %s", first.raw, again.raw)
		}
		c.fault("refund.same", "again")
		c.refund("sale-1", "4.00", "r-1")
		if len(c.cloud.Bookings()) != 3 {
			t.Errorf("%+v", c.cloud.Bookings())
		}
	})
}

// A cancel that takes no effect, one that is refused, and one after a part went back.
func TestOddCancels(t *testing.T) {
	bubble(t, Options{Customer: "abandons", Pace: 1}, func(t *testing.T, c *till) {
		c.qr("sale-1", "10.00")
		settle(5 * time.Second)
		c.fault("cancel.effect", "refused")
		if a := c.cancel("sale-1"); a.code() != "000040" {
			t.Errorf("%s", a.raw)
		}
		c.fault("cancel.effect", "ignored")
		if a := c.cancel("sale-1"); a.field("status") != "closed" || c.ask("sale-1").field("status") != "pending" {
			t.Errorf("%s", a.raw)
		}
		c.cancel("sale-1")
		if a := c.cancel("sale-1"); a.field("status") != "closed" {
			t.Errorf("repeated: %s", a.raw)
		}
		c.noViolations()
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "10.00")
		c.refund("sale-1", "4.00", "r-1")
		if a := c.cancel("sale-1"); a.code() != "000040" {
			t.Errorf("%s", a.raw)
		}
		c.fault("cancel.part-refunded", "rest")
		c.cancel("sale-1")
		if q := c.ask("sale-1"); len(infos(q)) != 2 {
			t.Errorf("%s", q.raw)
		}
	})
}

// Nobody can pay what was never shown to a wallet.
func TestCancelBeforeTheScan(t *testing.T) {
	for _, customer := range []string{"pays-at-cancel", "pays-after-cancel"} {
		bubble(t, Options{Customer: customer, Pace: 1}, func(t *testing.T, c *till) {
			c.add("sale-1", "10.00")
			c.cancel("sale-1")
			settle(time.Minute)
			if got := c.ask("sale-1").field("status"); got != "closed" {
				t.Error(got)
			}
			c.charged("sale-1", 0)
		})
	}
}
