package simulate

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "replay this seed only")
	seedsFlag  = flag.Int("seeds", 40, "run so many fixed seeds, from 1 on")
	repeatFlag = flag.Int("repeat", 12, "run so many fixed seeds twice and compare their journals")
	opsFlag    = flag.Int("ops", 0, "run seeds until so many operations are done")
)

// totals gathers the counts of parallel runs.
type totals struct {
	mu sync.Mutex
	tally
	began time.Time
}

func begin() *totals { return &totals{began: time.Now()} }

func (s *totals) take(w *world) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(w.tally)
}

func (s *totals) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	wall := time.Since(s.began)
	return fmt.Sprintf("%d seeds: %d operations %v, %d starts refused, %d settled by hand, %d faults, %d power cuts, %d clean stops; %s of the till's time in %s: %.0f operations a second",
		s.Seeds, s.Operations, s.States, s.Refused, s.Settled, s.Faults, s.Cuts, s.Stops, s.Virtual.Round(time.Minute), wall.Round(time.Millisecond),
		float64(s.Operations)/wall.Seconds())
}

// play runs one seed and tells what it broke.
func play(t *testing.T, seed uint64, into *totals) {
	synctest.Test(t, func(t *testing.T) {
		w := run(t, newPlan(seed))
		into.take(w)
		if len(w.broken) > 0 {
			t.Errorf("seed %d broke:\n  %s\nreplay: go test ./backend/simulate -run Seed -seed %d\ntimeline:\n%s",
				seed, strings.Join(w.broken, "\n  "), seed, strings.Join(w.timeline, "\n"))
		} else if *seedFlag != 0 && testing.Verbose() {
			t.Log("timeline:\n" + strings.Join(w.timeline, "\n"))
		}
	})
}

// TestSeeds runs the fixed seeds, or the one that is asked for.
func TestSeeds(t *testing.T) {
	sum := begin()
	t.Run("all", func(t *testing.T) {
		from, to := uint64(1), uint64(*seedsFlag)
		if *seedFlag != 0 {
			from, to = *seedFlag, *seedFlag
		}
		playAll(t, from, to, sum)
	})
	t.Log(sum)
}

func playAll(t *testing.T, from, to uint64, sum *totals) {
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			play(t, seed, sum)
		})
	}
}

// freshFrom is where the seeds of a long run begin, and batch how many run between
// two looks at the count.
const (
	freshFrom = 1_000_000
	batch     = 50
)

// TestOps runs seeds until the asked number of operations is done.
func TestOps(t *testing.T) {
	if *opsFlag <= 0 {
		t.Skip("asked for with -ops")
	}
	sum := begin()
	for from := uint64(freshFrom); sum.Operations < *opsFlag && !t.Failed(); from += batch {
		t.Run(fmt.Sprint("from ", from), func(t *testing.T) { playAll(t, from, from+batch-1, sum) })
	}
	t.Log(sum)
}
