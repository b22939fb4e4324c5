package netpay

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// lookInto asks the terminal about a result that is not to be believed as it stands:
// what differs from the request, what may be a stranger's, and every refusal, since a
// reprint alone tells declined from reversed. Without an answer the terminal's own word
// stands (netpay.md 7.4): another amount or store is approved as it is, with an alarm
// (design 10.8), but not before nobody can be at the terminal any more, since a customer
// who still is keeps it from answering, and its true result is yet to come. Anything else
// is doubt.
func (t *Terminal) lookInto(ctx context.Context, r payment.Request, got result, heard payment.Result, to payment.Reporter) payment.Result {
	t.narrate(to, payment.PromptAsking, payment.Device, heard.ReasonText)
	for again := true; again; {
		told, err := t.inquire(ctx, r, askPause, to)
		if _, decides := told.Outcome.Trigger(); err == nil && decides {
			return told
		}
		again = ctx.Err() == nil && heard.Outcome == payment.Success && t.pushedWithin(r, patientUntil)
	}
	if ctx.Err() == nil && t.settings.proven(got) && (heard.Outcome == payment.Refused || heard.Outcome == payment.Success && t.settings.confirm == confirmEcho) {
		to.Note(payment.Note{Terminal: t.name, Text: "The terminal did not say more about its result: its own word stands."})
		if heard.Outcome == payment.Success {
			heard.Slips = t.slips(r, got, heard)
		}
		return settled(heard)
	}
	return heard // with Confirm: doubt until it is asked again
}

// Lookup finds out what became of an attempt: from what was delivered already, else
// by a reprint.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	told, at, hinted, err := t.delivered(ctx, r)
	if err != nil {
		return payment.Result{}, err
	}
	if _, decides := told.Outcome.Trigger(); decides && !hinted && !t.mayHaveCome(told, at) {
		return told, nil
	}
	if t.door == nil {
		return deaf, nil
	}
	if t.atIt(r) {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal has it"}, nil
	}
	told, err = t.inquire(ctx, r, 0, to)
	if errors.Is(err, errSilent) && r.Kind == payment.Sale && t.settings.flag != flagOff {
		err = storeSilent(t.storeOf(r), err)
	}
	return told, err
}

// pushedWithin tells whether this run of the till has pushed an attempt so short a time ago.
func (t *Terminal) pushedWithin(r payment.Request, span time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest.ref == r.Attempt.Reference && time.Since(t.latest.since) < span
}

// mayHaveCome tells whether a pending reversal is worth asking about: the terminal
// reverses with its next approved sale (netpay.md 5.5), of which this run may not
// know.
func (t *Terminal) mayHaveCome(told payment.Result, at time.Time) bool {
	if told.Reason != payment.ReasonPendingReversal {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lastSale.After(at) || time.Since(at) >= pendingAgain
}

// atIt tells whether the terminal may still be at an attempt: then it is left alone, since
// it takes one push at a time, and what it does with a second one nobody knows (netpay.md
// 7.4, 12.2). Once this run's own call has ended, the push may never have arrived. Of what
// an earlier run has pushed nothing is known but when, and not even that where the clock
// was set back meanwhile: then it is older than this run.
func (t *Terminal) atIt(r payment.Request) bool {
	t.mu.Lock()
	latest, waits := t.latest, len(t.waiting[r.Attempt.Reference]) > 0
	t.mu.Unlock()
	if latest.ref == r.Attempt.Reference {
		since := time.Since(latest.since)
		return since < settleIn || since < patientUntil && waits
	}
	since := time.Since(r.Attempt.At)
	if since < 0 {
		since = time.Since(t.opened)
	}
	return since < patientUntil
}

// delivered reads what has arrived about an attempt, also before a restart. The
// latest result that is believed counts, and an approval before all. hinted: what
// came later claims an approval, and cannot be believed without asking.
func (t *Terminal) delivered(ctx context.Context, r payment.Request) (out payment.Result, at time.Time, hinted bool, err error) {
	kept, err := t.deps.Inbox.Kept(ctx, r.Attempt.Reference)
	if err != nil {
		return payment.Result{}, time.Time{}, false, err
	}
	// The marks that have been brought back: they stand in the timeline from then on, and
	// whoever reads it could say anything in the terminal's name.
	answered := map[trace]bool{}
	for _, d := range kept {
		got, err := decode([]byte(d.Body))
		if err != nil {
			continue
		}
		if ok, _ := t.ours(r, got); !ok {
			continue
		}
		one := t.verdict(r, got)
		_, decides := one.Outcome.Trigger()
		switch {
		case !decides, one.Outcome != payment.Success && (one.Confirm || out.Outcome == payment.Success):
		case got.kind() == opInquiry && answered[got.trace]:
		case one.Confirm, answered[got.trace]:
			hinted = out.Outcome != payment.Success
		default:
			out, at, hinted = one, d.At, false
		}
		answered[got.trace] = answered[got.trace] || t.settings.proven(got)
	}
	return out, at, hinted, nil
}

// verdict reads a result of any kind. What does not bring back our own mark is never
// more than a hint.
func (t *Terminal) verdict(r payment.Request, got result) payment.Result {
	out := payment.Result{Reason: payment.ReasonForeign, ReasonText: "a result of another kind"}
	switch kind := got.kind(); {
	case kind == opInquiry:
		out = t.inquiry(r, got)
	case kind == opCancel && r.Kind == payment.Void:
		out = t.cancel(r, got)
	case kind == opSale && r.Kind == payment.Sale:
		out = t.sale(r, got)
	}
	out.Confirm = out.Confirm || !t.settings.proven(got)
	if out.Confirm && out.Outcome == payment.Success {
		out.Slips = nil // nobody gets a slip of what is only claimed
	}
	return out
}

// errSilent: the terminal did not answer a reprint.
var errSilent = errors.New("the terminal did not deliver an answer")

// inquire has the terminal deliver the state of the sale again, without paper
// (netpay.md 3.2, 3.3), after a pause. A void is asked about by its original's order.
// A result that comes by itself meanwhile is as good as the answer.
func (t *Terminal) inquire(ctx context.Context, r payment.Request, after time.Duration, to payment.Reporter) (payment.Result, error) {
	leave, ok := t.provider.take(t.line(), r.Attempt.Reference)
	if !ok {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal has something else just now"}, nil
	}
	defer leave()
	if !t.asks(true) {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal is being asked already"}, nil
	}
	defer t.asks(false)
	arrived, done := t.await(r.Attempt.Reference)
	defer done()
	if told, err := t.listen(ctx, r, arrived, after, to); !errors.Is(err, errSilent) {
		return told, err
	}
	n, err := t.deps.Serial(ctx)
	if err != nil {
		return payment.Result{}, &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo, Err: err,
			Text: "The journal gave no number for a question to the terminal, so it was not sent. No payment is affected by this."}
	}
	order := orderBody{Serial: t.settings.serial, Store: t.storeOf(r), Traceability: t.settings.trace(r.Attempt.Reference, opInquiry, strconv.FormatInt(n, 10)),
		DisablePrint: true, IsSmartAccount: t.settings.smart()}
	var body any = folioBody{orderBody: order, Folio: r.Attempt.Reference}
	if r.Kind == payment.Void {
		order.Order = r.Original.Terminal
		body = order
	}
	if err := t.push(ctx, reprintPath, "ReprintRequest", r.Attempt.Reference, body, false, to); err != nil && payment.SentOf(err) == payment.SentNo {
		return payment.Result{}, err
	}
	return t.listen(ctx, r, arrived, inquiryWait, to)
}

// asks keeps the open call of an attempt and a status request about it from asking side by
// side. False: it is being asked already.
func (t *Terminal) asks(begins bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if begins && t.asking {
		return false
	}
	t.asking = begins
	return true
}

// listen waits for a result that can be believed as it stands. An error that is
// errSilent: there was none.
func (t *Terminal) listen(ctx context.Context, r payment.Request, arrived <-chan result, limit time.Duration, to payment.Reporter) (payment.Result, error) {
	wait := time.NewTimer(limit)
	defer wait.Stop()
	for {
		select {
		case got := <-arrived:
			ok, why := t.ours(r, got)
			if !ok {
				t.foreign(to, why)
				continue
			}
			if told := t.verdict(r, got); !told.Confirm {
				return told, nil
			}
			if !t.settings.proven(got) {
				t.foreign(to, notProven)
			}
		case <-wait.C:
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, errSilent)
		case <-ctx.Done():
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, context.Cause(ctx))
		}
	}
}

// notProven is said of a result that lacks our mark.
const notProven = "it does not bring back what was sent to the terminal, so anybody may have posted it"

// foreign keeps a result that decides nothing in the timeline.
func (t *Terminal) foreign(to payment.Reporter, why string) {
	to.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonForeign, Text: "A result was not believed: " + why + "."})
}
