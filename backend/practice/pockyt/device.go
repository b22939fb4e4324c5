package pockyt

import (
	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Device is the customer's phone as its page sees it.
func (c *Cloud) Device() pinpad.Device { return device{c} }

type device struct{ c *Cloud }

// shownBookings bounds the ledger on the page.
const shownBookings = 100

// View is the whole present state.
func (d device) View() pinpad.View {
	c := d.c
	c.mu.Lock()
	defer c.mu.Unlock()
	v := pinpad.View{Name: c.opts.Name, Model: "Pockyt in-store wallets, version 3", Till: c.till, Screen: c.screenLocked(), Switches: c.faults.Shown(), Log: c.log.Lines()}
	v.Phone = c.handsetLocked()
	v.Customers, v.Customer = cast.Shown(c.customer)
	for _, b := range c.ledger.last(shownBookings) {
		v.Ledger = append(v.Ledger, shownBooking(b))
	}
	return v
}

// shownBooking signs the amount as the customer's account sees it.
func shownBooking(b Booking) pinpad.Booking {
	amount := -b.AmountMinor
	if b.Kind != kindPurchase {
		amount = b.AmountMinor
	}
	outcome := b.Outcome
	if b.Reversed {
		outcome = outcomeReversed
	}
	return pinpad.Booking{At: bench.Clock(b.At), Kind: b.Kind, ID: b.ID, Till: b.Reference, Amount: shownAmount(amount, b.Currency),
		Card: b.Code, Outcome: outcome, Charged: b.Charged}
}

// Watch tells about changes of the View.
func (d device) Watch() (<-chan struct{}, func()) { return d.c.log.Watch() }
