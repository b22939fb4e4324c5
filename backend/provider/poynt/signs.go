package poynt

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// endWords are the statuses that say that the session is over, approved or not
// (poynt.md 9.3, 11).
var endWords = map[string]bool{"PROCESSED": true, "COMPLETED": true, "AUTHORIZED": true, "VOIDED": true, "REFUNDED": true, "FAILED": true, "DECLINED": true}

// tell takes what the terminal delivered: a hint for what to ask Poynt about.
func (v *visit) tell(p posted) {
	v.mu.Lock()
	v.lastSign = time.Now()
	switch status := strings.ToUpper(string(p.Status)); {
	case status == "RECEIVED":
		v.received = true
	case status == "STARTED":
		v.received, v.started = true, true
	case status == "CANCELED", status == "CANCELLED":
		if v.cancelled.IsZero() {
			v.cancelled = time.Now()
		}
	case endWords[status]:
		v.over = true
	}
	v.sought.add(p)
	v.mu.Unlock()
	v.wake()
}

func (v *visit) wake() {
	select {
	case v.news <- struct{}{}:
	default:
	}
}

// nudge has Poynt asked now.
func (v *visit) nudge() {
	v.mu.Lock()
	v.nudged = true
	v.mu.Unlock()
	v.wake()
}

// abort marks that the till has asked to stop; it tells how far the payment got.
func (v *visit) abort() (onTerminal bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.aborted = true
	return v.received
}

// signs is a copy of what was told so far.
type signs struct {
	received, started, over, aborted bool
	cancelled, last                  time.Time
	sought                           sought
}

// ended tells whether the session is over and Poynt shows all that the terminal has
// named. Where it named nothing, a second card's approval may not show yet.
func (s signs) ended(missing int) bool { return s.over && missing == 0 && len(s.sought.ids) > 0 }

// settling is how long a decline, or a part, must stand before it is taken for the end.
func (s signs) settling() time.Duration {
	if s.received && !s.over && s.cancelled.IsZero() {
		return settlingOpen
	}
	return settling
}

func (v *visit) signs() signs {
	v.mu.Lock()
	defer v.mu.Unlock()
	return signs{v.received, v.started, v.over, v.aborted, v.cancelled, v.lastSign, sought{slices.Clone(v.sought.ids), maps.Clone(v.sought.tips), maps.Clone(v.sought.failed)}}
}
