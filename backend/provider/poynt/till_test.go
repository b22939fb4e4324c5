package poynt_test

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// till is the engine with its journal and one Poynt terminal.
type till struct {
	*engine.Engine
	t       *testing.T
	journal *journal.Journal
}

// shop is a practice cloud with tills around it, in virtual time.
type shop struct {
	t       *testing.T
	network *conform.Network
	pair    conform.Pair
	folder  string
	tills   []*till
	// way is what the tills call the cloud through, where it is not the network alone.
	way http.RoundTripper
}

// with opens a shop, has test play in it, and closes it.
func with(t *testing.T, more payment.Settings, test func(x *shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &shop{t: t, network: &conform.Network{}, folder: t.TempDir()}
		x.pair = open(nil, nil, more)(t, x.network, x.folder)
		x.way = x.network.Transport()
		test(x)
		for _, one := range x.tills {
			one.stop()
		}
		for _, v := range x.pair.Practice.Violations() {
			t.Errorf("the till broke the protocol: %s", v)
		}
		if err := x.pair.Practice.Close(); err != nil {
			t.Error(err)
		}
		x.network.Close()
	})
}

// open opens a till with a journal of this name.
func (x *shop) open(name, door string) *till {
	x.t.Helper()
	j, err := journal.Open(context.Background(), filepath.Join(x.folder, name), journal.Options{})
	if err != nil {
		x.t.Fatal(err)
	}
	given := payment.Settings{}
	for k, v := range x.pair.Settings {
		given[k] = v
	}
	if given["listen"] != "" {
		given["listen"] = door
	}
	one := &till{Engine: engine.New(engine.Options{Journal: j}), t: x.t, journal: j}
	if err := one.Add(context.Background(), engine.Terminal{Name: "one", Provider: x.pair.Provider, Settings: given, Transport: x.way}, x.network.Listen); err != nil {
		x.t.Fatal(err)
	}
	x.tills = append(x.tills, one)
	synctest.Wait()
	return one
}

func (one *till) stop() {
	if one.Engine == nil {
		return
	}
	if err := one.Close(context.Background()); err != nil {
		one.t.Error(err)
	}
	if err := one.journal.Close(); err != nil {
		one.t.Error(err)
	}
	one.Engine = nil
}

func (one *till) sell() string {
	one.t.Helper()
	op, err := one.Start(context.Background(), engine.Start{Amount: 1256})
	if err != nil {
		one.t.Fatal(err)
	}
	return op.ID
}

// until follows an operation until it is as wanted.
func (one *till) until(id string, wanted func(payment.Operation) bool) (last payment.Operation) {
	one.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	changes, err := one.Follow(ctx, id)
	if err != nil {
		one.t.Fatal(err)
	}
	for last = range changes {
		if wanted(last) {
			return last
		}
	}
	one.t.Fatalf("it stays %s (%s)", last.State, last.ReasonText)
	return last
}

func final(op payment.Operation) bool  { return op.State.Final() }
func parked(op payment.Operation) bool { return op.Doubt.Parked }

func (x *shop) set(faults ...[2]string) {
	x.t.Helper()
	for _, f := range faults {
		if err := x.pair.Practice.SetFault(f[0], f[1]); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *shop) customer(name string) {
	x.t.Helper()
	if err := x.pair.Practice.SetCustomer(name); err != nil {
		x.t.Fatal(err)
	}
}

// An approval that Poynt does not show for long; a manager gives the payment up, and
// the approval comes to light later: an alarm, not a silent change, and a void (22).
func TestSeq22_LateApproval(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("contactless")
		x.set([2]string{"listener", "unreachable"}, [2]string{"list.answer", "always:no-hits"}, [2]string{"lookup.answer", "always:not-found"})
		one := x.open("journal.db", doorAddress)
		id := one.sell()
		if op := one.until(id, parked); op.State != payment.InDoubt {
			t.Fatalf("%s", op.State)
		}
		if _, err := one.Settle(context.Background(), id, payment.Settlement{Why: "the terminal shows nothing", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		x.set([2]string{"list.answer", "ok"}, [2]string{"lookup.answer", "ok"})
		op := one.until(id, func(op payment.Operation) bool { return len(op.Alarms) > 0 })
		if op.State != payment.Approved || op.Alarms[0].Code != payment.AlarmLateMoney || op.Authorised != 1256 {
			t.Errorf("%s, %+v", op.State, op.Alarms)
		}
		void, err := one.Start(context.Background(), engine.Start{Kind: payment.Void, Original: id, Operator: "anna", Why: "not handed over"})
		if err != nil {
			t.Fatal(err)
		}
		if void = one.until(void.ID, final); void.State != payment.Approved {
			t.Errorf("the void is %s (%s)", void.State, void.ReasonText)
		}
		if charged := x.pair.Practice.Charged(); len(charged) != 0 {
			t.Errorf("charged %v", charged)
		}
	})
}

// The terminal approves by itself while its network is unplugged (26).
func TestSeq26_OfflineApproval(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("offline-approval")
		x.set([2]string{"payment.offline", "approves"})
		one := x.open("journal.db", doorAddress)
		if op := one.until(one.sell(), final); op.State != payment.Approved || op.Authorised != 1256 {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
	})
}

// A terminal that told of an earlier payment is offline now: what it did not get in
// time was not carried out, whether nobody or the cashier gave it up (24, 39).
func TestSeq24_39_OfflineTerminal(t *testing.T) {
	for _, abort := range []bool{false, true} {
		with(t, nil, func(x *shop) {
			x.customer("contactless")
			one := x.open("journal.db", doorAddress)
			if op := one.until(one.sell(), final); op.State != payment.Approved {
				t.Fatalf("%s (%s)", op.State, op.ReasonText)
			}
			x.set([2]string{"network", "unplugged"})
			id := one.sell()
			want, reason := payment.Failed, payment.ReasonExpired
			if abort {
				want, reason = payment.Cancelled, payment.ReasonNotFound
				time.Sleep(5 * time.Second)
				if _, err := one.Abort(context.Background(), id, "anna"); err != nil {
					t.Error(err)
				}
				time.Sleep(5 * time.Second)
				x.set([2]string{"network", "plugged"}) // what waits now is harmless
			}
			if op := one.until(id, final); op.State != want || op.Reason != reason {
				t.Errorf("abort %t: %s, %s (%s)", abort, op.State, op.Reason, op.ReasonText)
			}
			if charged := x.pair.Practice.Charged(); len(charged) != 1 {
				t.Errorf("abort %t: charged %v", abort, charged)
			}
		})
	}
}

// A terminal that told of an earlier payment gets one and cannot tell: its way to the
// till is cut. When the till says that nothing was carried out, or that it was cancelled,
// nobody can pay it on the terminal's screen any more, whoever gave it up (24, 39).
func TestSeq24_39_TheTerminalToldInVain(t *testing.T) {
	for _, abort := range []bool{false, true} {
		with(t, nil, func(x *shop) {
			x.customer("contactless")
			one := x.open("journal.db", doorAddress)
			if op := one.until(one.sell(), final); op.State != payment.Approved {
				t.Fatalf("%s (%s)", op.State, op.ReasonText)
			}
			x.customer("walks-away")
			x.set([2]string{"listener", "unreachable"}, [2]string{"screen-timeout", "never"})
			id := one.sell()
			if abort {
				time.Sleep(5 * time.Second)
				if _, err := one.Abort(context.Background(), id, "anna"); err != nil {
					t.Error(err)
				}
			}
			op := one.until(id, final)
			x.set([2]string{"listener", "reachable"})
			x.customer("contactless")
			time.Sleep(10 * time.Minute)
			if charged := x.pair.Practice.Charged(); len(charged) != 1 {
				t.Errorf("abort %t: %s (%s), charged %v", abort, op.State, op.ReasonText, charged)
			}
		})
	}
}

// The till dies at any moment of a payment and finds out what became of it: nothing
// is charged twice, and what was charged is found (53, 54).
func TestSeq53_54_TheTillDies(t *testing.T) {
	for _, listen := range []string{doorAddress, ""} {
		for after := 100 * time.Millisecond; after < 8*time.Second; after += 900 * time.Millisecond {
			with(t, payment.Settings{"listen": listen}, func(x *shop) {
				x.customer("chip-pin")
				one := x.open("journal.db", doorAddress)
				id := one.sell()
				time.Sleep(after)
				one.stop()
				time.Sleep(time.Minute)
				one = x.open("journal.db", doorAddress)
				if op := one.until(id, final); op.State != payment.Approved {
					t.Errorf("after %s: %s (%s)", after, op.State, op.ReasonText)
				}
				if charged := x.pair.Practice.Charged(); len(charged) != 1 {
					t.Errorf("after %s: charged %v", after, charged)
				}
			})
		}
	}
}

// Two tills want the same terminal at once, under each way in which a busy one may
// take that. Their results never cross, and nobody pays twice for one of them (55, 37).
func TestSeq37_55_TwoTillsOneTerminal(t *testing.T) {
	for _, busy := range []string{"ignore", "queue", "replace"} {
		with(t, nil, func(x *shop) {
			x.customer("chip-pin")
			x.set([2]string{"busy", busy})
			one, two := x.open("one.db", doorAddress), x.open("two.db", "127.0.0.1:8003")
			// Both journals are new in this very second: draw them apart, or the cloud,
			// which looks at references alone, sees one of them used twice.
			for range 1000 {
				if _, err := two.journal.Serial(context.Background(), "serial"); err != nil {
					t.Fatal(err)
				}
			}
			first := one.sell()
			time.Sleep(time.Second)
			second := two.sell()
			ops := []payment.Operation{}
			for i, id := range []string{first, second} {
				ops = append(ops, []*till{one, two}[i].until(id, func(op payment.Operation) bool { return final(op) || parked(op) }))
			}
			charged := x.pair.Practice.Charged()
			for _, op := range ops {
				if minor := charged[op.Attempt.Reference]; (op.State == payment.Approved) != (minor == 1256) || op.State != payment.Approved && minor != 0 {
					t.Errorf("%s: %s, and %d was charged", busy, op.State, minor)
				}
			}
			if !slices.ContainsFunc(ops, func(op payment.Operation) bool { return op.State == payment.Approved }) {
				t.Errorf("%s: nobody paid", busy)
			}
		})
	}
}
