package engine

import (
	"context"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What was given up stays watched up to the provider's horizon (design 2): what the
// terminal says later confirms it, or raises an alarm. So does an approval whose tip is
// open: the amount that it comes to is taken (conclude). And so does what was closed
// unpaid and may be paid all the same.
const (
	watchAgain = 61 * time.Second // out of step with the sign of life
	watchSoon  = 13 * time.Second // after "busy": two that are watched in step would keep each other from being asked
	watchApart = time.Second      // between the first questions about several operations
	watchFor   = 24 * time.Hour   // where the provider names no horizon
	watchPages = 20               // of the journal that are read at the start for what to watch
	// A tip comes within a minute from the customer, or hours later from the staff, a
	// payment of which the terminal never told most likely never, and a wallet that was
	// closed pays within seconds or never: the older it is, the longer until it is read
	// again.
	ofItsAge     = 3 // the pause is so small a part of its age
	watchSeldom  = time.Hour
	reopenSeldom = 5 * time.Minute
	watchLeast   = 2 * watchSoon // longer, so that it is asked about once
	// So long all is watched after a restart, and so many of a terminal's newest operations
	// whatever their age: the clock on the wall may have been set forward, by years if its
	// battery was empty.
	watchAnew   = 10 * time.Minute
	watchNewest = 20
)

func (w *worker) watchFor() time.Duration {
	if horizon := w.clocks().Watch; horizon > 0 {
		return horizon
	}
	return watchFor
}

// provisionally tells whether an outcome stands that more is to be heard about: only
// a person's word, or the settings' that not found means not executed, or that the
// terminal never told of it (poynt.md 20), or a reversal that is still to come (design
// 10.10).
func provisionally(op payment.Operation) bool {
	switch op.Reason {
	case payment.ReasonSettled, payment.ReasonPendingReversal:
		return op.State.Final()
	case payment.ReasonNotFound:
		return op.State == payment.Failed || op.State == payment.Cancelled
	case payment.ReasonExpired:
		return op.State == payment.Failed
	}
	return false
}

// tipOpen tells whether an approval stands to which the terminal may still add a tip.
func tipOpen(op payment.Operation) bool { return op.State == payment.Approved && op.TipOpen }

// reopens tells whether something ended unpaid that may be paid all the same.
func reopens(op payment.Operation) bool {
	return op.State.Final() && op.State != payment.Approved && op.Reopens
}

// horizon is how long an operation whose outcome is known is asked about; 0: not.
func (w *worker) horizon(op payment.Operation) time.Duration {
	switch {
	case provisionally(op):
		return w.watchFor()
	case tipOpen(op):
		return w.clocks().TipFor
	case reopens(op):
		return w.clocks().ReopenFor
	}
	return 0
}

// beginWatch has such an operation asked about, while the terminal is idle.
func (t *talk) beginWatch() {
	op := t.snapshot()
	horizon := t.w.horizon(op)
	// Never longer than that, whatever the clock on the wall was set to.
	left := min(horizon-t.w.e.now().Sub(op.EndedAt), horizon)
	if horizon == 0 {
		return
	}
	first := watchAgain
	if tipOpen(op) || reopens(op) || left < watchAnew {
		left, first = max(left, watchAnew)+t.watchLater, watchSoon
	}
	t.timers.set(clockWatched, left)
	t.timers.set(clockWatch, first+t.watchLater)
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

// lookBack asks about an operation whose outcome is known, unless somebody pays just now (F-23).
func (t *talk) lookBack() {
	op, open := t.w.openOperation()
	if open && !op.Doubt.Parked || t.looking { // nobody pays while an operation is parked
		t.timers.set(clockWatch, t.watchPause(0))
		t.watchOn(watchLeast) // it is not over before it was asked about
		return
	}
	t.timers.set(clockWatch, t.watchPause(t.watchedFor()))
	t.lookup()
}

// watchedFor is how long the watch has gone on, by its own clock: that on the wall may
// be set meanwhile.
func (t *talk) watchedFor() time.Duration {
	return t.w.horizon(t.snapshot()) - time.Until(t.timers[clockWatched])
}

// watchPause is the time until what is watched for so long is asked about again.
func (t *talk) watchPause(age time.Duration) time.Duration {
	seldom := watchSeldom
	switch op := t.snapshot(); {
	case reopens(op):
		seldom = reopenSeldom
	case !tipOpen(op) && op.Reason != payment.ReasonExpired && op.Reason != payment.ReasonNotFound:
		return watchAgain
	}
	return min(max(age/ofItsAge, watchSoon), seldom)
}

// unheard: nothing was told of an operation whose outcome is known. What may be paid all
// the same is asked about until there was an answer, within the time that everything is
// watched for at most.
func (t *talk) unheard(op payment.Operation) {
	if reopens(op) && t.timers.has(clockWatched) && t.w.e.now().Sub(op.EndedAt) < t.w.watchFor() {
		t.timers.setOnce(clockWatch, t.watchPause(t.watchedFor()))
		t.watchOn(time.Until(t.timers[clockWatch]) + watchLeast)
	}
}

// watchedLong: it was watched long enough. Only the answer to the last question is
// waited for.
func (t *talk) watchedLong() {
	if t.looking {
		t.timers.drop(clockWatch)
		t.timers.set(clockWatched, t.w.clocks().Status)
	}
}

// watchOn has the watch go on for so long at least.
func (t *talk) watchOn(least time.Duration) {
	if t.timers.has(clockWatched) && time.Until(t.timers[clockWatched]) < least {
		t.timers.set(clockWatched, least)
	}
}

// lookedBack takes an answer about an operation whose outcome is known.
func (t *talk) lookedBack(op payment.Operation, r payment.Result) {
	if r.Outcome == payment.Pending && t.timers.has(clockWatch) {
		t.timers.set(clockWatch, watchSoon)
	}
	step, err := op.Take(r)
	if err != nil {
		return // it decides nothing
	}
	if step.Verdict == payment.Dispute && op.Kind != payment.Void {
		switch t.undoing() {
		case payment.Approved:
			t.undone(op, r)
			return
		case payment.InDoubt:
			return // that void's own outcome tells
		}
	}
	if !unsettled(r) {
		t.unwatch()
	}
	if step.Verdict != payment.Repeat || op.Differs(r) || op.Reason == payment.ReasonPendingReversal && r.Reason != op.Reason {
		t.conclude(r) // late: a contradiction is never thrown away
	}
}

// unsettled tells whether more is to come of an outcome, by the terminal's own word.
func unsettled(r payment.Result) bool {
	return r.Reason == payment.ReasonPendingReversal || r.Outcome == payment.Success && r.TipOpen || r.Reopens
}

// undoing is what became of the till's own void of this operation: Approved, InDoubt
// while that is open, or empty: there is none that took anything back.
func (t *talk) undoing() payment.State {
	related, err := t.w.e.journal.Related(context.WithoutCancel(t.ctx), t.id)
	if err != nil {
		t.w.e.log.Error("find the void of an operation", "operation", t.id, "error", err)
	}
	state := payment.State("")
	for _, op := range related {
		switch {
		case op.Kind != payment.Void:
		case op.State == payment.Approved:
			return payment.Approved
		case !op.State.Final():
			state = payment.InDoubt
		}
	}
	return state
}

// undone: that it was taken back is the till's own doing, and nothing more can come of
// it. What it had come to by then is still news.
func (t *talk) undone(op payment.Operation, r payment.Result) {
	t.unwatch()
	was := payment.Result{Outcome: payment.Success, Reason: r.Reason, Currency: r.Currency, Authorised: r.Authorised, Tip: r.Tip, Cashback: r.Cashback, Card: r.Card, References: r.References}
	if op.Differs(was) {
		t.conclude(was)
	}
}

// watchAgain takes up, after a restart, what was given up within the time of watching.
func (w *worker) watchAgain() {
	q := payment.Query{Terminal: w.name}
	later, seen := time.Duration(0), 0
	for range watchPages {
		page, err := w.e.journal.Operations(w.ctx, q)
		if err != nil {
			w.e.log.Error("find what is to be watched", "terminal", w.name, "error", err)
			return
		}
		for _, op := range page {
			if seen++; seen > watchNewest && op.CreatedAt.Before(w.e.now().Add(-2*max(w.watchFor(), w.clocks().TipFor))) {
				return
			}
			if provisionally(op) && len(op.Alarms) == 0 || tipOpen(op) || reopens(op) {
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
