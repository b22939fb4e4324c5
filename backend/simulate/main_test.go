package simulate

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain gives memory for time: a run makes much rubbish and keeps little.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(2 << 30)
	if err := tap(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
