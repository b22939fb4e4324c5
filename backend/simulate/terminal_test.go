package simulate

import (
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// station is a terminal, which may be closed and opened again.
type station struct {
	premises
	protocol *protocol
	settings payment.Settings
	customer string
	practice
	stop func() // listening
	away bool   // closed for a while
}

func addressOf(i int) string  { return fmt.Sprintf("127.0.0.1:1100%d", i) }
func listenerOf(i int) string { return fmt.Sprintf("127.0.0.1:1200%d", i) }

// setUp makes a terminal.
func (w *world) setUp(i int, one terminalPlan, folder string) bool {
	s := &station{protocol: one.protocol, premises: premises{seed: w.plan.seed, number: i + 1, address: addressOf(i), listener: listenerOf(i),
		ledger: filepath.Join(folder, fmt.Sprintf("KASSA-0%d.jsonl", i+1)), client: &http.Client{Transport: line{n: w.network}}, plan: one}}
	w.network.belong(s.address, s.listener, s.protocol)
	var err error
	if s.settings, err = s.protocol.settings(s.premises); err == nil {
		err = w.open(s)
	}
	if err != nil {
		w.fail(theRun, "%v", err)
		return false
	}
	w.stations = append(w.stations, s)
	if s.protocol == nexoProtocol {
		w.log("%s is in mode %s, not-found is %s", terminalName(i), s.settings["mode"], one.notFound)
	} else {
		w.log("%s is of %s, %v", terminalName(i), s.protocol.name, one.variant)
	}
	return true
}

// open starts a terminal's process from its ledger.
func (w *world) open(s *station) error {
	p, err := s.protocol.open(s.premises)
	if err != nil {
		return err
	}
	if err := p.SetCustomer(s.customer); err != nil {
		return err
	}
	for name, value := range s.plan.steady {
		if err := p.SetFault(name, value); err != nil {
			return err
		}
	}
	s.stop, err = w.network.listen(s.address, "/", p.Handler(), nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	s.practice, s.away = p, false
	return err
}

// terminal is the i-th, also while it is away.
func (w *world) terminal(i int) practice {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stations[i].practice
}

// station finds a terminal by its name.
func (w *world) station(name string) *station {
	for i, s := range w.stations {
		if terminalName(i) == name {
			return s
		}
	}
	return nil
}

// restartTerminal ends a terminal's process and starts it again: what it has booked
// is in its ledger, all else is gone.
func (w *world) restartTerminal(i int, off time.Duration) {
	s := w.stations[i]
	w.mu.Lock()
	away := s.away
	s.away = true
	w.mu.Unlock()
	if away {
		return
	}
	s.stop()
	w.closeTerminal(i)
	time.Sleep(off)
	w.log("%s: started again", terminalName(i))
	if err := w.open(s); err != nil {
		w.fail(theRun, "%v", err)
	}
}

// closeTerminal ends a terminal's process and keeps what it had to object.
func (w *world) closeTerminal(i int) {
	p := w.terminal(i)
	if err := p.Close(); err != nil {
		w.fail(theRun, "%v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range p.Violations() {
		w.object(i, v)
	}
}

// object keeps an objection, unless the till is not to blame for it.
func (w *world) object(i int, violation string) {
	if !w.stations[i].protocol.excused(violation) {
		w.objections = append(w.objections, terminalName(i)+": "+violation)
	}
}

func (w *world) customer(i int, name string) {
	w.mu.Lock()
	w.stations[i].customer = name
	w.mu.Unlock()
	if err := w.terminal(i).SetCustomer(name); err != nil {
		w.fail(theRun, "%v", err)
	}
}
