package simulate

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seedFlag   = flag.Uint64("seed", 0, "replay this seed only")
	seedsFlag  = flag.Int("seeds", 20, "run so many fixed seeds, from 1 on")
	repeatFlag = flag.Int("repeat", 4, "run so many fixed seeds twice and compare their journals")
	forFlag    = flag.Duration("for", 0, "run fresh seeds for so long")
	fromFlag   = flag.Uint64("from", 0, "begin with this seed, with -ops or -for")
	onlyFlag   = flag.String("only", "", "play these providers only, separated by commas: such seeds are others")
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

func (s *totals) operations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Operations
}

func (s *totals) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	wall := time.Since(s.began)
	return fmt.Sprintf("%d seeds: %d operations %v %v, %d starts refused, %d settled by hand, %d faults %v, %d messages with a bad fate %v, %d power cuts (%d in the middle of a write), %d clean stops; %s of the till's time in %s: %.0f operations a second",
		s.Seeds, s.Operations, s.Played, s.States, s.Refused, s.Settled, all(s.Faults), s.Faults, all(s.Fates), s.Fates, s.Cuts, s.Torn, s.Stops, s.Virtual.Round(time.Minute), wall.Round(time.Millisecond),
		float64(s.Operations)/wall.Seconds())
}

// play runs one seed and tells what it broke.
func play(t *testing.T, seed uint64, into *totals) {
	synctest.Test(t, func(t *testing.T) {
		w := run(t, newPlan(seed))
		into.take(w)
		if len(w.broken) > 0 {
			t.Error(w.report())
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
	for _, p := range protocols {
		if *seedFlag == 0 && *onlyFlag == "" && *seedsFlag >= 20 && sum.Played[p.name] == 0 {
			t.Errorf("no seed has played %s", p.name)
		}
	}
}

func playAll(t *testing.T, from, to uint64, sum *totals) {
	for seed := from; seed <= to; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			play(t, seed, sum)
		})
	}
}

// freshFrom is where the seeds of -ops begin; those of -for begin at the clock, unless
// -from says where.
const freshFrom = 1_000_000

// TestOps runs seeds until the asked number of operations is done, or -for is over.
func TestOps(t *testing.T) {
	if *opsFlag <= 0 {
		t.Skip("asked for with -ops")
	}
	from := uint64(freshFrom)
	if *fromFlag != 0 {
		from = *fromFlag
	}
	until := time.Now().Add(*forFlag)
	playOn(t, from, func(sum *totals) bool {
		return sum.operations() < *opsFlag && (*forFlag <= 0 || time.Now().Before(until))
	})
}

// TestFresh runs seeds that nobody has run, for the asked time.
func TestFresh(t *testing.T) {
	if *forFlag <= 0 || *opsFlag > 0 {
		t.Skip("asked for with -for, without -ops")
	}
	from := *fromFlag
	if from == 0 {
		from = uint64(time.Now().UnixMilli()) * 1000
	}
	until := time.Now().Add(*forFlag)
	playOn(t, from, func(*totals) bool { return time.Now().Before(until) })
}

// playOn runs one seed after the other on every core while more says so, up to the
// first that breaks something.
func playOn(t *testing.T, from uint64, more func(*totals) bool) {
	sum := begin()
	next := atomic.Uint64{}
	next.Store(from)
	var broken atomic.Bool
	t.Run("cores", func(t *testing.T) {
		for core := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(core+1), func(t *testing.T) {
				t.Parallel()
				for more(sum) && !broken.Load() {
					play(t, next.Add(1)-1, sum)
					if t.Failed() {
						broken.Store(true)
					}
				}
			})
		}
	})
	// It is printed also without -v: a run that says nothing proves nothing.
	fmt.Printf("seeds from %d on\n%s\n", from, sum)
}

// only is what is asked for beside a seed, to play it again.
func only() string {
	if *onlyFlag == "" {
		return ""
	}
	return " -only " + *onlyFlag
}
