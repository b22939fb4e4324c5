package netpay

import (
	"fmt"
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Device is the terminal as its page sees it.
func (t *Terminal) Device() pinpad.Device { return device{t} }

type device struct{ t *Terminal }

// shownBookings bounds the ledger on the page.
const shownBookings = 100

// View is the whole present state.
func (d device) View() pinpad.View {
	t := d.t
	bookings := t.ledger.last(shownBookings)
	t.mu.Lock()
	defer t.mu.Unlock()
	home, _ := t.storeByID(t.session)
	v := pinpad.View{Name: t.opts.Name, Model: fmt.Sprintf("NetPay Smart PinPad %s, logged in for %s %s", t.opts.Serial, home.ID, home.Name), Till: t.till,
		Screen: t.screen, Slot: t.slot, Field: t.field, Cards: pinpadCards(), Signed: t.signed, Slip: slices.Clone(t.slip), Switches: t.faults.Shown(), Log: t.log.Lines()}
	v.Screen.Lines = slices.Clone(t.screen.Lines)
	v.Customers, v.Customer = cast.Shown(t.customer)
	for _, b := range bookings {
		v.Ledger = append(v.Ledger, shownBooking(b))
	}
	return v
}

// shownBooking signs the amount as the customer's account sees it, and says which
// store got the money when it is not the one that was asked for.
func shownBooking(b Booking) pinpad.Booking {
	amount := -b.AmountMinor
	if b.Kind == kindReversal {
		amount = b.AmountMinor
	}
	outcome := b.Outcome
	if b.Reversed && outcome == outcomeApproved {
		outcome = outcomeReversed
	}
	store := b.Store
	if b.Asked != b.Store {
		store += " instead of " + bench.Shorten(b.Asked)
	}
	id := "store " + store
	if b.OrderID != "" {
		id += ", " + b.OrderID
	}
	return pinpad.Booking{At: clock(b.At), Kind: b.Kind, ID: id, Till: b.Folio, Amount: fixedAmount(amount) + " " + Currency,
		Card: b.Card, Outcome: outcome, Charged: b.Charged}
}

// Watch tells about changes of the View.
func (d device) Watch() (<-chan struct{}, func()) { return d.t.log.Watch() }

// askedLocked is the question that somebody may answer now; its kind is
// askNothing when there is none.
func (t *Terminal) askedLocked() asked {
	if t.latest == nil || t.latest.asked == nil {
		return asked{}
	}
	return *t.latest.asked
}
