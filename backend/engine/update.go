package engine

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The times of a terminal's own update (nexo-retailer.md 10.5).
const (
	updateQuiet = 5 * time.Minute  // so long after the last operation it may update itself
	updateStart = 20 * time.Second // so long it may take to begin once it is let
	updateLimit = 30 * time.Minute // so long no payment starts on it, if it never tells its end
)

// updates is what is known of a terminal's update. worker.mu guards it.
type updates struct {
	wake  chan struct{} // has room for one
	quiet time.Time     // since when nothing was open
	waits bool
	until time.Time // no payments before; zero: none is under way
}

func (u *updates) under(now time.Time) bool { return now.Before(u.until) }

// news takes what the terminal says about its session.
func (w *worker) news(n payment.SessionNews) {
	w.mu.Lock()
	switch n {
	case payment.UpdateWaits:
		w.updates.waits = true
	case payment.UpdateBegins:
		w.updates.until, w.updates.waits, w.signedIn = time.Now().Add(updateLimit), false, false
		w.problem = "The terminal is updating itself and takes no payments meanwhile."
	case payment.UpdateEnds, payment.SessionLost:
		w.updates.until, w.signedIn, w.problem = time.Time{}, false, ""
	}
	w.mu.Unlock()
	w.e.hub.tell(Update{Terminal: w.name})
	select {
	case w.updates.wake <- struct{}{}:
	default:
	}
}

// What is to be done about an update.
type updateStep int

const (
	updateNone  updateStep = iota
	updateLet              // sign out, so that it can begin
	updateUnder            // leave the terminal alone
)

// nextUpdate decides. A terminal that is let go has a moment to begin.
func (w *worker) nextUpdate() updateStep {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch {
	case w.updates.under(now):
		return updateUnder
	case w.updates.waits && now.Sub(w.updates.quiet) >= updateQuiet:
		w.updates.waits, w.updates.until = false, now.Add(updateStart)
		return updateLet
	}
	return updateNone
}
