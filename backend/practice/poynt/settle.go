package poynt

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// decide books what the bank said and only then lets anybody know. It returns the
// base amount that was approved.
func (s *session) decide(v verdict) (int64, error) {
	s.c.mu.Lock()
	s.past = true
	s.c.mu.Unlock()
	rec := s.recordOf(v)
	if err := s.c.ledger.Book(rec); err != nil {
		s.c.log.Note(err.Error())
		return 0, errCancelled
	}
	s.transactions = append(s.transactions, *rec.Transaction)
	b := rec.Booking
	s.c.log.Note(fmt.Sprintf("%s %s: %s", b.Kind, b.Outcome, shownAmount(b.AmountMinor, b.Currency)))
	if v.declined {
		s.show(textDeclined, -1, nil)
		return 0, s.pause(shownFor)
	}
	if s.cvm == cvmSignature {
		if err := s.sign(rec); err != nil {
			return 0, err
		}
	}
	s.print(rec)
	s.show(textApproved, -1, nil)
	return v.base, s.pause(shownFor)
}

// sign has the customer sign and puts it down.
func (s *session) sign(rec record) error {
	signed, err := s.askForSignature()
	if err != nil {
		return err
	}
	tx := *rec.Transaction
	tx.SignatureCaptured = signed && s.c.faults.Get("payment.signature") == "captured"
	rec.Transaction = &tx
	s.transactions[len(s.transactions)-1] = tx
	if err := s.c.ledger.Book(rec); err != nil {
		s.c.log.Note(err.Error())
	}
	return nil
}

// recordOf is the ledger's entry about one card of the session.
func (s *session) recordOf(v verdict) record {
	c := s.c
	id, number := c.ledger.id()
	now := time.Now()
	cashback := s.order.cashback
	if s.tenders > 1 {
		cashback = 0
	}
	base := v.base
	if v.declined {
		base = s.due
	}
	total := base + s.tip + cashback
	tx := transaction{ID: id, CreatedAt: stamp{now}, UpdatedAt: stamp{now}, CustomerLanguage: "en",
		SignatureRequired: s.cvm == cvmSignature && !v.declined, PINCaptured: s.cvm == cvmPIN,
		Amounts: amounts{Transaction: total, Order: base, Tip: s.tip, Cashback: cashback, Currency: s.order.currency},
		Context: placeOf(s.t.id, now), FundingSource: s.fundingOf(number, total), References: s.order.references()}
	b := Booking{ID: id, At: now, Reference: s.order.reference, DeviceID: s.t.id, AmountMinor: total, TipMinor: s.tip, CashbackMinor: cashback,
		Currency: s.order.currency, Card: s.card.lastFour(), Outcome: outcomeApproved}
	b.Kind, tx.Action, tx.Status, tx.AuthOnly = s.wordsOf()
	b.Charged = b.Kind != kindAuthorisation
	if s.card.fate != fateCash {
		tx.Processor = &processor{Status: "Successful", Code: v.code, Message: v.message, Approved: total, Acquirer: "CHASE_PAYMENTECH", Processor: "MOCK",
			Batch: "1", RRN: fmt.Sprintf("%012d", number), ID: id, Approval: approvalCode(number)}
	}
	switch {
	case v.declined:
		b.Outcome, b.Charged, tx.Status = outcomeDeclined, false, statusDeclined
		tx.Processor.Status, tx.Processor.Approved, tx.Processor.Approval = "Failure", 0, ""
		if emv := tx.FundingSource.EMV; emv != nil {
			emv.Tags["0x8A"] = hex.EncodeToString([]byte(v.code)) // the issuer's own word
		}
	case v.partial && c.faults.Get("payment.partial") == "approved-amount-only":
		tx.Amounts.Order, tx.Amounts.Transaction = s.due, s.due+s.tip+cashback
	case v.partial:
		tx.PartiallyApproved = true
	}
	rec := record{Serial: number, Booking: b, Transaction: &tx}
	if !v.offline {
		rec.Visible = now.Add(c.visibility())
	}
	return rec
}

// wordsOf are the words for an approval of the session's kind (poynt.md 7.3).
func (s *session) wordsOf() (kind, action, status string, authOnly bool) {
	switch {
	case s.order.kind == orderCredit:
		return kindRefund, actionRefund, statusRefunded, false
	case s.order.kind == orderAuthorise:
		return kindAuthorisation, actionAuthorise, statusAuthorised, true
	case s.card.fate != fateCash && s.c.faults.Get("payment.purchase") == "authorize":
		return kindPurchase, actionAuthorise, statusAuthorised, false
	}
	return kindPurchase, actionSale, statusCaptured, false
}

// How long after its booking a transaction shows, at pace 1; for the customer of
// the late approval it is longer.
const lateVisible = 2 * time.Second

// visibility is how long the transactions API lags behind (poynt.md 12).
func (c *Cloud) visibility() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	value := c.faults.Get("list.visibility")
	span, err := time.ParseDuration(value)
	if err != nil {
		return 0
	}
	if value == soonVisible {
		span = c.scaled(span)
	}
	if c.customer != nil && c.customer.trouble == troubleLateApproval {
		span += c.scaled(lateVisible)
	}
	return span
}

// adjustTip adds a tip to what was approved. The callback still shows the
// transaction without it (poynt.md 10.2). What was voided, refunded or captured
// meanwhile is not adjusted any more.
func (s *session) adjustTip(minor int64) error {
	s.c.changes.Lock()
	defer s.c.changes.Unlock()
	rec, found := s.c.ledger.Get(s.transactions[0].ID)
	if !found || minor == 0 {
		return nil
	}
	tx := *rec.Transaction
	if tx.Status != s.transactions[0].Status {
		s.c.log.Note("The tip comes too late: the transaction is " + tx.Status)
		return nil
	}
	tx.Adjusted = true
	tx.Amounts.Tip += minor
	tx.Amounts.Transaction += minor
	tx.UpdatedAt = stamp{time.Now()}
	rec.Transaction = &tx
	rec.Booking.TipMinor += minor
	rec.Booking.AmountMinor += minor
	if err := s.c.ledger.Book(rec); err != nil {
		s.c.log.Note(err.Error())
		return nil
	}
	s.tipLater = minor
	s.c.log.Note("A tip of " + shownAmount(minor, s.order.currency) + " is added")
	return nil
}

// bookCancelled puts down a payment that left nothing in the cloud.
func (s *session) bookCancelled() error {
	id, number := s.c.ledger.id()
	b := Booking{ID: id, At: time.Now(), Reference: s.order.reference, Kind: kindPurchase, DeviceID: s.t.id, AmountMinor: s.due, Currency: s.order.currency,
		Outcome: outcomeCancelled}
	switch s.order.kind {
	case orderAuthorise:
		b.Kind = kindAuthorisation
	case orderRefund, orderCredit:
		b.Kind = kindRefund
	case orderVoid:
		b.Kind = kindReversal
	}
	return s.c.ledger.Book(record{Serial: number, Booking: b})
}

// errFailed is a void or refund on the terminal that could not be done.
var errFailed = errors.New("not done")

// tellResult posts how the session ended (poynt.md 9.3, 9.4).
func (s *session) tellResult(cause error) {
	approved := false
	for _, tx := range s.transactions {
		approved = approved || tx.Status != statusDeclined
	}
	status := "PROCESSED"
	switch {
	case errors.Is(cause, errFailed):
		status = "FAILED"
	case cause != nil && (approved || len(s.transactions) == 0):
		status = "CANCELED"
	}
	list := s.transactions
	if s.c.faults.Get("callback.decline-list") == "last" && len(list) > 1 && !s.order.flag("multiTender") {
		list = list[len(list)-1:]
	}
	s.say(call{kind: "result", status: status, transactions: list})
}

func (s *session) tellProgress(status string) { s.say(call{kind: "progress", status: status}) }

// say hands a callback over to be posted.
func (s *session) say(k call) {
	select {
	case s.calls <- k:
	case <-s.c.life.Ctx.Done():
	}
}

// tellOffline lets the cloud hear of what the terminal approved while it was
// offline (poynt.md 8).
func (c *Cloud) tellOffline(deviceID string) {
	from := time.Now().Add(c.visibility())
	for _, rec := range c.ledger.All(func(r *record) bool {
		return r.Transaction != nil && r.Visible.IsZero() && r.Booking.DeviceID == deviceID && r.Booking.Outcome == outcomeApproved
	}) {
		rec.Visible = from
		if err := c.ledger.Book(rec); err != nil {
			c.log.Note(err.Error())
		}
	}
}
