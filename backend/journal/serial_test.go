package journal_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestSerialNeverRepeats over restarts without closing and clocks set back.
func TestSerialNeverRepeats(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "journal.db")
	now := noon
	last := int64(0)
	draw := func(j *journal.Journal, times int) {
		t.Helper()
		for range times {
			n, err := j.Serial(t.Context(), "till-1")
			if err != nil {
				t.Fatal(err)
			}
			if n <= last || n > journal.MaxSerial {
				t.Fatalf("drew %d after %d", n, last)
			}
			last = n
		}
	}
	for i, change := range []time.Duration{0, -24 * time.Hour, time.Hour, -365 * 24 * time.Hour, 0} {
		now = now.Add(change)
		j, err := journal.Open(t.Context(), path, journal.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		draw(j, 2*journal.SerialBlock+7)
		if i == 0 && last < noon.Unix() {
			t.Errorf("the first numbers are below the clock: %d", last)
		}
		// A copy of the files as a kill leaves them is the next to be opened.
		next := filepath.Join(t.TempDir(), "journal.db")
		copyFile(t, path, next)
		copyFile(t, path+"-wal", next+"-wal")
		path = next
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	other, err := open(t, path).Serial(t.Context(), "till-2")
	if err != nil || other >= last {
		t.Errorf("another name begins at %d, %v", other, err)
	}
}

func TestSerialAtOnceAndMostlyWithoutWriting(t *testing.T) {
	j, path := till(t)
	if _, err := j.Serial(t.Context(), "till-1"); err != nil {
		t.Fatal(err)
	}
	before := frames(t, path)
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		seen = map[int64]bool{}
	)
	for range 4 {
		wait.Go(func() {
			for range 100 {
				n, err := j.Serial(t.Context(), "till-1")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if seen[n] {
					t.Errorf("%d was drawn twice", n)
				}
				seen[n] = true
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if after := frames(t, path); after != before {
		t.Errorf("400 draws wrote %d pages", after-before)
	}
}

// TestSerialRunsOut rather than growing an eleventh digit or beginning anew.
func TestSerialRunsOut(t *testing.T) {
	j, path := till(t)
	raw(t, path, "INSERT INTO serial (name, next) VALUES ('till-1', 9999999998)")
	for _, want := range []int64{9_999_999_998, 9_999_999_999} {
		if n, err := j.Serial(t.Context(), "till-1"); err != nil || n != want {
			t.Errorf("drew %d, %v; want %d", n, err, want)
		}
	}
	_, err := j.Serial(t.Context(), "till-1")
	wantCode(t, err, payment.CodeJournal)
}

// Each journal has its number for good; two rarely have the same.
func TestInstallation(t *testing.T) {
	seen := map[int64]bool{}
	for range 5 {
		j, path := till(t)
		first, err := j.Installation(t.Context())
		if err != nil || first < 0 || first > 9999 {
			t.Fatalf("%d, %v", first, err)
		}
		seen[first] = true
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if again, err := open(t, path).Installation(t.Context()); err != nil || again != first {
			t.Errorf("%d after a restart, %d before, %v", again, first, err)
		}
	}
	if len(seen) < 2 {
		t.Errorf("five journals have the numbers %v", seen)
	}
}
