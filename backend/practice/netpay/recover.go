package netpay

import (
	"errors"
	"fmt"
	"time"
)

// Reversals that are pending become reversals with the terminal's next approved
// sale (netpay.md 5.5); a switch makes it a matter of time.

// reversalWait is the time of the switch; 0 means that no time brings it about.
func (t *Terminal) reversalWait() time.Duration {
	wait, err := time.ParseDuration(t.faults.Get("reversal.when"))
	if err != nil {
		return 0
	}
	return wait
}

func (t *Terminal) scheduleReversal() {
	if wait := t.reversalWait(); wait > 0 {
		t.later(wait, func() { t.reversePending("the time that has passed") })
	}
}

// reversePending reverses all that is pending.
func (t *Terminal) reversePending(cause string) {
	if t.faults.Get("reversal.when") == "never" {
		return
	}
	for {
		rec, found := t.ledger.Newest(func(r *record) bool { return r.Booking.Outcome == outcomePending })
		if !found {
			return
		}
		rec.Booking.Outcome, rec.Booking.Reversed = outcomeReversed, true
		if err := t.ledger.Book(rec); err != nil {
			t.log.Note(err.Error())
			return
		}
		t.log.Note("Sale " + rec.Booking.ID + " is reversed by " + cause)
	}
}

// reprint looks a sale up and posts it once more (netpay.md 3.2, 3.3, 9.2).
func (t *Terminal) reprint(op *operation) {
	// A pending reversal that time should have brought about while the terminal was
	// closed is brought about now.
	if wait := t.reversalWait(); wait > 0 {
		if rec, found := t.ledger.Newest(matching(op.request)); found && rec.Booking.Outcome == outcomePending && time.Since(rec.Booking.At) >= wait {
			t.reversePending("the time that has passed")
		}
	}
	rec, found := t.ledger.Newest(matching(op.request))
	switch {
	case found && rec.Booking.Store != op.store.ID:
		t.log.Note(fmt.Sprintf("Sale %s belongs to store %s, the terminal is on %s", rec.Booking.ID, rec.Booking.Store, op.store.ID))
		found = false
	case found && t.faults.Get("reprint.reach") == "today" && !sameDay(rec.Booking.At, time.Now()):
		t.log.Note("Sale " + rec.Booking.ID + " is of another day")
		found = false
	case found && op.request.OrderID != "" && rec.Booking.Outcome != outcomeApproved:
		t.log.Note("By order id only approved sales are found")
		found = false
	}
	t.done(op)
	if !found {
		t.show(op, textNotFound)
		t.log.Note("There is nothing to reprint")
		if t.faults.Get("reprint.not-found") == "post" {
			t.deliver(op, t.refusal(op, "25", "No se encontró la transacción"))
		}
		return
	}
	t.show(op, textReprint)
	if op.pause(500*time.Millisecond) != nil {
		return
	}
	printed := rec.Booking.Outcome == outcomeApproved || rec.Booking.Outcome == outcomeDeclined
	if printed && !op.request.NoPaper && t.print(op, rec, true) != nil {
		return
	}
	t.deliver(op, t.reprinted(rec, op.request.Traceability))
}

// done says that an operation can no longer be replaced.
func (t *Terminal) done(op *operation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	op.past, op.booked = true, true
}

func sameDay(a, b time.Time) bool {
	return a.In(mexico).Format(time.DateOnly) == b.In(mexico).Format(time.DateOnly)
}

// cutOff is the hour in Mexico City from which on nothing is cancelled (netpay.md 3.4).
const cutOff = 20

var (
	errNoSale    = errors.New("there is no such sale in this store")
	errNotStands = errors.New("only an approved sale that stands can be cancelled")
	errOtherDay  = errors.New("the sale is of another day")
	errCutOff    = errors.New("it is past 20:00")
)

// cancelable says whether a cancel is carried out: same day, before 20:00, the
// whole amount (netpay.md 3.4).
func (t *Terminal) cancelable(op *operation) (record, error) {
	now := time.Now()
	if t.faults.Get("cancel.cut-off") == "request" {
		now = op.at
	}
	rec, found := t.ledger.Newest(matching(op.request))
	switch {
	case !found || rec.Booking.Store != op.store.ID:
		return record{}, errNoSale
	case rec.state() != "C":
		return rec, errNotStands
	case !sameDay(rec.Booking.At, now):
		return rec, errOtherDay
	case now.In(mexico).Hour() >= cutOff && t.faults.Get("cancel.cut-off") != "none":
		return rec, errCutOff
	}
	return rec, nil
}

// cancelSale gives a sale back. No card is needed (netpay.md 3.4).
func (t *Terminal) cancelSale(op *operation) {
	rec, err := t.cancelable(op)
	if err != nil {
		t.done(op)
		t.log.Note("Not cancelled: " + err.Error())
		t.show(op, textRefused)
		if t.faults.Get("cancel.refusal") == "post" {
			t.deliver(op, t.refusal(op, "12", "No se puede cancelar la operación"))
		}
		return
	}
	number, module := t.ledger.number(true)
	id := fmt.Sprint(number)
	b, d := rec.Booking, rec.Detail
	b.ID, b.At, b.Kind, b.Charged, b.Asked = id, time.Now(), kindReversal, false, op.request.StoreID
	d.Number, d.Module, d.AuthCode, d.HexSign, d.Traceability = number, module, authCode(t.opts.Serial, id), "", op.request.Traceability
	back := record{Booking: b, Detail: d, Cancels: rec.Booking.ID}
	if err := t.ledger.Book(back); err != nil {
		t.done(op)
		t.log.Note(err.Error())
		t.deliver(op, t.refusal(op, noLedger.code, noLedger.message))
		return
	}
	t.done(op)
	t.log.Note("Sale " + rec.Booking.ID + " is cancelled by " + id)
	t.show(op, textCancelled)
	if op.pause(time.Second) != nil {
		return
	}
	if !op.request.NoPaper && t.print(op, back, false) != nil {
		return
	}
	t.deliver(op, t.cancelled(back))
}
