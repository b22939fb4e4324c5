package simulate

import (
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// trouble carries out an incident.
func (w *world) trouble(i int, what incident) {
	w.log("%s: trouble %s=%s", terminalName(i), what.name, what.value)
	kind, p := "switch", w.stations[i].protocol
	if !p.known(what.name) {
		kind = what.name
	}
	w.count(kind)
	switch what.name {
	case "reboot":
		// An error says that it is off already.
		if err := w.terminal(i).Device().Do(pinpad.Action{Name: pinpad.ActionReboot}); err != nil {
			w.log("%s: %v", terminalName(i), err)
		}
	case "unplug":
		w.set(i, "network", "unplugged")
		time.Sleep(what.lasts)
		w.set(i, "network", "plugged")
		w.log("%s: plugged in again", terminalName(i))
	case "restart":
		w.restartTerminal(i, what.lasts)
	case "deaf":
		w.network.deafen(listenerOf(i), what.lasts)
	case "clock":
		w.clock.Add(int64(what.jump))
		w.log("the till's clock is set by %s", what.jump)
	case "disk":
		x := w.till("disk " + what.lasts.String())
		w.disk(x, true)
		time.Sleep(what.lasts)
		w.disk(x, false)
	case "io":
		w.till("io " + what.lasts.String()).failing.Store(int64(what.writes))
	default:
		w.set(i, what.name, what.value)
		if what.lasts > 0 && strings.HasPrefix(what.value, "always:") {
			time.Sleep(what.lasts)
			w.log("%s: trouble with %s is over", terminalName(i), what.name)
			w.quieten(i, what.name)
		}
	}
}

func (w *world) set(i int, name, value string) {
	if err := w.terminal(i).SetFault(name, value); err != nil {
		w.fail(theRun, "%v", err)
	}
}

// mend ends the trouble of a terminal.
func (w *world) mend(i int) {
	for _, f := range w.stations[i].protocol.switches {
		w.quieten(i, f.name)
	}
}

// quieten sets a switch to what makes no trouble.
func (w *world) quieten(i int, name string) {
	s := w.stations[i]
	for _, f := range s.protocol.switches {
		if f.name == name {
			w.set(i, name, s.plan.quiet(f))
		}
	}
}

// disk fills the till's disk up, or frees it.
func (w *world) disk(x *till, full bool) {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.isDead() {
		return // what comes after a cut has space again
	}
	w.log("the till's disk is full: %t", full)
	if err := fill(x.writer, full); err != nil {
		w.fail(theRun, "fill the disk: %v", err)
	}
}
