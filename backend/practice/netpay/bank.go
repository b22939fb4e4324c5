package netpay

import (
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// bankTakes is the time of the bank's answer at pace 1.
const bankTakes = 1300 * time.Millisecond

// authorise asks the bank. From here on nothing replaces the sale.
func (t *Terminal) authorise(s *sale) (outcome, error) {
	t.mu.Lock()
	if s.ctx.Err() != nil {
		t.mu.Unlock()
		return outcome{}, bench.ErrGone
	}
	offline := !t.unplugged.Whole()
	s.past, s.banked = !offline, !offline
	breaks := t.customer != nil && t.customer.trouble == troublePending
	t.mu.Unlock()
	question := &asked{kind: askBank, chip: s.inSlot, card: s.card}
	t.showAsking(s.operation, textBank, -1, question)
	d, err := s.await(question, t.scaled(bankTakes))
	switch {
	case err == nil && d.Kind == bench.DeedPull:
		t.mu.Lock()
		t.slot, s.inSlot = "", false
		t.mu.Unlock()
		if offline {
			return noLine, nil
		}
		return t.unheard(s, cardPulled), nil
	case !errors.Is(err, bench.ErrTimeout):
		return outcome{}, err
	case offline:
		return noLine, nil
	}
	o := t.decide(s)
	t.mu.Lock()
	breaks = breaks || !t.unplugged.Whole()
	t.mu.Unlock()
	if breaks {
		return t.unheard(s, lineBroke), nil
	}
	return o, nil
}

// unheard is what becomes of the bank's decision when the terminal cannot hear it:
// only an approval has to be reversed.
func (t *Terminal) unheard(s *sale, as outcome) outcome {
	if s.card.fate != fateApproved {
		return noLine
	}
	return as
}

// decide is the bank.
func (t *Terminal) decide(s *sale) outcome {
	switch t.faults.Take("sale.bank") {
	case "declined":
		return byIssuer
	case "fraud-rule":
		return fraudRule
	case "unknown-code":
		return strange
	case "other-amount":
		s.amount = max(1, s.amount*9/10)
	case "read-error":
		return t.unheard(s, cardPulled)
	case "line-breaks":
		return t.unheard(s, lineBroke)
	}
	switch s.card.fate {
	case fateDeclined:
		return byIssuer
	case fateInsufficient:
		return noMoney
	case fateUnreachable:
		return bankAway
	}
	s.points = t.pointsFor(s)
	return approved
}

// settle books the outcome, and only then lets anybody know of it.
func (t *Terminal) settle(s *sale, o outcome) (record, outcome) {
	rec := t.recordOf(s, o)
	err := t.ledger.Book(rec)
	if err != nil {
		t.log.Note(err.Error())
		o = noLedger
		rec = t.recordOf(s, o)
	}
	t.mu.Lock()
	s.past, s.booked = true, true
	t.mu.Unlock()
	t.log.Note(fmt.Sprintf("Sale %s: %s %s %s for store %s", rec.Booking.ID, rec.Booking.Outcome, fixedAmount(s.amount), Currency, s.store.ID))
	if o.booking == outcomeApproved {
		t.reversePending("the next approved sale")
	}
	if o.booking == outcomePending {
		t.scheduleReversal()
	}
	return rec, o
}

// recordOf is the ledger's line about the sale.
func (t *Terminal) recordOf(s *sale, o outcome) record {
	now := time.Now()
	number, module := t.ledger.number(o.booking == outcomeApproved)
	id := fmt.Sprint(number)
	b := Booking{ID: id, TransactionID: transactionID(t.opts.Serial, id), At: now, Folio: s.request.Folio, Kind: kindPurchase, AmountMinor: s.amount, TipMinor: s.tip,
		Store: s.store.ID, Asked: s.request.StoreID, Affiliation: s.store.Affiliation, Outcome: o.booking, Charged: o.booking == outcomeApproved, Reversed: o.booking == outcomeReversed}
	d := detail{Number: number, Entry: s.entry, Verified: s.verified, HexSign: s.hexSign, Code: o.code, Message: o.message, Module: module, MSI: s.request.MSI, Traceability: s.request.Traceability}
	if s.entry != "" {
		b.Card, d.CardID = s.card.masked(), s.card.id
	}
	if s.banked {
		b.OrderID = orderID(t.ledger.second(now), t.opts.Serial)
		d.RRN = now.In(mexico).Format("0102150405") + fmt.Sprintf("%02d", number%100)
	}
	if s.banked && o.booking != outcomeDeclined {
		d.AuthCode = authCode(t.opts.Serial, id)
	}
	if d.Points = s.points; o.booking == outcomeApproved && s.points == s.amount {
		b.OrderID = pointsOrder(b)
	}
	return record{Booking: b, Detail: d}
}
