package iotpay

import (
	"context"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// operation is one order on the PIN pad. It runs in its own goroutine, and goes on
// when the till hangs up.
type operation struct {
	t      *Terminal
	first  record // as booked when the order was taken
	rec    record // as it becomes; of the operation's goroutine alone
	ctx    context.Context
	cancel context.CancelFunc
	deeds  bench.Deeds

	toldOnce sync.Once
	told     chan struct{} // closed when the outcome is booked, or never will be
	final    record        // the outcome; to be read after told

	// Guarded by the terminal's mutex.
	past   bool // the bank is asked
	left   bool // the customer went away
	hungUp bool // the till hung up, and the cloud is to stop
	quiet  bool // the PIN pad has not begun yet
	asked  *asked
}

// askKind says what the PIN pad waits for.
type askKind int

const (
	askNothing askKind = iota
	askCard
	askTip
	askAccount
	askPIN
	askBank
	askSign
	askPull
)

// asked is the question that the PIN pad asks now.
type asked struct {
	kind   askKind
	card   card
	chip   bool    // the card sits in the slot
	try    int     // which PIN entry this is, from 1
	digits int     // PIN digits so far
	tips   []int64 // the choices, in minor units
}

// with is the same question with so many digits entered.
func (a *asked) with(digits int) *asked {
	b := *a
	b.digits = digits
	return &b
}

// The digits that choose an account.
const (
	keyChequing = "1"
	keySavings  = "2"
)

// fits says whether a deed answers the question.
func (a *asked) fits(d bench.Deed) bool {
	switch a.kind {
	case askCard:
		return d.Presents() || d.Presses(bench.KeyRed)
	case askTip:
		return d.Kind == bench.DeedTip || d.Presses(bench.KeyRed)
	case askAccount:
		return d.Presses(keyChequing) || d.Presses(keySavings) || d.Presses(bench.KeyRed) || d.Kind == bench.DeedPull && a.chip
	case askPIN:
		return d.Kind == bench.DeedKey || d.Kind == bench.DeedPIN || d.Kind == bench.DeedPull && a.chip
	case askBank, askPull:
		return d.Kind == bench.DeedPull && a.chip
	case askSign:
		return d.Kind == bench.DeedSign
	}
	return false
}

func (t *Terminal) newOperation(rec record) *operation {
	op := &operation{t: t, first: rec, rec: rec, final: rec, quiet: true, told: make(chan struct{}), deeds: bench.NewDeeds()}
	op.ctx, op.cancel = context.WithCancel(t.life.Ctx)
	return op
}

// tell lets go of the answers that wait for the outcome.
func (op *operation) tell() { op.toldOnce.Do(func() { close(op.told) }) }

// startLocked puts an order on the PIN pad. The caller holds the mutex.
func (t *Terminal) startLocked(op *operation) {
	if t.latest != nil {
		t.latest.cancel()
	}
	t.running, t.latest = op, op
	t.slot, t.field, t.signed, t.slip, t.tips = "", "", "", nil, nil
	t.log.Changed()
	if !t.life.Spawn(func() { t.run(op) }) {
		op.cancel()
		op.tell()
		t.running = nil
	}
}

// run is an operation's own goroutine.
func (t *Terminal) run(op *operation) {
	defer op.cancel()
	s := &sale{operation: op, amount: op.rec.Request.Amount}
	o, err := t.play(s)
	o = t.conclude(s, o, err)
	t.mu.Lock()
	op.asked = nil
	if t.running == op {
		t.running = nil
	}
	t.log.Changed()
	t.mu.Unlock()
	op.tell()
	if op.ctx.Err() == nil {
		t.tail(s, o)
	}
}

// tail is what happens after the outcome: somebody signs, the card comes out, the
// screen returns. The next order takes the screen at any moment.
func (t *Terminal) tail(s *sale, o outcome) {
	t.show(s.operation, o.shown)
	t.mu.Lock()
	if t.latest == s.operation && s.final.Booking.Outcome != outcomeOpen {
		t.slip = slip(s.final)
	}
	t.log.Changed()
	t.mu.Unlock()
	if s.pause(2*time.Second) != nil {
		return
	}
	if needsSignature(s.final) {
		question := &asked{kind: askSign}
		t.showAsking(s.operation, textSign, -1, question)
		d, err := s.await(question, signLimit)
		if isGone(err) {
			return
		}
		t.mu.Lock()
		if err == nil && t.latest == s.operation {
			t.signed = map[bool]string{true: "well", false: "badly"}[d.Well]
		}
		t.mu.Unlock()
	}
	if s.inSlot {
		question := &asked{kind: askPull, chip: true}
		t.showAsking(s.operation, textRemove, -1, question)
		if _, err := s.await(question, pullLimit); isGone(err) {
			return
		}
	}
	t.show(s.operation, textReady)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest == s.operation {
		t.latest, t.slot, t.field = nil, "", ""
		t.screen = screenOf(textReady, false, stateIdle)
		t.log.Changed()
	}
}

// tipsOf offers tips of 10, 15 and 20 per cent.
func tipsOf(amount int64) []pinpad.Tip {
	return []pinpad.Tip{{Label: "No tip", Minor: 0}, {Label: "10 %", Minor: amount / 10}, {Label: "15 %", Minor: amount * 3 / 20}, {Label: "20 %", Minor: amount / 5}}
}
