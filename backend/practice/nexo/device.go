package nexo

import (
	"fmt"
	"slices"
	"time"

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
	v := pinpad.View{Name: t.opts.Name, Model: "nexo Retailer, nobody is logged in", Screen: t.screen, Slot: t.slot, Field: t.field,
		Cards: pinpadCards(), Signed: t.signed, Slip: slices.Clone(t.slip), Switches: t.faults.Shown(), Log: t.log.Lines()}
	v.Screen.Lines = slices.Clone(t.screen.Lines)
	if t.session != nil {
		v.Model = "nexo Retailer, " + t.session.mode()
	}
	if t.session == nil || !t.session.light {
		v.Till = t.till
	}
	if v.Screen.State == "idle" && time.Now().Before(t.busyUntil) {
		v.Screen.State = "busy"
	}
	v.Customers, v.Customer = cast.Shown(t.customer)
	if a := t.askedLocked(); a.kind == askTip {
		v.Tips = []pinpad.Tip{{Label: "No tip"}}
		for _, percent := range []int64{5, 10, 15} {
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
	if b.Kind != "purchase" {
		amount = b.AmountMinor
	}
	at := b.TimeStamp
	if parsed, err := time.Parse(time.RFC3339Nano, b.TimeStamp); err == nil {
		at = bench.Clock(parsed)
	}
	outcome := b.Outcome
	if b.Reversed && outcome == outcomeApproved {
		outcome = outcomeReversed
	}
	return pinpad.Booking{At: at, Kind: b.Kind, ID: b.ID, Till: b.SaleTransactionID, Amount: formatAmount(amount, ".") + " " + b.Currency,
		Card: b.Card, Outcome: outcome, Charged: b.Charged}
}

// Watch tells about changes of the View.
func (d device) Watch() (<-chan struct{}, func()) { return d.t.log.Watch() }

// askedLocked is the question that the customer may answer now; its kind is
// askNothing when there is none.
func (t *Terminal) askedLocked() asked {
	if t.latest == nil || t.latest.asked == nil {
		return asked{}
	}
	return *t.latest.asked
}
