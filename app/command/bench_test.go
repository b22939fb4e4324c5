package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkRecovery kills the till when the terminal has approved and the answer is
// on its way, starts it again, and measures from the start of that process until the
// outcome is known, recorded and printed. The terminal answers at once.
func BenchmarkRecovery(b *testing.B) {
	s := newShop(b, "default", "contactless")
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		aDoubt(b, s)
		s.wire.reset(nil)
		b.StartTimer()
		begin := time.Now()
		till := start(b, "recover", "--json", "--data", s.data)
		if !till.out.Scan() {
			b.Fatal("recover printed nothing")
		}
		took = append(took, time.Since(begin))
		b.StopTimer()
		var found []answer
		if err := json.Unmarshal(till.out.Bytes(), &found); err != nil || len(found) != 1 || found[0].State != "approved" {
			b.Fatalf("%v: %s", err, till.out.Text())
		}
		for till.out.Scan() { // to its end: the next one needs the folder
		}
		if err := till.command.Wait(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(syncTime(b), "sync-µs")
}

// syncTime is how long a bare synced write takes, since the disk decides much of
// the figures.
func syncTime(b *testing.B) float64 {
	const times = 50
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	begin := time.Now()
	for range times {
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(begin).Microseconds()) / times
}
