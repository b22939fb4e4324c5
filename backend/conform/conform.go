package conform

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// Practice is a provider's practice terminal as the suite plays it.
type Practice interface {
	// SetCustomer chooses who stands there.
	SetCustomer(name string) error
	// SetFault sets one of the terminal's own switches.
	SetFault(name, value string) error
	// Charged lists what has moved and stays moved, by our reference: positive what
	// was taken, negative what was given back, in minor units.
	Charged() map[string]int64
	// Violations are the till's breaches of the protocol, as the terminal saw them.
	Violations() []string
	Close() error
}

// Pair is a provider with its practice terminal.
type Pair struct {
	Provider payment.Provider
	Settings payment.Settings
	Practice Practice
	// Faults gives, per case of this suite that needs trouble, the switches that make
	// it ("payment.answer=lose"). A case without an entry is left out.
	Faults map[string][]string
	// Updated tells whether the update that Faults["update"] announced is installed;
	// nil: these terminals do not update themselves through the till.
	Updated func() bool
	// SignatureRefused is how a sale ends whose signature does not match; empty: the
	// terminal takes the signature itself, and the till is not asked.
	SignatureRefused payment.State
	// Traceless names the cases that may stay in doubt, because nothing tells what
	// became of them (design 10.11).
	Traceless []string
}

// Open makes a fresh pair on a network of its own; folder is for the ledger.
type Open func(t *testing.T, network *Network, folder string) Pair

// one is one case of the suite.
type one struct {
	name     string
	customer string
	answer   *bool // of the signature question
	abort    bool  // while the customer is at it
	states   []payment.State
	// unsure: the outcome may also stay in doubt, parked, if nothing was charged twice.
	unsure bool
}

var yes, no = true, false

// cases are what a certification would ask. Those with trouble are named as in Pair.Faults.
var cases = []one{
	{name: "happy", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "contactless", customer: "contactless", states: []payment.State{payment.Approved}},
	{name: "declined", customer: "declined", states: []payment.State{payment.Declined}},
	{name: "wrong PIN", customer: "wrong-pin", states: []payment.State{payment.Declined}},
	{name: "cancelled by the customer", customer: "cancels", states: []payment.State{payment.Cancelled}},
	{name: "aborted by the cashier", customer: "walks-away", abort: true, states: []payment.State{payment.Cancelled}},
	{name: "signature accepted", customer: "signature", answer: &yes, states: []payment.State{payment.Approved}},
	{name: "signature refused", customer: "signature", answer: &no},
	{name: "late approval", customer: "late-approval", states: []payment.State{payment.Approved}},
	{name: "lost request", customer: "chip-pin", states: []payment.State{payment.Failed, payment.InDoubt}, unsure: true},
	{name: "refused connection", customer: "chip-pin", states: []payment.State{payment.Failed, payment.InDoubt}, unsure: true},
	{name: "lost answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "lost answer of a decline", customer: "declined", states: []payment.State{payment.Declined}},
	{name: "late answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "slow body", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "duplicate answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "duplicate display", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "reordered display", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "lost displays", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "foreign displays", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "truncated answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "unreadable answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "empty answer", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "server error", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "wrong id", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "wrong reference", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "unknown result", customer: "chip-pin", states: []payment.State{payment.Approved, payment.InDoubt}, unsure: true},
	{name: "unknown code", customer: "chip-pin", states: []payment.State{payment.Declined}},
	{name: "lost status answers", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "another amount", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "busy first", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "session lost", customer: "chip-pin", states: []payment.State{payment.Approved}},
	{name: "abort lost", customer: "walks-away", abort: true, states: []payment.State{payment.Cancelled}},
	{name: "abort too late", customer: "chip-pin", abort: true, states: []payment.State{payment.Approved}},
	{name: "bank unreachable", customer: "unreachable", states: []payment.State{payment.Declined}},
	{name: "unplugged", customer: "unplugged", states: []payment.State{payment.InDoubt, payment.Declined, payment.Cancelled}, unsure: true},
	{name: "silent", customer: "silent", states: []payment.State{payment.InDoubt}, unsure: true},
}

// needsFault names the cases that make no sense without an entry in Pair.Faults.
var needsFault = map[string]bool{"lost request": true, "refused connection": true, "lost answer": true, "lost answer of a decline": true,
	"late answer": true, "slow body": true, "duplicate answer": true, "duplicate display": true, "reordered display": true, "lost displays": true,
	"foreign displays": true, "truncated answer": true, "unreadable answer": true, "empty answer": true, "server error": true, "wrong id": true,
	"wrong reference": true, "unknown result": true, "unknown code": true, "lost status answers": true, "another amount": true,
	"busy first": true, "session lost": true, "abort lost": true, "abort too late": true}

// Test runs the suite. Every case is a fresh till and a fresh terminal.
func Test(t *testing.T, open Open) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { play(t, open, c) })
		})
	}
	t.Run("refund and void", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { givesBack(t, open) })
	})
	t.Run("terminal updates itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { updates(t, open) })
	})
	t.Run("till restarts during a payment", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { restarts(t, open) })
	})
}

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

func play(t *testing.T, open Open, c one) {
	x := newTill(t, open)
	defer x.close()
	faults, known := x.pair.Faults[c.name]
	if !known && needsFault[c.name] {
		t.Skipf("this protocol has no such trouble")
	}
	if c.answer != nil && !*c.answer && x.pair.SignatureRefused == "" {
		t.Skip("the till has no say in the signature")
	}
	if c.abort && !x.engine.Terminals()[0].CanAbort {
		t.Skip("the till cannot stop this terminal")
	}
	x.customer(c.customer)
	x.trouble(faults)
	op := x.begin(engine.Start{FormKey: "form", Amount: 1250})
	if c.abort {
		time.Sleep(amidst)
		if _, err := x.engine.Abort(context.Background(), op.ID, "anna"); err != nil {
			t.Error(err)
		}
	}
	asked := false
	op = x.end(op.ID, func(op payment.Operation) {
		if c.answer != nil && op.State == payment.AwaitingAnswer && op.Question != nil && !asked {
			asked = true
			if _, err := x.engine.Answer(context.Background(), op.ID, payment.Answer{Question: op.Question.ID, Yes: *c.answer, Operator: "anna"}); err != nil {
				t.Error(err)
			}
		}
	})
	states := c.states
	if len(states) == 0 {
		states = []payment.State{x.pair.SignatureRefused}
	}
	traceless := slices.Contains(x.pair.Traceless, c.name)
	if traceless {
		states = append(slices.Clone(states), payment.InDoubt)
	}
	check(t, op, states)
	if asks := x.pair.SignatureRefused != ""; c.answer != nil && asked != asks {
		t.Errorf("asked about the signature: %t", asked)
	}
	agree(t, x, op, c.unsure || traceless)
}

func check(t *testing.T, op payment.Operation, states []payment.State) {
	t.Helper()
	for _, s := range states {
		if op.State == s {
			return
		}
	}
	t.Errorf("ended %s (%s: %s), want one of %v", op.State, op.Reason, op.ReasonText, states)
}

// agree compares the till with the terminal's own ledger.
func agree(t *testing.T, x *till, op payment.Operation, unsure bool) {
	t.Helper()
	charged := x.pair.Practice.Charged()
	var sum int64
	for _, minor := range charged {
		sum += minor
	}
	switch {
	case op.State == payment.Approved && sum != op.Authorised:
		t.Errorf("approved with %d, the terminal charged %d (%v)", op.Authorised, sum, charged)
	case op.State.Final() && op.State != payment.Approved && sum != 0:
		t.Errorf("%s, but the terminal charged %d (%v)", op.State, sum, charged)
	case op.State == payment.InDoubt && !unsure:
		t.Errorf("left in doubt: %+v", op.Doubt)
	}
	if len(charged) > 1 {
		t.Errorf("charged more than once: %v", charged)
	}
	for _, v := range x.pair.Practice.Violations() {
		t.Errorf("the till broke the protocol: %s", v)
	}
}

func givesBack(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	x.customer("chip-pin")
	x.trouble(x.pair.Faults["refund and void"])
	sale := func() payment.Operation {
		op := x.end(x.begin(engine.Start{Amount: 1000}).ID, nil)
		check(t, op, []payment.State{payment.Approved})
		return op
	}
	back := func(kind payment.Kind, of payment.Operation, amount int64) payment.Operation {
		op := x.end(x.begin(engine.Start{Kind: kind, Original: of.ID, Amount: amount, Operator: "anna", Why: "test"}).ID, nil)
		check(t, op, []payment.State{payment.Approved})
		return op
	}
	first, last := sale(), sale()
	status := x.engine.Terminals()[0]
	switch {
	case status.CanVoid:
		back(payment.Void, last, 0)
	case status.CanRefund:
		back(payment.Refund, last, 0)
	default:
		t.Skip("the till cannot give money back here")
	}
	switch {
	case status.CanRefund:
		back(payment.Refund, first, 400)
		back(payment.Refund, first, 0)
	case status.CanVoid && !status.Limits.VoidLastOnly:
		back(payment.Void, first, 0)
	}
	var sum int64
	for _, minor := range x.pair.Practice.Charged() {
		sum += minor
	}
	if sum != 0 {
		t.Errorf("after giving everything back the terminal has %d", sum)
	}
}

// restarts stops the till while the customer is at it, lets the customer finish,
// and starts it again: the outcome that the terminal booked, once.
func restarts(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	x.customer("chip-pin")
	op := x.begin(engine.Start{Amount: 1250})
	time.Sleep(amidst)
	x.stop()
	time.Sleep(time.Minute) // virtual: the customer finishes
	x.start()
	op = x.end(op.ID, nil)
	check(t, op, []payment.State{payment.Approved})
	agree(t, x, op, false)
}

// updates has the terminal ask for an update: it is let go in a quiet moment, not
// while customers come, and payments go on afterwards (MP-04).
func updates(t *testing.T, open Open) {
	x := newTill(t, open)
	defer x.close()
	if x.pair.Updated == nil {
		t.Skip("these terminals do not update themselves through the till")
	}
	x.customer("chip-pin")
	pay := func() {
		check(t, x.end(x.begin(engine.Start{Amount: 1250}).ID, nil), []payment.State{payment.Approved})
	}
	pay()
	x.trouble(x.pair.Faults["update"])
	time.Sleep(4 * time.Minute)
	if x.pair.Updated() {
		t.Error("it was let go although the till was hardly quiet")
	}
	time.Sleep(6 * time.Minute)
	if !x.pair.Updated() {
		t.Error("it was never let go")
	}
	pay()
	for _, v := range x.pair.Practice.Violations() {
		t.Errorf("the till broke the protocol: %s", v)
	}
}
