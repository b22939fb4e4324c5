package nexo

import (
	"errors"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// payment is a running purchase or refund.
type payment struct {
	*service
	poiID, poiTime string // POITransactionID (nexo-retailer.md 7.1)
	started        time.Time
	sale           *node // SaleTransactionID, repeated literally
	refund         bool
	wantsToken     bool
	currency       string
	requested      int64 // minor units, cash back included
	cashback       int64
	tip            int64
	authorised     int64 // minor units, tip included
	card           card
	detail         detail
	cardRead       bool
	inSlot         bool
	pending        bool // booked, the signature not yet confirmed
}

// outcome is how a payment ends.
type outcome struct {
	booking   string // an outcome of Booking
	condition string // ErrorCondition, "" when approved
	text      string // AdditionalResponse
	code      string // response code on the receipt
	display   text
}

// Codes on declined receipts: 05 do not honour, 51 not enough money, 55 wrong PIN,
// Z3 offline and not able to go online.
var (
	approved      = outcome{booking: outcomeApproved, code: "00", display: textApproved}
	byTill        = outcome{outcomeCancelled, "Aborted", "Aborted by sale system", "", textAborted}
	byCustomer    = outcome{outcomeCancelled, "Cancel", "Cancelled by customer", "", textAborted}
	nobodyCame    = outcome{outcomeCancelled, "Cancel", "No card was presented in time", "", textAborted}
	cardPulled    = outcome{outcomeCancelled, "Cancel", "Card removed too early", "Z3", textDisapproved}
	byIssuer      = outcome{outcomeDeclined, "Refusal", "Declined by issuer", "05", textDisapproved}
	noMoney       = outcome{outcomeDeclined, "Refusal", "Insufficient funds", "51", textDisapproved}
	pinWrong      = outcome{outcomeDeclined, "Refusal", "Wrong PIN", "55", textDisapproved}
	noCashback    = outcome{outcomeDeclined, "Refusal", "Cash back is not possible with this card", "05", textDisapproved}
	offline       = outcome{outcomeDeclined, "Refusal", "Declined offline, no connection to the host", "Z3", textDisapproved}
	hostAway      = outcome{outcomeDeclined, "UnreachableHost", "Host not reachable", "91", textDisapproved}
	strange       = outcome{outcomeDeclined, strangeCondition, "Something without a name", "05", textDisapproved}
	signatureBad  = outcome{outcomeCancelled, "Refusal", "Signature not accepted", "00", textDisapproved}
	ledgerTrouble = outcome{outcomeDeclined, "DeviceOut", "The terminal could not store the transaction", "", textDisapproved}
)

// currencies that are set up in the terminal (nexo-retailer.md 4.4).
var currencies = []string{"SEK", "NOK", "DKK", "EUR"}

// payment starts a payment and waits for it as long as the till does.
func (t *Terminal) payment(x *exchange) {
	p, refusal := t.readPayment(x)
	if refusal != nil {
		t.answer(x, refusal)
		return
	}
	t.mu.Lock()
	if refusal := t.admitLocked(x); refusal != nil {
		t.mu.Unlock()
		t.answer(x, refusal)
		return
	}
	p.service = t.begin("Payment", x.header)
	t.screen.Amount = formatAmount(p.requested, ".") + " " + p.currency
	started := t.life.Spawn(func() { t.runPayment(p) })
	t.mu.Unlock()
	if !started {
		bench.Cut()
	}
	t.waitFor(x, p.service)
}

// waitFor keeps the till's post open until there is an answer. When the till or
// the line goes away the service goes on alone (nexo-retailer.md 0.3).
func (t *Terminal) waitFor(x *exchange, s *service) {
	select {
	case <-s.answered:
	case <-s.cut:
	case <-t.unplugged.Cut():
	case <-t.life.Ctx.Done():
	case <-x.r.Context().Done():
		t.log.Note("The till hung up; " + s.category + " goes on")
	}
	select {
	case <-s.cut:
		bench.Cut()
	default:
	}
	select {
	case <-s.answered:
	default:
		bench.Cut()
	}
	if s.answer == nil {
		bench.Cut()
	}
	t.answer(x, s.answer)
}

func (t *Terminal) readPayment(x *exchange) (*payment, *node) {
	amounts := x.body.at("PaymentTransaction/AmountsReq")
	started := time.Now()
	p := &payment{started: started, poiTime: terminalTime(started), sale: x.body.at("SaleData/SaleTransactionID"), currency: amounts.get("Currency"),
		wantsToken: x.body.child("SaleData").get("TokenRequestedType") == "Customer"}
	var err error
	if p.requested, err = parseAmount(amounts.get("RequestedAmount")); err != nil {
		return nil, failure(x.envelope, "MessageFormat", err.Error())
	}
	if text, present := amounts.lookup("CashBackAmount"); present {
		if p.cashback, err = parseAmount(text); err != nil {
			return nil, failure(x.envelope, "MessageFormat", err.Error())
		}
	}
	switch kind := x.body.child("PaymentData").get("PaymentType"); kind {
	case "", "Normal":
	case "Refund":
		p.refund = true
	default:
		return nil, failure(x.envelope, "UnavailableService", "PaymentType "+kind+" is not supported")
	}
	switch {
	case p.requested == 0:
		return nil, failure(x.envelope, "Refusal", "Amount is zero")
	case !slices.Contains(currencies, p.currency):
		return nil, failure(x.envelope, "Refusal", "Currency "+p.currency+" is not set up")
	case p.cashback > p.requested:
		return nil, failure(x.envelope, "MessageFormat", "CashBackAmount is above RequestedAmount")
	case p.refund && p.cashback > 0:
		return nil, failure(x.envelope, "Refusal", "No cash back with a refund")
	}
	p.authorised = p.requested
	return p, nil
}

// runPayment is the payment's own goroutine, from the first display to "Welcome".
func (t *Terminal) runPayment(p *payment) {
	p.poiID = t.ledger.id()
	o, err := t.play(p)
	switch {
	case errors.Is(err, bench.ErrGone):
		t.log.Note("Payment " + p.poiID + " ended with the terminal, not booked")
		p.finish(nil)
		return
	case errors.Is(err, bench.ErrStopped):
		o = byTill
	case errors.Is(err, bench.ErrTimeout):
		o = nobodyCame
	}
	if o.condition == "" && p.detail.Sign && p.session.asks {
		o = t.confirmSignature(p)
	}
	t.settle(p, o)
	t.tail(p)
}
