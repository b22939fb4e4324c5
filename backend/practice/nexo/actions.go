package nexo

import (
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Do carries out one action of a person.
func (d device) Do(a pinpad.Action) error {
	t := d.t
	if a.Name == pinpad.ActionSign { // a slip on paper is signed at any time
		return t.sign(a.Value)
	}
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
	if d.Kind == bench.DeedTip && d.Minor > a.amount/2 {
		return bench.Sentence("A tip is at most half of the amount")
	}
	if !t.latest.deeds.Push(d) {
		return bench.Sentence("The terminal does not keep up")
	}
	return nil
}

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

func (t *Terminal) sign(how string) error {
	if how != "well" && how != "badly" {
		return bench.Sentence(`One signs "well" or "badly"`)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.slip, "Signatur") {
		return bench.Sentence("There is no slip to sign")
	}
	t.signed = how
	t.log.Note("The customer signs " + how)
	return nil
}

// bootTakes is how long the terminal is off, at pace 1.
const bootTakes = 3 * time.Second

// reboot switches off and on: what was not authorised is lost and the session is
// gone; bookings and last answers stay (nexo-retailer.md 5.4).
func (t *Terminal) reboot() error {
	t.mu.Lock()
	if t.off || t.life.Ended() {
		t.mu.Unlock()
		return bench.Sentence("The terminal is off already")
	}
	t.off = true
	t.session = nil
	t.slot, t.field, t.signed, t.slip = "", "", "", nil
	t.screen = screenOf(textStarting, "off")
	if t.latest != nil {
		t.latest.cancel()
		t.latest.cutLine()
	}
	close(t.powerOff)
	t.powerOff = make(chan struct{})
	t.log.Note("Power off")
	t.life.Spawn(t.boot)
	t.mu.Unlock()
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
	t.off = false
	t.busyUntil = time.Time{}
	t.screen = screenOf(textClosed, "idle")
	saleID := t.lastSession.saleID
	t.log.Note("Power on")
	t.mu.Unlock()
	if saleID != "" {
		t.event(nil, "Initialised", "")
	}
}
