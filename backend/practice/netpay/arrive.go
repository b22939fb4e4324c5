package netpay

import (
	"fmt"
	"time"
)

const (
	pushDelay = 20 * time.Second
	// impatience is how soon after a push another one shows a till that does not
	// wait: nobody in the field gives up before (netpay.md 7.4).
	impatience = 90 * time.Second
)

// push hands an operation to the terminal with whatever is to go wrong with it.
func (t *Terminal) push(op *operation, fault string) {
	switch fault {
	case "lose":
		op.discard()
		return
	case "delay":
		t.later(max(t.scaled(pushDelay), shortestLag), func() { t.arrive(op) })
		return
	}
	t.arrive(op)
	if fault == "duplicate" {
		t.arrive(t.newOperation(op.request))
	}
}

// later does something after a while, unless the terminal is closed before.
func (t *Terminal) later(wait time.Duration, do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.life.Spawn(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			do()
		case <-t.life.Ctx.Done():
		}
	})
}

// arrive starts a pushed operation, or does with it what is done at a terminal
// that is not ready (netpay.md 12.2).
func (t *Terminal) arrive(op *operation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.life.Ended():
		op.discard()
	case t.off || !t.unplugged.Whole():
		t.putOffLocked(op, t.faults.Get("offline-push") == "queue", "the terminal is offline")
	case t.customer != nil && t.customer.trouble == troubleSilent:
		t.putOffLocked(op, false, "the terminal is silent")
	case t.faults.Get("app") == "background":
		t.putOffLocked(op, false, "Smart PinPad is not in front")
	case t.running == nil:
		t.startLocked(op)
	default:
		t.crowdLocked(op)
	}
}

// watchCrowd notes a till that does not wait for the terminal. A reprint may come
// early when the till could not know that the push had worked, or was told by a
// stranger how the sale had ended.
func (t *Terminal) watchCrowd(op *operation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.running
	if n := len(t.waiting); n > 0 {
		before = t.waiting[n-1]
	}
	if before == nil || before.booked || op.at.Sub(before.at) >= impatience || op.kind == opReprint && (!before.clean || before.forged) {
		return
	}
	t.log.Violate(fmt.Sprintf("%s while the %s before it is still running on %s, %s after its push", op.kind, before.kind, t.opts.Serial, op.at.Sub(before.at).Truncate(time.Second)))
}

// crowdLocked takes a push that arrives while another operation runs.
func (t *Terminal) crowdLocked(op *operation) {
	before := t.running
	policy := t.faults.Get("busy-push")
	switch {
	case before.posting: // it is over as soon as the till has answered
		t.putOffLocked(op, true, "the terminal is about to be free")
	case policy == "replace" && !before.past:
		t.log.Note("The " + string(before.kind) + " is replaced")
		t.waiting = append([]*operation{op}, t.waiting...)
		before.cancel()
		t.latest, t.screen = nil, screenOf(textWake, states[op.kind])
	default:
		t.putOffLocked(op, policy == "queue", "the terminal is busy")
	}
}

func (t *Terminal) putOffLocked(op *operation, keep bool, why string) {
	if !keep || len(t.waiting) >= maxWaiting {
		t.log.Note("The push of a " + string(op.kind) + " gets lost: " + why)
		op.discard()
		return
	}
	t.log.Note("The push of a " + string(op.kind) + " waits: " + why)
	t.waiting = append(t.waiting, op)
}

// wakeLocked starts the next waiting operation of a terminal that can do so.
func (t *Terminal) wakeLocked() {
	if t.life.Ended() || t.off || t.running != nil || !t.unplugged.Whole() || len(t.waiting) == 0 {
		return
	}
	next := t.waiting[0]
	t.waiting = t.waiting[1:]
	t.startLocked(next)
}
