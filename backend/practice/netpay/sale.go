package netpay

import (
	"errors"
	"fmt"
	"time"
)

// sale is a running sale.
type sale struct {
	*operation
	amount   int64 // that is charged, tip included
	tip      int64
	card     card
	entry    string // "chip", "contactless" or "stripe"; empty: no card was read
	verified string
	hexSign  string
	inSlot   bool
	banked   bool // the bank was asked
}

// outcome is how a sale ends.
type outcome struct {
	booking string // an outcome of Booking
	code    string // responseCode
	message string
	shown   text
}

// Outcomes. "00", "02" and "05" with their messages are documented; of the other
// codes it is known only that they exist (netpay.md 5.4).
var (
	approved   = outcome{outcomeApproved, "00", "Transacción exitosa", textApproved}
	byUser     = outcome{outcomeCancelled, "02", "Cancelado por el Usuario", textByUser}
	byIssuer   = outcome{outcomeDeclined, "62", "Tarjeta restringida", textDeclined}
	noMoney    = outcome{outcomeDeclined, "51", "Fondos insuficientes", textDeclined}
	pinWrong   = outcome{outcomeDeclined, "75", "Excede intentos de NIP", textDeclined}
	noMonths   = outcome{outcomeDeclined, "57", "Promoción no permitida", textDeclined}
	bankAway   = outcome{outcomeDeclined, "91", "Emisor no disponible", textDeclined}
	noLine     = outcome{outcomeDeclined, "91", "Falló en conexión", textDeclined}
	fraudRule  = outcome{outcomeDeclined, "59", "Regla de Fraude", textDeclined}
	strange    = outcome{outcomeDeclined, "ZZ", "Algo sin nombre", textDeclined}
	cardPulled = outcome{outcomeReversed, "05", "Error al leer tarjeta", textLine}
	lineBroke  = outcome{outcomePending, "91", "Falló en conexión", textLine}
	noLedger   = outcome{outcomeDeclined, "96", "La terminal no pudo guardar la operación", textDeclined}
)

// sale runs from the first text to the result; it says whether the card is still in the slot.
func (t *Terminal) sale(op *operation) (inSlot bool) {
	s := &sale{operation: op, amount: op.request.Amount}
	switch t.fault("tip") {
	case "added":
		s.tip, s.amount = op.request.Tip, op.request.Amount+op.request.Tip
	case "included":
		s.tip = op.request.Tip
	}
	t.forge(op)
	o, err := t.play(s)
	switch {
	case errors.Is(err, errGone) && s.past && t.goesOn():
		// The power went off while the bank decided: if it has approved, nobody was
		// there to hear it (netpay.md 7.2).
		t.settle(s, t.unheard(s, lineBroke))
		return false
	case errors.Is(err, errGone):
		t.note("The sale ended with the terminal, not booked")
		return false
	case errors.Is(err, errTimeout):
		o = byUser
	}
	rec, o := t.settle(s, o)
	t.after(s, o, rec)
	return s.inSlot
}

// goesOn says that the process lives, whatever happened to the terminal's power.
func (t *Terminal) goesOn() bool { return t.ctx.Err() == nil }

// after is all that follows the bank's decision and comes before the result:
// signature, tickets (netpay.md 4.4).
func (t *Terminal) after(s *sale, o outcome, rec record) {
	if o.booking == outcomeApproved && s.entry != "" && s.verified == "sign" {
		if t.signature(s) != nil {
			return
		}
		rec.Detail.HexSign = s.hexSign
		if err := t.ledger.book(rec); err != nil {
			t.note(err.Error())
		}
	}
	t.show(s.operation, o.shown)
	if s.pause(time.Second) != nil {
		return
	}
	if o.booking != outcomeCancelled && !s.request.NoPaper {
		if t.print(s.operation, rec, false) != nil {
			return
		}
	}
	if (o.booking == outcomeReversed || o.booking == outcomePending) && t.fault("reversal.result") == "silence" {
		t.note("No result is posted")
		return
	}
	t.deliver(s.operation, t.resultOf(rec, opSale, s.request.Traceability))
}

// play goes through the steps up to the bank's decision.
func (t *Terminal) play(s *sale) (outcome, error) {
	if o, err := t.readCard(s); err != nil || o.code != "" {
		return o, err
	}
	if s.request.MSI > 0 && s.card.noDeferred {
		return noMonths, nil
	}
	if o, err := t.verify(s); err != nil || o.code != "" {
		return o, err
	}
	return t.authorise(s)
}

// readCard waits a minute for the card. Cancel wants to be confirmed (netpay.md 8).
func (t *Terminal) readCard(s *sale) (outcome, error) {
	deadline := time.Now().Add(cardLimit)
	var d deed
	for {
		question := &asked{kind: askCard}
		t.showAsking(s.operation, text{textPresent.icon, []string{textPresent.lines[0], s.store.Name}}, -1, question)
		var err error
		if d, err = s.await(question, time.Until(deadline)); err != nil {
			return outcome{}, err
		}
		if d.kind != deedKey {
			break
		}
		question = &asked{kind: askCancel}
		t.showAsking(s.operation, textConfirm, -1, question)
		if d, err = s.await(question, time.Until(deadline)); err != nil {
			return outcome{}, err
		}
		if d.is(keyGreen) {
			return byUser, nil
		}
	}
	s.card, _ = cardByID(d.card)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch d.kind {
	case deedInsert:
		s.inSlot, s.entry, t.slot = true, "chip", d.card
	case deedTap:
		s.entry, t.field = "contactless", d.card
	default:
		s.entry = "stripe"
	}
	t.noteLocked("Card " + s.card.masked() + " read, " + s.entry)
	if t.customer != nil && t.customer.trouble == troubleUnplugged {
		t.faults["network"] = "unplugged"
		plug(&t.unplugged, false)
		t.noteLocked("The terminal loses its network")
	}
	return outcome{}, nil
}

// verify decides how the cardholder is verified and asks for the PIN (netpay.md 9.4).
func (t *Terminal) verify(s *sale) (outcome, error) {
	switch {
	case s.card.kind == "phone":
		s.verified = "device"
	case s.entry == "contactless" && s.amount < noPINLimit:
		s.verified = "qps"
	case s.card.pin != "":
		return t.askForPIN(s)
	default:
		s.verified = "sign"
	}
	return outcome{}, nil
}

// bankTakes is the time of the bank's answer at pace 1.
const bankTakes = 1300 * time.Millisecond

// authorise asks the bank. From here on nothing replaces the sale.
func (t *Terminal) authorise(s *sale) (outcome, error) {
	t.mu.Lock()
	if s.ctx.Err() != nil {
		t.mu.Unlock()
		return outcome{}, errGone
	}
	offline := broken(t.unplugged)
	s.past, s.banked = !offline, !offline
	breaks := t.customer != nil && t.customer.trouble == troublePending
	t.mu.Unlock()
	question := &asked{kind: askBank, chip: s.inSlot, card: s.card}
	t.showAsking(s.operation, textBank, -1, question)
	d, err := s.await(question, t.scaled(bankTakes))
	switch {
	case err == nil && d.kind == deedPull:
		t.mu.Lock()
		t.slot, s.inSlot = "", false
		t.mu.Unlock()
		if offline {
			return noLine, nil
		}
		return t.unheard(s, cardPulled), nil
	case !errors.Is(err, errTimeout):
		return outcome{}, err
	case offline:
		return noLine, nil
	}
	o := t.decide(s)
	t.mu.Lock()
	breaks = breaks || broken(t.unplugged)
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
	switch t.take("sale.bank") {
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
	return approved
}

// settle books the outcome, and only then lets anybody know of it.
func (t *Terminal) settle(s *sale, o outcome) (record, outcome) {
	rec := t.recordOf(s, o)
	err := t.ledger.book(rec)
	if err != nil {
		t.note(err.Error())
		o = noLedger
		rec = t.recordOf(s, o)
	}
	t.mu.Lock()
	s.past, s.booked = true, true
	t.mu.Unlock()
	t.note(fmt.Sprintf("Sale %s: %s %s %s for store %s", rec.Booking.ID, rec.Booking.Outcome, fixedAmount(s.amount), Currency, s.store.ID))
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
	return record{Booking: b, Detail: d}
}
