package iotpay

import "time"

// Booking is one line of what took place. Amounts are in minor units of CAD and
// positive; Kind says the direction.
type Booking struct {
	ID    string    `json:"id"` // payOrderId
	At    time.Time `json:"at"`
	Order string    `json:"order"` // the till's mchOrderNo, or mchRefundNo
	Kind  string    `json:"kind"`  // "purchase", "refund" or "reversal"
	// Original is the ID of the purchase that a refund or a reversal gives back.
	Original string `json:"original,omitempty"`
	// AmountMinor is all that was charged: tip, cash back and surcharge are in it.
	AmountMinor    int64  `json:"amount"`
	TipMinor       int64  `json:"tip,omitempty"`
	CashbackMinor  int64  `json:"cashback,omitempty"`
	SurchargeMinor int64  `json:"surcharge,omitempty"`
	RefundedMinor  int64  `json:"refunded,omitempty"` // of a purchase, given back so far
	Card           string `json:"card,omitempty"`     // last four digits only, masked
	// Outcome is "open" (the customer is paying), "approved", "declined" or "cancelled".
	Outcome string `json:"outcome"`
	// Charged is true while money has moved and stays moved, in part at least. A
	// refund or a reversal changes it on the purchase and is itself not counted.
	Charged bool `json:"charged"`
}

// Currency of every booking: cards are paid in CAD only (iotpay.md 6).
const Currency = "CAD"

const (
	kindPurchase = "purchase"
	kindRefund   = "refund"
	kindReversal = "reversal"

	outcomeOpen      = "open"
	outcomeApproved  = "approved"
	outcomeDeclined  = "declined"
	outcomeCancelled = "cancelled"
)

// Status codes (iotpay.md 9).
const (
	statusCreated   = 0
	statusPaying    = 1
	statusPaid      = 2
	statusBySystem  = 4
	statusNotPaid   = 9
	statusNobody    = 7 // none that is documented
	statusNotStated = -1000
)

// record is one line of the ledger file: a booking with all that answers show of
// it. A later record of the same booking replaces it.
type record struct {
	Booking Booking `json:"booking"`
	Request order   `json:"request"`
	Detail  detail  `json:"detail"`
}

// detail is what answers and slips show beyond the booking.
type detail struct {
	Number   int       `json:"number"` // of the booking, from 1
	Status   int64     `json:"status"`
	Ended    time.Time `json:"ended,omitzero"`
	Visible  time.Time `json:"visible,omitzero"` // from when on a query tells the outcome
	CardID   string    `json:"card_id,omitempty"`
	Method   string    `json:"method,omitempty"`  // M, S, C or T (iotpay.md 8)
	Account  string    `json:"account,omitempty"` // C or S, debit only
	CVM      string    `json:"cvm,omitempty"`     // cvmResults
	Approval string    `json:"approval,omitempty"`
	Answered bool      `json:"answered,omitempty"` // the bank was asked and has answered
	Display  string    `json:"display,omitempty"`  // receiptDisp
	French   bool      `json:"french,omitempty"`   // the cardholder's language
	Lower    int64     `json:"lower,omitempty"`    // what an approval of a part left out
}

// Bookings returns what took place at the terminal, oldest first.
func (t *Terminal) Bookings() []Booking { return t.ledger.last(-1) }

// Charged returns what stays charged, in minor units, by the till's order number.
func (t *Terminal) Charged() map[string]int64 {
	sums := map[string]int64{}
	for _, b := range t.Bookings() {
		if b.Kind == kindPurchase && b.Charged {
			sums[b.Order] += b.AmountMinor - b.RefundedMinor
		}
	}
	return sums
}
