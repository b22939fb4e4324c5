package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// path is one way through an operation: what the terminal, the cashier, the manager
// and the power do is chosen step by step. Up to a depth the choices are the
// search's; beyond it everything goes well.
type path struct {
	name     string
	kind     payment.Kind
	believed bool // the setting: "not found" is proof
	journal  *journal.Journal
	device   *device
	moments  chan struct{}

	till   *engine.Engine
	disk   *mortal
	unwind func() // ends the watching of the till
	id     string

	mu       sync.Mutex
	prefix   []choice
	depth    int
	calm     bool
	taken    []choice
	broken   []string
	settled  bool // a manager's word was taken
	seen     payment.State
	timeline string
}

// choice is what was chosen of how many alternatives.
type choice struct {
	pick, of int
	words    string
}

// choose makes the next choice of the path. The first alternative is the good one.
func (p *path) choose(who string, alternatives []string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calm || len(p.taken) >= p.depth {
		return 0
	}
	c := choice{of: len(alternatives)}
	if n := len(p.taken); n < len(p.prefix) {
		c.pick = p.prefix[n].pick
		if of := p.prefix[n].of; of != c.of && of != 0 || c.pick >= c.of {
			p.broken = append(p.broken, fmt.Sprintf("%s: choice %d has %d alternatives and had %d: %s %q", repeatable, n, c.of, of, who, alternatives))
			c.pick = 0
		}
	}
	c.words = who + " " + alternatives[c.pick]
	p.taken = append(p.taken, c)
	return c.pick
}

// relax has everything go well, or no more.
func (p *path) relax(calm bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calm = calm
}

func (p *path) deeper() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.taken) < p.depth
}

// moment tells that something has happened at the terminal.
func (p *path) moment() {
	select {
	case p.moments <- struct{}{}:
	default:
	}
}

func (p *path) fail(check, format string, values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = append(p.broken, check+": "+fmt.Sprintf(format, values...))
}

func (p *path) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	picks, words := make([]string, len(p.taken)), make([]string, len(p.taken))
	for i, c := range p.taken {
		picks[i], words[i] = fmt.Sprint(c.pick), c.words
	}
	return strings.Join(picks, ",") + " (" + strings.Join(words, "; ") + ")"
}

// The rhythm of a path.
const (
	reaction = 500 * time.Millisecond // people act so long after something happened
	idle     = 3 * time.Minute        // nothing happens any more: it waits for a person
	powerOff = 2 * time.Second
)

// switchOn starts a till on the path's journal.
func (p *path) switchOn() {
	p.disk = &mortal{Journal: p.journal, terminal: p.name}
	p.till = engine.New(engine.Options{Journal: p.disk})
	p.watch()
	settings := payment.Settings{"not-found": "doubt"}
	if p.believed {
		settings["not-found"] = "not-executed"
	}
	if err := p.till.Add(context.Background(), engine.Terminal{Name: p.name, Provider: p.device, Settings: settings}, nil); err != nil {
		p.fail(theModel, "the till does not start: %v", err)
	}
}

// cut takes the till's power: what it has not committed is gone.
func (p *path) cut() {
	p.disk.die()
	p.switchOff()
	time.Sleep(powerOff)
	p.switchOn()
}

func (p *path) switchOff() {
	if err := p.till.Close(context.Background()); err != nil {
		p.fail(theModel, "the till does not stop: %v", err)
	}
	p.unwind()
}

// play goes the whole path.
func (p *path) play() {
	p.switchOn()
	defer func() { p.switchOff() }()
	time.Sleep(reaction)
	if !p.begin() {
		return
	}
	for p.deeper() && p.happens() && !p.over() {
		p.act()
	}
	p.calmDown()
	p.check()
}

// begin starts the operation; a refund needs a sale before it.
func (p *path) begin() bool {
	start := engine.Start{FormKey: p.name, Kind: payment.Sale, Terminal: p.name, Amount: 100}
	if p.kind == payment.Refund {
		p.relax(true)
		sale, err := p.till.Start(context.Background(), engine.Start{Kind: payment.Sale, Terminal: p.name, Amount: 100})
		if err != nil {
			p.fail(theModel, "%v", err)
			return false
		}
		time.Sleep(2 * paceAnswer)
		for len(p.moments) > 0 {
			<-p.moments
		}
		p.relax(false)
		start.Kind, start.Original, start.Operator, start.Why = payment.Refund, sale.ID, "anna", "broken"
	}
	op, err := p.till.Start(context.Background(), start)
	if err != nil {
		p.fail(theModel, "%v", err)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id = op.ID
	return true
}

// happens waits until something has happened, and for people to react.
func (p *path) happens() bool {
	select {
	case <-p.moments:
	case <-time.After(idle):
		return false
	}
	time.Sleep(reaction)
	for len(p.moments) > 0 {
		<-p.moments
	}
	return true
}

// stands is the operation as the till shows it.
func (p *path) stands() payment.Operation {
	for _, op := range p.till.OpenOperations() {
		if op.ID == p.id {
			return op
		}
	}
	op, err := p.journal.Operation(context.Background(), p.id)
	if err != nil {
		p.fail(theModel, "%v", err)
	}
	return op
}

// over tells whether the outcome is known, not by a manager's word, and the amount too.
func (p *path) over() bool {
	op := p.stands()
	return op.State.Final() && op.Reason != payment.ReasonSettled && (!op.TipOpen || op.Tip > 0)
}

// What people and the power do.
const (
	actNothing = "nothing is done"
	actAbort   = "the cashier stops it"
	actYes     = "the signature matches"
	actNo      = "the signature does not match"
	actPaid    = "a manager settles it as paid"
	actNotPaid = "a manager settles it as not paid"
	actCut     = "the power is cut"
)

// act has somebody do something, or nothing.
func (p *path) act() {
	op := p.stands()
	ways := []string{actNothing, actCut}
	switch op.State {
	case payment.Sending, payment.InProgress:
		if op.Provisional == nil { // else the money is being taken back
			ways = append(ways, actAbort)
		}
		p.refused("settled while it runs", func() error { _, err := p.settle(true); return err })
	case payment.AwaitingAnswer:
		ways = append(ways, actYes, actNo)
		p.refused("stopped while the cashier is asked", func() error { _, err := p.till.Abort(context.Background(), p.id, "anna"); return err })
	case payment.InDoubt:
		if op.Provisional == nil {
			ways = append(ways, actAbort, actPaid, actNotPaid)
		}
	}
	if !op.State.Final() {
		p.refused("a second sale beside it", func() error {
			_, err := p.till.Start(context.Background(), engine.Start{Terminal: p.name, Amount: 5})
			return err
		})
	}
	var err error
	switch chosen := ways[p.choose("then", ways)]; chosen {
	case actAbort:
		_, err = p.till.Abort(context.Background(), p.id, "anna")
	case actYes, actNo:
		_, err = p.till.Answer(context.Background(), p.id, payment.Answer{Yes: chosen == actYes, Operator: "anna"})
	case actPaid, actNotPaid:
		_, err = p.settle(chosen == actPaid)
		p.settled = p.settled || err == nil
	case actCut:
		p.cut()
	}
	if err != nil {
		p.fail(nextStep, "in %s: %v", op.State, err)
	}
}

func (p *path) settle(paid bool) (payment.Operation, error) {
	return p.till.Settle(context.Background(), p.id, payment.Settlement{Paid: paid, Operator: "berit", Why: "the report"})
}

// refused tries what must not be.
func (p *path) refused(what string, try func() error) {
	if err := try(); payment.CodeOf(err) != payment.CodeConflict {
		p.fail(refusesWhatCannotBe, "%s: %v", what, err)
	}
}
