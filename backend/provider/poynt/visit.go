package poynt

import (
	"context"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The clocks of a payment on the terminal.
const (
	firstAsk  = 8 * time.Second   // after the message was queued (poynt.md 12)
	askAgain  = 5 * time.Second   // not more often (poynt.md 15.1)
	askSoon   = 2 * time.Second   // after the terminal's own word that it is over
	lookLimit = 30 * time.Second  // of all that one look asks: news waits meanwhile
	unreached = 15 * time.Second  // without a sign: say so (poynt.md 20)
	grace     = 15 * time.Second  // beyond ttl, for a terminal that got it at the last moment
	unheard   = 40 * time.Second  // the same where it should tell, and never did yet
	withdrawn = 25 * time.Second  // after it was asked to take a payment back of which it told nothing: three deliveries (poynt.md 9.2)
	quiet     = 150 * time.Second // without a further sign, after which the call gives up
	// settling is how long a decline, or a part, must stand where only asking tells: the
	// terminal may offer another card (poynt.md 8).
	settling = 20 * time.Second
	// settlingOpen is the same where the terminal has told that it has begun, and not that
	// it is over: then the customer is most likely looking for another card.
	settlingOpen = time.Minute
	// showing is what Poynt gets to show a charge after all, before a cancel is believed.
	showing  = 3 * time.Second
	reReads  = 3 // of a transaction whose tip is not in it yet
	maxTimer = time.Hour
)

// visit is one payment on the terminal while its call is open.
type visit struct {
	t    *Terminal
	r    payment.Request
	to   payment.Reporter
	news chan struct{} // something was told

	mu        sync.Mutex
	received  bool
	started   bool
	over      bool      // the terminal says that it has finished
	cancelled time.Time // when it said that it was cancelled
	lastSign  time.Time
	sought    sought
	aborted   bool // the till has asked to stop
	nudged    bool // somebody wants to know now

	// Owned by the goroutine of stay.
	told      payment.PromptCode
	begun     time.Time
	ask       time.Time // when to ask next; zero: not before something happens
	asking    time.Time // when it was asked last
	hint      time.Time
	unsettled time.Time // since when a decline or a part stands
	fenced    time.Time // when the terminal was asked to take back what it told nothing of
	rereads   int
	asked     error // what the last question brought
}

// stay sends a message and leads the call to its end. Whatever is told on the way,
// Poynt's own answer decides.
func (t *Terminal) stay(ctx context.Context, r payment.Request, name, data string, to payment.Reporter) (payment.Result, error) {
	body, err := t.message(data, collapse(r), t.settings.ttl)
	if err != nil {
		return payment.Result{}, err
	}
	v := t.enter(r, to)
	defer t.exit(v)
	v.begun = time.Now()
	sending, cancel := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() { sent <- t.post(sending, name+"Message", intent(r, "message"), body, to) }()
	result, err, open := v.lead(ctx, sent)
	cancel()
	if open {
		<-sent
	}
	return result, err
}

// lead goes on until there is a result. open: the answer to the message was not
// waited for.
func (v *visit) lead(ctx context.Context, sent <-chan error) (result payment.Result, err error, open bool) {
	open = true
	for {
		timer := time.NewTimer(v.wait())
		select {
		case err := <-sent:
			open = false
			sent = nil
			if err := v.delivered(err); err != nil {
				timer.Stop()
				return payment.Result{}, err, open
			}
		case <-v.news:
			v.heard()
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return payment.Result{}, linkFault(payment.SentMaybe, context.Cause(ctx)), open
		}
		timer.Stop()
		if result, done := v.due(ctx); done {
			return result, nil, open
		}
	}
}

// delivered takes the answer to the message. Only a clear no, with no sign of life
// against it, ends the call: whatever else may have happened, the message may wait
// for the terminal (poynt.md 6).
func (v *visit) delivered(err error) error {
	s := v.signs()
	if err != nil && !ambiguous(err) && s.last.IsZero() {
		return err
	}
	now := time.Now()
	if err != nil {
		v.to.Note(payment.Note{Reason: payment.ReasonNoAnswer, Text: "Whether Poynt has taken the message is not known: Paydesk waits and asks."})
	}
	if v.ask.IsZero() {
		v.ask = now.Add(firstAsk)
	}
	if !s.last.IsZero() {
		return nil
	}
	if v.t.settings.updates && v.t.door != nil {
		v.hint = v.begun.Add(min(unreached, v.t.settings.ttl))
	} else {
		v.narrate(payment.PromptPresent, payment.Customer, "") // nothing tells more
	}
	return nil
}

// heard takes what was told: it is shown, and the end of a payment is asked about at
// once.
func (v *visit) heard() {
	s := v.signs()
	if s.received {
		v.t.updates.Store(true)
	}
	v.mu.Lock()
	nudged := v.nudged
	v.nudged = false
	v.mu.Unlock()
	switch {
	case s.over, !s.cancelled.IsZero():
		v.narrate(payment.PromptAsking, payment.Bank, "")
		v.ask = time.Now()
	case len(s.sought.ids) > 0, nudged && time.Since(v.asking) >= askAgain:
		v.ask = time.Now()
	case s.started:
		v.narrate(payment.PromptPresent, payment.Customer, "")
	case s.received:
		v.narrate(payment.PromptWait, payment.Device, "")
	}
	if !s.last.IsZero() {
		v.hint = time.Time{}
	}
}

// narrate shows something once in a row.
func (v *visit) narrate(code payment.PromptCode, waiting payment.Party, text string) {
	if v.told == code {
		return
	}
	v.told = code
	v.to.Prompt(payment.Prompt{Code: code, Text: text, Waiting: waiting, Narrated: true, At: time.Now()})
}

// wait is the time until something is due.
func (v *visit) wait() time.Duration {
	wait := maxTimer
	for _, at := range []time.Time{v.ask, v.hint, v.fence(), v.end()} {
		if !at.IsZero() {
			wait = min(wait, time.Until(at))
		}
	}
	return max(wait, 0)
}

// end is when the call gives up. Without a sign that is a while after the message is
// dropped and taken back, if this terminal is known to tell when it gets one; otherwise
// it may still be busy with it.
func (v *visit) end() time.Time {
	s, dropped := v.signs(), v.begun.Add(v.t.settings.ttl)
	switch {
	case !s.last.IsZero():
		if at := s.last.Add(quiet); at.After(dropped) {
			return at
		}
	case v.t.tells():
		return dropped.Add(grace + withdrawn)
	case v.t.settings.updates && v.t.door != nil:
		return dropped.Add(unheard)
	default:
		return dropped.Add(quiet)
	}
	return dropped
}

// fence is when a payment of which this terminal would have told is taken back; zero: it
// was, or need not be.
func (v *visit) fence() time.Time {
	if !v.fenced.IsZero() || !v.signs().last.IsZero() || !v.t.tells() {
		return time.Time{}
	}
	return v.begun.Add(v.t.settings.ttl + grace)
}

// takeBack asks the terminal to stop. It may have got the message just before its line
// went down, and have told in vain: then somebody could still pay what the till is about
// to call undone. By now nothing more is delivered, so that a screen that is up is all
// that is left of it. An error leaves the fence down, and silence proves nothing.
func (v *visit) takeBack(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, messageLimit)
	defer cancel()
	if err := v.t.command(asking, "CancelMessage", actionStop, "cancel-"+v.r.Attempt.Reference, fenceTTL, v.to); err != nil {
		v.to.Note(payment.Note{Reason: payment.ReasonNoAnswer, Text: "The terminal could not be asked to take the payment back: " + payment.TextOf(err)})
		v.fenced = v.begun // tried, in vain
		return
	}
	v.fenced = time.Now()
}

// tells says whether this terminal is known to tell when it gets a payment.
func (t *Terminal) tells() bool { return t.settings.updates && t.door != nil && t.updates.Load() }

// due does what is due.
func (v *visit) due(ctx context.Context) (payment.Result, bool) {
	now := time.Now()
	if !v.hint.IsZero() && !now.Before(v.hint) {
		v.hint = time.Time{}
		v.narrate(payment.PromptText, payment.Device, "The terminal has not taken the payment yet. Wake it and look at its network.")
	}
	if at := v.fence(); !at.IsZero() && !now.Before(at) {
		v.takeBack(ctx)
		now = time.Now()
	}
	last := !now.Before(v.end())
	if !last && (v.ask.IsZero() || now.Before(v.ask)) {
		return payment.Result{}, false
	}
	s := v.signs()
	v.asking = now
	asking, cancel := context.WithTimeout(ctx, lookLimit)
	got, missing, err := v.t.look(asking, v.r, s.sought, v.to)
	cancel()
	if v.asked = err; err == nil {
		if result, done := v.decide(s, got, missing); done {
			v.learn(got)
			if result.Outcome == payment.Success && result.ReasonText != "" {
				v.to.Note(payment.Note{Text: result.ReasonText})
			}
			return result, true
		}
	}
	if ctx.Err() == nil && last {
		return v.giveUp(ctx, got, missing), true
	}
	v.next(s)
	return payment.Result{}, false
}

// next sets when to ask again.
func (v *visit) next(s signs) {
	pause := askAgain
	if (s.over || !s.cancelled.IsZero() || v.rereads > 0) && time.Since(s.last) < settling {
		pause = askSoon
	}
	v.ask = time.Now().Add(pause)
}

// decide says whether what Poynt tells ends the call.
func (v *visit) decide(s signs, got verdict, missing int) (payment.Result, bool) {
	now, sure := time.Now(), s.ended(missing)
	stopped := !s.cancelled.IsZero() && now.Sub(s.cancelled) >= showing && missing == 0
	switch {
	case got.Outcome == payment.Success && got.stale && v.rereads < reReads:
		v.rereads++
		return payment.Result{}, false
	case got.Outcome == payment.Success && (!got.open || sure):
		return got.Result, true
	case got.Outcome == payment.Success || got.Outcome == payment.Refused:
		if v.unsettled.IsZero() {
			v.unsettled = now
		}
		if stopped && got.Outcome == payment.Refused {
			return v.stopped(s), true
		}
		// The terminal may take another card for longer than anybody should wait here, and what
		// it has named and Poynt does not show may be that card's approval.
		settled := now.Sub(v.unsettled) >= s.settling() && (missing == 0 || got.Outcome == payment.Success)
		return got.uncertain(sure), sure || settled
	case got.Outcome == payment.Unknown && got.found:
		return got.Result, true
	case !got.found && stopped:
		return v.stopped(s), true
	}
	return payment.Result{}, false
}

// stopped is a payment that the terminal says was cancelled, and of which Poynt shows
// no money yet. Nothing at Poynt confirms a cancel, so that it is asked about for a while.
func (v *visit) stopped(s signs) payment.Result {
	got := payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCustomer, ReasonText: "cancelled on the terminal", Reopens: true}
	switch {
	case s.aborted:
		got.Reason = payment.ReasonCashier
	case !v.fenced.IsZero():
		got.Reason, got.ReasonText = payment.ReasonExpired, "taken back from the terminal, which could not tell in time that it had it"
	}
	return got
}

// learn keeps whether this terminal tells when it gets a payment: one that was paid
// without a word shows that it does not.
func (v *visit) learn(got verdict) {
	if s := v.signs(); got.found && s.last.IsZero() {
		v.t.updates.Store(false)
	}
}

// giveUp ends a call that learnt no outcome. Only where this terminal is known to tell
// when it gets a payment, the door is open, Poynt knows nothing, and the payment was
// taken back in case the terminal told in vain, does silence beyond ttl prove that the
// message was dropped (poynt.md 20).
func (v *visit) giveUp(ctx context.Context, got verdict, missing int) payment.Result {
	s := v.signs()
	if s.last.IsZero() && v.t.tells() && v.fenced.After(v.begun) && v.asked == nil && !got.found && v.t.probe(ctx) == nil {
		if s.aborted {
			return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonNotFound, ReasonText: "taken back before the terminal got it"}
		}
		return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonExpired,
			ReasonText: "The terminal did not get the payment in time, and Poynt has dropped it."}
	}
	if got.found && got.Outcome == payment.Unknown {
		return got.Result
	}
	text := "Neither the terminal nor Poynt's cloud tells what became of it. That is no proof: it may have been cancelled on the terminal, never have got there, or still be under way."
	switch {
	case v.asked != nil:
		text = payment.TextOf(v.asked)
	case missing > 0:
		text = "The terminal told of a payment that Poynt's cloud does not show yet: it may have been approved."
	}
	return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: text}
}
