package nexo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Do carries out one action of a person.
func (d device) Do(a pinpad.Action) error {
	t := d.t
	switch a.Name {
	case pinpad.ActionCustomer:
		return t.SetCustomer(a.Value)
	case pinpad.ActionFault:
		name, value, ok := strings.Cut(a.Value, "=")
		if !ok {
			return fmt.Errorf("a switch is set with name=value, not %q", bench.Shorten(a.Value))
		}
		return t.SetFault(name, value)
	case pinpad.ActionReboot:
		return t.reboot()
	case pinpad.ActionTearPaper:
		t.mu.Lock()
		defer t.mu.Unlock()
		t.slip, t.signed = nil, ""
		t.log.Changed()
		return nil
	case pinpad.ActionWalkAway:
		return t.leave()
	case pinpad.ActionSign:
		return t.sign(a.Value)
	}
	done, err := deedOf(a)
	if err != nil {
		return err
	}
	return t.act(done)
}

// deedOf translates an action at the terminal.
func deedOf(a pinpad.Action) (deed, error) {
	switch a.Name {
	case pinpad.ActionInsert, pinpad.ActionTap, pinpad.ActionSwipe:
		return presentation(a)
	case pinpad.ActionPull:
		return deed{kind: deedPull}, nil
	case pinpad.ActionKey:
		if len(a.Value) == 1 && a.Value[0] >= '0' && a.Value[0] <= '9' || slices.Contains([]string{"green", "yellow", "red"}, a.Value) {
			return deed{kind: deedKey, key: a.Value}, nil
		}
		return deed{}, fmt.Errorf("there is no key %q", bench.Shorten(a.Value))
	case pinpad.ActionPIN:
		if a.Value != "right" && a.Value != "wrong" {
			return deed{}, sentence(`The PIN is "right" or "wrong"`)
		}
		return deed{kind: deedPIN, right: a.Value == "right"}, nil
	case pinpad.ActionTip:
		minor, err := strconv.ParseInt(a.Value, 10, 64)
		if err != nil || minor < 0 {
			return deed{}, fmt.Errorf("%q is not a tip", bench.Shorten(a.Value))
		}
		return deed{kind: deedTip, minor: minor}, nil
	}
	return deed{}, fmt.Errorf("this terminal has no action %q", bench.Shorten(string(a.Name)))
}

func presentation(a pinpad.Action) (deed, error) {
	c, ok := cardByID(a.Value)
	if !ok {
		return deed{}, fmt.Errorf("there is no card %q in the wallet", bench.Shorten(a.Value))
	}
	switch {
	case a.Name == pinpad.ActionInsert && c.chip:
		return deed{kind: deedInsert, card: c.id}, nil
	case a.Name == pinpad.ActionTap && c.tap:
		return deed{kind: deedTap, card: c.id}, nil
	case a.Name == pinpad.ActionSwipe && c.swipe:
		return deed{kind: deedSwipe, card: c.id}, nil
	}
	return deed{}, fmt.Errorf("%s cannot be presented that way", c.name)
}

// refusals say why a deed makes no sense now.
var refusals = map[deedKind]sentence{
	deedInsert: "No payment is waiting for a card", deedTap: "No payment is waiting for a card", deedSwipe: "No payment is waiting for a card",
	deedPull: "There is no card to pull now", deedKey: "The keys do nothing now", deedPIN: "No PIN is asked", deedTip: "No tip is asked",
}

func (t *Terminal) act(d deed) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.askedLocked()
	if !d.fits(&a) {
		return refusals[d.kind]
	}
	if t.latest.left && a.kind != askPull {
		return sentence("The customer has left")
	}
	if d.kind == deedTip && d.minor > a.amount/2 {
		return sentence("A tip is at most half of the amount")
	}
	if !t.latest.push(d) {
		return sentence("The terminal does not keep up")
	}
	return nil
}

// leave takes the customer away from the running payment; nobody answers its
// questions any more.
func (t *Terminal) leave() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == nil {
		return sentence("Nobody is at the terminal")
	}
	t.running.left = true
	t.running.push(deed{kind: deedWake})
	t.log.Note("The customer walks away")
	return nil
}

func (t *Terminal) sign(how string) error {
	if how != "well" && how != "badly" {
		return sentence(`One signs "well" or "badly"`)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.slip, "Signatur") {
		return sentence("There is no slip to sign")
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
		return sentence("The terminal is off already")
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
