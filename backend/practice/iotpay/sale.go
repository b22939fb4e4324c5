package iotpay

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// sale is a running payment.
type sale struct {
	*operation
	amount  int64 // asked
	tip     int64
	card    card
	inSlot  bool
	decided bool // the bank has decided: nothing takes it back
}

// Entry methods and cardholder verification results (iotpay.md 8).
const (
	methodChip  = "C"
	methodTap   = "T"
	methodSwipe = "S"

	cvmPIN       = "440302" // offline enciphered PIN, successful
	cvmOnlinePIN = "420300"
	cvmSignature = "1E0300"
	cvmNone      = "1F0302"
)

// play goes through the steps up to the bank's decision.
func (t *Terminal) play(s *sale) (outcome, error) {
	if t.troubled(troubleSilent) {
		t.log.Note("The cloud has taken order " + bench.Shorten(s.rec.Booking.Order) + " and does nothing")
		return bySystem, s.awaitWhile(func() bool { return t.troubled(troubleSilent) })
	}
	if t.offline() {
		t.log.Note("Order " + bench.Shorten(s.rec.Booking.Order) + " does not reach the PIN pad")
		return bySystem, s.awaitWhile(t.offline)
	}
	if err := s.pause(300 * time.Millisecond); err != nil {
		return outcome{}, err
	}
	for _, step := range []func(*sale) (outcome, error){t.askTip, t.readCard, t.askAccount, t.verify} {
		if o, err := step(s); err != nil || o.booking != "" {
			return o, err
		}
	}
	return t.authorise(s)
}

// askTip lets the customer add a tip, where the PIN pad asks for one, and takes the
// till's by the switch: what its relation to the amount is, is unknown (iotpay.md 6).
func (t *Terminal) askTip(s *sale) (outcome, error) {
	switch t.faults.Get("tip") {
	case "on-top":
		s.tip = s.rec.Request.Tip
		s.rec.Booking.AmountMinor += s.tip
	case "inside":
		s.tip = s.rec.Request.Tip
	}
	if t.faults.Get("tip.prompt") == "on" && s.tip == 0 {
		question := &asked{kind: askTip}
		for _, offer := range tipsOf(s.amount) {
			question.tips = append(question.tips, offer.Minor)
		}
		t.showAsking(s.operation, textTip, -1, question)
		d, err := s.await(question, keyLimit)
		if err != nil {
			return outcome{}, err
		}
		if d.Presses(bench.KeyRed) {
			return byUser, nil
		}
		s.tip = d.Minor
		s.rec.Booking.AmountMinor += s.tip
	}
	s.rec.Booking.TipMinor = s.tip
	return outcome{}, nil
}

// readCard waits a minute for a card.
func (t *Terminal) readCard(s *sale) (outcome, error) {
	question := &asked{kind: askCard}
	t.showAsking(s.operation, textPresent, -1, question)
	d, err := s.await(question, cardLimit)
	switch {
	case err != nil:
		return outcome{}, err
	case d.Kind == bench.DeedKey:
		return byUser, nil
	}
	s.card, _ = cardByID(d.Card)
	detail := &s.rec.Detail
	detail.CardID, detail.French = s.card.id, s.card.french
	s.rec.Booking.Card = s.card.masked()
	t.mu.Lock()
	defer t.mu.Unlock()
	switch d.Kind {
	case bench.DeedInsert:
		s.inSlot, detail.Method, t.slot = true, methodChip, d.Card
	case bench.DeedTap:
		detail.Method, t.field = methodTap, d.Card
	default:
		detail.Method = methodSwipe
	}
	t.log.Note("Card " + s.card.masked() + " read, " + detail.Method)
	if t.customer != nil && t.customer.trouble == troubleUnplugged {
		t.faults.Put("network", "unplugged")
		t.unplugged.Plug(false)
		t.log.Note("The PIN pad loses its network")
	}
	return outcome{}, nil
}

// askAccount is for Interac cards in the slot. A tap takes the default account and
// names none (iotpay.md 13.1: FLASH DEFAULT).
func (t *Terminal) askAccount(s *sale) (outcome, error) {
	if s.card.letter != letterInterac || !s.inSlot {
		return outcome{}, nil
	}
	question := &asked{kind: askAccount, card: s.card, chip: true}
	t.showAsking(s.operation, textAccount, -1, question)
	d, err := s.await(question, keyLimit)
	switch {
	case err != nil:
		return outcome{}, err
	case d.Kind == bench.DeedPull:
		t.pulled(s)
		return byUser, nil
	case d.Presses(bench.KeyRed):
		return byUser, nil
	case d.Presses(keySavings):
		s.rec.Detail.Account = "S"
	default:
		s.rec.Detail.Account = "C"
	}
	return outcome{}, nil
}

// verify decides how the cardholder is verified, and asks for the PIN.
func (t *Terminal) verify(s *sale) (outcome, error) {
	method := s.rec.Detail.Method
	switch {
	case s.card.kind == "phone", method == methodTap && s.rec.Booking.AmountMinor < noPINLimit:
		s.rec.Detail.CVM = cvmNone
		return outcome{}, nil
	case s.card.pin == "":
		s.rec.Detail.CVM = cvmSignature
		return outcome{}, nil
	case method == methodChip && s.card.letter != letterInterac:
		s.rec.Detail.CVM = cvmPIN
	default:
		s.rec.Detail.CVM = cvmOnlinePIN
	}
	return t.askForPIN(s)
}

// bankTakes is the time of the bank's answer at pace 1.
const bankTakes = 1300 * time.Millisecond

// authorise asks the bank. A card that is pulled, or a line that breaks, before the
// PIN pad has heard the answer, is reversed by the acquirer and not charged.
func (t *Terminal) authorise(s *sale) (outcome, error) {
	t.mu.Lock()
	s.past = true
	t.mu.Unlock()
	question := &asked{kind: askBank, chip: s.inSlot, card: s.card}
	if t.offline() {
		t.show(s.operation, textOffline)
		return bankAway, nil
	}
	t.showAsking(s.operation, textBank, -1, question)
	d, err := s.await(question, t.scaled(bankTakes))
	switch {
	case err == nil && d.Kind == bench.DeedPull:
		t.pulled(s)
		return notDone, nil
	case !errors.Is(err, bench.ErrTimeout):
		return outcome{}, err
	case t.offline():
		return bankAway, nil
	}
	s.decided = true
	return t.decide(s), nil
}

// decide is the bank.
func (t *Terminal) decide(s *sale) outcome {
	bank := t.faults.Take("payment.bank")
	switch {
	case bank == "no-answer", s.card.fate == fateUnreachable:
		return bankAway
	case bank == "declined", s.card.fate == fateDeclined:
		s.rec.Detail.Answered = true
		return byIssuer
	case s.card.fate == fateInsufficient:
		s.rec.Detail.Answered = true
		return noMoney
	case bank == "unknown-code":
		s.rec.Detail.Answered = true
		return strange
	}
	t.charges(s)
	s.rec.Detail.Answered = true
	s.rec.Detail.Approval = authNum(s.rec.Booking.ID)
	if bank == "partial" {
		s.rec.Detail.Lower = s.amount / 10
		s.rec.Booking.AmountMinor -= s.rec.Detail.Lower
		return partly
	}
	return approved
}

// practiceCashback is what a customer takes in cash where the switch says so: the
// sample amount of the format (iotpay.md 8).
const practiceCashback = 4_29

// charges adds cash back and a surcharge of one per cent, where the switches say so.
func (t *Terminal) charges(s *sale) {
	b := &s.rec.Booking
	if t.faults.Take("payment.cashback") == "some" {
		b.CashbackMinor = practiceCashback
	}
	if which := t.faults.Take("payment.surcharge"); which == "any-card" || which == "credit" && s.card.letter != letterInterac {
		b.SurchargeMinor = max(1, s.amount/100)
	}
	b.AmountMinor += b.CashbackMinor + b.SurchargeMinor
}
