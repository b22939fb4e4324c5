package engine_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// A clock that is set while an operation is in doubt changes nothing about the bound
// after which a manager may settle it, also over a restart (F-01).
func TestDoubtIsBoundedWhateverTheClock(t *testing.T) {
	for name, jump := range map[string]time.Duration{"back": -24 * time.Hour, "on": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "journal.db")
				x := open(t, path, &script{sale: lost, lookup: hangs}, nil)
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
				x.close()
				now := func() time.Time { return time.Now().Round(0).Add(jump) }
				j, err := journal.Open(context.Background(), path, journal.Options{Now: now})
				if err != nil {
					t.Fatal(err)
				}
				x = &till{Engine: engine.New(engine.Options{Journal: j, Now: now}), t: t, journal: j, path: path}
				defer x.close()
				if err := x.Add(context.Background(), engine.Terminal{Name: "one", Provider: &script{lookup: hangs}}, nil); err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				x.until(op.ID, "parked", func(op payment.Operation) bool { return op.Doubt.Parked })
				if waited := time.Since(begin); waited > 6*time.Minute {
					t.Errorf("parked after %s", waited)
				}
			})
		})
	}
}
