package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The signature after the payment (nexo light mode, nexo-retailer.md 9.2, and IOT Pay,
// which prints no slip itself; design 10.4): the approval is stored, the cashier is asked, and a refusal is tracked to
// the proven end of the void that takes the money back.

// provisional stores an approval whose signature is still open, and asks.
func (t *talk) provisional(r payment.Result) {
	if t.snapshot().Provisional != nil {
		return // told again: it is stored and asked already
	}
	t.timers.clear()
	t.dropQuestion()
	question := payment.Question{ID: t.w.e.newID(), At: t.w.e.now()}
	facts := []fact{{payment.EventProvisional, r}, {payment.EventQuestion, question}}
	t.commit(append(facts, alarms(t.snapshot(), r, payment.Move, t.w)...)...)
}

// signature takes the cashier's word on a stored approval.
func (t *talk) signature(a payment.Answer) (payment.Operation, error) {
	if a.Yes {
		if t.commit(fact{payment.EventAnswer, a}, fact{payment.EventResult, t.stored()}) == nil {
			return t.snapshot(), unrecorded(errClosing)
		}
		return t.snapshot(), nil
	}
	if t.commit(fact{payment.EventAnswer, a}) == nil {
		return t.snapshot(), unrecorded(errClosing)
	}
	t.takeBack(a.Operator)
	return t.snapshot(), nil
}

// stored is the approval as it becomes final; its slips are kept already.
func (t *talk) stored() payment.Result {
	r := *t.snapshot().Provisional
	r.Signature, r.Slips = false, nil
	return r
}

// takeBack starts the void of a refused signature, as an operation of its own.
func (t *talk) takeBack(operator string) {
	op := t.snapshot()
	if t.w.voider == nil {
		t.stays("The signature was refused, and the till cannot take the payment back on this terminal. The customer has been charged. " +
			cmp.Or(t.w.limits().RefundElsewhere, "Give the money back with a refund."))
		return
	}
	t.voids++
	void := newTalk(t.w, payment.Operation{
		ID: t.w.e.newID(), Kind: payment.Void, State: payment.Created, Provider: op.Provider, Terminal: op.Terminal, Language: op.Language,
		Currency: op.Currency, Requested: op.Provisional.Authorised, Card: op.Card,
		Operator: operator, Why: "The signature was refused.", Original: op.ID, OriginalReferences: op.Provisional.References,
		CreatedAt: t.w.e.now(), UpdatedAt: t.w.e.now(),
	})
	if _, _, err := void.create(t.ctx); err != nil {
		t.w.e.log.Error("void a refused signature", "operation", op.ID, "error", err)
		t.timers.clear()
		t.timers.set(clockVoid, commitAgainMost)
		return
	}
	t.follow(void, void.run)
}

// follow runs the void's conversation beside this one and hears what becomes of it.
func (t *talk) follow(void *talk, run func()) {
	void.told = func(op payment.Operation) {
		if !t.post(t.ctx, func() { t.voided(op) }) && op.State == payment.Approved {
			t.takenBackLate(op)
		}
	}
	t.w.mu.Lock()
	t.void = void
	t.w.mu.Unlock()
	t.timers.clear()
	t.w.done.Go(run)
}

// voided takes what became of the void of a refused signature.
func (t *talk) voided(void payment.Operation) {
	op := t.snapshot()
	if op.State == payment.Approved && void.State == payment.Approved {
		t.takenBackLate(void)
		return
	}
	if op.State.Final() || op.Provisional == nil {
		return
	}
	switch void.State {
	case payment.Failed:
		if t.voids < voidTries {
			t.release()
			t.timers.set(clockVoid, voidAgain)
			return
		}
		t.stays(voidRefused)
	case payment.Approved:
		t.commit(fact{payment.EventResult, payment.Result{
			Outcome: payment.Stopped, Reason: payment.ReasonSignature, Card: op.Card, References: op.References, Slips: void.Slips,
			ReasonText: fmt.Sprintf("The signature was refused; operation %d has taken the money back.", void.Number),
		}})
	case payment.Declined, payment.Cancelled:
		t.stays(voidRefused)
	case payment.InDoubt:
		if op.State != payment.InDoubt {
			t.commit(fact{payment.EventDoubt, payment.Note{Reason: payment.ReasonNoAnswer, Text: "It is not known yet whether the refused payment was taken back."}})
		}
		if void.Doubt.Parked && !op.Doubt.Parked {
			t.commit(fact{payment.EventParked, payment.Note{Text: fmt.Sprintf("Whether it was taken back hangs on void %d, which a manager may settle by hand.", void.Number)}})
		}
	}
}

// takenBack tells whether a void has provably undone this sale: the approval that it
// undid may still arrive, as the late answer of the open call.
func (t *talk) takenBack() bool {
	related, err := t.w.e.journal.Related(context.WithoutCancel(t.ctx), t.id)
	if err != nil {
		t.w.e.log.Error("find the void of a refused signature", "operation", t.id, "error", err)
		return false // rather an alarm too many
	}
	return slices.ContainsFunc(related, func(op payment.Operation) bool {
		return op.Kind == payment.Void && op.State == payment.Approved
	})
}

// takenBackLate corrects the advice of a sale that was taken as paid: its void came
// through after all. The sale's own conversation may be over by then.
func (t *talk) takenBackLate(void payment.Operation) {
	op, err := t.w.e.journal.Operation(context.WithoutCancel(t.ctx), t.id)
	told := slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == payment.AlarmLateMoney })
	if err == nil && op.State == payment.Approved && !told {
		_, err = t.w.e.append(context.WithoutCancel(t.ctx), t.id, fact{payment.EventAlarm, payment.Alarm{Code: payment.AlarmLateMoney, At: t.w.e.now(),
			Text: fmt.Sprintf("Void %d has taken this payment back after all. The customer has the money: do not refund it as well.", void.Number)}})
	}
	if err != nil {
		t.w.e.log.Error("tell a sale of its late void", "operation", t.id, "error", err)
	}
}

// A void that provably never began is tried again before the cashier has to refund
// (nexo-retailer.md 9.2).
const (
	voidTries = 5
	voidAgain = 5 * time.Second
)

// voidRefused is what a person does when the void of a refused signature did not work.
const voidRefused = "The signature was refused, but the terminal would not take the payment back. The customer has been charged. Give the money back with a refund."

// stays: nothing takes the payment back, so the approval stands.
func (t *talk) stays(why string) {
	t.commit(fact{payment.EventResult, t.stored()}, fact{payment.EventAlarm, payment.Alarm{Code: payment.AlarmSignature, At: t.w.e.now(), Text: why}})
}

// release lets an ended void go, so that the next one can take its place.
func (t *talk) release() {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.void = nil
}

// voidOf is the void that the outcome of t hangs on, or nil.
func (w *worker) voidOf(t *talk) *talk {
	w.mu.Lock()
	defer w.mu.Unlock()
	return t.void
}

// voiding tells whether the outcome of t hangs on the void of a refused signature:
// then its own status is not asked, since it would only tell of the approval.
func (w *worker) voiding(t *talk) bool {
	return w.voidOf(t) != nil
}
