package poynt

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// act does something at the terminal and lets it take effect.
func (c *till) act(name pinpad.ActionName, value string) {
	c.t.Helper()
	if err := c.cloud.Device().Do(pinpad.Action{Name: name, Value: value}); err != nil {
		c.t.Fatalf("%s %s: %v; screen %+v", name, value, err, c.cloud.Device().View().Screen)
	}
	synctest.Wait()
}

func (c *till) cannot(name pinpad.ActionName, value, why string) {
	c.t.Helper()
	if err := c.cloud.Device().Do(pinpad.Action{Name: name, Value: value}); err == nil || !strings.Contains(err.Error(), why) {
		c.t.Fatalf("%s %s: %v, want %q", name, value, err, why)
	}
}

// screen waits for a text.
func (c *till) screen(words string) pinpad.View {
	c.t.Helper()
	for range 200 {
		v := c.cloud.Device().View()
		if slices.Contains(v.Screen.Lines, words) {
			return v
		}
		settle(100 * time.Millisecond)
	}
	c.t.Fatalf("the screen never said %q: %+v", words, c.cloud.Device().View().Screen)
	return pinpad.View{}
}

// A person pays with chip and PIN, with a tip, and takes the slip.
func TestPersonAtThePad(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.cannot(pinpad.ActionTap, "chip-pin", "No payment is waiting")
		c.cannot(pinpad.ActionWalkAway, "", "Nobody")
		c.fault("payment.tips", "before")
		c.sell("sale-1", 20000, map[string]any{"disableTip": false})
		v := c.screen("Add a tip?")
		if len(v.Tips) != 4 || v.Tips[1].Minor != 2000 || v.Screen.Amount != "200.00 USD" || v.Till != c.back {
			t.Errorf("view %+v", v.Tips)
		}
		c.cannot(pinpad.ActionTip, "10001", "at most half")
		c.act(pinpad.ActionTip, "2000")
		v = c.screen("Tap, insert or swipe")
		if v.Screen.Amount != "220.00 USD" || v.Screen.Icon != "card" || v.Screen.State != "sale" {
			t.Errorf("screen %+v", v.Screen)
		}
		c.cannot(pinpad.ActionSwipe, "chip-pin", "cannot be presented that way")
		c.cannot(pinpad.ActionInsert, "nobody", "no card")
		c.act(pinpad.ActionInsert, "chip-pin")
		if v = c.screen("Enter PIN"); v.Slot != "chip-pin" || v.Screen.PIN != 0 {
			t.Errorf("view %+v", v.Screen)
		}
		for _, key := range []string{"9", "yellow", "1", "2", "3", "green", "4"} {
			c.act(pinpad.ActionKey, key)
		}
		if v = c.cloud.Device().View(); v.Screen.PIN != 4 {
			t.Errorf("%d digits", v.Screen.PIN)
		}
		c.act(pinpad.ActionKey, "green")
		if v = c.screen("Approved"); len(v.Slip) == 0 {
			t.Error("no slip came out")
		}
		c.screen("Remove card")
		c.act(pinpad.ActionPull, "")
		if v = c.screen("Welcome"); v.Slot != "" {
			t.Error("the card is still in the slot")
		}
		c.act(pinpad.ActionTearPaper, "")
		if v = c.cloud.Device().View(); len(v.Slip) != 0 || len(v.Ledger) != 1 || v.Ledger[0].Amount != "-220.00 USD" || v.Ledger[0].Till != "sale-1" {
			t.Errorf("view %+v", v.Ledger)
		}
		c.charged("sale-1", 22000, 1)
	})
}

// A person is declined, takes another card, signs, and refunds a part by key.
func TestPersonWithTroubles(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 1256, nil)
		c.screen("Tap, insert or swipe")
		c.act(pinpad.ActionInsert, "declined")
		c.screen("Enter PIN")
		c.act(pinpad.ActionPIN, "right")
		c.screen("Another card? Green: yes, red: no")
		c.act(pinpad.ActionInsert, "foreign")
		c.screen("Please sign here")
		c.cannot(pinpad.ActionSign, "sloppily", "One signs")
		c.act(pinpad.ActionSign, "well")
		c.screen("Approved")
		c.charged("sale-1", 1256, 1)
		c.screen("Remove card")
		settle(5 * time.Minute)
		sale := transactionsOf(c.result())[1]
		c.send(c.flat("refund", "refund-1", map[string]any{"transactionId": sale["id"]}), nil)
		if v := c.screen("Amount to refund"); v.Screen.Amount != "12.56 USD" {
			t.Errorf("screen %+v", v.Screen)
		}
		for _, key := range []string{"9", "9", "9", "9", "green", "2", "5", "0"} { // 99.99 is too much and starts over
			c.act(pinpad.ActionKey, key)
		}
		if v := c.screen("Amount to refund"); v.Screen.Amount != "2.50 USD" {
			t.Errorf("screen %+v", v.Screen)
		}
		c.act(pinpad.ActionKey, "green")
		settle(time.Minute)
		if tx := transactionsOf(c.result())[0]; minorOf(tx, "amounts.transactionAmount") != 250 {
			t.Errorf("refund %v", tx)
		}

		c.sell("sale-2", 1256, nil)
		c.screen("Tap, insert or swipe")
		c.act(pinpad.ActionWalkAway, "")
		c.cannot(pinpad.ActionTap, "contactless", "has left")
		settle(3 * time.Minute)
		if c.result()["status"] != "CANCELED" {
			t.Errorf("result %v", c.result())
		}

		c.sell("sale-3", 1256, nil)
		c.screen("Tap, insert or swipe")
		c.act(pinpad.ActionReboot, "")
		c.cannot(pinpad.ActionReboot, "", "off already")
		if v := c.cloud.Device().View(); v.Screen.Icon != "off" {
			t.Errorf("screen %+v", v.Screen)
		}
		before := len(c.got())
		c.screen("Welcome")
		settle(5 * time.Minute)
		if len(c.got()) != before {
			t.Errorf("a terminal that was switched off told %q", c.statuses())
		}
		c.charged("sale-3", 0, 0)
		c.act(pinpad.ActionCustomer, "contactless")
		c.sell("sale-4", 1256, nil)
		settle(time.Minute)
		c.charged("sale-4", 1256, 1)
	})
}

// The page's switches and watches.
func TestSwitchesOnThePage(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		d := c.cloud.Device()
		changed, stop := d.Watch()
		defer stop()
		c.act(pinpad.ActionFault, "callback.result=always:lose")
		select {
		case <-changed:
		default:
			t.Error("nobody was told")
		}
		v := d.View()
		i := slices.IndexFunc(v.Switches, func(s pinpad.Switch) bool { return s.Name == "callback.result" })
		if s := v.Switches[i]; s.Value != "always:lose" || !slices.Contains(s.Choices, s.Value) {
			t.Errorf("switch %+v", s)
		}
		c.cannot(pinpad.ActionFault, "nonsense", "name=value")
		c.cannot(pinpad.ActionFault, "nonsense=1", "no switch")
		c.cannot(pinpad.ActionFault, "network=chewed", "takes plugged, unplugged")
		c.cannot(pinpad.ActionFault, "network=always:unplugged", "takes plugged")
		c.cannot(pinpad.ActionCustomer, "the pope", "no practice customer")
		c.cannot(pinpad.ActionKey, "blue", "no key")
		c.cannot(pinpad.ActionTip, "-1", "not a tip")
		c.cannot("dance", "", "no action")
		for range 2 { // it stays
			c.customer("contactless")
			c.quiet("sale-1")
			settle(time.Minute)
		}
		if len(c.got()) > 0 {
			t.Errorf("callbacks %q", c.statuses())
		}
		c.fault("network", "unplugged")
		c.quiet("sale-2")
		synctest.Wait()
		if v := d.View(); !slices.Contains(v.Screen.Lines, "1 waiting in the cloud") || v.Model == "" {
			t.Errorf("screen %+v", v.Screen)
		}
	})
}
