package pockyt

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Do carries out one action of a person.
func (d device) Do(a pinpad.Action) error {
	c := d.c
	switch a.Name {
	case pinpad.ActionKey:
		switch a.Value {
		case "green":
			return c.act(deedScan, deedApprove)
		case "yellow":
			c.mu.Lock()
			defer c.mu.Unlock()
			c.renewLocked()
			return nil
		case "red":
			return c.act(deedRefuse)
		}
		return bench.Sentence("The phone has no such key")
	case pinpad.ActionPIN:
		if a.Value == "wrong" {
			return c.act(deedWrong)
		}
		return c.act(deedApprove)
	case pinpad.ActionNoMoney:
		return c.act(deedFail)
	case pinpad.ActionWallet:
		return c.openWallet(a.Value)
	case pinpad.ActionScan:
		return c.scan(a.Value)
	}
	return bench.Pad{Customer: c.SetCustomer, Fault: c.SetFault}.Do(a)
}

// openWallet puts another wallet on the screen.
func (c *Cloud) openWallet(vendor string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(wallets, func(w wallet) bool { return w.vendor == vendor })
	if i < 0 {
		return bench.Sentence("There is no such wallet on the phone")
	}
	if c.latest != nil && c.latest.asked != askNothing && c.latest.asked != askScan {
		return bench.Sentence("A payment waits in this wallet")
	}
	c.phone.wallet, c.phone.order = i, nil
	c.log.Changed()
	return nil
}

// Show tells that the customer sees the till's code with this text (deepLink). It is
// for a cloud whose Options say Unseen; a code that is unknown or over is ignored.
func (c *Cloud) Show(link string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.attempts {
		if !a.seen && deepLink(a.o.No) == link {
			a.seen = true
			a.push(deed{kind: deedWake})
		}
	}
}

// scan points the phone's camera at the QR of an order. The wallet that it belongs to opens.
func (c *Cloud) scan(no string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.attempts[no]
	switch {
	case a == nil || a.asked != askScan:
		return bench.Sentence("This QR is no longer good")
	case c.faults.Get("network") == "unplugged":
		return bench.Sentence("The phone has no connection")
	case c.latest != nil && c.latest.asked == askConfirm:
		return bench.Sentence("Another payment waits on the phone")
	case !a.push(deed{kind: deedScan}):
		return bench.Sentence("The phone does not keep up")
	}
	c.latest = a
	c.phone.wallet = slices.IndexFunc(wallets, func(w wallet) bool { return w.vendor == a.o.Vendor })
	return nil
}

// act does the first of the deeds that fits what the phone asks.
func (c *Cloud) act(kinds ...deedKind) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults.Get("network") == "unplugged" {
		return bench.Sentence("The phone has no connection")
	}
	if c.latest == nil || c.latest.asked == askNothing {
		return bench.Sentence("No payment waits for the phone")
	}
	for _, kind := range kinds {
		d := deed{kind: kind}
		if !d.fits(c.latest.asked) {
			continue
		}
		if !c.latest.push(d) {
			return bench.Sentence("The phone does not keep up")
		}
		return nil
	}
	return bench.Sentence("That makes no sense now")
}
