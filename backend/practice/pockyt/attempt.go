package pockyt

import (
	"errors"
	"fmt"
	"time"
)

// attempt is the customer in front of one order. It runs in its own goroutine, from
// the moment when the customer can do something until the order is final.
type attempt struct {
	c       *Cloud
	o       *order // guarded by the cloud's mutex, as the rest but the channels
	deeds   chan deed
	ended   chan struct{}
	over    bool
	started bool // somebody has begun to pay
	seen    bool // the till shows its code
	asked   askKind
	tries   int // wrong passcodes
}

const (
	maxDeeds  = 16
	lateLimit = 10 * time.Minute // how long a closed order can still be confirmed
)

// attendLocked lets the customer deal with an order.
func (c *Cloud) attendLocked(o *order) {
	a := &attempt{c: c, o: o, deeds: make(chan deed, maxDeeds), ended: make(chan struct{}), started: o.Status != statusInit, seen: !c.opts.Unseen}
	if !c.life.Spawn(a.run) {
		return
	}
	c.attempts[o.No] = a
	if c.latest == nil || c.latest.asked != askConfirm { // else the phone is taken
		c.latest = a
	}
	if a.started {
		a.ask(askConfirm)
	} else {
		a.ask(askScan)
	}
}

// endLocked tells the attempt that its order is final.
func (a *attempt) endLocked() {
	if !a.over {
		a.over = true
		close(a.ended)
	}
}

// push hands over a deed; false when too many wait already.
func (a *attempt) push(d deed) bool {
	select {
	case a.deeds <- d:
		return true
	default:
		return false
	}
}

func (a *attempt) run() {
	c := a.c
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.attempts, a.o.No)
		a.asked = askNothing
		c.nextLocked(a)
	}()
	err := a.scan()
	if err == nil {
		err = a.confirm()
	}
	if errors.Is(err, errEnded) {
		a.afterwards()
	}
}

// nextLocked hands the phone on to the oldest order that still waits for it.
func (c *Cloud) nextLocked(done *attempt) {
	c.log.Changed()
	if c.latest != done {
		return
	}
	for _, a := range c.attempts {
		if a.asked != askNothing && (c.latest == done || a.o.Serial < c.latest.o.Serial) {
			c.latest = a
		}
	}
	if c.latest != done {
		c.latest.ask(c.latest.asked)
	}
}

// scan waits until the customer has scanned the till's QR.
func (a *attempt) scan() error {
	c := a.c
	if a.started {
		return nil
	}
	if _, err := a.await(askScan, 0); err != nil {
		return err
	}
	if err := a.become(statusDealing); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !a.o.open() {
		return errEnded
	}
	if c.paysAtOnceLocked() {
		c.payLocked(a.o)
		return errEnded
	}
	return nil
}

// become writes a state on the way.
func (a *attempt) become(status string) error {
	c := a.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if !a.o.open() {
		return errEnded
	}
	next := *a.o
	next.Status = status
	if err := c.ledger.write(next); err != nil {
		c.log.Note(err.Error())
		return err
	}
	a.started = true
	c.log.Note(fmt.Sprintf("Order %s is %s", a.o.No, status))
	return nil
}

// confirm asks on the phone until somebody has decided.
func (a *attempt) confirm() error {
	if a.o.QR {
		if err := a.become(statusPending); err != nil {
			return err
		}
	}
	for {
		d, err := a.await(askConfirm, 0)
		if err != nil {
			return err
		}
		if a.decide(d) {
			return errEnded
		}
	}
}

// decide carries out what the customer did; true when the order is final.
func (a *attempt) decide(d deed) bool {
	c := a.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if !a.o.open() {
		return true
	}
	switch d.kind {
	case deedApprove:
		c.payLocked(a.o)
	case deedRefuse:
		c.log.Note("The customer refuses")
		c.endLocked(a.o, statusClosed, outcomeCancelled)
	case deedFail:
		c.endLocked(a.o, statusFailed, outcomeDeclined)
	case deedWrong:
		a.tries++
		c.log.Note("Wrong passcode")
		if a.tries < passcodes {
			c.showLocked(textWrong, a.o)
			return false
		}
		c.endLocked(a.o, statusFailed, outcomeDeclined)
	}
	return !a.o.open()
}

// afterwards shows the end, and lets a wallet pay that pays all the same.
func (a *attempt) afterwards() {
	c := a.c
	c.mu.Lock()
	status := a.o.Status
	if c.latest == a {
		c.showLocked(endTexts[status], a.o)
	}
	late := status == statusClosed && a.started && (c.faults.Get("pay.after-closed") == "paid" || c.customer != nil && c.customer.postponed > 0)
	c.mu.Unlock()
	if !late {
		return
	}
	if _, err := a.await(askLate, lateLimit); err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log.Note("The wallet pays although the order was closed")
	c.payLocked(a.o)
	if c.latest == a {
		c.showLocked(textPaid, a.o)
	}
}
