package nexo

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// reversal gives back the last successful transaction, and only that one
// (nexo-retailer.md 13). The card is not needed.
func (t *Terminal) reversal(x *exchange) {
	t.mu.Lock()
	if refusal := t.admitLocked(x); refusal != nil {
		t.mu.Unlock()
		t.answer(x, refusal)
		return
	}
	original, refusal := t.reversible(x)
	if refusal != nil {
		t.mu.Unlock()
		t.answer(x, refusal)
		return
	}
	s := t.begin("Reversal", x.header)
	s.past = true
	started := t.life.Spawn(func() { t.runReversal(s, original) })
	t.mu.Unlock()
	if !started {
		bench.Cut()
	}
	t.waitFor(x, s)
}

// reversible finds the transaction, or says why it cannot be reversed.
func (t *Terminal) reversible(x *exchange) (record, *node) {
	origin := x.body.child("OriginalPOITransaction")
	id := origin.child("POITransactionID")
	last, ok := t.ledger.Newest(func(r *record) bool {
		return r.Category == "Payment" && (r.Booking.Charged || r.Booking.Outcome == outcomeApproved)
	})
	named, known := t.ledger.Newest(func(r *record) bool {
		return r.Category == "Payment" && r.Booking.ID == id.get("TransactionID") && r.Booking.TimeStamp == id.get("TimeStamp") &&
			r.SaleID == origin.get("SaleID") && r.POIID == origin.get("POIID")
	})
	switch {
	case !known:
		return record{}, failure(x.envelope, "NotFound", "Transaction not found")
	case !ok || last.Booking.ID != named.Booking.ID:
		return record{}, failure(x.envelope, "Refusal", "Only the last successful transaction can be reversed")
	case named.Booking.Reversed:
		return record{}, failure(x.envelope, "Refusal", "Transaction is already reversed")
	}
	if text, present := x.body.lookup("ReversedAmount"); present {
		if minor, err := parseAmount(text); err != nil || minor != named.Booking.AmountMinor {
			return record{}, failure(x.envelope, "UnavailableService", "Only the whole amount can be reversed")
		}
	}
	return named, nil
}

// reversalTakes is the time of a reversal at pace 1.
const reversalTakes = time.Second

func (t *Terminal) runReversal(s *service, original record) {
	p := t.reversed(s, original)
	t.show(p, textWait)
	if err := s.pause(reversalTakes); err != nil {
		t.log.Note("Reversal ended with the terminal, not booked")
		s.finish(nil)
		return
	}
	b := original.Booking
	b.ID, b.TimeStamp, b.Kind, b.Outcome, b.Charged = t.ledger.id(), terminalTime(time.Now()), "reversal", outcomeReversed, false
	answer := t.reversalResponse(p, original)
	display := textReversed
	err := t.ledger.Book(record{Booking: b, Category: "Reversal", ServiceID: s.header.get("ServiceID"), SaleID: s.header.get("SaleID"),
		POIID: s.header.get("POIID"), At: time.Now(), Detail: original.Detail, Reverses: original.Booking.ID, Answer: answer.String()})
	if err != nil {
		t.log.Note(err.Error())
		answer = failure(&envelope{header: s.header}, "DeviceOut", ledgerTrouble.text)
		display = textDisapproved
	}
	t.show(p, display)
	s.finish(answer)
	if err := s.pause(time.Second); errors.Is(err, bench.ErrGone) {
		return
	}
	t.show(p, textWelcome)
}

// reversed makes the payment of a record anew, for its receipts.
func (t *Terminal) reversed(s *service, rec record) *payment {
	b := rec.Booking
	p := &payment{service: s, poiID: b.ID, poiTime: b.TimeStamp, started: time.Now(), refund: b.Kind == "refund", currency: b.Currency,
		requested: b.AmountMinor - b.TipMinor, cashback: b.CashbackMinor, tip: b.TipMinor, authorised: b.AmountMinor, detail: rec.Detail,
		sale: el("SaleTransactionID", attr{"TransactionID", b.SaleTransactionID})}
	p.card, p.cardRead = cardByID(rec.Detail.CardID)
	p.detail.Sign = false
	return p
}

func (t *Terminal) reversalResponse(p *payment, original record) *node {
	o := outcome{booking: outcomeReversed, code: original.Detail.Code}
	return el("ReversalResponse", el("Response", attr{"Result", "Success"}),
		el("POIData", el("POITransactionID", attr{"TransactionID", p.poiID}, attr{"TimeStamp", p.poiTime})),
		t.receiptOf(p, o, false), t.receiptOf(p, o, true))
}
