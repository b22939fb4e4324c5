package conform

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// till is the real thing on a pair.
type till struct {
	t       *testing.T
	engine  *engine.Engine
	journal *journal.Journal
	pair    Pair
	network *Network
	path    string
}

func newTill(t *testing.T, open Open) *till {
	t.Helper()
	folder := t.TempDir()
	x := &till{t: t, network: &Network{}, path: filepath.Join(folder, "journal.db")}
	x.pair = open(t, x.network, folder)
	x.start()
	return x
}

func (x *till) start() {
	x.t.Helper()
	ctx := context.Background()
	var err error
	if x.journal, err = journal.Open(ctx, x.path, journal.Options{}); err != nil {
		x.t.Fatal(err)
	}
	x.engine = engine.New(engine.Options{Journal: x.journal})
	transport := x.network.Transport()
	if err := x.engine.Add(ctx, engine.Terminal{Name: "one", Provider: x.pair.Provider, Settings: x.pair.Settings, Transport: transport, Test: true,
		Software: payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: "test"}}, x.network.Listen); err != nil {
		x.t.Fatal(err)
	}
	synctest.Wait()
}

// stop ends the till. What is open stays open, as after a crash.
func (x *till) stop() {
	x.t.Helper()
	if err := x.engine.Close(context.Background()); err != nil {
		x.t.Error(err)
	}
	if err := x.journal.Close(); err != nil {
		x.t.Error(err)
	}
}

func (x *till) close() {
	x.t.Helper()
	verdict, err := x.journal.Verify(context.Background())
	if err != nil || len(verdict.Faults) > 0 {
		x.t.Errorf("the journal: %v, %v", verdict.Faults, err)
	}
	x.stop()
	if err := x.pair.Practice.Close(); err != nil {
		x.t.Error(err)
	}
	x.network.Close()
}

func (x *till) begin(s engine.Start) payment.Operation {
	x.t.Helper()
	op, err := x.engine.Start(context.Background(), s)
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

// amidst is when a practice customer is in the middle of a payment (virtual time).
const amidst = 2 * time.Second

// patience is longer than every bound of the engine.
const patience = 30 * time.Minute

// end waits until the operation is final, or parked in doubt.
func (x *till) end(id string, each func(payment.Operation)) payment.Operation {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	changes, err := x.engine.Follow(ctx, id)
	if err != nil {
		x.t.Fatal(err)
	}
	var last payment.Operation
	for last = range changes {
		if each != nil {
			each(last)
		}
		if last.State.Final() || last.Doubt.Parked {
			return last
		}
	}
	x.t.Fatalf("no end within %s: %s", patience, last.State)
	return last
}

func (x *till) trouble(switches []string) {
	x.t.Helper()
	for _, s := range switches {
		name, value, _ := strings.Cut(s, "=")
		if err := x.pair.Practice.SetFault(name, value); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *till) customer(name string) {
	x.t.Helper()
	if err := x.pair.Practice.SetCustomer(name); err != nil {
		if name == "unreachable" {
			x.t.Skip("nothing tells these terminals that the bank is out of reach")
		}
		x.t.Fatal(err)
	}
}
