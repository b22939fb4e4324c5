package poynt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Do carries out one action of a person.
func (d device) Do(a pinpad.Action) error {
	c, t := d.c, d.t
	return bench.Pad{Customer: c.SetCustomer, Fault: c.SetFault, Reboot: t.reboot, WalkAway: t.leave, TearPaper: t.tearPaper,
		Wallet: pinpadCards(), Deed: t.act}.Do(a)
}

// tearPaper takes the slip away.
func (t *terminal) tearPaper() {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	t.slip, t.signed = nil, ""
	c.log.Changed()
}

func (t *terminal) act(d bench.Deed) error {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	a := t.askedLocked()
	if !a.fits(d) {
		return d.Senseless()
	}
	if t.latest.left && a.kind != askPull {
		return bench.Sentence("The customer has left")
	}
	if d.Kind == bench.DeedTip && d.Minor > a.amount/2 {
		return bench.Sentence("A tip is at most half of the amount")
	}
	if !t.latest.deeds.Push(d) {
		return bench.Sentence("The terminal does not keep up")
	}
	if d.Kind == bench.DeedSign {
		t.signed = map[bool]string{true: "well", false: "badly"}[d.Well]
	}
	return nil
}

// leave takes the customer away from the running payment; nobody answers its
// questions any more.
func (t *terminal) leave() error {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.running == nil {
		return bench.Sentence("Nobody is at the terminal")
	}
	t.running.left = true
	t.running.deeds.Wake()
	c.log.Note("The customer walks away")
	return nil
}

// bootTakes is how long the terminal is off, at pace 1.
const bootTakes = 3 * time.Second

// reboot switches off and on: what was not authorised is lost, what was booked
// stays. A callback that was due meanwhile is repeated as ever; whether real ones
// survive is unknown (poynt.md 24).
func (t *terminal) reboot() error {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.off || c.life.Ended() {
		return bench.Sentence("The terminal is off already")
	}
	t.off = true
	t.slot, t.field, t.signed, t.slip, t.waiting = "", "", "", nil, nil
	t.screen = screenOf(textStarting, "off")
	if t.latest != nil {
		t.latest.cancel()
	}
	c.log.Note("Power off")
	c.life.Spawn(t.boot)
	return nil
}

func (t *terminal) boot() {
	c := t.cloud
	if !c.life.Sleep(nil, c.scaled(bootTakes)) {
		return
	}
	c.mu.Lock()
	t.off = false
	t.screen = screenOf(textWelcome, "idle")
	c.log.Note("Power on")
	t.nudge()
	c.mu.Unlock()
}
