package nexo

import (
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// play goes through the steps up to the bank's decision (nexo-retailer.md 21.10).
func (t *Terminal) play(p *payment) (outcome, error) {
	if err := p.pause(100 * time.Millisecond); err != nil {
		return outcome{}, err
	}
	if o, err := t.askForTip(p); err != nil || o.booking != "" {
		return o, err
	}
	if o, err := t.readCard(p); err != nil || o.booking != "" {
		return o, err
	}
	if p.cashback > 0 && p.card.noCashback {
		return noCashback, nil
	}
	if o, err := t.askForPIN(p); err != nil || o.booking != "" {
		return o, err
	}
	return t.authorise(p)
}

func (t *Terminal) askForTip(p *payment) (outcome, error) {
	t.mu.Lock()
	wanted := t.faults.Get("tips") == "on" || t.customer != nil && t.customer.tipPercent > 0
	t.mu.Unlock()
	if !wanted || p.refund {
		return outcome{}, nil
	}
	question := &asked{kind: askTip, amount: p.requested - p.cashback}
	t.showAsking(p.service, textTip, -1, question)
	d, err := p.await(question, presentLimit)
	if errors.Is(err, bench.ErrTimeout) || err == nil && d.Kind == bench.DeedTip && d.Minor == 0 {
		return outcome{}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	if d.Kind != bench.DeedTip {
		return byCustomer, nil
	}
	p.tip = d.Minor
	p.authorised = p.requested + p.tip
	t.mu.Lock()
	t.screen.Amount = formatAmount(p.authorised, ".") + " " + p.currency
	t.mu.Unlock()
	return outcome{}, nil
}

func (t *Terminal) readCard(p *payment) (outcome, error) {
	question := &asked{kind: askCard}
	t.showAsking(p.service, textPresent, -1, question)
	d, err := p.await(question, presentLimit)
	if err != nil {
		return outcome{}, err
	}
	if d.Kind == bench.DeedKey {
		return byCustomer, nil
	}
	p.card, _ = cardByID(d.Card)
	p.cardRead = true
	p.detail = detail{CardID: d.Card, CVM: cvmNone}
	t.mu.Lock()
	switch d.Kind {
	case bench.DeedInsert:
		p.inSlot, p.detail.Entry, t.slot = true, "ICC", d.Card
	case bench.DeedTap:
		p.detail.Entry, t.field = "Contactless", d.Card
	case bench.DeedSwipe:
		p.detail.Entry = "MagStripe"
	}
	unplug := t.customer != nil && t.customer.trouble == troubleUnplugged
	t.log.Note("Card " + p.card.forCustomer() + " read, " + p.detail.Entry)
	t.mu.Unlock()
	if p.inSlot {
		t.event(p.service, "CardInserted", "")
	}
	if unplug {
		if err := t.SetFault("network", "unplugged"); err != nil {
			return outcome{}, err
		}
		return offline, nil
	}
	return outcome{}, p.pause(200 * time.Millisecond)
}

// bankTakes is the time of the bank's answer at pace 1; lateTakes is how long it
// takes for the customer whose line breaks meanwhile.
const (
	bankTakes = 1300 * time.Millisecond
	lateTakes = 2 * time.Second
)

// authorise asks the bank. From here on an abort comes too late.
func (t *Terminal) authorise(p *payment) (outcome, error) {
	t.mu.Lock()
	select {
	case <-p.stopped:
		t.mu.Unlock()
		return outcome{}, bench.ErrStopped
	default:
	}
	p.past = true
	late := t.customer != nil && t.customer.trouble == troubleLateApproval
	t.mu.Unlock()
	question := &asked{kind: askBank, chip: p.inSlot, card: p.card}
	t.showAsking(p.service, textAuthorizing, -1, question)
	takes := bankTakes
	if late {
		t.log.Note("The line to the till breaks")
		p.cutLine()
		takes = lateTakes
	}
	d, err := p.await(question, t.scaled(takes))
	switch {
	case err == nil && d.Kind == bench.DeedPull:
		t.mu.Lock()
		t.slot, p.inSlot = "", false
		t.mu.Unlock()
		t.event(p.service, "CardRemoved", "")
		return cardPulled, nil
	case !errors.Is(err, bench.ErrTimeout):
		return outcome{}, err
	case t.dead():
		return offline, nil
	}
	return t.decide(p), nil
}

// decide is the bank.
func (t *Terminal) decide(p *payment) outcome {
	switch t.faults.Get("payment.answer") {
	case "unknown-condition":
		t.faults.Take("payment.answer")
		return strange
	case "other-amount":
		t.faults.Take("payment.answer")
		p.authorised = max(1, p.authorised*9/10)
	}
	switch p.card.fate {
	case fateDeclined:
		return byIssuer
	case fateInsufficient:
		return noMoney
	case fateUnreachable:
		return hostAway
	}
	p.detail.Approval = fmt.Sprintf("%06d", (p.started.UnixMilli()/7+p.authorised)%1_000_000)
	if p.card.signature && !p.refund {
		p.detail.Sign, p.detail.CVM = true, cvmSignature
	}
	return approved
}
