package iotpay

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Do carries out one action of a person.
func (d device) Do(a pinpad.Action) error {
	t := d.t
	return bench.Pad{Customer: t.SetCustomer, Fault: t.SetFault, Reboot: t.reboot, WalkAway: t.leave, TearPaper: t.tearPaper,
		Wallet: pinpadCards(), Deed: t.act}.Do(a)
}

// tearPaper takes the slip away.
func (t *Terminal) tearPaper() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slip, t.signed = nil, ""
	t.log.Changed()
}

func (t *Terminal) act(d bench.Deed) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.askedLocked()
	if !a.fits(d) {
		return d.Senseless()
	}
	if t.latest.left && a.kind != askPull {
		return bench.Sentence("The customer has left")
	}
	if d.Minor > maxAmount {
		return bench.Sentence("A tip is an amount in cents")
	}
	if !t.latest.deeds.Push(d) {
		return bench.Sentence("The terminal does not keep up")
	}
	return nil
}

// bootTakes is how long the PIN pad is off, at pace 1.
const bootTakes = 3 * time.Second

// leave takes the customer away from the running payment; nobody answers its
// questions any more.
func (t *Terminal) leave() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == nil {
		return bench.Sentence("Nobody is at the terminal")
	}
	t.running.left = true
	t.running.deeds.Wake()
	t.log.Note("The customer walks away")
	return nil
}

// reboot switches the PIN pad off and on. What was under way there is not charged,
// unless the bank has decided already; the cloud tells that it was not completed.
func (t *Terminal) reboot() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.off || t.life.Ended() {
		return bench.Sentence("The terminal is off already")
	}
	t.off = true
	t.slot, t.field, t.signed, t.slip, t.tips = "", "", "", nil, nil
	t.screen = screenOf(textOff, false, stateOff)
	if t.latest != nil {
		t.latest.cancel()
	}
	t.log.Note("Power off")
	t.life.Spawn(t.boot)
	return nil
}

func (t *Terminal) boot() {
	timer := time.NewTimer(t.scaled(bootTakes))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.life.Ctx.Done():
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.off, t.latest = false, nil
	t.screen = screenOf(textReady, false, stateIdle)
	t.log.Note("Power on")
}
