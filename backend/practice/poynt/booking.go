package poynt

import "time"

// Booking is one line of what was really charged or given back. Amounts are in
// minor units and positive; Kind says the direction.
type Booking struct {
	ID string    `json:"id"` // the transaction's id; of a payment without one, an id of its own
	At time.Time `json:"at"`
	// Reference is the till's: the referenceId of the cloud message. A capture
	// carries that of the authorisation. What was asked by REST and carries no
	// reference has the Poynt-Request-Id here.
	Reference     string `json:"reference"`
	RequestID     string `json:"request_id,omitempty"` // of a request by REST
	Kind          string `json:"kind"`                 // "purchase", "authorisation", "capture", "refund" or "reversal"
	Original      string `json:"original,omitempty"`   // the booking that this one acts on
	DeviceID      string `json:"device_id,omitempty"`
	AmountMinor   int64  `json:"amount"` // all that was authorised, tip and cashback included
	TipMinor      int64  `json:"tip,omitempty"`
	CashbackMinor int64  `json:"cashback,omitempty"`
	Currency      string `json:"currency"`
	Card          string `json:"card,omitempty"` // last four digits only, masked
	Outcome       string `json:"outcome"`        // "approved", "declined" or "cancelled"
	// Charged is true while money has moved and stays moved. A sale is charged
	// from its authorisation on; a pre-authorisation only holds money and is
	// charged by its capture, which takes the charge over in any case. A reversal
	// is itself not counted.
	Charged  bool `json:"charged"`
	Reversed bool `json:"reversed,omitempty"`
}

// Kinds and outcomes of bookings.
const (
	kindPurchase      = "purchase"
	kindAuthorisation = "authorisation"
	kindCapture       = "capture"
	kindRefund        = "refund"
	kindReversal      = "reversal"

	outcomeApproved  = "approved"
	outcomeDeclined  = "declined"
	outcomeCancelled = "cancelled"
	outcomeReversed  = "reversed" // on the page only
)

// record is one entry of the ledger: a booking with what the cloud shows of it.
// A later record of the same booking replaces it.
type record struct {
	Serial  int64   `json:"serial"`
	Booking Booking `json:"booking"`
	// Transaction is nil where the cloud never hears of it: a payment that was
	// cancelled on the terminal (poynt.md 8).
	Transaction *transaction `json:"transaction,omitempty"`
	// Visible is from when on the transactions API shows it; zero: the terminal
	// was offline and has not told the cloud yet.
	Visible time.Time `json:"visible,omitzero"`
	// Request is the idempotency key of the request by REST that made it.
	Request string `json:"request,omitempty"`
}

// Bookings returns what happened, oldest first, also what was declined or cancelled.
func (c *Cloud) Bookings() []Booking { return c.ledger.last(-1) }

// Charged tells how much money stands charged under the till's reference, in
// minor units and with tips, and in how many bookings; more than one is a double
// charge, unless the tender was split. Refunds have references of their own.
func (c *Cloud) Charged(reference string) (minor int64, bookings int) {
	for _, b := range c.ledger.last(-1) {
		if b.Charged && b.Reference == reference && b.Kind != kindRefund {
			minor += b.AmountMinor
			bookings++
		}
	}
	return minor, bookings
}
