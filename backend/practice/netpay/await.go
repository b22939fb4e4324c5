package netpay

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
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
func (op *operation) await(a *asked, limit time.Duration) (bench.Deed, error) {
	t := op.t
	look := func(left time.Duration) (now bench.Round) {
		t.mu.Lock()
		defer t.mu.Unlock()
		op.asked = a
		t.log.Changed()
		if t.customer != nil && !(op.left && !a.kind.clerks()) {
			var takes time.Duration
			now.Deed, takes, now.Plays = t.customer.next(a)
			now.In = t.scaled(takes)
			if a.kind == askBank {
				now.In = min(now.In, left)
			}
		}
		return now
	}
	return op.deeds.Await(op.ctx, limit, look, a.fits)
}

// pause lets a step of the script take its time.
func (op *operation) pause(d time.Duration) error {
	_, err := op.await(&asked{}, op.t.scaled(d))
	if errors.Is(err, bench.ErrTimeout) {
		return nil
	}
	return err
}
