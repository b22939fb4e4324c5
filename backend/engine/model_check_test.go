package engine_test

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The checks of the model: what must hold on every path.
const (
	sentOnce            = "no second attempt while one may have been carried out"
	oneCharge           = "at most one charge per operation"
	approvedIsPaid      = "approved only with the terminal's word, and with its amount"
	notPaidIsNotPaid    = "never not paid while the terminal has the money"
	everyOneEnds        = "every operation ends in time, or is parked in doubt"
	knownIsLearnt       = "what the terminal knows is learnt"
	legalSteps          = "only steps of the state table"
	replaysAlike        = "the events add up to the operation"
	refusesWhatCannotBe = "what cannot be is refused"
	nextStep            = "what is offered is done"
	undisturbed         = "a running payment is not disturbed"
	alarmsMean          = "an alarm where there is something to look at, and only there"
	freeAgain           = "a terminal whose outcome is known is free"
	repeatable          = "a path repeats itself"
	theModel            = "the model"
)

// The exit bound, once everything goes well again. What runs at the terminal needs
// paceCustomer; what is parked is asked about each minute, and parked after five.
const (
	exitBound = 10 * time.Minute
	pollEvery = 5 * time.Second
	lastWords = 4 * time.Minute // late answers, and the watching of what was settled
)

// watch looks at every change that the pages are told of.
func (p *path) watch() {
	const buffer = 32
	news, lost, stop := p.till.Watch(buffer)
	end := make(chan struct{})
	p.unwind = func() {
		stop()
		close(end)
	}
	go func() {
		for {
			select {
			case u := <-news:
				p.step(u.Operation)
			case <-lost:
				p.fail(theModel, "too many changes to look at")
				return
			case <-end:
				return
			}
		}
	}()
}

// step checks that one event can have led from the last state to the next.
func (p *path) step(op payment.Operation) {
	p.mu.Lock()
	before, next := p.seen, op.State
	ours := op.ID != "" && op.ID == p.id
	if ours {
		p.seen = next
	}
	p.mu.Unlock()
	if !ours || before == "" || before == next {
		return
	}
	for _, on := range payment.Triggers {
		if step, err := payment.Next(before, on); err == nil && step.To == next && (step.Verdict == payment.Move || step.Verdict == payment.Late) {
			return
		}
	}
	p.fail(legalSteps, "from %s to %s", before, next)
}

// calmDown waits for the exit while everything goes well: the terminal tells the
// truth, and the cashier answers.
func (p *path) calmDown() {
	p.relax(true)
	for began := time.Now(); time.Since(began) < exitBound; time.Sleep(pollEvery) {
		op := p.stands()
		if op.State.Final() || op.State == payment.InDoubt && op.Doubt.Parked && !p.learnable() {
			break
		}
		if op.State == payment.AwaitingAnswer {
			if _, err := p.till.Answer(context.Background(), p.id, payment.Answer{Yes: true, Operator: "anna"}); err != nil && p.stands().State == payment.AwaitingAnswer {
				p.fail(nextStep, "the cashier cannot answer: %v", err)
			}
		}
	}
	time.Sleep(lastWords)
}

// learnable tells whether the terminal knows what became of the operation, or of the
// void on which it hangs.
func (p *path) learnable() bool {
	p.device.mu.Lock()
	defer p.device.mu.Unlock()
	last := p.device.order[len(p.device.order)-1]
	return last.truth() != payment.NotFound || p.believed && !last.open
}

// books is what the terminal has of the operation.
func (p *path) books() (paid *charge, charges int, undone bool) {
	p.device.mu.Lock()
	defer p.device.mu.Unlock()
	for _, c := range p.device.order {
		switch {
		case c.truth() != payment.Success:
		case c.request.Operation == p.id:
			paid = c
			charges++
		case c.request.Kind == payment.Void:
			undone = true
		}
	}
	return paid, charges, undone
}

// check compares the till with the terminal.
func (p *path) check() {
	op := p.stands()
	paid, charges, undone := p.books()
	alarmed := func(code string) bool {
		return slices.ContainsFunc(op.Alarms, func(a payment.Alarm) bool { return a.Code == code })
	}
	if charges > 1 {
		p.fail(oneCharge, "%d charges", charges)
	}
	switch {
	case op.State == payment.InDoubt && op.Doubt.Parked:
		if p.learnable() {
			p.fail(knownIsLearnt, "parked, and the terminal knows: %s", op.Doubt.Why)
		}
	case !op.State.Final():
		p.fail(everyOneEnds, "it is %s", op.State)
	case op.State == payment.Approved && paid == nil:
		// Only a manager may say so, and the terminal's own word raises an alarm.
		if !p.settled {
			p.fail(approvedIsPaid, "approved, and the terminal has no charge")
		} else if p.learnable() && !alarmed(payment.AlarmDispute) {
			p.fail(alarmsMean, "settled as paid, the terminal says no, and nobody is told: %+v", op.Alarms)
		}
	case op.State == payment.Approved && (op.Authorised != paid.amount+paid.tipped() || op.Tip != paid.tipped()):
		p.fail(approvedIsPaid, "approved with %d and a tip of %d, the terminal charged %d and %d", op.Authorised, op.Tip, paid.amount, paid.tipped())
	case op.State == payment.Approved && undone && !alarmed(payment.AlarmLateMoney):
		p.fail(alarmsMean, "approved, and the money went back: %+v", op.Alarms)
	case op.State != payment.Approved && paid != nil && !undone:
		p.fail(notPaidIsNotPaid, "%s (%s), and the terminal charged %d", op.State, op.Reason, paid.amount)
	case op.State != payment.Approved && undone && op.Reason != payment.ReasonSignature:
		p.fail(notPaidIsNotPaid, "%s (%s) after the void", op.State, op.Reason)
	}
	p.checkAlarms(op, paid)
	p.checkEvents(op)
	if op.State.Final() {
		next, err := p.till.Start(context.Background(), engine.Start{Terminal: p.name, Amount: 7})
		time.Sleep(3 * paceAnswer)
		if err == nil {
			next, err = p.journal.Operation(context.Background(), next.ID)
		}
		if err != nil || next.State != payment.Approved {
			p.fail(freeAgain, "the next sale is %s: %v", next.State, err)
		}
	}
}

// checkAlarms looks for alarms that mean nothing.
func (p *path) checkAlarms(op payment.Operation, paid *charge) {
	for _, a := range op.Alarms {
		means := false
		switch a.Code {
		case payment.AlarmAmount:
			means = paid != nil && paid.amount != op.Total().Minor
		case payment.AlarmLateMoney, payment.AlarmDispute:
			means = p.settled
		case payment.AlarmSignature:
			means = op.SignatureRefused
		}
		if !means {
			p.fail(alarmsMean, "%+v", a)
		}
	}
	if paid != nil && op.State == payment.Approved && paid.amount != op.Total().Minor && len(op.Alarms) == 0 {
		p.fail(alarmsMean, "%d was charged instead of %d", paid.amount, op.Total().Minor)
	}
}

// checkEvents plays the journal's events again, each a legal step.
func (p *path) checkEvents(op payment.Operation) {
	events, err := p.journal.Events(context.Background(), p.id)
	if err != nil {
		p.fail(replaysAlike, "%v", err)
		return
	}
	var again payment.Operation
	for _, e := range events {
		before := again
		verdict, err := again.Apply(e)
		switch {
		case err != nil:
			p.fail(replaysAlike, "%v", err)
		case verdict == payment.Refuse || verdict == payment.Ignore:
			p.fail(legalSteps, "event %s in state %s: %s", e.Kind, before.State, verdict)
		case before.State.Final() && again.State != before.State && verdict != payment.Late:
			p.fail(legalSteps, "event %s leads from %s to %s", e.Kind, before.State, again.State)
		}
	}
	again.Number = op.Number
	again.Prompt, op.Prompt = payment.Prompt{}, payment.Prompt{}
	if !reflect.DeepEqual(again, op) {
		p.fail(replaysAlike, "replayed %+v, is %+v", again, op)
	}
}
