package engine

import "time"

// clock names something that becomes due. Equal times go in this order.
type clock int

// The clocks of a conversation.
const (
	clockNone    clock = iota
	clockBusy          // try a refused start again
	clockAbort         // the abort is unanswered: ask
	clockSilence       // no news: ask
	clockAsk           // ask again
	clockDoubt         // no answer: in doubt
	clockPark          // doubt goes to a manager
	clockVoid          // go on with the void of a refused signature
	clockLinger        // the terminal's last words
	clockWatch         // ask about a settled operation
	clockWatched       // that was long enough
	clocks
)

// timers are the moments at which something is due.
type timers map[clock]time.Time

func (ts timers) set(c clock, after time.Duration) { ts[c] = time.Now().Add(after) }

// setOnce leaves an earlier setting.
func (ts timers) setOnce(c clock, after time.Duration) {
	if !ts.has(c) {
		ts.set(c, after)
	}
}

func (ts timers) drop(list ...clock) {
	for _, c := range list {
		delete(ts, c)
	}
}

func (ts timers) clear() { clear(ts) }

func (ts timers) has(c clock) bool {
	_, ok := ts[c]
	return ok
}

// next gives the earliest clock, a channel that tells when it is due, and the
// function that must be called when the wait is over.
func (ts timers) next() (clock, <-chan time.Time, func()) {
	first := clockNone
	for c := clockNone + 1; c < clocks; c++ {
		if at, ok := ts[c]; ok && (first == clockNone || at.Before(ts[first])) {
			first = c
		}
	}
	if first == clockNone {
		return clockNone, nil, func() {}
	}
	timer := time.NewTimer(time.Until(ts[first]))
	return first, timer.C, func() { timer.Stop() }
}
