package iotpay

import (
	"context"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The waits of iotpay.md 10.
const (
	// answerWithin is how long the order's own call is waited for alone: a cardholder may
	// need long, and no maximum is documented.
	answerWithin = 150 * time.Second
	askEvery     = 2 * time.Second
	// askFor is how long the sale asks by itself; after it the outcome is in doubt, and
	// asked about more slowly.
	askFor = 60 * time.Second
)

// posted is what came of the order's own call.
type posted struct {
	answer answer
	err    error
}

// Sale has IOT Pay take the order and waits until the customer has finished. Where the
// call brings no outcome it is asked about by our own order number; nothing is sent twice.
func (t *Terminal) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Total.Minor <= 0 || r.Total.Minor > maxAmount || r.Total.Currency != currency:
		return payment.Result{}, wrongRequest(payment.CodeInput, "the amount must be from 0.01 to 999,999.99, in "+currency)
	case r.Tip != 0 || r.Cashback != 0 || r.AuthOnly:
		return payment.Result{}, wrongRequest(payment.CodeUnsupported, "IOT Pay takes neither a tip nor cash back nor a reservation from the till")
	}
	if !t.provider.take(t.line()) {
		return payment.Result{}, &payment.Error{Code: payment.CodeBusy, Sent: payment.SentNo,
			Text: "This PIN pad is carrying out something else just now. Nothing was sent, so nothing was charged. Paydesk tries again by itself; otherwise wait a moment and try again."}
	}
	defer t.provider.leave(t.line())
	defer t.begin(r.Attempt.Reference)()

	call, hangUp := context.WithCancel(ctx)
	post, over := make(chan posted, 1), make(chan struct{})
	go func() {
		defer close(over)
		// The call stays open while its order is asked about: what it says late counts. It
		// is hung up with the last question.
		got, err := t.call(call, request{path: createPath, name: "CreateOrderRequest", reference: r.Attempt.Reference,
			fields: t.orderFields(r), limit: answerWithin + askFor + askEvery, money: true}, to)
		post <- posted{got, err}
	}()
	defer func() { hangUp(); <-over }()

	t.narrate(to, payment.PromptPresent, payment.Customer, "Follow the PIN pad. To stop, press its red key.")
	f := &following{t: t, r: r, to: to, post: post}
	wait := time.NewTimer(answerWithin)
	defer wait.Stop()
	select {
	case p := <-post:
		if f.heard(p) {
			return f.result, f.err
		}
	case <-wait.C:
		f.err = fault(payment.CodeNoAnswer, payment.SentMaybe, true, fmt.Errorf("no answer to the order within %s", answerWithin))
	case <-ctx.Done():
		return payment.Result{}, interrupted(ctx)
	}
	return f.ask(ctx)
}

func interrupted(ctx context.Context) error {
	return fault(payment.CodeNoAnswer, payment.SentMaybe, true, fmt.Errorf("waiting for the outcome: %w", context.Cause(ctx)))
}

// following is a sale whose outcome is sought: by its own call, and by queries.
type following struct {
	t    *Terminal
	r    payment.Request
	to   payment.Reporter
	post <-chan posted
	// result and err are what is known so far, and in the end the sale's answer.
	result payment.Result
	err    error
	// refused is the order's own answer that it was turned away: believed once a query
	// does not find it, unless it says itself that somebody has the order.
	refused *answer
	// unproven: the order's own answer had a signature that does not fit. What confirms it
	// raises an alarm.
	unproven bool
}

// heard takes what the order's own call brought. True: that is the outcome.
func (f *following) heard(p posted) bool {
	f.post = nil
	if p.err != nil {
		f.result, f.err = payment.Result{}, p.err
		return payment.SentOf(p.err) == payment.SentNo
	}
	f.err = nil
	if p.answer.failed() {
		f.refused = &p.answer
		f.result = payment.Result{Reason: payment.ReasonRejected, ReasonText: p.answer.words()}
		return false
	}
	f.result = f.t.settings.verdict(f.r, p.answer)
	f.t.remark(p.answer, f.result, f.to)
	if _, decides := f.result.Outcome.Trigger(); !decides {
		return false
	}
	if p.answer.proof.good() {
		return true
	}
	f.unproven = true
	f.note(payment.ReasonForeign, "The signature of the answer is "+string(p.answer.proof)+": the order is asked about.")
	f.result = payment.Result{Reason: payment.ReasonForeign, ReasonText: "the signature of the answer does not fit the merchant key"}
	return false
}

func (f *following) note(reason payment.Reason, words string) {
	f.to.Note(payment.Note{Terminal: f.t.name, Reason: reason, Text: words})
}

// ask asks about the order every two seconds for a minute (iotpay.md 10), and hears its
// own call meanwhile. The first outcome counts.
func (f *following) ask(ctx context.Context) (payment.Result, error) {
	f.t.narrate(f.to, payment.PromptAsking, payment.Bank, "")
	every, until := time.NewTicker(askEvery), time.Now().Add(askFor)
	defer every.Stop()
	for {
		if f.asked(f.t.query(ctx, f.r, f.to)) {
			return f.latest()
		}
		p, came := f.wait(ctx, every.C)
		switch {
		case ctx.Err() != nil:
			return payment.Result{}, interrupted(ctx)
		case came && f.heard(p):
			return f.result, f.err
		case !came && !time.Now().Before(until):
			return f.doubt()
		}
	}
}

// wait returns when the next question is due, at the end, or with what the order's own
// call brought, whatever else there is as well.
func (f *following) wait(ctx context.Context, next <-chan time.Time) (p posted, came bool) {
	select {
	case p = <-f.post:
		return p, true
	case <-next:
	case <-ctx.Done():
	}
	select {
	case p = <-f.post:
		return p, true
	default:
		return posted{}, false
	}
}

// latest is what the query found, unless the order's own call has brought an approval at
// the same moment: success wins every race.
func (f *following) latest() (payment.Result, error) {
	found, err := f.result, f.err
	select {
	case p := <-f.post:
		if f.heard(p) && f.result.Outcome == payment.Success {
			return f.result, f.err
		}
	default:
	}
	return found, err
}

// asked takes the answer to one query. True: the outcome is known.
func (f *following) asked(told payment.Result, err error) bool {
	switch _, decides := told.Outcome.Trigger(); {
	case err != nil:
		if f.refused != nil && f.refused.badSignature() && payment.CodeOf(err) == payment.CodeSettings {
			f.result, f.err = payment.Result{}, err // order and query are turned away alike
			return true
		}
		return false
	case decides:
		if f.unproven {
			told = f.t.unproven(told)
		}
		f.result, f.err = told, nil
		return true
	case told.Outcome == payment.NotFound && f.refused != nil && !f.refused.mayHave():
		f.result, f.err = payment.Result{}, notTaken(*f.refused)
		return true
	case f.unproven || f.refused != nil:
		return false // the first story stands until there is a better one
	}
	f.result, f.err = told, nil
	return false
}

// doubt is what a sale ends with that nobody could tell about in time. An order that is
// not found is no proof: nothing is documented about how soon it is known.
func (f *following) doubt() (payment.Result, error) {
	f.result.Outcome, f.result.Slips = payment.Unknown, nil
	return f.result, f.err
}
