package pockyt

import (
	"fmt"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The states of an order (pockyt.md 10.2). Every other one is not final, and not
// known to be open either.
const (
	stateInit    = "init"
	stateDealing = "dealing"
	statePending = "pending"
	stateSuccess = "success" // "successful" in one text is prose: it is not taken
	stateFailed  = "failed"
	stateClosed  = "closed"
)

// unpaid tells a state of which Pockyt says that nothing is paid yet: only then is an
// order cancelled.
func unpaid(state string) bool {
	return state == stateInit || state == stateDealing || state == statePending
}

// orderTimeout is how long Pockyt keeps an unpaid order open, in minutes: short, so
// that it closes forgotten ones by itself (pockyt.md 10.3), but longer than the
// cashier can have the till wait.
const orderTimeout = 15

// foreign says why an answer is not about this attempt; empty: it is. number is
// Pockyt's own of the order, empty while it is not known.
func (t *Terminal) foreign(reference, number string, got order) string {
	switch {
	case got.Reference.trimmed() != "" && got.Reference.trimmed() != reference:
		return "it names another reference"
	case number != "" && got.Number.trimmed() != "" && got.Number.trimmed() != number:
		return "it names another transaction"
	case got.Reference.trimmed() == "" && (number == "" || got.Number.trimmed() == ""):
		return "it does not say which payment it is about"
	case got.Merchant.trimmed() != "" && got.Merchant.trimmed() != t.settings.merchant, got.Store.trimmed() != "" && got.Store.trimmed() != t.settings.store:
		return "it is about another store"
	}
	return ""
}

// verdict reads what Pockyt says of a sale's order, from whichever call: this is the
// one place where that becomes an outcome.
func (t *Terminal) verdict(r payment.Request, number string, got order) payment.Result {
	if why := t.foreign(r.Attempt.Reference, number, got); why != "" {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: why}
	}
	if kind := strings.ToLower(got.Type.trimmed()); kind != "" && kind != "payment" {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: "it is about a " + safe(kind)}
	}
	found := payment.References{Terminal: got.Number.trimmed(), TerminalTime: first(got.Paid, got.Created)}
	switch state := got.state(); {
	case state == stateSuccess:
		return t.paid(r, got, found)
	case state == stateFailed:
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer, ReasonText: "Pockyt says: failed", Currency: r.Total.Currency, References: found,
			Slips: t.slips(r, got, payment.Refused, 0)}
	case state == stateClosed:
		// Who closed it is not told: an order that is older than its time ran out.
		why := payment.ReasonCustomer
		if time.Since(r.Attempt.At) >= orderTimeout*time.Minute {
			why = payment.ReasonUnpaid
		}
		// A wallet may still have been paying: closed becomes success then.
		return payment.Result{Outcome: payment.Stopped, Reason: why, ReasonText: "Pockyt says: closed", References: found, Reopens: true}
	case unpaid(state):
		return payment.Result{Outcome: payment.Pending, ReasonText: got.words(), References: found}
	default:
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: got.words(), References: found}
	}
}

// paid reads a success. Another currency is never believed, another amount only once
// it was said twice (Confirm): then it stands with the real amount (design 10.8).
func (t *Terminal) paid(r payment.Request, got order, found payment.References) payment.Result {
	if c := got.Currency.trimmed(); c != "" && c != r.Total.Currency {
		return payment.Result{Reason: payment.ReasonForeign, ReasonText: safe("paid in " + c + ", and " + r.Total.Currency + " was asked for"), References: found}
	}
	charged, err := got.Amount.minor(r.Total.Currency)
	if err != nil || charged <= 0 {
		return payment.Result{Reason: payment.ReasonUnknownCode, ReasonText: safe(fmt.Sprintf("paid, but %v", err)), References: found}
	}
	back, open := undone(got, r.Total.Currency)
	switch {
	case back >= charged:
		// Charged and given back, as by a cancel that met the payment (pockyt.md 9).
		return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonReversed, References: found, Slips: t.slips(r, got, payment.Stopped, charged),
			ReasonText: "The customer paid, and all of it was given back: " + got.words()}
	case open > 0 && back+open >= charged: // neither paid nor given back, until Pockyt tells which
		return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "paid, and Pockyt does not tell yet whether it is given back: " + got.words(), References: found}
	}
	return payment.Result{Outcome: payment.Success, Currency: r.Total.Currency, Authorised: charged,
		Card: payment.Card{Brand: title(got.Vendor.trimmed()), Entry: payment.EntryMobile}, References: found,
		Slips: t.slips(r, got, payment.Success, charged), Confirm: charged != r.Total.Minor}
}

// undone sums what was given back otherwise than by a refund of a till: that is an
// operation of its own and leaves the sale paid. A cancel gives no reference. open is
// what is on its way and may still fail.
func undone(got order, currency string) (sum, open int64) {
	for _, back := range got.refunds {
		if attempted(back.Reference.trimmed()) {
			continue
		}
		n, err := back.Amount.minor(currency)
		if err != nil {
			continue
		}
		switch done, waits := back.settled(); {
		case done:
			sum += n
		case waits:
			open += n
		}
	}
	return sum, open
}

// reopenFor is how long what was closed is asked about: a wallet may still have been
// paying. How late that can be is not documented; no order is open for longer than
// orderTimeout.
const reopenFor = 30 * time.Minute

// attemptForm is how the reference of an attempt begins: with the day. It has 20 digits.
const attemptForm = "060102"

// attempted tells a reference of a till's attempt from whatever Pockyt itself may
// write.
func attempted(reference string) bool {
	if len(reference) != maxReference || ourReference(reference) == "" {
		return false
	}
	_, err := time.Parse(attemptForm, reference[:len(attemptForm)])
	return err == nil
}

// maxReference bounds our own references, in digits (payment.Attempt).
const maxReference = 20

// ourReference gives back what may be a reference of an attempt; anything else is
// nobody's.
func ourReference(text string) string {
	if len(text) > maxReference || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}
