package poynt

import (
	"context"
	"errors"
	"sync"
	"time"
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
	deeds    chan deed
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

type deedKind int

const (
	deedWake deedKind = iota // nothing was done; look again
	deedInsert
	deedTap
	deedSwipe
	deedPull
	deedKey
	deedPIN
	deedTip
	deedSign
)

// deed is what somebody did at the terminal.
type deed struct {
	kind  deedKind
	card  string
	key   string
	right bool
	minor int64
}

// fits says whether a deed answers the question.
func (d deed) fits(a *asked) bool {
	presents := d.kind == deedInsert || d.kind == deedTap || d.kind == deedSwipe
	red := d.kind == deedKey && d.key == "red"
	switch a.kind {
	case askTip:
		return d.kind == deedTip || red
	case askCard:
		return presents || red
	case askAgain:
		return presents || red || d.kind == deedKey && d.key == "green"
	case askConfirm:
		return d.kind == deedKey
	case askPIN:
		return d.kind == deedKey || d.kind == deedPIN || d.kind == deedPull && a.chip
	case askSign:
		return d.kind == deedSign
	case askBank, askPull:
		return d.kind == deedPull && a.chip
	}
	return false
}

// Limits of a session.
const (
	maxDeeds = 32 // what can be done before the terminal looks at it
	maxCalls = 8  // callbacks that wait for the one before
)

// newSession makes a session; the caller holds the mutex.
func newSession(t *terminal, m *message) *session {
	s := &session{t: t, c: t.cloud, message: m, order: m.order, due: m.order.amount, tip: m.order.tip,
		stopped: make(chan struct{}), deeds: make(chan deed, maxDeeds), calls: make(chan call, maxCalls)}
	s.ctx, s.cancel = context.WithCancel(t.cloud.life.Ctx)
	return s
}

// halt ends the session as far as it can still be ended.
func (s *session) halt() { s.stopOnce.Do(func() { close(s.stopped) }) }

// push hands over a deed; false when too many wait already.
func (s *session) push(d deed) bool {
	select {
	case s.deeds <- d:
		return true
	default:
		return false
	}
}

// Why waiting ended without a deed, and why a payment ended without a decision.
var (
	errGone      = errors.New("the terminal went down") // not booked, nothing is told
	errStopped   = errors.New("cancelled by the till")
	errTimeout   = errors.New("nobody did anything")
	errCancelled = errors.New("cancelled on the terminal")
)

// patience is how long the terminal waits for the customer; 0: for ever. The real
// limit is unknown (poynt.md 24).
func (s *session) patience() time.Duration {
	limit, err := time.ParseDuration(s.c.faults.Get("screen-timeout"))
	if err != nil { // "never"
		return 0
	}
	return limit
}

// await asks a question and waits until it is answered, by a person or by the
// customer who plays by themselves, until the session is ended, or for the limit
// (0: for ever).
func (s *session) await(a *asked, limit time.Duration) (deed, error) {
	c := s.c
	var deadline <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		deadline = timer.C
	}
	for {
		c.mu.Lock()
		s.asked = a
		past, who := s.past, c.customer
		if s.left && a.kind != askPull {
			who = nil
		}
		c.log.Changed()
		c.mu.Unlock()

		stopped := s.stopped
		if past {
			stopped = nil
		}
		select {
		case <-s.ctx.Done():
			return deed{}, errGone
		case <-stopped:
			return deed{}, errStopped
		default:
		}
		d, done, err := s.awaitOnce(a, who, stopped, deadline)
		if err != nil || done {
			return d, err
		}
	}
}

// awaitOnce waits for one deed, or for what the customer does about the question.
func (s *session) awaitOnce(a *asked, who *player, stopped <-chan struct{}, deadline <-chan time.Time) (deed, bool, error) {
	var plays <-chan time.Time
	var played deed
	if who != nil {
		if d, takes, acts := who.next(a); acts {
			if wait := s.c.scaled(takes); wait > 0 {
				timer := time.NewTimer(wait)
				defer timer.Stop()
				plays, played = timer.C, d
			} else {
				return d, true, nil
			}
		}
	}
	select {
	case <-s.ctx.Done():
		return deed{}, false, errGone
	case <-stopped:
		return deed{}, false, errStopped
	case d := <-s.deeds:
		return d, d.kind != deedWake && d.fits(a), nil
	case <-plays:
		return played, true, nil
	case <-deadline:
		return deed{}, false, errTimeout
	}
}

// pause lets a step of the script take its time.
func (s *session) pause(d time.Duration) error { return s.bide(&asked{}, s.c.scaled(d)) }

// bide waits for a span in which only the question's deeds count.
func (s *session) bide(a *asked, d time.Duration) error {
	if d <= 0 {
		d = time.Nanosecond // look at the ends all the same
	}
	_, err := s.await(a, d)
	if errors.Is(err, errTimeout) {
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
