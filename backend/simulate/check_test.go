package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sort"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
)

// The checks: what must hold after every run.
const (
	oneCharge           = "at most one charge per operation"
	approvedIsBooked    = "an approved operation is the terminal's booking, with its amount"
	notPaidIsNotCharged = "what ended without payment is not charged"
	refundsWithin       = "refunds never exceed the sale"
	journalVerifies     = "the journal verifies"
	journalReplays      = "the journal reads the same after it is opened again"
	noCardNumber        = "no card number anywhere"
	everyOneEnds        = "every operation ends, or is parked in doubt"
	knownIsLearnt       = "what the terminal knows is learnt"
	protocolKept        = "the till keeps the protocol"
	nothingLost         = "what was acknowledged is not lost"
	oneFormOneOperation = "a form makes one operation"
	nothingUnknown      = "no booking without an operation"
	// theRun is no promise of the till: the run itself went wrong.
	theRun = "the run"
)

func makeFolder(path string) error { return os.MkdirAll(filepath.Dir(path), 0o700) }

// verify has the journal check itself.
func (w *world) verify(x *till, when string) {
	verdict, err := x.journal.Verify(context.Background())
	if err != nil || !verdict.Sound() {
		w.fail(journalVerifies, "%s: %v %v", when, err, verdict.Faults)
	}
}

// operations are all that the journal has, oldest first.
func (w *world) operations(x *till) []payment.Operation {
	list, err := x.journal.Operations(context.Background(), payment.Query{})
	if err != nil {
		w.fail(journalVerifies, "%v", err)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Number < list[j].Number })
	return list
}

// books is what the till and its terminals know at the end, side by side.
type books struct {
	operations []payment.Operation
	byID       map[string]payment.Operation
	bookings   map[string][]practice.Booking // payments and refunds, by operation
	given      map[string]int64              // what stays refunded, by sale
	undone     map[string]bool               // the sale is voided or cancelled at the terminal
}

// check compares the till with the terminals.
func (w *world) check() {
	x := w.till()
	b := w.read(x)
	w.tally.Operations, w.tally.States = len(b.operations), map[payment.State]int{}
	for _, op := range b.operations {
		w.tally.States[op.State]++
		w.checkOne(b, op)
	}
	keys := map[string]string{}
	for _, op := range b.operations {
		if before := keys[op.FormKey]; op.FormKey != "" && before != "" {
			w.fail(oneFormOneOperation, "form %s made %s and %s", op.FormKey, before, op.ID)
		}
		keys[op.FormKey] = op.ID
	}
	for id, op := range w.started {
		if _, found := b.byID[id]; !found {
			w.fail(nothingLost, "operation %d (%s) is not in the journal", op.Number, id)
		}
	}
	for i, p := range w.terminals {
		for _, v := range p.Violations() {
			w.fail(protocolKept, "%s: %s", terminalName(i), v)
		}
	}
	w.checkText(x)
	w.reopen(x)
}

// read gathers the books.
func (w *world) read(x *till) books {
	b := books{operations: w.operations(x), byID: map[string]payment.Operation{}, bookings: map[string][]practice.Booking{},
		given: map[string]int64{}, undone: map[string]bool{}}
	owner := map[string]string{} // operation by reference
	for _, op := range b.operations {
		b.byID[op.ID] = op
		for _, e := range w.events(x, op.ID) {
			var a payment.Attempt
			if e.Kind == payment.EventAttempt && json.Unmarshal(e.Data, &a) == nil {
				owner[a.Reference] = op.ID
			}
		}
	}
	for i, p := range w.terminals {
		for _, booking := range p.Bookings() {
			id, known := owner[booking.SaleTransactionID]
			switch {
			case !known:
				w.fail(nothingUnknown, "%s: %+v", terminalName(i), booking)
			case booking.Kind == "reversal":
				b.undone[id] = true
			default:
				b.bookings[id] = append(b.bookings[id], booking)
				// What a manager took as not refunded may be refunded again; an alarm tells.
				if op := b.byID[id]; booking.Kind == "refund" && booking.Charged && len(op.Alarms) == 0 {
					b.given[op.Original] += booking.AmountMinor
				}
			}
		}
	}
	return b
}

func (w *world) events(x *till, id string) []payment.Event {
	events, err := x.journal.Events(context.Background(), id)
	if err != nil {
		w.fail(journalVerifies, "%v", err)
	}
	return events
}

// checkOne compares one operation with the terminals' ledgers.
func (w *world) checkOne(b books, op payment.Operation) {
	moved, stays := 0, int64(0)
	var booking practice.Booking
	for _, one := range b.bookings[op.ID] {
		if one.Charged || one.Reversed {
			moved++
			booking = one
		}
		if one.Charged {
			stays += one.AmountMinor
		}
	}
	if moved > 1 {
		w.fail(oneCharge, "operation %d has %d: %+v", op.Number, moved, b.bookings[op.ID])
	}
	if !ended(op) {
		w.fail(everyOneEnds, "operation %d is %s since %s", op.Number, op.State, op.UpdatedAt.Sub(w.began))
	}
	if op.Kind == payment.Void {
		w.checkVoid(b, op)
		return
	}
	switch {
	case op.State == payment.InDoubt && op.Provisional == nil && len(b.bookings[op.ID]) > 0:
		w.fail(knownIsLearnt, "operation %d is in doubt (%s), and the terminal has %+v", op.Number, op.Doubt.Why, b.bookings[op.ID])
	case op.State == payment.Approved && (moved == 0 || booking.AmountMinor != op.Authorised):
		w.fail(approvedIsBooked, "operation %d is approved with %d, the terminal has %+v", op.Number, op.Authorised, b.bookings[op.ID])
	case op.State == payment.Approved && stays == 0 && !b.takenBack(op) && len(op.Alarms) == 0:
		w.fail(approvedIsBooked, "operation %d is approved, but the money went back: %+v", op.Number, booking)
	case op.State.Final() && op.State != payment.Approved && stays != 0 && len(op.Alarms) == 0:
		w.fail(notPaidIsNotCharged, "operation %d is %s (%s), the terminal charged %+v", op.Number, op.State, op.Reason, booking)
	}
	if given := b.given[op.ID]; op.Kind == payment.Sale && given > 0 && (given > booking.AmountMinor || stays == 0) {
		w.fail(refundsWithin, "operation %d of %d has %d refunded, charged stays %d", op.Number, booking.AmountMinor, given, stays)
	}
}

// takenBack tells whether the till knows, or doubts, that a void took the money back.
func (b books) takenBack(op payment.Operation) bool {
	for _, void := range b.operations {
		if void.Kind == payment.Void && void.Original == op.ID && (void.State == payment.Approved || void.State == payment.InDoubt || len(void.Alarms) > 0) {
			return true
		}
	}
	return false
}

// checkVoid compares a void: its booking undoes the original's.
func (w *world) checkVoid(b books, op payment.Operation) {
	undone := b.undone[op.Original]
	switch {
	case op.State == payment.Approved && !undone:
		w.fail(approvedIsBooked, "void %d is approved, the terminal reversed nothing of operation %d", op.Number, b.byID[op.Original].Number)
	case op.State.Final() && op.State != payment.Approved && undone && !b.takenBack(b.byID[op.Original]):
		w.fail(notPaidIsNotCharged, "void %d is %s (%s), the terminal took operation %d back", op.Number, op.State, op.Reason, b.byID[op.Original].Number)
	case op.State == payment.InDoubt && undone:
		w.fail(knownIsLearnt, "void %d is in doubt (%s), and the terminal took operation %d back", op.Number, op.Doubt.Why, b.byID[op.Original].Number)
	}
}

// checkText looks for card numbers in the journal's files.
func (w *world) checkText(x *till) {
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(x.path + suffix)
		if err != nil {
			if !os.IsNotExist(err) {
				w.fail(noCardNumber, "%v", err)
			}
			continue
		}
		if bytes.Contains(raw, []byte(cardNumber)) {
			w.fail(noCardNumber, "a card number that somebody typed is in the journal%s", suffix)
		}
	}
	for _, op := range append(w.operations(x), payment.Operation{}) {
		for _, e := range w.events(x, op.ID) {
			if n := findCardNumber(e.Data); n != "" {
				w.fail(noCardNumber, "event %d (%s) of operation %d has %s", e.Seq, e.Kind, op.Number, n)
			}
		}
	}
}

// findCardNumber gives a run of 13 to 19 digits that passes the Luhn check.
func findCardNumber(text []byte) string {
	for at := 0; at < len(text); at++ {
		end := at
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if n := end - at; n >= 13 && n <= 19 && luhn(text[at:end]) {
			return string(text[at:end])
		}
		at = end
	}
	return ""
}

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// reopen closes the till and reads its journal again.
func (w *world) reopen(x *till) {
	w.down(x)
	x.kill()
	w.closeEngine(x)
	if err := x.journal.Log(context.Background()); err != nil { // waits for what is queued
		w.fail(journalReplays, "%v", err)
	}
	before := w.operations(x)
	w.closeJournal(x)
	again, err := journal.Open(context.Background(), x.path, journal.Options{})
	if err != nil {
		w.fail(journalReplays, "%v", err)
		return
	}
	y := &till{journal: again}
	w.verify(y, "opened again")
	if after := w.operations(y); !reflect.DeepEqual(after, before) {
		w.fail(journalReplays, "%d operations were %d", len(after), len(before))
	}
	if err := again.Close(); err != nil {
		w.fail(journalReplays, "%v", err)
	}
}
