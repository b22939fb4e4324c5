package command_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// scenario is a command that is killed at each of its steps.
type scenario struct {
	name           string
	mode, customer string
	// before is done ahead of each run, with the till unharmed; what it returns is
	// appended to args.
	before func(t testing.TB, s *shop) []string
	args   []string
	status int // of the run that nobody kills
	// interrupt is the step at which the cashier asks for an end.
	interrupt string
	// leaves tells that the customer goes away after the till was killed.
	leaves bool
	// restart is how the till comes back: recover, serve, or the next sale.
	restart string
	// steps that must be among those found: a till killed at none of them proves nothing.
	steps []string
}

const (
	byRecover = "recover"
	byServe   = "serve"
	bySale    = "the next sale"
)

// proven has two NotFound answers count as proof, so that a payment that never
// reached the terminal has an outcome too.
const proven = "not-found=not-executed"

var scenarios = []scenario{
	{name: "sale with PIN", mode: "default", customer: "chip-pin", args: []string{"sale", "--amount", "10"}, restart: byRecover,
		steps: []string{"Login", "Payment", `Display "Present card"`, `Display "Enter PIN"`, `Display "Authorizing"`, `Display "Approved"`, `Display "Remove card"`,
			"Event CardInserted", "Payment answer", "Logout"}},
	{name: "sale, the pages come back", mode: "default", customer: "contactless", args: []string{"sale", "--amount", "10"}, restart: byServe,
		steps: []string{"Payment", `Display "Present card"`, "Payment answer"}},
	{name: "sale, the next one comes first", mode: "light", customer: "chip-pin", args: []string{"sale", "--amount", "10"}, restart: bySale,
		steps: []string{"Login", "Payment", "Payment answer", "Logout"}},
	{name: "declined sale", mode: "default", customer: "declined", args: []string{"sale", "--amount", "10"}, status: 2, restart: byRecover,
		steps: []string{`Display "Authorizing"`, "Payment answer"}},
	{name: "signature accepted", mode: "default", customer: "signature", args: []string{"sale", "--amount", "10", "--signature", "yes"}, restart: byRecover,
		steps: []string{"Print", "Print answer", "Input", "Input answer", "Payment answer"}},
	{name: "signature refused", mode: "default", customer: "signature", args: []string{"sale", "--amount", "10", "--signature", "no"}, status: 2, restart: byRecover,
		steps: []string{"Print", "Print answer", "Input", "Input answer", "Payment answer"}},
	{name: "signature accepted, light", mode: "light", customer: "signature", args: []string{"sale", "--amount", "10", "--signature", "yes"}, restart: byRecover,
		steps: []string{"Payment", "Payment answer"}},
	{name: "signature refused, light", mode: "light", customer: "signature", args: []string{"sale", "--amount", "10", "--signature", "no"}, status: 3, restart: byRecover,
		steps: []string{"Payment", "Payment answer", "Reversal", "Reversal answer"}},
	{name: "refund", mode: "default", customer: "chip-pin", before: aSale, args: []string{"refund", "--amount", "3"}, restart: byRecover,
		steps: []string{"Payment", `Display "Authorizing"`, "Payment answer"}},
	{name: "refund, light", mode: "light", customer: "chip-pin", before: aSale, args: []string{"refund", "--amount", "3"}, restart: byRecover,
		steps: []string{"Payment", "Payment answer"}},
	{name: "void", mode: "default", customer: "chip-pin", before: aSale, args: []string{"void"}, restart: byRecover,
		steps: []string{"Reversal", "Reversal answer"}},
	{name: "void, light", mode: "light", customer: "chip-pin", before: aSale, args: []string{"void"}, restart: byRecover,
		steps: []string{"Reversal", "Reversal answer"}},
	{name: "abort", mode: "default", customer: "walks-away", args: []string{"sale", "--amount", "10"}, status: 3, restart: byRecover,
		interrupt: `Display "Present card" answer` + delivered, leaves: true, steps: []string{`Display "Present card"`, "Abort", "Payment answer"}},
	{name: "abort, light", mode: "light", customer: "walks-away", args: []string{"sale", "--amount", "10"}, status: 3, restart: byRecover,
		interrupt: "Payment" + delivered, leaves: true, steps: []string{"Payment", "Abort", "Payment answer"}},
	{name: "recover", mode: "default", customer: "contactless", before: aDoubt, args: []string{"recover"}, restart: byRecover,
		steps: []string{"TransactionStatus", "TransactionStatus answer"}},
}

// aSale takes a payment to give back.
func aSale(t testing.TB, s *shop) []string {
	return []string{money(t, 0, "sale", "--data", s.data, "--amount", "10").Operation}
}

// aDoubt leaves a payment behind that the terminal approved and the till never heard of.
func aDoubt(t testing.TB, s *shop) []string {
	w := walk{shop: s}
	if r := w.run(t, []string{"sale", "--amount", "10"}, "Payment answer"+heldBack); !r.killed() {
		t.Fatalf("not killed: %s", r.said.String())
	}
	return nil
}

// TestKilledAtEveryStep kills the real program at every message that a command
// sends or gets, before and after it is handed over, and after every commit, while
// the terminal goes on in a process of its own. The till that comes back must say
// what the terminal booked, and the terminal must have booked at most once. With -v
// it prints the steps.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	// More at once than there are processors, because most of the time they wait: a
	// terminal that does not know a payment is asked again after 5 s.
	turns := make(chan struct{}, scenariosAtOnce)
	var all sync.WaitGroup
	for _, c := range scenarios {
		all.Go(func() {
			turns <- struct{}{}
			t.Run(c.name, func(t *testing.T) { killEverywhere(t, c) })
			<-turns
		})
	}
	all.Wait()
}

const (
	scenariosAtOnce = 6
	// shopsEach is how many tills and terminals share the steps of a scenario.
	shopsEach = 6
)

func killEverywhere(t *testing.T, c scenario) {
	first := &walk{scenario: c, shop: newShop(t, c.mode, c.customer, proven)}
	found := first.unharmed(t)
	if t.Failed() {
		return
	}
	walks := []*walk{}
	var all sync.WaitGroup
	for i := range shopsEach {
		w := &walk{scenario: c, shop: newShop(t, c.mode, c.customer, proven)}
		walks = append(walks, w)
		all.Go(func() {
			for at := i; at < len(found) && !t.Failed(); at += shopsEach {
				w.killAt(t, found[at])
			}
		})
	}
	first.killAfterCommits(t)
	all.Wait()
	report(t, c.restart, append(walks, first))
}

// TestKilledBeforeTheTerminalHeardOfIt is the same kill with the default setting: a
// terminal that does not know the payment proves nothing, so the till stays in doubt,
// says so, and starts nothing new there.
func TestKilledBeforeTheTerminalHeardOfIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, "light", "chip-pin")
	w := walk{shop: s}
	if r := w.run(t, []string{"sale", "--amount", "10"}, "Payment"+heldBack); !r.killed() {
		t.Fatalf("not killed: %s", r.said.String())
	}
	s.wire.reset(nil)
	if status, found := s.recover(t, "1s"); status != 5 || len(found) != 1 || found[0].State != "in_doubt" {
		t.Errorf("recover: %d %+v", status, found)
	}
	if status, _, said := run(t, "sale", "--amount", "10", "--wait", "1s", "--data", s.data); status != 1 || !strings.Contains(said, "still not known") {
		t.Errorf("a new sale: %d %s", status, said)
	}
	if sums := s.charged(t); len(sums) != 0 {
		t.Errorf("the terminal charged %v", sums)
	}
	s.sound(t)
}

// walk goes through the steps of a scenario.
type walk struct {
	scenario
	shop  *shop
	lines []string // of the table
}

// prepare does what comes ahead of a run, and tells how things stood before that
// and with which arguments the command is to run.
func (w *walk) prepare(t *testing.T) (args []string, was standing) {
	t.Helper()
	was = standing{w.shop.newest(t), w.shop.charged(t)}
	args = slices.Clone(w.args)
	if w.before != nil {
		args = append(args, w.before(t, w.shop)...)
	}
	return args, was
}

// standing is how things stood before a run.
type standing struct {
	number  int64            // of the newest operation
	charged map[string]int64 // at the terminal
}

// run starts the command; with a step, the till is killed there.
func (w *walk) run(t testing.TB, args []string, step string) *till {
	t.Helper()
	var r *till
	started := make(chan struct{})
	w.shop.wire.reset(func(at string) func() {
		if at != step && at != w.interrupt {
			return nil
		}
		return func() {
			<-started
			if at == w.interrupt {
				w.interruptIt(r)
			}
			if at == step {
				if strings.HasSuffix(step, heldBack) {
					w.shop.settle(t)
				}
				r.kill()
			}
		}
	})
	r = w.shop.begin(t, args...)
	close(started)
	return r
}

// interruptIt has the cashier ask for an end. In light mode that is once the terminal asks
// for the card: an abort that overtakes the payment stops nothing.
func (w *walk) interruptIt(r *till) {
	stop := func() { _ = r.command.Process.Signal(syscall.SIGINT) } // it may be gone
	if w.mode != "light" {
		stop()
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), processLimit)
		defer cancel()
		go func() {
			select {
			case <-r.gone:
				cancel()
			case <-ctx.Done():
			}
		}()
		if padShows(ctx, w.shop.pinpad, "Present card") {
			stop()
		}
	}()
}

// unharmed runs the command to its end and returns its steps.
func (w *walk) unharmed(t *testing.T) (found []string) {
	t.Helper()
	args, was := w.prepare(t)
	r := w.run(t, args, "")
	<-r.gone
	if status := r.command.ProcessState.ExitCode(); status != w.status {
		t.Errorf("unharmed it ends with %d, want %d: %s", status, w.status, r.said.String())
	}
	found = w.shop.wire.steps()
	for _, step := range w.steps {
		for _, phase := range []string{heldBack, delivered} {
			if !slices.Contains(found, step+phase) {
				t.Errorf("no step %q among %q", step+phase, found)
			}
		}
	}
	w.shop.matches(t, "unharmed", w.shop.operations(t, was.number), was.charged)
	return found
}

// killAt kills the till at a step of the wire. What the terminal shows after its
// answer reaches the till only in some runs, because it may have ended before.
func (w *walk) killAt(t *testing.T, step string) {
	t.Helper()
	for range tries {
		args, was := w.prepare(t)
		r := w.run(t, args, step)
		if r.killed() {
			w.comeBack(t, step, was)
			return
		}
	}
	name, _, _ := strings.Cut(step, ",")
	if slices.Contains(w.steps, strings.TrimSuffix(name, " answer")) || slices.Contains(w.steps, name) {
		t.Errorf("%s: in %d runs the till did not come to this step", step, tries)
	}
	w.lines = append(w.lines, step+"\t(ended before)\t")
}

// tries is how many runs a step is given to come.
const tries = 16

// killAfterCommits kills the till after each commit of a run, until one ends first.
func (w *walk) killAfterCommits(t *testing.T) {
	t.Helper()
	for event := int64(1); !t.Failed(); {
		args, was := w.prepare(t)
		first := w.shop.head(t)
		r := w.run(t, args, "")
		reached := w.shop.killAfter(t, r, first+event) - first
		if !r.killed() {
			w.comeBack(t, "after its end", was)
			return
		}
		w.comeBack(t, fmt.Sprintf("commit of event %d", reached), was)
		event = reached + 1
	}
}

// comeBack starts the till again and compares.
func (w *walk) comeBack(t *testing.T, step string, was standing) {
	t.Helper()
	s := w.shop
	s.wire.reset(nil)
	left := s.operations(t, was.number)
	if w.leaves {
		press(t, s.pinpad, "customer", "cancels")
	}
	switch w.restart {
	case byServe:
		s.serve(t)
	case bySale:
		money(t, 0, "sale", "--data", s.data, "--amount", "5")
	default:
		status, found := s.recover(t, "30s")
		judge(t, step, left, status, found)
	}
	if w.leaves {
		press(t, s.pinpad, "customer", w.customer)
	}
	said := s.matches(t, step, s.operations(t, was.number), was.charged)
	s.sound(t)
	w.lines = append(w.lines, fmt.Sprintf("%s\t%s\t%s", step, states(left), said))
}

// judge looks at what recover said: it dealt with all that was open and nothing
// else, and its exit status is the worst of it.
func judge(t *testing.T, step string, left []payment.Operation, status int, found []answer) {
	t.Helper()
	var open, dealt []string
	for _, op := range left {
		if !op.State.Final() {
			open = append(open, op.ID)
		}
	}
	want := 0
	for _, one := range found {
		dealt = append(dealt, one.Operation)
		if code := exitStatus[one.State]; want == 0 || (code > want && code != 0) {
			want = code
		}
	}
	if !slices.Equal(open, dealt) {
		t.Errorf("%s: recover dealt with %v, open were %v", step, dealt, open)
	}
	if status != want {
		t.Errorf("%s: recover ended with %d, want %d: %+v", step, status, want, found)
	}
}

// exitStatus is the contract of the command line (design 5); a higher one is worse.
var exitStatus = map[string]int{"approved": 0, "declined": 2, "cancelled": 3, "failed": 4, "in_doubt": 5}

func states(ops []payment.Operation) string {
	if len(ops) == 0 {
		return "nothing"
	}
	var list []string
	for _, op := range ops {
		list = append(list, string(op.Kind)+" "+string(op.State))
	}
	return strings.Join(list, ", ")
}

// report has the journals checked by the program itself, and shows the steps.
func report(t *testing.T, restart string, walks []*walk) {
	var out strings.Builder
	steps := 0
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "killed at\tleft in the journal\tafter %s\n", restart) // Flush tells
	for _, w := range walks {
		if status, out, said := run(t, "journal", "verify", "--data", w.shop.data); status != 0 {
			t.Errorf("journal verify: %d %s%s", status, out, said)
		}
		steps += len(w.lines)
		for _, line := range w.lines {
			_, _ = fmt.Fprintln(table, line)
		}
	}
	if err := table.Flush(); err != nil {
		t.Error(err)
	}
	t.Logf("%d steps\n%s", steps, out.String())
}
