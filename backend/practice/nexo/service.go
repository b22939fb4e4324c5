package nexo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
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

	deeds bench.Deeds

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

// fits says whether a deed answers the question.
func (a *asked) fits(d bench.Deed) bool {
	switch a.kind {
	case askTip:
		return d.Kind == bench.DeedTip || d.Presses(bench.KeyRed)
	case askCard:
		return d.Presents() || d.Presses(bench.KeyRed)
	case askPIN:
		return d.Kind == bench.DeedKey || d.Kind == bench.DeedPIN || d.Kind == bench.DeedPull && a.chip
	case askBank, askPull:
		return d.Kind == bench.DeedPull && a.chip
	}
	return false
}

// begin makes a service and puts it on the terminal. The caller holds the mutex
// and has made sure that the terminal is free.
func (t *Terminal) begin(category string, header *node) *service {
	if t.latest != nil {
		t.latest.cancel()
	}
	s := &service{t: t, category: category, header: header, session: *t.session, answered: make(chan struct{}),
		cut: make(chan struct{}), stopped: make(chan struct{}), deeds: bench.NewDeeds()}
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

// presentLimit is how long the terminal waits for the customer. The real limits
// are unknown (nexo-retailer.md 2.5).
const presentLimit = 3 * time.Minute

// await asks a question and waits until it is answered, by a person or by the
// customer who plays by themselves, until the service is ended, or for the limit.
func (s *service) await(a *asked, limit time.Duration) (bench.Deed, error) {
	t := s.t
	look := func(left time.Duration) (now bench.Round) {
		t.mu.Lock()
		defer t.mu.Unlock()
		s.asked = a
		t.log.Changed()
		if !s.past {
			now.Stopped = s.stopped
		}
		if t.customer != nil && !(s.left && a.kind != askPull) {
			var takes time.Duration
			now.Deed, takes, now.Plays = t.customer.next(a)
			now.In = t.scaled(takes)
			if a.kind == askBank {
				now.In = min(now.In, left)
			}
		}
		return now
	}
	return s.deeds.Await(s.ctx, limit, look, a.fits)
}

// pause lets a step of the script take its time.
func (s *service) pause(d time.Duration) error {
	_, err := s.await(&asked{}, s.t.scaled(d))
	if errors.Is(err, bench.ErrTimeout) {
		return nil
	}
	return err
}
