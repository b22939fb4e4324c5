package nexo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/provider/nexo"
)

// TestClocks: the deadlines are data, as ruled in design 10.1 and nexo-retailer.md
// 12.4; the engine has none of its own for them.
func TestClocks(t *testing.T) {
	c := nexo.New().Info().Clocks
	for name, pair := range map[string][2]time.Duration{
		"silence until a status request":             {c.Silence, 60 * time.Second},
		"busy or in progress: again":                 {c.Again, 5 * time.Second},
		"an abort unanswered: status":                {c.AbortWait, 15 * time.Second},
		"no answer: in doubt":                        {c.DoubtAfter, 25 * time.Second},
		"doubt: parked for a manager":                {c.Park, 5 * time.Minute},
		"busy after a restart: asked to stop":        {c.StopAfter, 60 * time.Second},
		"given up: watched":                          {c.Watch, 24 * time.Hour},
		"a refused start is tried for (SW-02: 3 s+)": {c.BusyAgain * time.Duration(c.BusyTries), 5 * time.Second},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", name, pair[0], pair[1])
		}
	}
	if want := []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}; !slices.Equal(c.Backoff, want) {
		t.Errorf("between status requests without an answer: %v, want %v", c.Backoff, want)
	}
}
