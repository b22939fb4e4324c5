package engine

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What was given up stays watched up to the provider's horizon (design 2): what the
// terminal says later confirms it, or raises an alarm.
const (
	watchAgain = 61 * time.Second // out of step with the sign of life
	watchSoon  = 13 * time.Second // after "busy": two that are watched in step would keep each other from being asked
	watchApart = time.Second      // between the first questions about several operations
	watchFor   = 24 * time.Hour   // where the provider names no horizon
	watchPages = 20               // of the journal that are read at the start for what to watch
)

func (w *worker) watchFor() time.Duration {
	if horizon := w.clocks().Watch; horizon > 0 {
		return horizon
	}
	return watchFor
}

// provisionally tells whether an outcome stands that more is to be heard about: only
// a person's word, or the settings' that not found means not executed, or a reversal
// that is still to come (design 10.10).
func provisionally(op payment.Operation) bool {
	switch op.Reason {
	case payment.ReasonSettled, payment.ReasonPendingReversal:
		return op.State.Final()
	case payment.ReasonNotFound:
		return op.State == payment.Failed
	}
	return false
}

// beginWatch has such an operation asked about, while the terminal is idle.
func (t *talk) beginWatch() {
	op := t.snapshot()
	// Never longer than that, whatever the clock on the wall was set to.
	left := min(t.w.watchFor()-t.w.e.now().Sub(op.EndedAt), t.w.watchFor())
	if !provisionally(op) || left <= 0 {
		return
	}
	t.timers.set(clockWatched, left)
	t.timers.set(clockWatch, watchAgain+t.watchLater)
	if op.Reason == payment.ReasonSettled && !t.watched {
		t.watched = true
		t.w.watches(1)
	}
}

// unwatch: it is known at last, or was watched long enough.
func (t *talk) unwatch() {
	t.timers.drop(clockWatch, clockWatched)
	if t.watched {
		t.watched = false
		t.w.watches(-1)
	}
}

// watch goes on as long as is to be asked. Messages of the terminal are none of its
// business any more.
func (t *talk) watch() {
	t.w.mu.Lock()
	t.live = false
	t.w.mu.Unlock()
	for t.timers.has(clockWatched) && t.turn() {
	}
}

// watchAlone is the whole conversation about an operation whose outcome was known
// before.
func (t *talk) watchAlone() {
	defer t.w.end(t)
	defer t.unwatch()
	t.watch()
}

// watch has an operation that was given up asked about, the first time so much later.
func (w *worker) watch(op payment.Operation, later time.Duration) {
	t := newTalk(w, op)
	t.watchLater = later
	t.beginWatch() // before anybody may sign in
	w.mu.Lock()
	other := w.after[op.ID]
	if other == nil {
		w.after[op.ID] = t
	}
	w.mu.Unlock()
	w.done.Go(func() {
		if other == nil {
			t.watchAlone()
			return
		}
		other.post(w.ctx, other.beginWatch) // something was delivered for it meanwhile
		t.unwatch()
	})
}

// watches counts what only a manager says is over.
func (w *worker) watches(more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched += more
}

// lookBack asks about an operation that was given up, unless somebody pays just now (F-23).
func (t *talk) lookBack() {
	t.timers.set(clockWatch, watchAgain)
	op, open := t.w.openOperation()
	if (!open || op.Doubt.Parked) && !t.looking { // nobody pays while an operation is parked
		t.lookup()
	}
}

// watchAgain takes up, after a restart, what was given up within the time of watching.
func (w *worker) watchAgain() {
	q := payment.Query{Terminal: w.name}
	later := time.Duration(0)
	for range watchPages {
		page, err := w.e.journal.Operations(w.ctx, q)
		if err != nil {
			w.e.log.Error("find what is to be watched", "terminal", w.name, "error", err)
			return
		}
		for _, op := range page {
			if op.CreatedAt.Before(w.e.now().Add(-2 * w.watchFor())) {
				return
			}
			if provisionally(op) && len(op.Alarms) == 0 {
				w.watch(op, later)
				later += watchApart
			}
			q.Before = op.Number
		}
		if len(page) == 0 {
			return
		}
	}
}
