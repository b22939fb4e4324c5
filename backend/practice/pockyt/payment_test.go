package pockyt

import (
	"testing"
	"time"
)

// How every customer ends, by a scanned code and by a QR.
func TestCustomers(t *testing.T) {
	ends := map[string]string{"chip-pin": "success", "contactless": "success", "signature": "success", "late-approval": "success", "declined": "failed", "wrong-pin": "failed",
		"wrong-then-right": "success", "cancels": "closed", "silent": "", "unplugged": "", "pays-late": "success", "abandons": "pending", "walks-away": "pending init",
		"loses-connection": "success", "expired-qr": "failed closed", "pays-at-cancel": "pending", "pays-after-cancel": "pending"}
	for _, who := range Customers() {
		want, known := ends[who.Name]
		if !known {
			t.Errorf("%s has no expectation", who.Name)
		}
		first, second := want, want
		for i := range len(want) {
			if want[i] == ' ' {
				first, second = want[:i], want[i+1:]
			}
		}
		t.Run(who.Name+" shows", func(t *testing.T) {
			bubble(t, Options{Customer: who.Name, Pace: 1}, func(t *testing.T, c *till) {
				c.order("sale-1", "12.56", "timeout", "60")
				c.check(first)
			})
		})
		t.Run(who.Name+" scans", func(t *testing.T) {
			bubble(t, Options{Customer: who.Name, Pace: 1}, func(t *testing.T, c *till) {
				minutes := "60"
				if second == "closed" {
					minutes = "3"
				}
				c.qr("sale-1", "12.56", "timeout", minutes)
				c.check(second)
			})
		})
	}
}

// check asks and compares with the ledger. An end that nobody tells is "".
func (c *till) check(want string) {
	c.t.Helper()
	if got := c.ends("sale-1"); got != want {
		c.t.Errorf("ends as %q, want %q", got, want)
	}
	charged := int64(0)
	if want == "success" || c.cloud.customer.trouble == troubleUnplugged {
		charged = 1256
	}
	c.charged("sale-1", charged)
	c.noViolations()
}

// Sequence 4: paid at once.
func TestPaidAtOnce(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		no, a := c.order("sale-1", "12.56")
		if a.field("transactionStatus") != "success" || a.field("amount") != "12.56" || a.field("paymentTime") != "2000-01-01 08:00:00" {
			t.Errorf("%s", a.raw)
		}
		if len(no) != 18 {
			t.Errorf("transactionNo %s", no)
		}
		if b := c.cloud.Bookings(); len(b) != 1 || b[0].Kind != "purchase" || !b[0].Charged || b[0].ID != no || b[0].Code != "**** 9108" {
			t.Errorf("%+v", b)
		}
		c.noViolations()
	})
}

// Sequences 5 and 24: pending twice, then paid; the vendor is found by the code.
func TestPendingThenPaid(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		a := c.add("sale-1", "13")
		p := c.post("/app-instore/v3/pay", f{"transactionNo": a.field("transactionNo"), "paymentBarcode": "134567890123456789"})
		if p.code() != "000100" {
			t.Fatalf("%s", p.raw)
		}
		settle(time.Second)
		for range 2 {
			if q := c.ask("sale-1"); q.field("status") != "pending" || q.field("vendor") != "wechatpay" {
				t.Errorf("%s", q.raw)
			}
			settle(2 * time.Second)
		}
		if err := c.cloud.act(deedApprove); err != nil {
			t.Fatal(err)
		}
		if got := c.ends("sale-1"); got != "success" {
			t.Error(got)
		}
		c.charged("sale-1", 1300)
	})
}

// Section 9: a cancel closes what is open, and refunds what is paid.
func TestCancel(t *testing.T) {
	bubble(t, Options{Customer: "abandons", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "5.00")
		if a := c.cancel("sale-1"); a.field("status") != "closed" || a.field("amount") != "5.00" {
			t.Errorf("%s", a.raw)
		}
		if got := c.ends("sale-1"); got != "closed" {
			t.Error(got)
		}
		c.charged("sale-1", 0)
		c.noViolations()
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "5.00")
		settle(crossing)
		c.cancel("sale-1")
		q := c.ask("sale-1")
		info, _ := q.result()["refundInfo"].([]any)
		if q.field("status") != "success" || len(info) != 1 {
			t.Errorf("%s", q.raw)
		}
		c.charged("sale-1", 0)
		c.violated("cancel of order")
	})
	// One that crosses the first word of it is nobody's fault.
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.order("sale-1", "5.00")
		c.cancel("sale-1")
		c.charged("sale-1", 0)
		c.noViolations()
	})
}

// The races around a cancel.
func TestPaysAroundTheCancel(t *testing.T) {
	bubble(t, Options{Customer: "pays-at-cancel", Pace: 1}, func(t *testing.T, c *till) {
		c.qr("sale-1", "5.00")
		settle(10 * time.Second)
		c.cancel("sale-1")
		q := c.ask("sale-1")
		if info, _ := q.result()["refundInfo"].([]any); q.field("status") != "success" || len(info) != 1 {
			t.Errorf("%s", q.raw)
		}
		c.charged("sale-1", 0)
		c.noViolations()
	})
	bubble(t, Options{Customer: "pays-after-cancel", Pace: 1}, func(t *testing.T, c *till) {
		c.qr("sale-1", "5.00")
		settle(10 * time.Second)
		c.cancel("sale-1")
		if got := c.ask("sale-1").field("status"); got != "closed" {
			t.Error(got)
		}
		settle(6 * time.Second)
		if got := c.ask("sale-1").field("status"); got != "success" {
			t.Error(got)
		}
		c.charged("sale-1", 500)
		if b := c.cloud.Bookings(); len(b) != 1 {
			t.Errorf("%+v", b)
		}
	})
}

// A code that the till does not show cannot be scanned, where the cloud is told what is
// shown.
func TestUnseenCode(t *testing.T) {
	bubble(t, Options{Pace: 1, Customer: "chip-pin", Unseen: true}, func(t *testing.T, c *till) {
		link := c.qr("sale-1", "5.00").field("deepLink")
		c.cloud.Show(link + "0")
		settle(time.Minute)
		if state := c.ask("sale-1").field("status"); state != "init" {
			t.Errorf("it is %s", state)
		}
		c.cloud.Show(link)
		settle(10 * time.Second)
		if state := c.ask("sale-1").field("status"); state != "success" {
			t.Errorf("it is %s", state)
		}
		c.charged("sale-1", 5_00)
	})
}
