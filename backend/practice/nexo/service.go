package nexo

import (
	"context"
	"errors"
	"sync"
	"time"
)

// service is one request that takes its time: a payment or a reversal. It runs in
// its own goroutine and does not care whether the till still listens.
type service struct {
	t        *Terminal
	category string
	header   *node
	session  session
	ctx      context.Context // ends with the terminal, a reboot, or the next service
	cancel   context.CancelFunc

	answered chan struct{} // closed when the outcome is settled
	answer   *node         // the response body; nil: none will come

	cutOnce sync.Once
	cut     chan struct{} // closed when the till's connection is to break

	stopOnce sync.Once
	stopped  chan struct{} // closed when an abort or a login ends it

	deeds chan deed

	// Guarded by the terminal's mutex.
	past    bool // the bank is asked: too late to abort
	signing bool
	left    bool // the customer went away
	asked   *asked
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
	askPull
)

// asked is the question that the terminal asks the customer now.
type asked struct {
	kind   askKind
	card   card
	chip   bool  // the card sits in the slot
	try    int   // which PIN entry this is, from 1
	digits int   // PIN digits so far
	amount int64 // minor units
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
	switch a.kind {
	case askTip:
		return d.kind == deedTip || d.kind == deedKey && d.key == "red"
	case askCard:
		return d.kind == deedInsert || d.kind == deedTap || d.kind == deedSwipe || d.kind == deedKey && d.key == "red"
	case askPIN:
		return d.kind == deedKey || d.kind == deedPIN || d.kind == deedPull && a.chip
	case askBank, askPull:
		return d.kind == deedPull && a.chip
	}
	return false
}

// maxDeeds bounds what can be done before the terminal looks at it.
const maxDeeds = 32

// begin makes a service and puts it on the terminal. The caller holds the mutex
// and has made sure that the terminal is free.
func (t *Terminal) begin(category string, header *node) *service {
	if t.latest != nil {
		t.latest.cancel()
	}
	s := &service{t: t, category: category, header: header, session: *t.session, answered: make(chan struct{}),
		cut: make(chan struct{}), stopped: make(chan struct{}), deeds: make(chan deed, maxDeeds)}
	s.ctx, s.cancel = context.WithCancel(t.life.Ctx)
	t.running, t.latest = s, s
	t.slot, t.field, t.signed, t.slip = "", "", "", nil
	return s
}

// finish makes the outcome known, frees the terminal and starts the cool-down
// (nexo-retailer.md 2.5). A nil answer means that none will come.
func (s *service) finish(answer *node) {
	t := s.t
	t.mu.Lock()
	defer t.mu.Unlock()
	s.answer = answer
	s.asked = nil
	if t.running == s {
		t.running = nil
	}
	if pause := t.coolDownLocked(); answer != nil && pause > 0 {
		t.busyUntil, t.busyText = time.Now().Add(pause), "Previous transaction is being completed"
		time.AfterFunc(pause, t.log.Changed) // the pages show when it is ready again
	}
	close(s.answered)
	t.log.Changed()
}

func (t *Terminal) coolDownLocked() time.Duration {
	switch t.faults.Get("cooldown") {
	case "off":
		return 0
	case "3s":
		return realCoolDown
	}
	return max(t.opts.CoolDown, 0)
}

// halt ends the service as far as it can still be ended.
func (s *service) halt() { s.stopOnce.Do(func() { close(s.stopped) }) }

// cutLine breaks the till's connection without touching the service.
func (s *service) cutLine() { s.cutOnce.Do(func() { close(s.cut) }) }

// push hands over a deed; false when too many wait already.
func (s *service) push(d deed) bool {
	select {
	case s.deeds <- d:
		return true
	default:
		return false
	}
}

// Why waiting for the customer ended without a deed.
var (
	errGone    = errors.New("the terminal went down") // not booked, no answer
	errStopped = errors.New("aborted by the till")
	errTimeout = errors.New("nobody did anything")
)

// presentLimit is how long the terminal waits for the customer. The real limits
// are unknown (nexo-retailer.md 2.5).
const presentLimit = 3 * time.Minute

// await asks a question and waits until it is answered, by a person or by the
// customer who plays by themselves, until the service is ended, or for the limit.
func (s *service) await(a *asked, limit time.Duration) (deed, error) {
	t := s.t
	deadline := time.Now().Add(limit)
	for {
		t.mu.Lock()
		s.asked = a
		past := s.past
		who := t.customer
		if s.left && a.kind != askPull {
			who = nil
		}
		t.log.Changed()
		t.mu.Unlock()

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
		wait, played, ok := time.Until(deadline), deed{}, false
		if who != nil {
			var takes time.Duration
			if played, takes, ok = who.next(a); ok {
				wait = t.scaled(takes)
				if a.kind == askBank {
					wait = min(wait, time.Until(deadline))
				}
			}
		}
		if ok && wait <= 0 {
			return played, nil
		}
		d, err := s.awaitOnce(stopped, wait)
		switch {
		case errors.Is(err, errTimeout) && ok:
			return played, nil
		case err != nil:
			return deed{}, err
		case d.kind != deedWake && d.fits(a):
			return d, nil
		}
	}
}

func (s *service) awaitOnce(stopped <-chan struct{}, wait time.Duration) (deed, error) {
	if wait <= 0 {
		return deed{}, errTimeout
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
		return deed{}, errGone
	case <-stopped:
		return deed{}, errStopped
	case d := <-s.deeds:
		return d, nil
	case <-timer.C:
		return deed{}, errTimeout
	}
}

// pause lets a step of the script take its time.
func (s *service) pause(d time.Duration) error {
	_, err := s.await(&asked{}, s.t.scaled(d))
	if errors.Is(err, errTimeout) {
		return nil
	}
	return err
}
