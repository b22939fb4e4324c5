package poynt

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// session is one request on the terminal's screen. It runs in its own goroutine.
type session struct {
	t       *terminal
	c       *Cloud
	message *message
	order   order
	ctx     context.Context // ends with the cloud, a reboot, or the next session
	cancel  context.CancelFunc

	stopOnce sync.Once
	stopped  chan struct{} // closed when the till cancels, or another message takes the screen
	deeds    bench.Deeds
	calls    chan call // callbacks in their order

	// Guarded by the cloud's mutex.
	past  bool // the bank is asked: too late to cancel
	left  bool // the customer went away
	asked *asked

	// Of the session's goroutine alone.
	due          int64 // minor units still to be paid, without tip
	tip          int64
	tenders      int
	card         card
	entry        string // entryMode (poynt.md 10.4)
	cvm          cvm
	inSlot       bool
	transactions []transaction // as the callback shows them
	tipLater     int64         // told in tipAmounts only (poynt.md 10.2)
}

// askKind says what the terminal waits for.
type askKind int

const (
	askNothing askKind = iota
	askTip
	askCard
	askPIN
	askBank
	askSign
	askAgain   // after a decline: another card?
	askConfirm // a void or a refund
	askPull
)

// asked is the question that the terminal asks now.
type asked struct {
	kind   askKind
	card   card
	chip   bool  // the card sits in the slot
	try    int   // which PIN entry or which tender this is, from 1
	digits int   // PIN digits so far
	amount int64 // minor units
	// refused says that the card that was presented cannot be taken.
	refused bool
}

// fits says whether a deed answers the question.
func (a *asked) fits(d bench.Deed) bool {
	switch a.kind {
	case askTip:
		return d.Kind == bench.DeedTip || d.Presses(bench.KeyRed)
	case askCard:
		return d.Presents() || d.Presses(bench.KeyRed)
	case askAgain:
		return d.Presents() || d.Presses(bench.KeyRed) || d.Presses(bench.KeyGreen)
	case askConfirm:
		return d.Kind == bench.DeedKey
	case askPIN:
		return d.Kind == bench.DeedKey || d.Kind == bench.DeedPIN || d.Kind == bench.DeedPull && a.chip
	case askSign:
		return d.Kind == bench.DeedSign
	case askBank, askPull:
		return d.Kind == bench.DeedPull && a.chip
	}
	return false
}

// maxCalls bounds the callbacks that wait for the one before.
const maxCalls = 8

// newSession makes a session; the caller holds the mutex.
func newSession(t *terminal, m *message) *session {
	s := &session{t: t, c: t.cloud, message: m, order: m.order, due: m.order.amount, tip: m.order.tip,
		stopped: make(chan struct{}), deeds: bench.NewDeeds(), calls: make(chan call, maxCalls)}
	if s.order.kind == orderCredit && t.cloud.faults.Get("credit") == "charges" {
		s.order.kind = orderSale
	}
	s.ctx, s.cancel = context.WithCancel(t.cloud.life.Ctx)
	return s
}

// halt ends the session as far as it can still be ended.
func (s *session) halt() { s.stopOnce.Do(func() { close(s.stopped) }) }

// errCancelled is why a payment ended without a decision, beside those of bench.
var errCancelled = errors.New("cancelled on the terminal")

// patience is how long the terminal waits for the customer. The real
// limit is unknown (poynt.md 24).
func (s *session) patience() time.Duration {
	limit, err := time.ParseDuration(s.c.faults.Get("screen-timeout"))
	if err != nil { // "never"
		return bench.Forever
	}
	return limit
}

// await asks a question and waits until it is answered, by a person or by the
// customer who plays by themselves, until the session is ended, or for the limit.
func (s *session) await(a *asked, limit time.Duration) (bench.Deed, error) {
	c := s.c
	look := func(left time.Duration) (now bench.Round) {
		c.mu.Lock()
		defer c.mu.Unlock()
		s.asked = a
		c.log.Changed()
		if !s.past {
			now.Stopped = s.stopped
		}
		if c.customer != nil && !(s.left && a.kind != askPull) {
			var takes time.Duration
			now.Deed, takes, now.Plays = c.customer.next(a)
			now.In = c.scaled(takes)
			now.Plays = now.Plays && (left == bench.Forever || now.In <= left) // else they are too late
		}
		return now
	}
	return s.deeds.Await(s.ctx, limit, look, a.fits)
}

// pause lets a step of the script take its time.
func (s *session) pause(d time.Duration) error { return s.bide(&asked{}, s.c.scaled(d)) }

// bide waits for a span in which only the question's deeds count.
func (s *session) bide(a *asked, d time.Duration) error {
	if d <= 0 {
		d = time.Nanosecond // look at the ends all the same
	}
	_, err := s.await(a, d)
	if errors.Is(err, bench.ErrTimeout) {
		return nil
	}
	return err
}

// finish frees the terminal for the next message.
func (s *session) finish() {
	c, t := s.c, s.t
	c.mu.Lock()
	defer c.mu.Unlock()
	s.asked = nil
	if t.running == s {
		t.running = nil
		if len(t.waiting) > 0 && !t.off {
			m := t.waiting[0]
			t.waiting = t.waiting[1:]
			t.beginLocked(m)
		}
	}
	c.log.Changed()
}
