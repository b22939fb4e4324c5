package poynt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// terminal is one smart terminal behind the cloud. Its fields are guarded by the
// cloud's mutex.
type terminal struct {
	cloud            *Cloud
	id, serial, name string
	wake             chan struct{} // the queue or the line changed

	queue   []*message // in the cloud, not yet delivered
	waiting []*message // delivered while a payment was on the screen
	plugged bool       // the terminal is online
	off     bool
	running *session // takes place now; nil: idle
	latest  *session // owns the screen

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
}

func newTerminal(c *Cloud, id, serial, name string) *terminal {
	return &terminal{cloud: c, id: id, serial: serial, name: name, wake: make(chan struct{}, 1), plugged: true,
		screen: screenOf(textWelcome, "idle")}
}

// plugLocked takes the terminal on or off the line.
func (t *terminal) plugLocked(in bool) {
	t.plugged = in
	t.nudge()
}

func (t *terminal) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// offlineLocked says that the cloud does not reach the terminal, nor it the cloud.
func (t *terminal) offlineLocked() bool {
	who := t.cloud.customer
	return !t.plugged || t.off || who != nil && who.trouble == troubleOffline
}

func (t *terminal) offline() bool {
	t.cloud.mu.Lock()
	defer t.cloud.mu.Unlock()
	return t.offlineLocked()
}

// enqueue keeps a message for the terminal. One with the same collapse key that
// was not delivered yet is replaced (poynt.md 6).
func (t *terminal) enqueue(m *message) {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.collapseKey != "" {
		t.queue = slices.DeleteFunc(t.queue, func(old *message) bool {
			same := old.collapseKey == m.collapseKey
			if same && old.told != m.told {
				old.tell()
				c.log.Note("A message that was not delivered yet is replaced")
			}
			return same
		})
	}
	if len(t.queue) >= maxQueue {
		c.log.Note("Too many messages wait for the terminal; the oldest is dropped")
		t.queue[0].tell()
		t.queue = t.queue[1:]
	}
	t.queue = append(t.queue, m)
	t.nudge()
}

// courier brings the messages to the terminal while it is online and drops them
// when their time is over. Nobody hears of that (poynt.md 18).
func (t *terminal) courier() {
	c := t.cloud
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		m, wait := t.next(time.Now())
		if m != nil {
			t.deliver(m)
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-c.life.Ctx.Done():
			return
		case <-t.wake:
		case <-due:
		}
	}
}

// next takes the message that is to be delivered now; without one it tells how
// long it is until the queue is to be looked at again, 0: not before a change.
func (t *terminal) next(now time.Time) (*message, time.Duration) {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Ended() {
		return nil, 0
	}
	t.queue = slices.DeleteFunc(t.queue, func(m *message) bool {
		over := !now.Before(m.expires)
		if over {
			c.log.Note("A message for " + t.name + " was not delivered in time and is gone")
			m.tell()
		}
		return over
	})
	var wait time.Duration
	sooner := func(at time.Time) {
		if d := at.Sub(now); wait == 0 || d < wait {
			wait = d
		}
	}
	for i, m := range t.queue {
		sooner(m.expires)
		if t.offlineLocked() {
			continue
		}
		if !now.Before(m.ready) {
			t.queue = slices.Delete(t.queue, i, i+1)
			return m, 0
		}
		sooner(m.ready)
	}
	return nil, wait
}

// deliver hands a message to the terminal's payment bridge.
func (t *terminal) deliver(m *message) {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case m.bad != nil:
		c.log.Note(t.name + " ignores a message: " + m.bad.Error())
		m.tell()
		return
	case !t.knowsLocked(m.order):
		c.log.Note(t.name + " ignores a message: the action " + bench.Shorten(m.order.action) + " is unknown to it")
		m.tell()
		return
	case m.order.kind == orderProfile:
		c.log.Note(t.name + " took its connectivity profile")
		m.tell()
		return
	case m.order.kind == orderCancel:
		t.cancelLocked()
		m.tell()
		return
	case c.customer != nil && c.customer.trouble == troubleSilent:
		c.log.Note(t.name + " swallows the message and says nothing")
		m.tell()
		return
	case t.running == nil:
		t.beginLocked(m)
		return
	}
	switch policy := c.faults.Get("busy"); policy {
	case "queue":
		c.log.Note(t.name + " is busy; the message comes next")
		t.waiting = append(t.waiting, m)
	case "replace":
		c.log.Note(t.name + " is busy; the message takes the screen")
		t.waiting = append(t.waiting, m)
		t.running.halt()
	default:
		c.log.Note(t.name + " is busy and ignores the message")
		m.tell()
	}
}

// knowsLocked: of the two spellings of a credit a terminal may know one only.
func (t *terminal) knowsLocked(o order) bool {
	word := t.cloud.faults.Get("credit.word")
	return o.kind != orderCredit || o.nested || word == "both" || strings.EqualFold(word, o.action)
}

// cancelLocked is the till's cancelPayment (poynt.md 7.3).
func (t *terminal) cancelLocked() {
	c := t.cloud
	switch {
	case t.running == nil:
		c.log.Note(t.name + " has nothing to cancel")
	case c.faults.Get("till-cancel") == "ignored":
		c.log.Note(t.name + " ignores the cancel")
	case t.running.past:
		c.log.Note("The cancel comes too late")
	default:
		c.log.Note("The till cancels the payment")
		t.running.halt()
	}
}

// beginLocked puts a request on the screen.
func (t *terminal) beginLocked(m *message) {
	c := t.cloud
	if t.latest != nil {
		t.latest.cancel()
	}
	s := newSession(t, m)
	t.running, t.latest = s, s
	t.slot, t.field, t.signed, t.slip = "", "", "", nil
	c.log.Note(fmt.Sprintf("%s: %s %s", t.name, m.order.kind, shownAmount(m.order.amount, m.order.currency)))
	if !c.life.Spawn(s.run) || !c.life.Spawn(s.postAll) {
		t.running = nil
	}
}
