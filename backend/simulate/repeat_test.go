package simulate

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// TestRepeat runs seeds twice: equal seeds must give equal journals, to the last hash.
func TestRepeat(t *testing.T) {
	for seed := uint64(1); seed <= uint64(*repeatFlag); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			first, second := repeatable(t, seed), repeatable(t, seed)
			if first.head != second.head {
				t.Errorf("seed %d: two runs gave the chain heads %s and %s\n%s", seed, first.head, second.head, difference(first, second))
			}
		})
	}
}

func repeatable(t *testing.T, seed uint64) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlan(seed)
		p.keep = true
		w = run(t, p)
	})
	return w
}

// difference shows where two runs part: the first event that differs, and what both
// timelines say about then.
func difference(a, b *world) string {
	for i := range min(len(a.events), len(b.events)) {
		if a.events[i] != b.events[i] {
			return fmt.Sprintf("event %d of %d and %d\none:     %s\nanother: %s\nbefore:  %s\n%s", i+1, len(a.events), len(b.events),
				a.events[i], b.events[i], a.events[max(i-1, 0)], timelines(a, b))
		}
	}
	return fmt.Sprintf("one has %d events, another %d\n%s", len(a.events), len(b.events), timelines(a, b))
}

// before is how much of the timelines is shown ahead of where they part.
const before = 6

func timelines(a, b *world) string {
	n := 0
	for n < min(len(a.timeline), len(b.timeline)) && a.timeline[n] == b.timeline[n] {
		n++
	}
	from := max(n-before, 0)
	show := func(w *world) string { return strings.Join(w.timeline[from:min(n+before, len(w.timeline))], "\n  ") }
	return fmt.Sprintf("one's timeline:\n  %s\nanother's:\n  %s", show(a), show(b))
}
