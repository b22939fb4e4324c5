package engine_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The paces of the model's terminal. Calls last a little longer each, so that no two
// things of one path happen in the same instant.
const (
	paceAnswer   = time.Second
	paceStep     = 7 * time.Millisecond
	paceSlow     = 10 * time.Second
	paceCustomer = 100 * time.Second // a slow one, or a lost answer
	paceSign     = 40 * time.Second  // so long the terminal waits for the cashier
	paceOvertake = 20 * time.Second
	paceTip      = 30 * time.Second // so long the customer thinks about the tip
)

// charge is one attempt as the terminal knows it: what became of it is the truth
// that the till is measured by.
type charge struct {
	request payment.Request
	arrived bool
	outcome payment.Outcome // known from decides on
	decides time.Time
	amount  int64
	tip     int64     // that the customer adds on the screen after the approval, of it unknown to the till
	tips    time.Time // when they do
	signs   bool      // approved, and the cashier must still confirm the signature (light mode)
	refused bool      // the till was told that nothing was carried out
	open    bool      // the till's call has not ended
	broken  bool      // the terminal started anew under it
	stopped chan struct{}
}

// truth is what the terminal says when it is asked and nothing goes wrong.
func (c *charge) truth() payment.Outcome {
	switch {
	case c == nil || !c.arrived:
		return payment.NotFound
	case time.Now().Before(c.decides):
		return payment.Pending
	}
	return c.outcome
}

// tipped is the tip that is added by now.
func (c *charge) tipped() int64 {
	if time.Now().Before(c.tips) {
		return 0
	}
	return c.tip
}

// result words the truth.
func (c *charge) result() payment.Result {
	switch truth := c.truth(); truth {
	case payment.Success:
		r := approval(c.request)
		r.Authorised, r.Signature = c.amount+c.tipped(), c.signs
		r.Tip, r.TipOpen = c.tipped(), c.tip > 0
		if c.signs {
			r.Slips = []payment.Slip{slip()}
		}
		return r
	case payment.Refused:
		return payment.Result{Outcome: truth, Reason: payment.ReasonIssuer}
	case payment.Stopped:
		return payment.Result{Outcome: truth, Reason: payment.ReasonCustomer}
	default:
		return payment.Result{Outcome: truth}
	}
}

// device is the terminal of one path. It does with each call what the path chooses.
type device struct {
	path *path

	mu      sync.Mutex
	charges map[string]*charge // by reference
	order   []*charge
	calls   int
	anew    bool // it has lost its session: signing in resets nothing
}

func (d *device) Info() payment.Info { return (&script{}).Info() }

func (d *device) Open(context.Context, string, payment.Settings, payment.Deps) (payment.Terminal, error) {
	return d, nil
}

func (d *device) Close() error { return nil }

// pace is how long an answer takes.
func (d *device) pace() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	return paceAnswer + time.Duration(d.calls)*paceStep
}

// receive keeps a new attempt. A second one that may be carried out beside an earlier
// one is the worst that a till can do.
func (d *device) receive(r payment.Request) *charge {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, earlier := range d.order {
		if earlier.request.Operation == r.Operation && !earlier.refused {
			d.path.fail(sentOnce, "attempt %d is sent, and attempt %d may have been carried out", r.Attempt.Number, earlier.request.Attempt.Number)
		}
	}
	if d.charges[r.Attempt.Reference] != nil {
		d.path.fail(sentOnce, "reference %s is sent twice", r.Attempt.Reference)
	}
	c := &charge{request: r, amount: r.Total.Minor, open: true, stopped: make(chan struct{})}
	d.charges[r.Attempt.Reference] = c
	d.order = append(d.order, c)
	return c
}

func (d *device) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return d.perform(ctx, r, to, "the terminal", saleClasses)
}

func (d *device) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return d.perform(ctx, r, to, "the terminal", saleClasses[:unsigned])
}

func (d *device) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return d.perform(ctx, r, to, "the void", voidClasses)
}

func (d *device) perform(ctx context.Context, r payment.Request, to payment.Reporter, who string, classes []class) (payment.Result, error) {
	c := &call{device: d, charge: d.receive(r), ctx: ctx, to: to, pace: d.pace()}
	chosen := classes[d.path.choose(who, names(classes))]
	d.path.moment()
	result, err := chosen.play(c)
	d.mu.Lock()
	c.charge.open = false
	c.charge.refused = err != nil && payment.SentOf(err) == payment.SentNo || err == nil && result.Outcome == payment.NotDone
	d.mu.Unlock()
	d.path.moment()
	return result, err
}

// Lookup answers about an attempt.
func (d *device) Lookup(ctx context.Context, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	pace := d.pace()
	d.mu.Lock()
	c := d.charges[r.Attempt.Reference]
	d.mu.Unlock()
	answers := lookupAnswers
	if d.path.believed {
		answers = answers[:len(answers)-1] // then it does not lie about what it has not
	}
	chosen := answers[d.path.choose("asked, the terminal", answers)]
	d.path.moment()
	defer d.path.moment()
	switch chosen {
	case lookupSlow:
		pace += paceSlow
	case lookupSilent:
		<-ctx.Done()
		return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	if !sleeps(ctx, pace) {
		return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	switch chosen {
	case lookupLost:
		return payment.Result{}, fails(payment.CodeUnreachable, payment.SentNo)
	case lookupBusy:
		return payment.Result{Outcome: payment.Pending}, nil
	case lookupStrange:
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: "surprise"}, nil
	case lookupNone:
		return payment.Result{Outcome: payment.NotFound}, nil
	case lookupAnew:
		d.reboot()
		return payment.Result{}, fails(payment.CodeNotSignedIn, payment.SentNo)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return c.result(), nil
}

// The classes of answers to a status request. The first is the truth.
const (
	lookupTrue    = "tells the truth"
	lookupSlow    = "tells the truth in a while"
	lookupLost    = "cannot be reached"
	lookupSilent  = "says nothing"
	lookupBusy    = "is busy"
	lookupStrange = "says something unreadable"
	lookupAnew    = "has started anew"
	lookupNone    = "does not find it"
)

var lookupAnswers = []string{lookupTrue, lookupSlow, lookupLost, lookupSilent, lookupBusy, lookupStrange, lookupAnew, lookupNone}

// reboot ends what runs on the terminal, and its session.
func (d *device) reboot() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.anew = true
	for _, c := range d.order {
		if c.truth() == payment.Pending {
			c.outcome, c.decides, c.broken = payment.Stopped, time.Now(), true
			close(c.stopped)
		}
	}
}

// Abort asks to stop an attempt.
func (d *device) Abort(ctx context.Context, r payment.Request, _ string, _ payment.Reporter) error {
	pace := d.pace()
	d.mu.Lock()
	c := d.charges[r.Attempt.Reference]
	d.mu.Unlock()
	ways := []string{abortStops, abortSilent, abortLost, abortIdle}
	if c.truth() != payment.Pending {
		ways = ways[:2]
	}
	chosen := ways[d.path.choose("told to stop, the terminal", ways)]
	d.path.moment()
	if chosen == abortSilent {
		<-ctx.Done()
		return fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	if !sleeps(ctx, pace/3) || chosen == abortLost {
		return fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if chosen == abortStops && c.truth() == payment.Pending {
		c.outcome, c.decides = payment.Stopped, time.Now()
		close(c.stopped)
	}
	return nil
}

// The classes of what becomes of an abort.
const (
	abortStops  = "stops"
	abortSilent = "says nothing"
	abortLost   = "does not get that"
	abortIdle   = "goes on all the same"
)

// SignIn opens a session. It resets what runs (nexo-retailer.md 5.4).
func (d *device) SignIn(context.Context, payment.Reporter) error {
	d.mu.Lock()
	busy := false
	for _, c := range d.order {
		busy = busy || c.truth() == payment.Pending
	}
	asked := d.anew
	d.mu.Unlock()
	if busy {
		d.path.fail(undisturbed, "signed in to while a payment runs")
	}
	if asked && d.path.choose("signed in to, the terminal", []string{"agrees", "says nothing"}) == 1 {
		return fails(payment.CodeNoAnswer, payment.SentMaybe)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.anew = false
	return nil
}

func (d *device) SignOut(context.Context, bool, payment.Reporter) error { return nil }

// errGone: the till stopped while it waited.
var errGone = errors.New("the till has gone")

// sleeps waits in virtual time. False: the caller has gone.
func sleeps(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
