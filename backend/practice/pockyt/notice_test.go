package pockyt

import (
	"testing"
	"time"
)

// plain is the notice as a map, for the test's own signature.
func (a arrived) plain() map[string]string {
	m := map[string]string{}
	for name := range a.form {
		if name != "verifySign" {
			m[name] = a.form.Get(name)
		}
	}
	return m
}

// Sequence 35: seven fields, signed, once.
func TestNotice(t *testing.T) {
	bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
		no := c.qr("sale-1", "12.56", "ipnUrl", c.back).field("transactionNo")
		settle(3 * time.Hour)
		got := c.got()
		if len(got) != 1 {
			t.Fatalf("%d notices", len(got))
		}
		m := got[0].plain()
		want := f{"transactionNo": no, "status": "success", "amount": "12.56", "currency": "USD", "settleCurrency": "USD", "reference": "sale-1", "time": "20000101080005"}
		for name, value := range want {
			if name != "time" && m[name] != value {
				t.Errorf("%s is %q", name, m[name])
			}
		}
		if len(m) != 7 || len(m["time"]) != 14 || m["time"][:10] != "2000010108" || autograph(m) != got[0].form.Get("verifySign") {
			t.Errorf("%v", m)
		}
		c.noViolations()
	})
}

// Sequence 38: eight times in two hours, until somebody says success.
func TestNoticeRepeats(t *testing.T) {
	for spacing, want := range map[string]time.Duration{"growing": 2 * time.Hour, "even": 105 * time.Minute} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("notice.spacing", spacing)
			c.answers = []string{"", "fail", "SUCCESS", "success ", "{}", "no", "ok", "x", "y", "z"}
			c.order("sale-1", "12.56", "ipnUrl", c.back)
			settle(24 * time.Hour)
			got := c.got()
			if len(got) != 8 || got[7].at.Sub(got[0].at) != want {
				t.Errorf("%s: %d notices", spacing, len(got))
			}
			c.violated("was answered with")
		})
	}
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.answers = []string{"wait", "wait"}
		c.order("sale-1", "12.56", "ipnUrl", c.back)
		settle(24 * time.Hour)
		if got := c.got(); len(got) != 3 {
			t.Errorf("%d notices", len(got))
		}
	})
}

// Whatever a notice says, the ledger does not change.
func TestFalseNotices(t *testing.T) {
	for _, fault := range noticeChoices {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.order("before", "1.00", "ipnUrl", c.back)
			settle(time.Second)
			c.fault("notice", fault)
			c.order("sale-1", "12.56", "ipnUrl", c.back)
			settle(2 * time.Minute)
			got := c.got()[1:]
			if len(got) == 0 {
				if fault != "lose" {
					t.Errorf("%s: nothing arrived", fault)
				}
				return
			}
			last := got[len(got)-1]
			right := autograph(last.plain()) == last.form.Get("verifySign")
			switch fault {
			case "wrong-signature", "no-signature", "truncate", "garbage", "empty", "json":
				if right {
					t.Errorf("%s is rightly signed", fault)
				}
			default:
				if !right {
					t.Errorf("%s is wrongly signed: %s", fault, last.raw)
				}
			}
			if wants := map[string]int{"flood": 50, "duplicate": 2}[fault]; wants > 0 && len(got) != wants {
				t.Errorf("%s: %d notices", fault, len(got))
			}
			c.charged("sale-1", 1256)
			c.noViolations()
		})
	}
}

// Both variants of a notice with empty fields are sent on request (pockyt.md 4.2).
func TestEmptyFieldsOfANotice(t *testing.T) {
	for choice, keep := range map[string]bool{"empty-signed": true, "empty-left-out": false} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("notice.fields", choice)
			c.order("sale-1", "12.56", "ipnUrl", c.back)
			settle(time.Second)
			m := c.got()[0].plain()
			if _, there := m["note"]; !there {
				t.Errorf("no note in %v", m)
			}
			if !keep {
				delete(m, "note")
				delete(m, "vendorId")
			}
			if autograph(m) != c.got()[0].form.Get("verifySign") {
				t.Errorf("%s: %v", choice, m)
			}
		})
	}
}

// Sequence 37: the notice comes before the answer of the prepay.
func TestNoticeFirst(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("prepay.answer", "after-notice")
		_, a := c.order("sale-1", "12.56", "ipnUrl", c.back)
		if len(c.got()) != 1 || a.field("transactionStatus") != "success" {
			t.Errorf("%d notices, %s", len(c.got()), a.raw)
		}
	})
}
