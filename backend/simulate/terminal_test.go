package simulate

import (
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
)

// station is a terminal, which may be closed and opened again.
type station struct {
	options  practice.Options
	address  string
	customer string
	*practice.Terminal
	stop func() // listening
	away bool   // closed for a while
}

func addressOf(i int) string  { return fmt.Sprintf("127.0.0.1:1100%d", i) }
func listenerOf(i int) string { return fmt.Sprintf("127.0.0.1:1200%d", i) }

// setUp makes a terminal.
func (w *world) setUp(i int, one terminalPlan, folder string) bool {
	poiid, mode := fmt.Sprintf("KASSA-0%d", i+1), "default"
	if one.light {
		mode = "light"
	}
	s := &station{address: addressOf(i), options: practice.Options{POIID: poiid, Ledger: filepath.Join(folder, poiid+".jsonl"), Pace: 1,
		Till: "http://" + listenerOf(i), Client: &http.Client{Transport: line{n: w.network}}}}
	if err := w.open(s); err != nil {
		w.fail(theRun, "%v", err)
		return false
	}
	w.stations = append(w.stations, s)
	w.settings = append(w.settings, payment.Settings{"address": s.address, "poiid": poiid, "mode": mode, "listen": listenerOf(i), "not-found": one.notFound})
	w.log("%s is in mode %s, not-found is %s", terminalName(i), mode, one.notFound)
	return true
}

// open starts a terminal's process from its ledger.
func (w *world) open(s *station) error {
	p, err := practice.New(s.options)
	if err != nil {
		return err
	}
	if err := p.SetCustomer(s.customer); err != nil {
		return err
	}
	s.stop, err = w.network.listen(s.address, "/", p.Handler(), nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Terminal, s.away = p, false
	return err
}

// terminal is the i-th, also while it is away.
func (w *world) terminal(i int) *practice.Terminal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stations[i].Terminal
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
		w.objections = append(w.objections, terminalName(i)+": "+v)
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
