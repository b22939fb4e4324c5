package poynt

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
	c, t := d.c, d.t
	switch a.Name {
	case pinpad.ActionCustomer:
		return c.SetCustomer(a.Value)
	case pinpad.ActionFault:
		name, value, ok := strings.Cut(a.Value, "=")
		if !ok {
			return fmt.Errorf("a switch is set with name=value, not %q", bench.Shorten(a.Value))
		}
		return c.SetFault(name, value)
	case pinpad.ActionReboot:
		return t.reboot()
	case pinpad.ActionTearPaper:
		c.mu.Lock()
		defer c.mu.Unlock()
		t.slip, t.signed = nil, ""
		c.log.Changed()
		return nil
	case pinpad.ActionWalkAway:
		return t.leave()
	}
	done, err := deedOf(a)
	if err != nil {
		return err
	}
	return t.act(done, a.Value)
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
	case pinpad.ActionSign:
		if a.Value != "well" && a.Value != "badly" {
			return deed{}, sentence(`One signs "well" or "badly"`)
		}
		return deed{kind: deedSign}, nil
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
	deedSign: "No signature is asked",
}

func (t *terminal) act(d deed, value string) error {
	c := t.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
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
	if d.kind == deedSign {
		t.signed = value
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
		return sentence("Nobody is at the terminal")
	}
	t.running.left = true
	t.running.push(deed{kind: deedWake})
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
		return sentence("The terminal is off already")
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
