package pockyt

import (
	"context"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// When is asked (pockyt.md 10.3), and how long at most.
const (
	firstAsk   = time.Second
	soonAgain  = 2 * time.Second // for the first soonFor
	soonFor    = 60 * time.Second
	laterAgain = 5 * time.Second
	faultAgain = 10 * time.Second // after a query that told nothing

	scanFor  = 90 * time.Second  // the customer's confirmation of a scanned code
	showFor  = 180 * time.Second // a code that is shown
	moreTime = 60 * time.Second  // by which the cashier puts either off, ten times and more
	longest  = 13 * time.Minute  // in all; Pockyt's own end (orderTimeout) comes later
	closeFor = 60 * time.Second  // then an unpaid order is closed, and so long is asked what became of it

	settleFor  = 20 * time.Second // so long a success beside a cancel is asked about again: a refund may follow
	cancelPast = 15 * time.Second // a cancel that did not show may be repeated
	maxCancels = 3
)

// visit is one sale under way, from the first call to its end. One goroutine owns it
// but for news and stop.
type visit struct {
	t    *Terminal
	r    payment.Request
	to   payment.Reporter
	news chan struct{} // has room for one: a notification came
	stop chan struct{} // closed: the cashier gives it up
	once sync.Once

	mu    sync.Mutex // guards until and begun
	until time.Time  // then it is given up
	begun time.Time

	number   string    // Pockyt's, once known
	dead     time.Time // then nobody waits any more: doubt; zero: closeFor after until
	qr       string
	confirms string // what is narrated while the customer of a scanned code confirms
	leaving  bool   // the cashier gave it up
	late     bool   // it was told that the time is over
	refused  *order // prepay was turned away
	said     bool   // an answer said that it is paid, whatever came after
	spared   bool   // it was told that the order is not closed
	paid     *order // a success that is to be said once more: another amount, or a cancel beside it
	cancels  int
	tried    time.Time    // the latest cancel
	shown    string       // the state that was narrated
	prepaid  chan prepaid // nil: nothing is out
}

// prepaid is what became of a prepay call.
type prepaid struct {
	got order
	err error
}

// begin registers the sale.
func (t *Terminal) begin(r payment.Request, to payment.Reporter) *visit {
	v := &visit{t: t, r: r, to: to, news: make(chan struct{}, 1), stop: make(chan struct{})}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.visits[r.Attempt.Reference] = v
	return v
}

func (v *visit) end() {
	v.t.mu.Lock()
	defer v.t.mu.Unlock()
	delete(v.t.visits, v.r.Attempt.Reference)
}

// leaveOff is the cashier's wish to stop.
func (v *visit) leaveOff() { v.once.Do(func() { close(v.stop) }) }

func (v *visit) stopped() bool {
	select {
	case <-v.stop:
		return true
	default:
		return false
	}
}

// limit sets until when the customer may take.
func (v *visit) limit(wait time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.begun = time.Now()
	v.until = v.begun.Add(wait)
}

// ends tells when it is given up, and how far that can be put off.
func (v *visit) ends() (until, latest time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.until, v.begun.Add(longest)
}

// extend puts the end off by a step.
func (v *visit) extend() (time.Time, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	latest := v.begun.Add(longest)
	switch {
	case v.begun.IsZero() || v.stopped() || !time.Now().Before(v.until):
		return time.Time{}, &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: "The time is over already. The customer may have paid in the last second: Paydesk asks Pockyt."}
	case !v.until.Before(latest):
		return time.Time{}, &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo,
			Text: "This payment cannot be kept open any longer. If it runs out nothing is charged, and the same amount can be tried again."}
	}
	if v.until = v.until.Add(moreTime); v.until.After(latest) {
		v.until = latest
	}
	return v.until, nil
}

// over tells whether the order is to be closed if it is still unpaid.
func (v *visit) over() bool {
	until, _ := v.ends()
	return v.leaving || !time.Now().Before(until)
}

// lost tells that nobody waits any more.
func (v *visit) lost() bool {
	dead := v.dead
	if dead.IsZero() {
		until, _ := v.ends()
		dead = until.Add(closeFor)
	}
	return !time.Now().Before(dead)
}

// narrate tells what the till knows: there is no device that shows anything.
func (v *visit) narrate(code payment.PromptCode, waiting payment.Party, text string) {
	p := payment.Prompt{Code: code, Text: text, Waiting: waiting, Narrated: true, At: time.Now()}
	if !v.over() && (v.qr != "" || waiting == payment.Customer) {
		p.QR = v.qr
		p.Until, p.Latest = v.ends()
	}
	v.to.Prompt(p)
}

// follow asks until the outcome is known, gives the order up when its time is over,
// and ends in doubt when that does not help either.
func (v *visit) follow(ctx context.Context) (payment.Result, error) {
	next := time.NewTimer(firstAsk)
	defer next.Stop()
	for {
		p, came := v.wait(ctx, next.C)
		if ctx.Err() != nil {
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, context.Cause(ctx))
		}
		if came {
			v.prepaid = nil
			if out, ok := v.took(p); ok {
				return out, nil
			}
		}
		if v.stopped() && !v.leaving {
			v.leaving = true
			v.dead = time.Now().Add(closeFor)
			v.narrate(payment.PromptAsking, payment.Bank, "asking Pockyt before the payment is closed")
		}
		if v.over() && !v.leaving && !v.late {
			v.late = true
			v.narrate(payment.PromptAsking, payment.Bank, "the time is over; asking Pockyt before the payment is closed")
		}
		out, told := v.ask(ctx)
		if _, decides := out.Outcome.Trigger(); decides {
			return out, nil
		}
		if v.lost() {
			return v.doubt(out), nil
		}
		next.Reset(v.pause(told))
	}
}

// wait returns when something is to be done: the charge's answer came, which is given
// back whatever else there is as well, or a notification, the cashier's wish, the time
// for the next question, or the end.
func (v *visit) wait(ctx context.Context, next <-chan time.Time) (p prepaid, came bool) {
	stop := v.stop
	if v.leaving {
		stop = nil // it is known
	}
	select {
	case p = <-v.prepaid:
		return p, true
	case <-v.news:
	case <-next:
	case <-stop:
	case <-ctx.Done():
	}
	select {
	case p = <-v.prepaid:
		return p, true
	default:
		return prepaid{}, false
	}
}

// pause is how long to wait before the next question.
func (v *visit) pause(told bool) time.Duration {
	wait := soonAgain
	until, latest := v.ends()
	switch {
	case !told:
		wait = faultAgain
	case !v.over() && time.Since(latest.Add(-longest)) >= soonFor:
		wait = laterAgain
	}
	if left := time.Until(until); !v.over() && left < wait {
		wait = left // it is given up in time
	}
	return wait
}

// took reads the answer to prepay. ok: it ends the sale.
func (v *visit) took(p prepaid) (payment.Result, bool) {
	if p.err != nil {
		v.to.Note(payment.Note{Terminal: v.t.name, Reason: payment.ReasonNoAnswer, Text: "Pockyt did not answer the charge. It is asked what became of it."})
		return payment.Result{}, false
	}
	if _, refused := refusals[p.got.code]; refused {
		v.refused = &p.got
		return payment.Result{}, false
	}
	if p.got.code != codeDone {
		return payment.Result{}, false // 000000, 000080 and whatever else is no refusal (pockyt.md 10.1)
	}
	out := v.t.verdict(v.r, v.number, p.got)
	v.tell(p.got, out)
	v.said = v.said || out.Outcome == payment.Success
	// Whatever else than a clean success is asked about: another amount, a failure, and
	// a success beside a cancel of ours.
	return out, out.Outcome == payment.Success && !out.Confirm && v.cancels == 0
}

// ask makes one query and, when the order is to be closed and Pockyt has just said
// that it is unpaid, cancels it: the query always comes first, because a cancel of
// what is paid gives the money back (pockyt.md 1.3, 9). told is false when nothing
// was learnt.
func (v *visit) ask(ctx context.Context) (out payment.Result, told bool) {
	got, err := v.t.query(ctx, v.number, v.r.Attempt.Reference, v.to)
	if err != nil || got.code != codeDone {
		return payment.Result{ReasonText: "Pockyt did not tell: " + got.words()}, false
	}
	out = v.t.verdict(v.r, v.number, got)
	v.tell(got, out)
	v.said = v.said || out.Outcome == payment.Success
	switch {
	case out.Outcome == payment.Success:
		return v.confirmed(got, out), true
	case out.Outcome == payment.Pending && (v.over() || v.refused != nil && got.state() == stateInit):
		v.close(ctx)
		return out, true
	case v.prepaid != nil:
		// The charge is still out: what it brings is waited for.
		return payment.Result{Outcome: payment.Pending, ReasonText: out.ReasonText}, true
	case out.Outcome == payment.Stopped && out.Reason != payment.ReasonReversed:
		return v.closed(out), true
	}
	return out, true
}

// confirmed takes a success. Another amount has to be said twice. One that stands
// beside a cancel of ours is asked about for a while: the cancel may have met the
// payment, and then the money goes back (pockyt.md 9). If nothing goes back the
// customer has paid, and a person decides about a refund.
func (v *visit) confirmed(got order, out payment.Result) payment.Result {
	switch before := v.paid; {
	case v.cancels > 0 && time.Since(v.tried) < settleFor:
		v.paid = &got
		return payment.Result{Outcome: payment.Pending, ReasonText: maybeBack}
	case out.Confirm && (before == nil || before.Amount.trimmed() != got.Amount.trimmed()):
		v.paid = &got
		return payment.Result{Outcome: payment.Pending, ReasonText: out.ReasonText}
	}
	if v.cancels > 0 {
		v.to.Note(payment.Note{Terminal: v.t.name, Text: "Pockyt was asked to close this payment, but the customer had paid: it stands. If it is not wanted, refund it."})
	}
	out.Confirm = false
	return out
}

// close cancels the order, unless the till was told by another way that it is paid:
// a query may be behind, and a cancel would give the money back. Nothing of the answer
// counts but that it came: the next query tells. A cancel is repeated only if the order
// is still unpaid later.
func (v *visit) close(ctx context.Context) {
	if v.cancels >= maxCancels || v.cancels > 0 && time.Since(v.tried) < cancelPast {
		return
	}
	if v.said || v.t.noticed(ctx, v.r.Attempt.Reference) {
		if !v.spared {
			v.spared = true
			v.to.Note(payment.Note{Terminal: v.t.name, Text: "Pockyt has told that the customer paid, and does not show it yet. The payment is not closed: that would give the money back."})
		}
		return
	}
	v.cancels, v.tried = v.cancels+1, time.Now()
	if got, err := v.t.cancel(ctx, v.number, v.r.Attempt.Reference, v.to); err != nil || got.code != codeDone {
		v.to.Note(payment.Note{Terminal: v.t.name, Text: "Pockyt did not confirm that the payment is closed. It is asked again."})
	}
}

// closed says why the order was closed, where the till knows more than Pockyt says.
func (v *visit) closed(out payment.Result) payment.Result {
	switch {
	case v.refused != nil:
		out.Outcome, out.Reason = payment.NotDone, payment.ReasonRejected
		out.ReasonText = refusals[v.refused.code] + " Pockyt said: " + v.refused.words()
	case v.leaving:
		out.Reason = payment.ReasonCashier
	case v.cancels > 0:
		out.Reason = payment.ReasonUnpaid
	}
	return out
}

// doubt ends the call without an outcome.
func (v *visit) doubt(out payment.Result) payment.Result {
	if out.Outcome == payment.Pending {
		out = payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "Pockyt could not be had to close the payment: " + out.ReasonText}
	}
	if out.Reason == "" {
		out.Reason = payment.ReasonNoAnswer
	}
	return out
}

// tell shows a state that is new.
func (v *visit) tell(got order, out payment.Result) {
	state := got.state()
	if state == v.shown || out.Reason == payment.ReasonForeign {
		return
	}
	v.shown = state
	switch {
	case v.leaving:
	case state == stateDealing:
		v.narrate(payment.PromptAuthorise, payment.Bank, safe(state))
	case state == statePending && v.qr == "":
		v.narrate(payment.PromptWait, payment.Customer, v.confirms)
	}
}
