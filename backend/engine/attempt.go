package engine

import (
	"cmp"
	"fmt"

	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// request is the attempt as the provider gets it.
func (t *talk) request() payment.Request {
	op := t.snapshot()
	return payment.Request{
		Operation: op.ID, Kind: op.Kind, Attempt: op.Attempt, Total: op.Total(), Tip: op.TipAsked, Cashback: op.CashbackAsked,
		Reference: op.Reference, Account: op.Account, AuthOnly: op.AuthOnly, Original: op.OriginalReferences, Unlinked: op.Unlinked(), Lines: op.Lines,
		Code: t.shown.code, ShowQR: t.shown.qr, Vendor: t.shown.vendor,
	}
}

// call has the terminal carry out a committed attempt. The call stays open
// throughout and is believed whenever it answers (design 10.1).
func (t *talk) call(attempt payment.Attempt) {
	request := t.request()
	t.calls++
	t.sent = false
	t.timers.set(clockSilence, t.w.clocks().Silence)
	t.w.done.Go(func() {
		t.w.quiet(t.ctx)
		result, err := payment.Result{}, conflict("The operation ended before anything was sent.")
		if t.maySend() {
			result, err = t.carryOut(request)
		}
		select {
		case t.answers <- answer{attempt.Number, result, err}:
		case <-t.over:
		}
	})
}

// maySend is asked right before the first byte: an abort in time keeps it back.
func (t *talk) maySend() bool {
	ok, err := ask(t.ctx, t, func() (bool, error) {
		state := t.state()
		t.sent = state == payment.Sending || state == payment.InProgress
		return t.sent, nil
	})
	return err == nil && ok
}

func (t *talk) carryOut(request payment.Request) (payment.Result, error) {
	switch request.Kind {
	case payment.Refund:
		return t.w.refunder.Refund(t.ctx, request, t)
	case payment.Void:
		return t.w.voider.Void(t.ctx, request, t)
	case payment.Capture:
		return t.w.capturer.Capture(t.ctx, request, t)
	}
	return t.w.terminal.Sale(t.ctx, request, t)
}

// answered takes what a call came back with.
func (t *talk) answered(a answer) {
	t.calls--
	if a.err != nil {
		if t.ctx.Err() == nil { // else the till stops: what is open is resolved at the next start
			t.failed(a)
		}
		return
	}
	t.w.seen()
	t.w.setSignedIn(true)
	if a.result.Confirm {
		t.confirm(a.result)
		return
	}
	if _, decides := a.result.Outcome.Trigger(); !decides {
		t.doubt(orReason(a.result.Reason, payment.ReasonUnknownCode), a.result.ReasonText)
		t.onlyPeople(a.result)
		return
	}
	t.conclude(a.result)
}

// failed takes a call that brought no outcome.
func (t *talk) failed(a answer) {
	code, op := payment.CodeOf(a.err), t.snapshot()
	if op.State.Final() {
		if op.Reason == payment.ReasonSettled && a.attempt == op.Attempt.Number && payment.SentOf(a.err) == payment.SentNo {
			// Proof, however late: it confirms the manager's word, or disputes it.
			t.conclude(payment.Result{Outcome: payment.NotDone, Reason: reasonOf(code), ReasonText: payment.TextOf(a.err)})
		}
		return
	}
	t.note(payment.EventNote, payment.Note{Text: "The call ended without an outcome: " + a.err.Error()})
	switch {
	case payment.SentOf(a.err) != payment.SentNo:
		t.w.missed(a.err)
		t.doubt(reasonOf(code), payment.TextOf(a.err))
	case op.State == payment.InDoubt:
		if a.attempt == op.Attempt.Number {
			// The open call itself proves it, however late.
			t.conclude(payment.Result{Outcome: payment.NotDone, Reason: reasonOf(code), ReasonText: payment.TextOf(a.err)})
		}
	case op.State == payment.Aborting:
		t.conclude(payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier, ReasonText: payment.TextOf(a.err)})
	case code == payment.CodeBusy && t.busyTries < t.w.clocks().BusyTries:
		t.busyTries++
		t.w.seen()
		t.narrate(payment.PromptBusy, payment.Device)
		t.timers.drop(clockSilence, clockAsk, clockDoubt) // nothing is out
		t.timers.set(clockBusy, t.w.clocks().BusyAgain)
	case code == payment.CodeNotSignedIn && t.w.signer != nil && !t.signedIn:
		t.signedIn = true
		t.signInAgain()
	default:
		if code == payment.CodeUnreachable {
			t.w.missed(a.err)
		}
		t.conclude(payment.Result{Outcome: payment.NotDone, Reason: reasonOf(code), ReasonText: payment.TextOf(a.err)})
	}
}

// signInAgain signs in and goes on with a new attempt (SW-03).
func (t *talk) signInAgain() {
	t.w.setSignedIn(false)
	t.narrate(payment.PromptSignIn, payment.Device)
	t.timers.drop(clockSilence, clockAsk, clockDoubt) // nothing is out
	t.signingIn = true
	t.w.done.Go(func() {
		err := t.w.signIn(t.ctx, t)
		t.post(t.ctx, func() {
			t.signingIn = false
			switch {
			case t.state() == payment.Aborting || t.state().Final():
				t.again()
			case err == nil:
				t.again()
			default:
				t.conclude(payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonNotSignedIn, ReasonText: payment.TextOf(err)})
			}
		})
	})
}

// again makes a new attempt of a refused start, with new ids (design 10.9). An
// abort in between ends it: nothing was carried out.
func (t *talk) again() {
	op := t.snapshot()
	switch op.State {
	case payment.Aborting:
		t.conclude(payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier})
		return
	case payment.Sending, payment.InProgress:
	default:
		return
	}
	attempt, err := t.w.e.attempt(t.ctx, op.Attempt.Number+1)
	if err != nil {
		t.conclude(payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonJournal, ReasonText: payment.TextOf(err)})
		return
	}
	if t.commit(fact{payment.EventAttempt, attempt}) == nil {
		return // the till stops
	}
	t.call(attempt)
}

// conclude commits an outcome. Success wins every race; a contradiction raises an
// alarm with both stories in the timeline.
func (t *talk) conclude(r payment.Result) {
	op := t.snapshot()
	for i := range r.Slips {
		r.Slips[i].Test = r.Slips[i].Test || t.w.test
	}
	if op.Kind == payment.Void && r.Outcome == payment.Success && r.Authorised == 0 {
		r.Authorised = op.Requested // a reversal is always whole, and its answer names no amount
	}
	if r.Outcome == payment.Success && r.Signature && !op.State.Final() {
		t.provisional(r)
		return
	}
	if op.State == payment.Cancelled && op.SignatureRefused && r.Outcome == payment.Success && t.takenBack() {
		t.note(payment.EventNote, payment.Note{Text: "The terminal tells once more of the approval that was taken back: nothing changes."})
		return
	}
	step, err := op.Take(r)
	if err != nil {
		t.w.e.log.Error("take a result", "operation", t.id, "error", err)
		return
	}
	if op.State.Final() && !unsettled(r) {
		t.unwatch()
	}
	if step.Verdict == payment.Repeat && op.Differs(r) {
		t.adjust(op, r)
		return
	}
	if t.commit(append([]fact{{payment.EventResult, r}}, alarms(op, r, step.Verdict, t.w)...)...) == nil {
		return // the till stops
	}
	if op.State.Final() && (step.Verdict == payment.Move || step.Verdict == payment.Late) && tipOpen(t.snapshot()) {
		t.unwatch() // what was watched for is known; now it is the tip
		t.beginWatch()
	}
	switch {
	case step.Verdict == payment.Late && op.Kind == payment.Sale:
		t.w.done.Go(func() { t.w.e.stopOthers(t.ctx, t.snapshot()) })
	case r.Outcome == payment.Success && (op.Kind == payment.Refund || op.Kind == payment.Void) && !op.Unlinked() && t.told == nil:
		t.w.done.Go(func() { t.w.e.answeredBy(t.ctx, t.snapshot()) })
	}
}

// alarms words what a person must look at with this result.
func alarms(op payment.Operation, r payment.Result, verdict payment.Verdict, w *worker) []fact {
	alarm := func(code, text string) fact {
		return fact{payment.EventAlarm, payment.Alarm{Code: code, Text: text, At: w.e.now()}}
	}
	var list []fact
	switch verdict {
	case payment.Late:
		list = append(list, alarm(payment.AlarmLateMoney, fmt.Sprintf(lateWords[op.Kind], op.State)))
	case payment.Dispute:
		list = append(list, alarm(payment.AlarmDispute, fmt.Sprintf("This was approved, and now the terminal says %s. Look at the terminal's own report before you give anything back.", r.Outcome)))
	}
	if r.Outcome == payment.Success && (verdict == payment.Late || verdict == payment.Move && op.Replaces != "") {
		if other, found := w.e.twice(w.ctx, op); found {
			list = append(list, alarm(payment.AlarmTwice, fmt.Sprintf("This sale is paid twice: by this operation, and by operation %d of %s on terminal %s. Give one of them back.", other.Number, other.Shown().Text(language.English), other.Terminal)))
		}
	}
	if r.Outcome == payment.Success && (verdict == payment.Move || verdict == payment.Late) {
		// A tip that the customer added is welcome; anything else is another amount (design 10.8).
		charged := op.Money(r.Authorised - max(r.Tip-op.TipAsked, 0))
		if r.Currency != "" && r.Currency != op.Currency {
			list = append(list, alarm(payment.AlarmAmount, fmt.Sprintf("The terminal answered in %s, and %s was asked for. Look at the slip before you hand over anything.", r.Currency, op.Currency)))
		} else if charged != op.Total() || r.Cashback != op.CashbackAsked {
			list = append(list, alarm(payment.AlarmAmount, fmt.Sprintf("The terminal charged %s, and %s was asked for. The payment stands with the real amount. %s", op.Money(r.Authorised).Text(language.English), op.Total().Text(language.English), difference(op, r, charged))))
		}
		if r.Account != "" && r.Account != op.Account {
			list = append(list, alarm(payment.AlarmAccount, fmt.Sprintf("The money went to %s, and %s was asked for. The customer has paid. Have somebody who knows both accounts look at it before the day is closed: void it and take it again, or settle it between the accounts.", r.Account, cmp.Or(op.Account, "the terminal's own account"))))
		}
	}
	if r.Outcome == payment.Success && (verdict == payment.Move || verdict == payment.Late) {
		for _, told := range r.Alarms {
			list = append(list, alarm(told.Code, told.Text))
		}
	}
	return list
}

// difference says what is left to do about another amount than asked: of a part the rest
// is still due (iotpay.md, sequence 28).
func difference(op payment.Operation, r payment.Result, charged money.Amount) string {
	switch more := charged.Minor - op.Total().Minor; {
	case op.Kind != payment.Sale, r.Cashback != op.CashbackAsked:
	case more < 0:
		return fmt.Sprintf("%s is still to be paid: take it as a new sale, or give this back.", op.Money(-more).Text(language.English))
	case more > 0:
		return fmt.Sprintf("That is %s too much: give it back, unless the customer agrees to it.", op.Money(more).Text(language.English))
	}
	return "Settle the difference with the customer."
}

// lateWords say what an approval after a final "not paid" means for the money.
var lateWords = map[payment.Kind]string{
	payment.Sale:    "The terminal now says that this was approved, after it had been taken as %s. The customer has been charged. If the goods were not handed over, void it or refund it.",
	payment.Refund:  "The terminal now says that this refund was approved, after it had been taken as %s. The customer has the money back. Do not refund it again.",
	payment.Capture: "The money that was reserved has now been taken, after this had been taken as %s. Do not capture it again.",
	payment.Void:    "The terminal now says that this void was approved, after it had been taken as %s. The customer has the money back. Do not refund the payment as well.",
}

func orReason(r, otherwise payment.Reason) payment.Reason {
	if r == "" {
		return otherwise
	}
	return r
}

// reasonOf is the reason that an error's code stands for.
func reasonOf(code payment.Code) payment.Reason {
	if r, ok := codeReasons[code]; ok {
		return r
	}
	return payment.ReasonNoAnswer
}

var codeReasons = map[payment.Code]payment.Reason{
	payment.CodeBusy:        payment.ReasonBusy,
	payment.CodeNotSignedIn: payment.ReasonNotSignedIn,
	payment.CodeUnreachable: payment.ReasonUnreachable,
	payment.CodeNoAnswer:    payment.ReasonLinkLost,
	payment.CodeUnreadable:  payment.ReasonUnreadable,
	payment.CodeForeign:     payment.ReasonForeign,
	payment.CodeRejected:    payment.ReasonRejected,
	payment.CodeUnsupported: payment.ReasonUnsupported,
	payment.CodeSettings:    payment.ReasonUnsupported,
	payment.CodeJournal:     payment.ReasonJournal,
}

var _ payment.Reporter = (*talk)(nil)
