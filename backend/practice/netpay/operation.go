package netpay

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// operation is a sale, reprint or cancel on the terminal. It runs in its own
// goroutine; the till has its acknowledgement already.
type operation struct {
	t       *Terminal
	kind    opKind
	request request
	at      time.Time       // of the push
	clean   bool            // the till got its "sent"
	store   Store           // that the terminal has entered
	ctx     context.Context // ends with the terminal, a reboot, or what replaces it
	cancel  context.CancelFunc

	toldOnce sync.Once
	told     chan struct{} // closed when the result was posted, or never will be

	deeds bench.Deeds

	// Guarded by the terminal's mutex.
	past    bool // the bank is asked, or the money has moved: nothing replaces it
	booked  bool // the outcome is in the ledger
	posting bool // a result is on its way to the till
	forged  bool // a stranger has told the till of its end
	left    bool // the customer went away
	asked   *asked
}

// askKind says what the terminal waits for.
type askKind int

const (
	askNothing askKind = iota
	askCard
	askCancel // Cancel was pressed: really?
	askPIN
	askBank
	askSign
	askPaper
	askCopy
	askRetry
	askPull
)

// clerks says that a question is for the clerk, who does not walk away.
func (k askKind) clerks() bool {
	return k == askPaper || k == askCopy || k == askRetry || k == askPull
}

// asked is the question that the terminal asks now.
type asked struct {
	kind   askKind
	card   card
	chip   bool // the card sits in the slot
	try    int  // which PIN entry, or which failed delivery, this is, from 1
	digits int  // PIN digits so far
}

// with is the same question with so many digits entered.
func (a *asked) with(digits int) *asked {
	b := *a
	b.digits = digits
	return &b
}

// fits says whether a deed answers the question.
func (a *asked) fits(d bench.Deed) bool {
	switch a.kind {
	case askCard:
		return d.Presents() || d.Presses(bench.KeyRed)
	case askCancel:
		return d.Presses(bench.KeyGreen) || d.Presses(bench.KeyRed)
	case askPIN:
		return d.Kind == bench.DeedKey || d.Kind == bench.DeedPIN || d.Kind == bench.DeedPull && a.chip
	case askBank, askPull:
		return d.Kind == bench.DeedPull && a.chip
	case askSign:
		return d.Kind == bench.DeedSign
	case askPaper:
		return d.Kind == bench.DeedPaper || d.Presses(bench.KeyGreen) || d.Presses(bench.KeyRed)
	case askCopy:
		return d.Presses(bench.KeyGreen)
	case askRetry:
		return d.Kind == bench.DeedKey && (d.Key == bench.KeyGreen || d.Key == bench.KeyYellow || d.Key == bench.KeyRed)
	}
	return false
}

func (t *Terminal) newOperation(r request) *operation {
	op := &operation{t: t, kind: r.Op, request: r, at: time.Now(), clean: true, told: make(chan struct{}), deeds: bench.NewDeeds()}
	op.ctx, op.cancel = context.WithCancel(t.life.Ctx)
	return op
}

// tell lets go of an answer that waits for the result.
func (op *operation) tell() { op.toldOnce.Do(func() { close(op.told) }) }

// discard ends an operation that never starts.
func (op *operation) discard() {
	op.cancel()
	op.tell()
}

// startLocked puts an operation on the terminal, which must be free. The caller
// holds the mutex.
func (t *Terminal) startLocked(op *operation) {
	if t.latest != nil {
		t.latest.cancel()
	}
	t.running, t.latest = op, op
	t.slot, t.field, t.signed, t.slip = "", "", "", nil
	t.screen = screenOf(textWake, states[op.kind])
	t.log.Changed()
	if !t.life.Spawn(func() { t.run(op) }) {
		op.discard()
	}
}

// finish frees the terminal for the next operation.
func (t *Terminal) finish(op *operation) {
	op.tell()
	t.mu.Lock()
	defer t.mu.Unlock()
	op.asked = nil
	if t.running == op {
		t.running = nil
	}
	t.log.Changed()
	t.wakeLocked()
}

// run is an operation's own goroutine.
func (t *Terminal) run(op *operation) {
	defer op.cancel()
	inSlot := false
	switch err := op.pause(300 * time.Millisecond); {
	case err != nil:
		t.log.Note("The " + string(op.kind) + " ended before it began")
	case !t.open(op):
	case op.kind == opSale:
		inSlot = t.sale(op)
	case op.kind == opReprint:
		t.reprint(op)
	default:
		t.cancelSale(op)
	}
	t.finish(op)
	t.tail(op, inSlot)
}

// open enters the store. A store that cannot be entered ends the operation, and
// what is posted then, if anything, is unknown (netpay.md 6).
func (t *Terminal) open(op *operation) bool {
	store, err := t.enter(op)
	op.store = store
	switch {
	case err == nil:
		return true
	case errors.Is(err, bench.ErrGone):
		return false
	}
	shown := textBlocked
	if errors.Is(err, errSession) {
		shown = textSession
	}
	t.done(op)
	t.log.Note("Nothing is charged: " + err.Error())
	t.show(op, shown)
	if errors.Is(err, errBlocked) && t.faults.Get("blocked-store") == "post" {
		t.deliver(op, t.refusal(op, "21", "Usuario no válido"))
	}
	return false
}

// tail is what happens after the result: the card comes out, the screen returns.
func (t *Terminal) tail(op *operation, inSlot bool) {
	if op.pause(2*time.Second) != nil {
		return
	}
	if inSlot {
		question := &asked{kind: askPull, chip: true}
		t.showAsking(op, textRemove, -1, question)
		// Nobody is asked for long: the next operation takes the screen away.
		if _, err := op.await(question, pullLimit); err != nil && !errors.Is(err, bench.ErrTimeout) {
			return
		}
		t.mu.Lock()
		if t.latest == op {
			t.slot = ""
		}
		t.mu.Unlock()
	}
	t.show(op, t.idleText())
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest == op {
		t.latest = nil
	}
}
