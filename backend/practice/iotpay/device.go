package iotpay

import (
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
	v := pinpad.View{Name: t.opts.Name, Model: "IOT Pay PAX PIN pad, CC_PAX, merchant " + MerchantID, Till: t.till, Screen: t.screen, Slot: t.slot, Field: t.field,
		Cards: pinpadCards(), Tips: slices.Clone(t.tips), Signed: t.signed, Slip: slices.Clone(t.slip), Switches: t.faults.Shown(), Log: t.log.Lines()}
	v.Screen.Lines = slices.Clone(t.screen.Lines)
	v.Customers, v.Customer = cast.Shown(t.customer)
	for _, b := range bookings {
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
	return pinpad.Booking{At: bench.Clock(b.At), Kind: b.Kind, ID: b.ID, Till: b.Order, Amount: shownAmount(amount), Card: b.Card, Outcome: b.Outcome, Charged: b.Charged}
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
