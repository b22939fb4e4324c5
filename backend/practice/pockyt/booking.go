package pockyt

import "time"

// Booking is one line of what was really charged or given back. Amounts are in
// minor units and positive; Kind says the direction.
type Booking struct {
	ID          string    `json:"id"` // transactionNo
	At          time.Time `json:"at"`
	Reference   string    `json:"reference"` // the till's: reference, or refundReference; empty for a cancel
	Kind        string    `json:"kind"`      // "purchase", "refund", or "reversal": a cancel of what was paid
	Original    string    `json:"original,omitempty"`
	AmountMinor int64     `json:"amount"`
	Currency    string    `json:"currency"`
	Vendor      string    `json:"vendor,omitempty"`
	Code        string    `json:"code,omitempty"` // the customer's code, its last four digits
	Outcome     string    `json:"outcome"`        // "approved", "declined" or "cancelled"
	// Charged is true while money has moved and stays moved: of a purchase that no
	// cancel gave back, and of a refund. A reversal is itself not counted.
	Charged  bool `json:"charged"`
	Reversed bool `json:"reversed,omitempty"`
	// Pending is true of a refund that is still on its way.
	Pending bool `json:"pending,omitempty"`
}

// Kinds and outcomes of bookings.
const (
	kindPurchase = "purchase"
	kindRefund   = "refund"
	kindReversal = "reversal"

	outcomeApproved  = "approved"
	outcomeDeclined  = "declined"
	outcomeCancelled = "cancelled"
	outcomeReversed  = "reversed" // on the page only
)

// purchase is the booking of an order that ended.
func (o *order) purchase() Booking {
	paid := o.Status == statusSuccess
	return Booking{ID: o.No, At: o.Ended, Reference: o.Reference, Kind: kindPurchase, AmountMinor: o.Minor, Currency: o.Currency, Vendor: o.Vendor,
		Code: masked(o.Code), Outcome: o.Outcome, Charged: paid && !o.cancelled(), Reversed: paid && o.cancelled()}
}

// back is the booking of a refund.
func (o *order) back(r refund) Booking {
	b := Booking{ID: r.No, At: r.At, Reference: r.Reference, Kind: kindRefund, Original: o.No, AmountMinor: r.Minor, Currency: o.Currency,
		Vendor: o.Vendor, Code: masked(o.Code), Outcome: outcomeApproved, Charged: r.Status == statusSuccess && !r.Cancel, Pending: r.shown(time.Now()) == statusPending}
	if r.Cancel {
		b.Kind = kindReversal
	}
	if r.Status != statusSuccess {
		b.Outcome = outcomeDeclined
	}
	return b
}

func masked(last4 string) string {
	if last4 == "" {
		return ""
	}
	return "**** " + last4
}

// Bookings returns what happened, oldest first, also what was declined or cancelled.
func (c *Cloud) Bookings() []Booking {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.last(-1)
}

// Charged tells how much money stands charged under the till's reference, in minor
// units, and in how many bookings; more than one is a double charge. Refunds have
// references of their own.
func (c *Cloud) Charged(reference string) (minor int64, bookings int) {
	for _, b := range c.Bookings() {
		if b.Charged && b.Reference == reference && b.Kind == kindPurchase {
			minor += b.AmountMinor
			bookings++
		}
	}
	return minor, bookings
}
