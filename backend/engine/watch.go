package engine

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// A manager's word releases the terminal, but the operation stays watched (design
// 2): what the terminal says later confirms it, or raises an alarm.
const (
	watchAgain = 61 * time.Second // out of step with the sign of life
	watchApart = time.Second      // between the first questions about several operations
	watchFor   = 24 * time.Hour
	watchPages = 20 // of the journal that are read at the start for what to watch
)

// provisionally tells whether an outcome stands that more is to be heard about: only
// a person's word, or a reversal that is still to come (design 10.10).
func provisionally(op payment.Operation) bool {
	return op.Reason == payment.ReasonSettled || op.Reason == payment.ReasonPendingReversal
}

// watch goes on asking about such an operation, while the terminal is idle.
// Messages of the terminal are none of its business any more.
func (t *talk) watch() {
	t.w.mu.Lock()
	t.live = false
	t.w.mu.Unlock()
	// Never longer than that, whatever the clock on the wall was set to.
	left := min(watchFor-t.w.e.now().Sub(t.snapshot().EndedAt), watchFor)
	if !provisionally(t.snapshot()) || left <= 0 {
		return
	}
	t.timers.set(clockWatched, left)
	t.timers.set(clockWatch, watchAgain+t.watchLater)
	for t.timers.has(clockWatched) && t.turn() {
	}
}

// lookBack asks about a settled operation, unless somebody pays just now (F-23).
func (t *talk) lookBack() {
	t.timers.set(clockWatch, watchAgain)
	op, open := t.w.openOperation()
	if (!open || op.Doubt.Parked) && !t.looking { // nobody pays while an operation is parked
		t.lookup()
	}
}

// watchAgain takes up, after a restart, what was settled within the time of watching.
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
			if op.CreatedAt.Before(w.e.now().Add(-2 * watchFor)) {
				return
			}
			if op.State.Final() && provisionally(op) && len(op.Alarms) == 0 {
				t := newTalk(w, op)
				t.watchLater, later = later, later+watchApart
				w.done.Go(func() {
					defer close(t.over)
					t.watch()
				})
			}
			q.Before = op.Number
		}
		if len(page) == 0 {
			return
		}
	}
}
