package pockyt

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func (c *till) do(name pinpad.ActionName, value string) error {
	return c.cloud.Device().Do(pinpad.Action{Name: name, Value: value})
}

func (c *till) does(name pinpad.ActionName, value string) {
	c.t.Helper()
	if err := c.do(name, value); err != nil {
		c.t.Fatalf("%s %s: %v", name, value, err)
	}
}

func (c *till) shows(words string) {
	c.t.Helper()
	if s := c.cloud.Device().View().Screen; !strings.Contains(strings.Join(s.Lines, " "), words) {
		c.t.Errorf("the phone shows %q, want %q", s.Lines, words)
	}
}

// A person shows a code, confirms, and the code is another one afterwards.
func TestPersonShowsCode(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.shows("Show this code")
		first := c.cloud.Device().View().Phone.Code
		if first != aliCode {
			t.Errorf("the code is %s", first)
		}
		c.does(pinpad.ActionWallet, "wechatpay")
		code := c.cloud.Device().View().Phone.Code
		no := c.add("sale-1", "12.56").field("transactionNo")
		if a := c.prepay(no, "vendor", "wechatpay", "paymentBarcode", code); a.field("transactionStatus") != "pending" {
			t.Fatalf("%s", a.raw)
		}
		settle(time.Second)
		v := c.cloud.Device().View()
		if v.Screen.Amount != "12.56 USD" || !v.Phone.Asks || v.Phone.Code != "" {
			t.Errorf("%+v %+v", v.Screen, v.Phone)
		}
		if err := c.do(pinpad.ActionWallet, "alipay"); err == nil {
			t.Error("the wallet changes under a payment")
		}
		c.does(pinpad.ActionPIN, "wrong")
		settle(time.Second)
		c.shows("Wrong passcode")
		c.does(pinpad.ActionKey, "green")
		settle(time.Second)
		c.shows("Paid")
		if now := c.cloud.Device().View().Phone.Code; now == code {
			t.Error("the code is still the same")
		}
		c.charged("sale-1", 1256)
		c.noViolations()
	})
}

// A person scans the QR, loses the connection, and refuses.
func TestPersonScans(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		no := c.qr("sale-1", "3.00", "vendor", "cashapppay").field("transactionNo")
		settle(time.Second)
		offers := c.cloud.Device().View().Phone.Offers
		if len(offers) != 1 || offers[0].ID != no {
			t.Fatalf("%+v", offers)
		}
		c.does(pinpad.ActionFault, "network=unplugged")
		if err := c.do(pinpad.ActionScan, no); err == nil {
			t.Error("a phone without connection scans")
		}
		settle(time.Second)
		c.shows("No connection")
		c.does(pinpad.ActionFault, "network=plugged")
		c.does(pinpad.ActionScan, no)
		settle(time.Second)
		c.shows("Pay " + shopName)
		if a := c.cloud.Device().View().Phone.Apps; !slices.ContainsFunc(a, func(app pinpad.App) bool { return app.ID == "cashapppay" && app.Open }) {
			t.Errorf("%+v", a)
		}
		c.does(pinpad.ActionKey, "red")
		settle(time.Second)
		c.shows("closed")
		if got := c.ask("sale-1").field("status"); got != "closed" {
			t.Error(got)
		}
		if err := c.do(pinpad.ActionKey, "red"); err == nil {
			t.Error("nothing is there to be refused")
		}
	})
}

// An expired code fails, and a payment that waits keeps the phone.
func TestExpiredCode(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.does(pinpad.ActionKey, "yellow")
		if _, a := c.order("sale-1", "1.00"); a.field("transactionStatus") != "failed" {
			t.Errorf("%s", a.raw)
		}
		c.fault("prepay.expired-code", "000023")
		no, a := c.order("sale-2", "2.00")
		if a.code() != "000023" || c.ask("sale-2").field("status") != "init" {
			t.Errorf("%s", a.raw)
		}
		if a := c.prepay(no, "paymentBarcode", c.cloud.Device().View().Phone.Code); a.field("transactionStatus") != "pending" {
			t.Errorf("%s", a.raw)
		}
		c.qr("sale-3", "3.00")
		settle(time.Second)
		if v := c.cloud.Device().View(); v.Screen.Amount != "2.00 USD" || !v.Phone.Asks || len(v.Phone.Offers) != 0 {
			t.Errorf("%+v", v.Screen)
		}
		c.does(pinpad.ActionKey, "green")
		settle(time.Second)
		if v := c.cloud.Device().View(); v.Screen.Amount != "3.00 USD" || len(v.Phone.Offers) != 1 {
			t.Errorf("the next one does not get the phone: %+v", v.Screen)
		}
		c.charged("sale-2", 200)
	})
}

// A service that closes an order earlier than the till asked for, while the customer is
// at it.
func TestClosedEarly(t *testing.T) {
	bubble(t, Options{Customer: "pays-after-cancel", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("order.timeout", "10s")
		c.qr("sale-1", "3.00", "timeout", "15")
		settle(9 * time.Second)
		if got := c.ask("sale-1").field("status"); got != "pending" {
			t.Error(got)
		}
		settle(2 * time.Second)
		if got := c.ask("sale-1").field("status"); got != "closed" {
			t.Error(got)
		}
		settle(postponedBy)
		if got := c.ask("sale-1").field("status"); got != "success" {
			t.Error(got)
		}
		c.charged("sale-1", 300)
	})
}

// A wallet that still pays what was closed, if the switch says so.
func TestLateConfirmation(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.fault("pay.after-closed", "paid")
		c.order("sale-1", "1.00", "timeout", "1")
		settle(61 * time.Second)
		if got := c.ask("sale-1").field("status"); got != "closed" {
			t.Error(got)
		}
		c.shows("closed")
		c.does(pinpad.ActionKey, "green")
		settle(time.Second)
		if got := c.ask("sale-1").field("status"); got != "success" {
			t.Error(got)
		}
		c.charged("sale-1", 100)
	})
}

func TestWatch(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		c.cloud.SetTill("http://till.test/")
		if v := c.cloud.Device().View(); v.Till != "http://till.test" || len(v.Switches) != len(Faults()) || len(v.Customers) != len(Customers()) {
			t.Errorf("%+v", v)
		}
		changed, stop := c.cloud.Device().Watch()
		defer stop()
		c.does(pinpad.ActionKey, "yellow")
		select {
		case <-changed:
		default:
			t.Error("nobody is told")
		}
	})
}
