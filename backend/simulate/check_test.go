package simulate

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
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
	nothingForeign      = "no message is applied to a foreign operation"
	// theRun is no promise of the till: the run itself went wrong.
	theRun = "the run"
)

func makeFolder(path string) error { return os.MkdirAll(filepath.Dir(path), 0o700) }

// verify has the journal check itself.
func (w *world) verify(j *journal.Journal, when string) {
	verdict, err := j.Verify(context.Background())
	if err != nil || !verdict.Sound() {
		w.fail(journalVerifies, "%s: %v %v", when, err, verdict.Faults)
	}
}

// books is what the till and its terminals know at the end, side by side.
type books struct {
	head       string // the hash of the newest event
	events     []string
	operations []payment.Operation
	byID       map[string]payment.Operation
	bookings   map[string][]booking // payments and refunds, by operation
	captures   map[string][]booking // of reserved money, by the operation that reserved it
	given      map[string]int64     // what stays refunded, by sale
	undone     map[string]bool      // the sale is voided or cancelled at the terminal
}

// check stops the till, opens its journal again and compares what it says with the
// terminals.
func (w *world) check() {
	b, ok := w.reopen()
	if !ok {
		return
	}
	w.head, w.events = b.head, b.events
	w.tally.Operations, w.tally.States, w.tally.Played = len(b.operations), map[payment.State]int{}, map[string]int{}
	keys := map[string]string{}
	for _, op := range b.operations {
		w.tally.States[op.State]++
		w.tally.Played[op.Provider]++
		w.checkOne(b, op)
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
	w.checkCarts(b)
	w.checkProtocol()
}

// checkProtocol asks the terminals what they had to object. What the network did to a
// message may be objected to as well.
func (w *world) checkProtocol() {
	for i := range w.stations {
		for _, v := range w.terminal(i).Violations() {
			w.object(i, v)
		}
	}
	list := w.objections
	if len(list) > w.weather.marred {
		w.fail(protocolKept, "of the terminals' objections the network explains %d, and there are %d: %s", w.weather.marred, len(list), strings.Join(list, "; "))
	}
}

// reopen closes the till and reads its journal again.
func (w *world) reopen() (books, bool) {
	x := w.till("check")
	w.down(x)
	x.kill()
	w.closeEngine(x)
	if err := x.journal.Log(context.Background()); err != nil { // waits for what is queued
		w.fail(journalReplays, "%v", err)
	}
	before, err := readFile(x.path, w.typed(), w.plan.keep)
	if err != nil {
		w.fail(journalReplays, "%v", err)
	}
	w.closeJournal(x)
	again, err := journal.Open(context.Background(), x.path, journal.Options{})
	if err != nil {
		w.fail(journalReplays, "%v", err)
		return books{}, false
	}
	w.verify(again, "opened again")
	after, err := readFile(x.path, w.typed(), w.plan.keep)
	if err != nil || !slices.Equal(after.rows, before.rows) {
		w.fail(journalReplays, "%d operations were %d (%v)", len(after.rows), len(before.rows), err)
	}
	if err := again.Close(); err != nil {
		w.fail(journalReplays, "%v", err)
	}
	w.checkFiles(x.path)
	return w.read(after), err == nil
}

// read gathers the books.
func (w *world) read(f contents) books {
	b := books{head: f.head, events: f.events, byID: map[string]payment.Operation{}, bookings: map[string][]booking{}, captures: map[string][]booking{},
		given: map[string]int64{}, undone: map[string]bool{}}
	for _, row := range f.rows {
		var op payment.Operation
		if err := json.Unmarshal([]byte(row), &op); err != nil {
			w.fail(journalVerifies, "%v", err)
		}
		b.byID[op.ID] = op
		b.operations = append(b.operations, op)
	}
	for _, found := range f.numbers {
		w.fail(noCardNumber, "%s", found)
	}
	for i := range w.stations {
		for _, booking := range w.terminal(i).bookings() {
			id, known := f.owner[booking.Reference]
			switch {
			case !known:
				w.fail(nothingUnknown, "%s: %+v", terminalName(i), booking)
			case booking.Kind == bookedVoid:
				b.undone[id] = b.undone[id] || booking.Moved
			case booking.Kind == bookedCapture:
				b.captures[id] = append(b.captures[id], booking)
			default:
				b.bookings[id] = append(b.bookings[id], booking)
				// What a manager took as not refunded may be refunded again; an alarm tells.
				if op := b.byID[id]; booking.Kind == bookedRefund && booking.Stays && len(op.Alarms) == 0 && !w.uncontradicted(op, booking) {
					b.given[op.Original] += booking.Amount
				}
			}
		}
	}
	return b
}

// checkOne compares one operation with the terminals' ledgers.
func (w *world) checkOne(b books, op payment.Operation) {
	moved, stays := 0, int64(0)
	var booked booking
	for _, one := range b.bookings[op.ID] {
		if one.Moved {
			moved++
			booked = one
		}
		if one.Stays {
			stays += one.Amount
		}
	}
	if moved > 1 {
		w.fail(oneCharge, "operation %d has %d: %+v", op.Number, moved, b.bookings[op.ID])
	}
	if !ended(op) {
		w.fail(everyOneEnds, "operation %d is %s since %s", op.Number, op.State, op.UpdatedAt.Sub(w.began))
	}
	switch op.Kind {
	case payment.Void:
		w.checkVoid(b, op)
		return
	case payment.Capture:
		w.checkCapture(b, op)
		return
	}
	own := func(one booking) bool { return one.ID == op.References.Terminal }
	if op.References.Terminal != "" && !slices.ContainsFunc(b.bookings[op.ID], own) {
		w.fail(nothingForeign, "operation %d names the terminal's %q, its own are %+v", op.Number, op.References.Terminal, b.bookings[op.ID])
	}
	if was, known := w.promised[op.ID]; known && was.state != op.State && !w.reopened(was, op) {
		w.fail(nothingLost, "operation %d was shown as %s and is %s", op.Number, was.state, op.State)
	}
	captured := len(b.captures[op.ID]) > 0
	switch {
	case op.State == payment.InDoubt && op.Provisional == nil && len(b.bookings[op.ID]) > 0 && !slices.ContainsFunc(b.bookings[op.ID], w.unsure(op)):
		w.fail(knownIsLearnt, "operation %d is in doubt (%s), and the terminal has %+v", op.Number, op.Doubt.Why, b.bookings[op.ID])
	case op.State == payment.Approved && (moved == 0 || booked.Amount != op.Authorised):
		w.fail(approvedIsBooked, "operation %d is approved with %d, the terminal has %+v", op.Number, op.Authorised, b.bookings[op.ID])
	case op.State == payment.Approved && stays == 0 && !captured && !b.takenBack(op) && len(op.Alarms) == 0:
		w.fail(approvedIsBooked, "operation %d is approved, but the money went back: %+v", op.Number, booked)
	case op.State.Final() && op.State != payment.Approved && stays != 0 && (len(op.Alarms) == 0 || op.Reason != payment.ReasonSettled) && !w.uncontradicted(op, booked):
		w.fail(notPaidIsNotCharged, "operation %d is %s (%s), the terminal charged %+v", op.Number, op.State, op.Reason, booked)
	}
	if given := b.given[op.ID]; op.Kind == payment.Sale && given > 0 && (given > booked.Amount || stays == 0 && !captured) {
		w.fail(refundsWithin, "operation %d of %d has %d refunded, charged stays %d", op.Number, booked.Amount, given, stays)
	}
}

// shown is an outcome as the till has shown it.
type shown struct {
	state  payment.State
	reason payment.Reason
}

// reopened tells that a person is told of money that came after the end, where the
// terminal's own protocol knows such a thing.
func (w *world) reopened(was shown, op payment.Operation) bool {
	p := w.station(op.Terminal).protocol
	return op.State == payment.Approved && (p.reopens || slices.Contains(p.unheard, was.reason)) &&
		slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == payment.AlarmLateMoney })
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
	case op.State == payment.InDoubt && undone && !w.unsure(op)(booking{Kind: bookedVoid}):
		w.fail(knownIsLearnt, "void %d is in doubt (%s), and the terminal took operation %d back", op.Number, op.Doubt.Why, b.byID[op.Original].Number)
	}
}

// checkCapture compares a capture with what the terminal took of the reserved money.
func (w *world) checkCapture(b books, op payment.Operation) {
	taken := b.captures[op.Original]
	held := b.byID[op.Original].Number
	others := slices.ContainsFunc(b.operations, func(one payment.Operation) bool {
		return one.Kind == payment.Capture && one.Original == op.Original && one.ID != op.ID
	})
	switch {
	case len(taken) > 1:
		w.fail(oneCharge, "the money of operation %d was captured %d times: %+v", held, len(taken), taken)
	case op.State == payment.Approved && (len(taken) == 0 || taken[0].Amount != op.Authorised):
		w.fail(approvedIsBooked, "capture %d is approved with %d, the terminal took %+v of operation %d", op.Number, op.Authorised, taken, held)
	case op.State.Final() && op.State != payment.Approved && len(taken) > 0 && !others:
		w.fail(notPaidIsNotCharged, "capture %d is %s (%s), the terminal took %+v of operation %d", op.Number, op.State, op.Reason, taken, held)
	case op.State == payment.InDoubt && len(taken) > 0 && !others:
		w.fail(knownIsLearnt, "capture %d is in doubt (%s), the terminal took %+v of operation %d", op.Number, op.Doubt.Why, taken, held)
	}
}

// uncontradicted tells that a manager settled as not paid what the terminal has carried
// out, and what this till can never learn of (unsure): nothing is left that could raise an
// alarm. Where anything can be asked, or arrives, the alarm is due.
func (w *world) uncontradicted(op payment.Operation, b booking) bool {
	return op.Reason == payment.ReasonSettled && op.State == payment.Declined && b.Moved && w.unsure(op)(b)
}

// unsure tells which bookings the till cannot learn of. One beside others, as a second
// card's that its terminal has named and nobody shows, keeps the whole in doubt.
func (w *world) unsure(op payment.Operation) func(booking) bool {
	s := w.station(op.Terminal)
	return func(b booking) bool { return s.protocol.unsure(s.plan, b) }
}
