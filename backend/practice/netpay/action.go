package netpay

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
	if a.kind == askPaper && d.Presses(bench.KeyGreen) && t.faults.Get("paper") == "out" {
		return bench.Sentence("Put a roll in first: switch Paper to In")
	}
	if t.latest.left && !a.kind.clerks() {
		return bench.Sentence("The customer has left")
	}
	if !t.latest.deeds.Push(d) {
		return bench.Sentence("The terminal does not keep up")
	}
	return nil
}

// leave takes the customer away from the running sale; nobody answers its
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

// bootTakes is how long the terminal is off, at pace 1.
const bootTakes = 3 * time.Second

// reboot switches off and on: a sale whose bank was asked may have been approved
// and is then pending reversal; a result that was not posted is lost (netpay.md 7.2).
func (t *Terminal) reboot() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.off || t.life.Ended() {
		return bench.Sentence("The terminal is off already")
	}
	t.off = true
	t.session = t.opts.Stores[0].ID
	t.slot, t.field, t.signed, t.slip = "", "", "", nil
	t.held = nil
	t.screen = screenOf(textOff, stateOff)
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
	shown := t.idleText()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.off, t.latest = false, nil
	t.screen = screenOf(shown, stateIdle)
	t.log.Note("Power on")
	t.wakeLocked()
}
