package iotpay_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// 27: no order number comes twice, over restarts and whatever the clock on the wall is
// set to; the practice cloud refuses one that it has seen.
func TestSeq27_NoOrderNumberTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, folder, network := context.Background(), t.TempDir(), &conform.Network{}
		defer network.Close()
		pair := open(troubles, nil, [2]string{"order.reuse", "refuse"})(t, network, folder)
		if err := pair.Practice.SetCustomer("contactless"); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, jump := range []time.Duration{0, -24 * time.Hour, -24 * time.Hour, 0, 240 * time.Hour, 0} {
			now := func() time.Time { return time.Now().Round(0).Add(jump) }
			j, err := journal.Open(ctx, filepath.Join(folder, "journal.db"), journal.Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			x := &counter{Engine: engine.New(engine.Options{Journal: j, Now: now}), t: t, journal: j, pair: pair}
			if err := x.Add(ctx, engine.Terminal{Name: "one", Provider: pair.Provider, Settings: pair.Settings, Transport: network.Transport()}, network.Listen); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				op := x.runs(engine.Start{Amount: 1000}, final)
				if op.State != payment.Approved || seen[op.References.Ours] {
					t.Errorf("clock %s: %s (%s), order %s, known %t", jump, op.State, op.ReasonText, op.References.Ours, seen[op.References.Ours])
				}
				seen[op.References.Ours] = true
			}
			if err := x.Close(ctx); err != nil {
				t.Error(err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		}
		if got := len(pair.Practice.Charged()); got != len(seen) {
			t.Errorf("%d orders were charged, %d asked for", got, len(seen))
		}
		if err := pair.Practice.Close(); err != nil {
			t.Error(err)
		}
	})
}

// 32: signs that mean something in a form reach the cloud as they are: it checks the
// signature over what it has read.
func TestSeq32_ReservedSigns(t *testing.T) {
	withTill(t, payment.Settings{"device": "TILL & 1 + 50% = a?b#c;d", "client-ip": "::1"}, func(x *counter) {
		if err := x.pair.Practice.SetCustomer("contactless"); err != nil {
			t.Fatal(err)
		}
		if op := x.runs(engine.Start{Amount: 1000}, final); op.State != payment.Approved || len(x.pair.Practice.Violations()) != 0 {
			t.Errorf("%s (%s), %v", op.State, op.ReasonText, x.pair.Practice.Violations())
		}
	})
}

// 39: a reprint says that it is one, and for the rest what was stored, whatever the
// practice cloud would say today.
func TestSeq39_Reprint(t *testing.T) {
	withTill(t, nil, func(x *counter) {
		if err := x.pair.Practice.SetCustomer("french"); err != nil {
			t.Fatal(err)
		}
		op := x.runs(engine.Start{Amount: 1000}, final)
		slip := func(number int) string {
			d, err := receipt.Render(op, payment.CustomerCopy, receipt.Options{Reprint: number, PrintedAt: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return d.Text(42)
		}
		original := slip(0)
		if strings.Contains(original, "DUPLICATA") || !strings.Contains(original, "RELEVÉ DE TRANSACTION") {
			t.Errorf("the original:\n%s", original)
		}
		time.Sleep(72 * time.Hour)
		again := slip(1)
		if !strings.Contains(again, "DUPLICATA") {
			t.Errorf("the reprint:\n%s", again)
		}
		for line := range strings.Lines(original) {
			if !strings.Contains(again, line) {
				t.Errorf("%q is missing in the reprint\n%s", line, again)
			}
		}
	})
}
