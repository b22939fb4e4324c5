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

// wake has an operation asked about. One conversation asks about an operation: what
// two learnt would be told twice.
func (w *worker) wake(op payment.Operation) {
	w.done.Go(func() {
		for range wakeTries {
			t := w.e.talkOf(op.ID)
			if t == nil && op.State.Final() {
				t = w.lookAfter(op)
			}
			if t == nil {
				return // it waits for its turn after a restart, and is asked about then
			}
			if _, err := ask(w.ctx, t, t.delivered); err == nil || w.ctx.Err() != nil {
				return
			}
		}
	})
}

// wakeTries bounds the search: a conversation may end while it is being told.
const wakeTries = 3

// delivered has the terminal asked what a delivery may be about. While the operation's
// own call is open, the provider knows what to do with the delivery. One whose outcome
// is known is asked about as soon as the terminal is idle: it may be late money.
func (t *talk) delivered() (struct{}, error) {
	switch {
	case t.state().Final():
		t.timers.setOnce(clockWatched, recheckFor)
		t.timers.set(clockWatch, 0)
	case t.calls == 0:
		t.look()
	}
	return struct{}{}, nil
}

// lookAfter finds or begins the conversation about an operation whose outcome is known.
func (w *worker) lookAfter(op payment.Operation) *talk {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.after[op.ID]
	if t == nil {
		t = newTalk(w, op)
		t.timers.set(clockWatched, recheckFor)
		w.after[op.ID] = t
		w.done.Go(func() {
			t.reread()
			t.watchAlone()
		})
	}
	return t
}

// reread takes the operation as the journal has it: another conversation about it may
// have ended since it was found.
func (t *talk) reread() {
	op, err := t.w.e.journal.Operation(t.ctx, t.id)
	if err != nil {
		t.w.e.log.Error("read an operation that something was delivered for", "operation", t.id, "error", err)
		return
	}
	t.mu.Lock()
	t.op = op
	t.mu.Unlock()
}

// heard keeps when something last arrived from outside.
func (w *worker) heard(at time.Time) {
	w.mu.Lock()
	w.delivered = at
	w.mu.Unlock()
	w.seen()
}
