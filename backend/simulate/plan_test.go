package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Bounds of what a seed may ask for.
const (
	leastOperations = 25
	mostOperations  = 60
	mostAmount      = 200_000 // minor units; some are above the limit for a tap without PIN
	mostPoints      = 40      // so many commits and connections until the power goes
	mostOdds        = 40      // of a thousand messages, in most shifts
	stormOdds       = 250     // in a storm
	mostWrites      = 3       // that fail in a row
)

// plan is everything that a seed decides beforehand.
type plan struct {
	seed      uint64
	keep      bool // its events, for a comparison
	odds      int  // of a thousand messages so many meet a bad fate (fate_test.go)
	terminals []terminalPlan
}

// variant is what one terminal is set to, beside what all of its protocol are.
type variant = payment.Settings

type terminalPlan struct {
	protocol   *protocol
	light      bool   // nexo's mode
	notFound   string // nexo's setting of that name
	variant    variant
	steady     map[string]string // switches that stand so all the time
	operations []operationPlan
}

// wish is what a cashier wants.
type wish int

const (
	wishSale wish = iota
	wishRefund
	wishVoid
	wishCapture
)

// manager is what is done about parked doubt.
type manager int

const (
	managerAway    manager = iota
	managerCareful         // looks into the terminal's journal first
	managerHasty           // says that it was not paid
)

type operationPlan struct {
	wish      wish
	amount    int64
	cashback  int64
	pick      uint64 // which earlier sale is given back
	part      bool   // of a refund
	key       string
	twice     bool            // the form is sent twice at once
	again     bool            // and once more after the end
	reserve   bool            // a sale only reserves the money
	account   string          // which one gets the money; empty: the first
	hides     bool            // an approval comes to light late
	code      payment.Scanned // that the customer shows; empty: none
	showQR    bool            // the till shows one
	vendor    string          // the wallet that the cashier names; empty: none
	careless  bool            // the cashier types a card number into free text
	pause     time.Duration   // before it
	mended    bool            // the terminal's trouble ends before it
	customer  string
	next      string // who comes then, while it may still run; empty: nobody
	nextAfter time.Duration
	aborts    []time.Duration
	answer    bool
	answerIn  time.Duration
	incidents []incident
	moves     time.Duration // then the card is taken to another terminal; 0: it is not
	movesTo   int           // which one, from 0
	movesWith string        // the customer there
	crash     *crash
	manager   manager       // who settles it if it is parked in doubt
	patience  time.Duration // then the cashier turns to the next one
}

// incident is something that goes wrong around an operation.
type incident struct {
	after       time.Duration
	name, value string // a switch; or one of the other troubles (trouble_test.go)
	lasts       time.Duration
	jump        time.Duration // of the till's clock
	writes      int           // that fail
}

// crash is a power cut, or a clean stop, and how long the till is off.
type crash struct {
	points int           // the how-manieth commit or connection, if above zero
	after  time.Duration // else this moment
	clean  bool          // closed as a person does
	torn   bool          // in the middle of a write, if it falls on one
	off    time.Duration
}

func newPlan(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0x7061796465736b))
	p := plan{seed: seed, terminals: make([]terminalPlan, 1+r.IntN(2))}
	switch r.IntN(6) {
	case 0: // a storm
		p.odds = mostOdds + r.IntN(stormOdds-mostOdds)
	case 1, 2, 3:
		p.odds = 1 + r.IntN(mostOdds)
	}
	// What other protocols add is drawn apart: a shift with none of them stays as it was.
	more := rand.New(rand.NewPCG(seed, 0x70726f7669646572))
	played := shift(more, len(p.terminals))
	beside := rand.New(rand.NewPCG(seed, 0x6d69786564))
	several, currency := mixed(beside)
	if several != nil {
		played, p.terminals = several, make([]terminalPlan, len(several))
	}
	for i := range p.terminals {
		t := &p.terminals[i]
		if t.protocol = played[i]; t.protocol.choose != nil {
			t.variant, t.steady = t.protocol.choose(more)
		}
		if several != nil {
			if t.variant == nil {
				t.variant = variant{}
			}
			t.variant["currency"] = currency
		}
		t.light = r.IntN(2) == 0
		t.notFound = believed
		if r.IntN(6) == 0 {
			t.notFound = "doubt"
		}
	}
	for n := range leastOperations + r.IntN(mostOperations-leastOperations+1) {
		at := r.IntN(len(p.terminals))
		if several != nil && at == len(several)-1 {
			at = 0 // the spare one has no cashier
		}
		t := &p.terminals[at]
		o := newOperation(r, n, t.protocol)
		if several != nil {
			o.elsewhere(beside, at, several)
		}
		if t.protocol.extend != nil {
			t.protocol.extend(more, *t, &o)
		}
		o.incidents = slices.DeleteFunc(o.incidents, func(i incident) bool { return t.protocol.denies(*t, i) })
		t.operations = append(t.operations, o)
	}
	return p
}

// shift draws the protocols of a shift's terminals: half of the shifts have the first
// one only, the others at least one of another.
func shift(r *rand.Rand, terminals int) []*protocol {
	played := make([]*protocol, terminals)
	if *onlyFlag != "" {
		for i := range played {
			played[i] = named(pickOf(r, strings.Split(*onlyFlag, ",")...))
		}
		return played
	}
	others := r.IntN(2) == 0 && len(protocols) > 1
	for i := range played {
		played[i] = protocols[0]
		if others && (i == 0 || r.IntN(3) > 0) {
			played[i] = protocols[1+r.IntN(len(protocols)-1)]
		}
	}
	if others {
		r.Shuffle(terminals, func(i, j int) { played[i], played[j] = played[j], played[i] })
	}
	return played
}

func newOperation(r *rand.Rand, n int, p *protocol) operationPlan {
	customers := p.customers
	o := operationPlan{
		amount: 1 + r.Int64N(mostAmount), pick: r.Uint64(), key: fmt.Sprintf("form-%d", n),
		twice: r.IntN(5) == 0, again: r.IntN(5) == 0, careless: r.IntN(4) == 0, part: r.IntN(2) == 0, manager: manager(r.IntN(3)),
		pause: span(r, 0, 20*time.Second), mended: r.IntN(4) > 0, customer: "chip-pin",
		answer: r.IntN(3) > 0, answerIn: span(r, time.Millisecond, 15*time.Second),
		patience: span(r, 30*time.Second, 2*time.Minute),
	}
	if r.IntN(4) == 0 {
		o.patience = span(r, time.Minute, 8*time.Minute) // doubt is parked after 5 minutes
	}
	switch r.IntN(10) {
	case 0, 1:
		o.wish = wishRefund
	case 2, 3:
		o.wish = wishVoid
	case 4:
		o.cashback = 1 + r.Int64N(o.amount)
	}
	if r.IntN(3) > 0 {
		o.customer = customers[r.IntN(len(customers))]
	}
	if r.IntN(12) == 0 {
		o.answerIn = span(r, 100*time.Second, 140*time.Second) // about the terminal's own limit
	}
	if r.IntN(4) == 0 {
		o.next, o.nextAfter = customers[r.IntN(len(customers))], span(r, time.Second, 2*time.Minute)
	}
	for range max(0, r.IntN(5)-2) {
		o.aborts = append(o.aborts, span(r, 0, 12*time.Second))
	}
	switch r.IntN(50) {
	case 0, 1, 2, 3:
		o.refuseSignature(r, p)
	case 4:
		o.hideApproval(r, p)
	}
	for range max(0, r.IntN(5)-2) {
		o.incidents = append(o.incidents, newIncident(r, p))
	}
	if r.IntN(15) == 0 {
		o.crash = newCrash(r)
	}
	return o
}

// refuseSignature makes what is rare by itself: trouble with the void on which a
// refused signature hangs, where the till has a say in that.
func (o *operationPlan) refuseSignature(r *rand.Rand, p *protocol) {
	if p.undoing == nil {
		return
	}
	o.wish, o.customer, o.answer = wishSale, "signature", r.IntN(4) == 0
	o.incidents = append(o.incidents, p.undoing(r))
}

// hideApproval makes money that comes to light late: paid, but neither the answer
// nor the status comes through until a manager has lost patience.
func (o *operationPlan) hideApproval(r *rand.Rand, p *protocol) {
	o.customer, o.manager, o.patience, o.hides = "contactless", managerHasty, 8*time.Minute, true
	o.incidents = append(o.incidents, p.hidden(r)...)
}

func pickOf(r *rand.Rand, values ...string) string { return values[r.IntN(len(values))] }

func newIncident(r *rand.Rand, p *protocol) incident {
	i := incident{after: span(r, 0, 10*time.Second), lasts: span(r, time.Second, time.Minute)}
	switch r.IntN(24) {
	case 0, 1:
		if i.name = "reboot"; !p.reboots {
			i.name = "unplug"
		}
		return i
	case 2, 3:
		i.name = "unplug"
		return i
	case 4:
		i.name, i.lasts = "restart", span(r, time.Second, 20*time.Second)
		return i
	case 5:
		i.name = "deaf"
		return i
	case 6:
		i.name, i.jump = "clock", newJump(r)
		return i
	case 7:
		i.name, i.lasts = "disk", span(r, time.Second, 30*time.Second)
		return i
	case 8:
		i.name, i.writes = "io", 1+r.IntN(mostWrites)
		return i
	}
	if r.IntN(2) == 0 {
		i.after = span(r, 0, atOnce) // before the first message
	}
	switches := p.flicks()
	// The payment's own messages and what asks for them go wrong most often.
	if r.IntN(2) == 0 {
		switches = slices.DeleteFunc(switches, func(f flick) bool { return !p.hot(f) })
	}
	f := switches[r.IntN(len(switches))]
	i.name, i.value = f.name, f.choices[r.IntN(len(f.choices))]
	often := 15
	if strings.HasPrefix(f.name, p.asking) {
		often = 6 // a single lost status answer is soon made good
	}
	if f.once && r.IntN(often) == 0 {
		i.value = "always:" + i.value
	}
	return i
}

func newCrash(r *rand.Rand) *crash {
	c := &crash{off: span(r, 10*time.Millisecond, 90*time.Second)}
	switch r.IntN(10) {
	case 0:
		c.clean, c.after = true, span(r, 0, 20*time.Second)
	case 1, 2, 3:
		c.after = span(r, 0, 20*time.Second)
	default:
		c.points, c.torn = 1+r.IntN(mostPoints), r.IntN(2) == 0
	}
	return c
}

// newJump sets a clock forward or back, by minutes to a day.
func newJump(r *rand.Rand) time.Duration {
	jump := span(r, time.Minute, 24*time.Hour)
	if r.IntN(2) == 0 {
		jump = span(r, time.Minute, time.Hour)
	}
	if r.IntN(2) == 0 {
		return -jump
	}
	return jump
}

// span draws a time, to the nanosecond, so that no two moments are the same.
func span(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)))
}
