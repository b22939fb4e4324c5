package simulate

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// tally counts what a run or many runs did.
type tally struct {
	Seeds, Operations, Refused, Settled, Cuts, Torn, Stops int
	Faults, Fates                                          map[string]int // by name
	States                                                 map[payment.State]int
	Played                                                 map[string]int // operations, by provider
	Virtual                                                time.Duration
}

func (a *tally) add(b tally) {
	a.Seeds += b.Seeds
	a.Operations += b.Operations
	a.Refused += b.Refused
	a.Settled += b.Settled
	a.Faults, a.Fates = sum(a.Faults, b.Faults), sum(a.Fates, b.Fates)
	a.States = sum(a.States, b.States)
	a.Played = sum(a.Played, b.Played)
	a.Cuts += b.Cuts
	a.Torn += b.Torn
	a.Stops += b.Stops
	a.Virtual += b.Virtual
}

// sum adds up counts by name.
func sum[K comparable](a, b map[K]int) map[K]int {
	if a == nil {
		a = map[K]int{}
	}
	for name, n := range b {
		a[name] += n
	}
	return a
}

// all adds the counts of all names.
func all(counts map[string]int) (n int) {
	for _, one := range counts {
		n += one
	}
	return n
}

// count counts a fault.
func (w *world) count(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tally.Faults == nil {
		w.tally.Faults = map[string]int{}
	}
	w.tally.Faults[name]++
}
