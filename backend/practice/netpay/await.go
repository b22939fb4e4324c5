package netpay

import (
	"errors"
	"time"
)

// Why waiting ended without a deed.
var (
	errGone    = errors.New("the terminal went down, or does something else") // no result
	errTimeout = errors.New("nobody did anything")
)

// How long the terminal waits for people. A minute for the card is documented
// (netpay.md 8), the others are not known.
const (
	cardLimit  = time.Minute
	pinLimit   = time.Minute
	signLimit  = time.Minute
	paperLimit = 30 * time.Minute
	copyLimit  = 4 * time.Second
	retryLimit = 5 * time.Minute
	pullLimit  = 10 * time.Minute
)

// await asks a question and waits until it is answered, by a person or by the
// customer who plays by themselves, until the operation is ended, or for the limit.
func (op *operation) await(a *asked, limit time.Duration) (deed, error) {
	t := op.t
	deadline := time.Now().Add(limit)
	for {
		t.mu.Lock()
		op.asked = a
		who := t.customer
		if op.left && !a.kind.clerks() {
			who = nil
		}
		t.log.Changed()
		t.mu.Unlock()
		if op.ctx.Err() != nil {
			return deed{}, errGone
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
		d, err := op.awaitOnce(wait)
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

func (op *operation) awaitOnce(wait time.Duration) (deed, error) {
	if wait <= 0 {
		return deed{}, errTimeout
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-op.ctx.Done():
		return deed{}, errGone
	case d := <-op.deeds:
		return d, nil
	case <-timer.C:
		return deed{}, errTimeout
	}
}

// pause lets a step of the script take its time.
func (op *operation) pause(d time.Duration) error {
	_, err := op.await(&asked{}, op.t.scaled(d))
	if errors.Is(err, errTimeout) {
		return nil
	}
	return err
}
