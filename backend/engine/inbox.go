package engine

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// recheckFor is how long a delivery about an operation whose outcome is known waits
// for the terminal to be idle, so that it can be asked.
const recheckFor = time.Hour

// inbox keeps what arrives from outside for one terminal (payment.Inbox).
type inbox struct{ w *worker }

// Keep records the delivery where it belongs, then has the operation asked about:
// the delivery itself decides nothing.
func (i inbox) Keep(ctx context.Context, d payment.Delivery) (bool, error) {
	w := i.w
	d.Terminal, d.Key = w.name, w.name+"/"+d.Key
	if d.At.IsZero() {
		d.At = w.e.now()
	}
	op, found, err := w.attempted(ctx, d.Reference)
	if err != nil {
		return false, err
	}
	fresh, err := w.e.journal.Receive(ctx, op.ID, d)
	if err != nil {
		return false, err
	}
	w.heard(d.At)
	if fresh && found {
		w.wake(op)
	}
	return fresh, nil
}

// Kept lists what was delivered with a reference.
func (i inbox) Kept(ctx context.Context, reference string) ([]payment.Delivery, error) {
	return i.w.e.journal.Deliveries(ctx, i.w.name, reference)
}

// attempted finds this terminal's operation whose attempt has the reference. Another
// terminal's is none of its business.
func (w *worker) attempted(ctx context.Context, reference string) (payment.Operation, bool, error) {
	op, found, err := w.e.journal.ByAttempt(ctx, reference)
	if err != nil || !found || op.Terminal != w.name {
		return payment.Operation{}, false, err
	}
	return op, true, nil
}

// wake has an operation asked about. While its own call is open, the provider knows
// what to do with the delivery.
func (w *worker) wake(op payment.Operation) {
	if t := w.e.talkOf(op.ID); t != nil {
		w.done.Go(func() {
			t.post(w.ctx, func() {
				if t.calls == 0 {
					t.look()
				}
			})
		})
		return
	}
	if !op.State.Final() || w.ctx.Err() != nil {
		return // it waits for its turn after a restart, and is asked about then
	}
	t := newTalk(w, op)
	w.done.Go(func() {
		defer close(t.over)
		t.recheck()
	})
}

// recheck asks once about an operation whose outcome is known, as soon as the
// terminal is idle: what a delivery claims may be late money.
func (t *talk) recheck() {
	t.timers.set(clockWatched, recheckFor)
	t.timers.set(clockWatch, 0)
	for t.timers.has(clockWatched) && t.turn() {
	}
}

// heard keeps when something last arrived from outside.
func (w *worker) heard(at time.Time) {
	w.mu.Lock()
	w.delivered = at
	w.mu.Unlock()
	w.seen()
}
