package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// parkedAgain is the pause between status requests once doubt is parked: it stays
// watched.
const parkedAgain = 60 * time.Second

// notFoundProof is how many explicit NotFound answers of an idle terminal prove
// that nothing was carried out, where the settings say so (design 10.3).
const notFoundProof = 2

// The setting that says what NotFound means, and its value for "it proves it".
const (
	settingNotFound = "not-found"
	notExecuted     = "not-executed"
)

// doubt commits that the outcome is unknown, and asks until it is known.
func (t *talk) doubt(reason payment.Reason, text string) {
	op := t.snapshot()
	if op.State.Final() || op.Provisional != nil {
		return // known, or stored: only the cashier's word is missing
	}
	if op.State != payment.InDoubt {
		if t.commit(fact{payment.EventDoubt, payment.Note{Reason: reason, Text: text}}) == nil {
			return // the till stops
		}
		t.dropQuestion()
		t.narrate(payment.PromptAsking, payment.Device)
	}
	t.timers.drop(clockSilence, clockAbort, clockDoubt, clockBusy)
	t.timers.setOnce(clockPark, t.untilParked())
	if !t.looking {
		t.timers.setOnce(clockAsk, 0)
	}
}

// untilParked is how long doubt still waits for the terminal. The clock on the wall
// may have been set meanwhile: the wait is never longer than the whole bound.
func (t *talk) untilParked() time.Duration {
	bound := t.w.clocks().Park
	waited := t.w.e.now().Sub(t.snapshot().Doubt.Since)
	return min(max(bound-waited, 0), bound)
}

// confirm takes an answer that is believed only once a status request repeats it
// (design 10.2).
func (t *talk) confirm(r payment.Result) {
	if op := t.snapshot(); op.State.Final() || op.Provisional != nil {
		if step, err := op.Take(r); err == nil && step.Verdict == payment.Dispute {
			r.Slips = nil // the approval's own slips stay the latest
			t.conclude(r)
		}
		return
	}
	for _, slip := range r.Slips {
		slip.Test = slip.Test || t.w.test
		t.commit(fact{payment.EventSlip, slip})
	}
	t.doubt(orReason(r.Reason, payment.ReasonUnknownCode), r.ReasonText)
}

// park hands the doubt to a manager. It stays watched.
func (t *talk) park() {
	if t.state() == payment.InDoubt && !t.snapshot().Doubt.Parked {
		t.commit(fact{payment.EventParked, payment.Note{Text: "The outcome could not be learnt in time. A manager may settle it by hand."}})
		op := t.snapshot()
		t.endHandover(payment.HandedOver{End: payment.HandoverParked, Text: parkedWords(op)})
	}
}

// look asks the terminal by our own reference. Status requests are allowed while a
// payment is open (nexo-retailer.md 2.3, F-23).
func (t *talk) look() {
	op := t.snapshot()
	switch {
	case t.looking, t.signingIn, t.w.voiding(t), op.State.Final():
		return
	case t.timers.has(clockBusy), op.Provisional != nil, op.State == payment.AwaitingAnswer:
		return // nothing is out, or it is the cashier's turn
	}
	t.timers.drop(clockAsk, clockSilence)
	if op.State != payment.InDoubt {
		t.timers.setOnce(clockDoubt, t.w.clocks().DoubtAfter)
	}
	t.lookup()
}

// lookup sends one status request; looked takes the answer.
func (t *talk) lookup() {
	t.looking = true
	request := t.request()
	t.w.done.Go(func() {
		ctx, cancel := context.WithTimeout(t.ctx, t.w.clocks().Status)
		defer cancel()
		result, err := t.w.terminal.Lookup(ctx, request, t)
		t.post(t.ctx, func() { t.looked(request.Attempt.Number, result, err) })
	})
}

// looked takes the answer to a status request about an attempt. Of an earlier
// attempt only an approval counts: its refused start says nothing of the present one.
func (t *talk) looked(attempt int, r payment.Result, err error) {
	t.looking = false
	op := t.snapshot()
	if t.ctx.Err() != nil || t.w.voiding(t) {
		return
	}
	if attempt != op.Attempt.Number && r.Outcome != payment.Success {
		t.timers.setOnce(clockAsk, t.w.clocks().Again) // what was due meanwhile has waited for this
		return
	}
	if err == nil {
		r = t.proof(op, r)
	}
	_, decides := r.Outcome.Trigger()
	switch {
	case op.State.Final():
		if err == nil {
			t.lookedBack(op, r)
		} else {
			t.unheard(op)
		}
		return
	case err == nil && decides:
		t.w.seen()
		t.conclude(r)
		return
	case op.Provisional != nil, op.State == payment.AwaitingAnswer:
		return // it is the cashier's turn
	case err != nil:
		t.unanswered(err)
		return
	}
	t.w.seen()
	t.silentFor = 0
	if r.Outcome == payment.Pending {
		t.pending()
		return
	}
	t.busySince = time.Time{}
	t.doubted(r)
}

// proof counts how often in a row an idle terminal has said that it has no such
// transaction: often enough, and where the settings say so, that is proof that nothing
// was carried out, also against a manager's word.
func (t *talk) proof(op payment.Operation, r payment.Result) payment.Result {
	unknown := op.State == payment.InDoubt && op.Provisional == nil || op.Reason == payment.ReasonSettled
	if r.Outcome != payment.NotFound || t.calls > 0 || !unknown {
		t.notFound = 0
		return r
	}
	t.notFound++
	if t.notFound < notFoundProof || t.w.settings[settingNotFound] != notExecuted {
		return r
	}
	return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonNotFound,
		ReasonText: fmt.Sprintf("The terminal said %d times that it has no such transaction.", t.notFound)}
}

// doubted takes an answer to a status request that decides nothing.
func (t *talk) doubted(r payment.Result) {
	reason, text := orReason(r.Reason, payment.ReasonUnknownCode), "The terminal's answer about this cannot be read: "+r.ReasonText
	switch {
	case r.Outcome == payment.NotFound:
		reason, text = payment.ReasonNotFound, "The terminal says that it has no such transaction."
	case r.Reason == payment.ReasonForeign:
		text = "The terminal told of another transaction: " + r.ReasonText
	}
	t.asked(text)
	t.doubt(reason, text)
	t.onlyPeople(r)
	t.askAgain(t.w.clocks().Again)
}

// onlyPeople hands a doubt to a manager at once where the provider itself says that no
// question can ever tell, as with a refund that is done by hand (iotpay.md 11.4).
func (t *talk) onlyPeople(r payment.Result) {
	if r.Reason == payment.ReasonUnsupported && t.state() == payment.InDoubt && !t.snapshot().Doubt.Parked {
		t.timers.set(clockPark, 0)
	}
}

// pending: the terminal is still at it. That is news, but an abort still runs out.
func (t *talk) pending() {
	if t.state() == payment.InDoubt {
		t.asked("The terminal is still busy with it.")
		t.stopBusy()
	} else if t.state() != payment.Aborting {
		t.timers.drop(clockDoubt)
	}
	t.askAgain(t.w.clocks().Again)
}

// stopBusy asks the terminal to stop, once, what it has been busy with for long while
// nobody's call waits for it any more, as after a restart (nexo-retailer.md 12.4 step
// 4); never while it may wait for a word about a signature (9.1). The status decides
// as before.
func (t *talk) stopBusy() {
	after, now := t.w.clocks().StopAfter, time.Now()
	if after == 0 || t.w.aborter == nil || t.calls > 0 || t.stopped || t.snapshot().Doubt.Signature {
		return
	}
	if t.busySince.IsZero() {
		t.busySince = now
	}
	if now.Sub(t.busySince) < after {
		return
	}
	t.stopped = true
	t.note(payment.EventNote, payment.Note{Text: "The terminal has been busy with this for long: it is asked to stop."})
	t.sendAbort(t.request())
}

// unanswered: nothing was learnt. Link events never decide (F-20).
func (t *talk) unanswered(err error) {
	if payment.CodeOf(err) == payment.CodeNotSignedIn && t.w.signer != nil {
		t.relogin()
		return
	}
	t.w.missed(err)
	backoff := t.w.clocks().Backoff
	pause := t.w.clocks().Again
	if len(backoff) > 0 {
		pause = backoff[min(t.silentFor, len(backoff)-1)]
	}
	t.silentFor++
	if t.state() == payment.InDoubt {
		t.asked("No answer: " + whatWentWrong(err))
	}
	t.askAgain(pause)
}

// whatWentWrong is the first sentence of a fault. What it means for the money is the
// doubt's own word: a question changes nothing, and saying so beside a payment in doubt
// would read as if nothing had been charged.
func whatWentWrong(err error) string {
	what, _, _ := strings.Cut(payment.TextOf(err), ". ")
	return strings.TrimRight(what, ".") + "."
}

// relogin: the terminal has no session, so nothing of ours is running on it any
// more. Only then may the till sign in to ask (nexo-retailer.md 12.4 step 7).
func (t *talk) relogin() {
	t.doubt(payment.ReasonLinkLost, "The terminal has started anew.")
	t.timers.drop(clockAsk)
	t.looking = true
	t.w.done.Go(func() {
		err := t.w.signIn(t.ctx, t)
		t.post(t.ctx, func() {
			t.looking = false
			if err != nil {
				t.asked("The terminal could not be signed in to: " + whatWentWrong(err))
			}
			t.askAgain(t.w.clocks().Again)
		})
	})
}

func (t *talk) askAgain(pause time.Duration) {
	if t.state().Final() {
		return
	}
	if t.snapshot().Doubt.Parked {
		pause = max(pause, parkedAgain)
	}
	t.timers.set(clockAsk, pause)
}

// asked keeps what a status request brought.
func (t *talk) asked(text string) {
	t.tell(payment.EventAsked, payment.Note{Text: text})
}

// Look asks the terminal now, without waiting for the answer. For an operation
// whose outcome is known there is nothing to ask.
func (e *Engine) Look(ctx context.Context, id string) error {
	t := e.talkOf(id)
	if t == nil {
		_, err := e.journal.Operation(ctx, id)
		return err
	}
	_, err := ask(ctx, t, func() (struct{}, error) {
		t.look()
		return struct{}{}, nil
	})
	return err
}

// Settle takes a manager's word for an outcome that the terminal could not tell.
// It needs a name and a reason, and releases the terminal (F-02, F-03).
func (e *Engine) Settle(ctx context.Context, id string, s payment.Settlement) (payment.Operation, error) {
	s.Operator, s.Why, s.Code = redact.Text(strings.TrimSpace(s.Operator)), redact.Text(strings.TrimSpace(s.Why)), redact.Text(s.Code)
	if s.Operator == "" || s.Why == "" {
		return payment.Operation{}, input("Settling by hand needs the name of who does it and a reason.")
	}
	t := e.talkOf(id)
	if t == nil {
		return e.settleAlone(ctx, id, s)
	}
	return ask(ctx, t, func() (payment.Operation, error) {
		op := t.snapshot()
		if void := t.w.voidOf(t); void != nil {
			return op, conflict(fmt.Sprintf("Whether this is paid hangs on void %d: settle that one.", void.snapshot().Number))
		}
		if op.State != payment.InDoubt {
			return op, conflict("Only an operation in doubt can be settled by hand.")
		}
		if t.commit(fact{payment.EventSettled, s}) == nil {
			return op, unrecorded(errClosing)
		}
		return t.snapshot(), nil
	})
}
