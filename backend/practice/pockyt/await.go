package pockyt

import (
	"errors"
	"time"
)

// askKind says what the phone waits for.
type askKind int

const (
	askNothing askKind = iota
	askScan            // the till's QR can be scanned
	askConfirm         // pay?
	askLate            // the order is closed, and the wallet still takes a confirmation
)

type deedKind int

const (
	deedWake deedKind = iota // nothing was done; look again
	deedScan
	deedApprove
	deedRefuse
	deedFail
	deedWrong
)

type deed struct{ kind deedKind }

// fits says whether a deed answers what the phone asks.
func (d deed) fits(kind askKind) bool {
	switch d.kind {
	case deedScan:
		return kind == askScan
	case deedApprove:
		return kind == askConfirm || kind == askLate
	case deedRefuse, deedFail, deedWrong:
		return kind == askConfirm
	}
	return false
}

// Why waiting ended without a deed.
var (
	errGone  = errors.New("the cloud was closed")
	errEnded = errors.New("the order is final")
	errLate  = errors.New("nobody did anything")
)

// await asks and waits until it is answered, by a person or by the customer who plays
// by themselves, until the order is final, or for the limit (0: the order's own).
func (a *attempt) await(kind askKind, limit time.Duration) (deed, error) {
	c := a.c
	ended := a.ended
	c.mu.Lock()
	until := time.Until(a.o.Expires)
	c.mu.Unlock()
	if kind == askLate {
		ended, until = nil, limit
	}
	timer := time.NewTimer(max(until, 0))
	defer timer.Stop()
	for {
		c.mu.Lock()
		a.ask(kind)
		who, tries := c.customer, a.tries
		if c.faults.Get("network") == "unplugged" || kind == askScan && !a.seen {
			who = nil
		}
		c.mu.Unlock()
		select {
		case <-c.life.Ctx.Done():
			return deed{}, errGone
		case <-ended:
			return deed{}, errEnded
		default:
		}
		d, err := a.awaitOnce(kind, who, tries, ended, timer.C)
		switch {
		case errors.Is(err, errLate) && kind != askLate:
			c.mu.Lock()
			c.expireLocked(a.o)
			c.mu.Unlock()
			return deed{}, errEnded
		case err != nil || d.fits(kind):
			return d, err
		}
	}
}

// awaitOnce waits for one deed, or for what the customer does about the question.
func (a *attempt) awaitOnce(kind askKind, who *player, tries int, ended <-chan struct{}, late <-chan time.Time) (deed, error) {
	var plays <-chan time.Time
	var played deed
	if who != nil {
		if d, takes, acts := who.next(kind, tries, a.c.scaled); acts {
			timer := time.NewTimer(takes)
			defer timer.Stop()
			plays, played = timer.C, d
		}
	}
	select {
	case <-a.c.life.Ctx.Done():
		return deed{}, errGone
	case <-ended:
		return deed{}, errEnded
	case d := <-a.deeds:
		return d, nil
	case <-plays:
		return played, nil
	case <-late:
		return deed{}, errLate
	}
}

// paysAtOnceLocked says that the wallet asks nothing.
func (c *Cloud) paysAtOnceLocked() bool {
	if c.customer != nil {
		return c.customer.instant
	}
	return c.faults.Get("pay.confirm") == "not-asked"
}
