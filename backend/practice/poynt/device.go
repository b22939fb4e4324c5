package poynt

import (
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Device is the terminal of DeviceID as its page sees it.
func (c *Cloud) Device() pinpad.Device { return device{c, c.terminals[0]} }

type device struct {
	c *Cloud
	t *terminal
}

// shownBookings bounds the ledger on the page.
const shownBookings = 100

// View is the whole present state.
func (d device) View() pinpad.View {
	c, t := d.c, d.t
	bookings := c.ledger.last(shownBookings)
	c.mu.Lock()
	defer c.mu.Unlock()
	v := pinpad.View{Name: t.name, Model: "Poynt smart terminal, cloud messages", Pale: true, Till: c.callback, Screen: t.screen, Slot: t.slot, Field: t.field,
		Cards: pinpadCards(), Signed: t.signed, Slip: slices.Clone(t.slip), Switches: c.faults.Shown(), Log: c.log.Lines()}
	v.Screen.Lines = slices.Clone(t.screen.Lines)
	if n := len(t.queue) + len(t.waiting); n > 0 && t.running == nil {
		v.Screen.Lines = append(v.Screen.Lines, fmt.Sprintf("%d waiting in the cloud", n))
	}
	v.Customers, v.Customer = cast.Shown(c.customer)
	if a := t.askedLocked(); a.kind == askTip {
		v.Tips = []pinpad.Tip{{Label: "No tip"}}
		for _, percent := range []int64{10, 15, 20} {
			v.Tips = append(v.Tips, pinpad.Tip{Label: fmt.Sprintf("%d %%", percent), Minor: roundTip(a.amount, percent)})
		}
	}
	for _, b := range bookings {
		v.Ledger = append(v.Ledger, shownBooking(b))
	}
	return v
}

// shownBooking signs the amount as the customer's account sees it.
func shownBooking(b Booking) pinpad.Booking {
	amount := -b.AmountMinor
	if b.Kind == kindRefund || b.Kind == kindReversal {
		amount = b.AmountMinor
	}
	outcome := b.Outcome
	if b.Reversed && outcome == outcomeApproved {
		outcome = outcomeReversed
	}
	return pinpad.Booking{At: bench.Clock(b.At), Kind: b.Kind, ID: b.ID, Till: b.Reference, Amount: shownAmount(amount, b.Currency),
		Card: b.Card, Outcome: outcome, Charged: b.Charged}
}

// Watch tells about changes of the View.
func (d device) Watch() (<-chan struct{}, func()) { return d.c.log.Watch() }

// askedLocked is the question that the customer may answer now; its kind is
// askNothing when there is none.
func (t *terminal) askedLocked() asked {
	if t.latest == nil || t.latest.asked == nil {
		return asked{}
	}
	return *t.latest.asked
}
