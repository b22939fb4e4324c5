package netpay

import (
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
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
	banked   bool  // the bank was asked
	points   int64 // of the amount, paid by loyalty points
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
	switch t.faults.Get("tip") {
	case "added":
		s.tip, s.amount = op.request.Tip, op.request.Amount+op.request.Tip
	case "included":
		s.tip = op.request.Tip
	}
	t.forge(op)
	o, err := t.play(s)
	switch {
	case errors.Is(err, bench.ErrGone) && s.past && t.goesOn():
		// The power went off while the bank decided: if it has approved, nobody was
		// there to hear it (netpay.md 7.2).
		t.settle(s, t.unheard(s, lineBroke))
		return false
	case errors.Is(err, bench.ErrGone):
		t.log.Note("The sale ended with the terminal, not booked")
		return false
	case errors.Is(err, bench.ErrTimeout):
		o = byUser
	}
	rec, o := t.settle(s, o)
	t.after(s, o, rec)
	return s.inSlot
}

// goesOn says that the process lives, whatever happened to the terminal's power.
func (t *Terminal) goesOn() bool { return t.life.Ctx.Err() == nil }

// after is all that follows the bank's decision and comes before the result:
// signature, tickets (netpay.md 4.4).
func (t *Terminal) after(s *sale, o outcome, rec record) {
	if o.booking == outcomeApproved && s.entry != "" && s.verified == "sign" {
		if t.signature(s) != nil {
			return
		}
		rec.Detail.HexSign = s.hexSign
		if err := t.ledger.Book(rec); err != nil {
			t.log.Note(err.Error())
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
	if (o.booking == outcomeReversed || o.booking == outcomePending) && t.faults.Get("reversal.result") == "silence" {
		t.log.Note("No result is posted")
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
	var d bench.Deed
	for {
		question := &asked{kind: askCard}
		t.showAsking(s.operation, text{textPresent.icon, []string{textPresent.lines[0], s.store.Name}}, -1, question)
		var err error
		if d, err = s.await(question, time.Until(deadline)); err != nil {
			return outcome{}, err
		}
		if d.Kind != bench.DeedKey {
			break
		}
		question = &asked{kind: askCancel}
		t.showAsking(s.operation, textConfirm, -1, question)
		if d, err = s.await(question, time.Until(deadline)); err != nil {
			return outcome{}, err
		}
		if d.Presses(bench.KeyGreen) {
			return byUser, nil
		}
	}
	s.card, _ = cardByID(d.Card)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch d.Kind {
	case bench.DeedInsert:
		s.inSlot, s.entry, t.slot = true, "chip", d.Card
	case bench.DeedTap:
		s.entry, t.field = "contactless", d.Card
	default:
		s.entry = "stripe"
	}
	t.log.Note("Card " + s.card.masked() + " read, " + s.entry)
	if t.customer != nil && t.customer.trouble == troubleUnplugged {
		t.faults.Put("network", "unplugged")
		t.unplugged.Plug(false)
		t.log.Note("The terminal loses its network")
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
