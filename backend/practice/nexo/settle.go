package nexo

import (
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// settle books the outcome together with its answer, and only then lets the
// answer out.
func (t *Terminal) settle(p *payment, o outcome) {
	t.mu.Lock()
	p.past = true
	t.mu.Unlock()
	answer := t.paymentResponse(p, o)
	rec := recordOf(p, o, answer)
	if err := t.ledger.Book(rec); err != nil {
		t.log.Note(err.Error())
		o = ledgerTrouble
		answer = t.paymentResponse(p, o)
		rec = recordOf(p, o, answer)
	}
	t.show(p, o.display)
	t.log.Note(fmt.Sprintf("Payment %s: %s %s %s", p.poiID, rec.Booking.Outcome, formatAmount(rec.Booking.AmountMinor, "."), p.currency))
	t.printSlip(p, o)
	if err := p.pause(100 * time.Millisecond); errors.Is(err, bench.ErrGone) {
		t.log.Note("The terminal went down before it could answer")
		p.finish(nil)
		return
	}
	p.finish(answer)
}

// recordOf is the ledger's line about the payment.
func recordOf(p *payment, o outcome, answer *node) record {
	kind := "purchase"
	if p.refund {
		kind = "refund"
	}
	p.detail.Code = o.code
	b := Booking{ID: p.poiID, TimeStamp: p.poiTime, SaleTransactionID: p.sale.get("TransactionID"), Kind: kind,
		AmountMinor: p.authorised, TipMinor: p.tip, CashbackMinor: p.cashback, Currency: p.currency,
		Outcome: o.booking, Charged: o.condition == ""}
	if p.cardRead {
		b.Card = p.card.forCustomer()
	}
	rec := record{Booking: b, Category: "Payment", ServiceID: p.header.get("ServiceID"), SaleID: p.header.get("SaleID"),
		POIID: p.header.get("POIID"), At: time.Now(), Detail: p.detail, Answer: answer.String()}
	if p.pending && o.condition != "" {
		return rec.undone()
	}
	return rec
}

// tail is what happens after the answer: the card comes out, the screen returns.
func (t *Terminal) tail(p *payment) {
	if p.pause(400*time.Millisecond) != nil {
		return
	}
	if p.inSlot {
		question := &asked{kind: askPull, chip: true}
		t.showAsking(p.service, textRemove, -1, question)
		// Nobody is asked for long: the next payment takes the terminal away.
		for {
			_, err := p.await(question, presentLimit)
			if err == nil {
				break
			}
			if !errors.Is(err, bench.ErrTimeout) {
				return
			}
		}
		t.mu.Lock()
		t.slot = ""
		t.mu.Unlock()
		t.event(p.service, "CardRemoved", "")
		if p.pause(600*time.Millisecond) != nil {
			return
		}
	}
	t.show(p, textWelcome)
}
