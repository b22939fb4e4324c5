package iotpay

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// How long the PIN pad waits for people. None of it is documented.
const (
	cardLimit = time.Minute
	keyLimit  = time.Minute
	signLimit = time.Minute
	pullLimit = 10 * time.Minute
	idleLook  = time.Hour // an order that nothing happens to is looked at this often
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
		if t.customer != nil && !(op.left && a.kind != askPull) {
			var takes time.Duration
			now.Deed, takes, now.Plays = t.customer.next(a)
			now.In = min(t.scaled(takes), left)
		}
		return now
	}
	return op.deeds.Await(op.ctx, limit, look, a.fits)
}

// awaitWhile waits, without a limit, until something is no longer so.
func (op *operation) awaitWhile(so func() bool) error {
	for so() {
		if _, err := op.deeds.Once(op.ctx, idleLook); errors.Is(err, bench.ErrGone) {
			return err
		}
	}
	return nil
}

// pause lets a step of the script take its time.
func (op *operation) pause(d time.Duration) error {
	_, err := op.await(&asked{}, op.t.scaled(d))
	if errors.Is(err, bench.ErrTimeout) {
		return nil
	}
	return err
}
