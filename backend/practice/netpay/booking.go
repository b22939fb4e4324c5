package netpay

import (
	"encoding/json"
	"time"
)

// Booking is one line of what took place at the terminal. Amounts are in minor
// units of MXN and positive; Kind says the direction.
type Booking struct {
	ID            string    `json:"id"`       // a running number of this ledger
	OrderID       string    `json:"order_id"` // the terminal's; empty when the bank was not asked (netpay.md 5.3)
	TransactionID string    `json:"transaction_id"`
	At            time.Time `json:"at"`
	Folio         string    `json:"folio"` // the till's reference; of a reversal, that of the sale
	Kind          string    `json:"kind"`  // "purchase" or "reversal"
	AmountMinor   int64     `json:"amount"`
	TipMinor      int64     `json:"tip,omitempty"` // contained in AmountMinor
	Store         string    `json:"store"`         // that got the money
	Asked         string    `json:"asked"`         // the store of the request
	Affiliation   string    `json:"affiliation"`
	Card          string    `json:"card,omitempty"` // last four digits only, masked
	// Outcome is "approved", "declined", "cancelled" (on the terminal), "pending"
	// (approved by the bank, to be reversed) or "reversed".
	Outcome string `json:"outcome"`
	// Charged is true while money has moved and stays moved. A cancel sets it to
	// false on the sale and is itself not counted.
	Charged  bool `json:"charged"`
	Reversed bool `json:"reversed,omitempty"` // the money went back, by a cancel or by the bank
}

// Currency of every booking: the protocol has no field for it (netpay.md 3.1).
const Currency = "MXN"

// Outcomes of bookings.
const (
	outcomeApproved  = "approved"
	outcomeDeclined  = "declined"
	outcomeCancelled = "cancelled"
	outcomePending   = "pending"
	outcomeReversed  = "reversed"
)

const (
	kindPurchase = "purchase"
	kindReversal = "reversal"
)

// record is one line of the ledger file: a booking with what its result and a
// reprint need. A later record of the same booking replaces it.
type record struct {
	Booking Booking `json:"booking"`
	Detail  detail  `json:"detail"`
	// Cancels is the booking that a cancel gives back.
	Cancels string `json:"cancels,omitempty"`
}

// detail is what results and tickets show beyond the booking.
type detail struct {
	Number       int             `json:"number"` // of the booking, from 1
	CardID       string          `json:"card_id,omitempty"`
	Entry        string          `json:"entry,omitempty"`
	Verified     string          `json:"verified,omitempty"` // "pin", "sign", "qps", "device" or empty
	HexSign      string          `json:"hex_sign,omitempty"`
	Code         string          `json:"code"`
	Message      string          `json:"message"`
	AuthCode     string          `json:"auth_code,omitempty"`
	RRN          string          `json:"rrn,omitempty"`
	Module       int             `json:"module,omitempty"` // moduleCharge
	MSI          int             `json:"msi,omitempty"`
	Points       int64           `json:"points,omitempty"` // minor units of the amount that loyalty points paid
	Traceability json.RawMessage `json:"traceability,omitempty"`
}

// state is reprintModule (netpay.md 5.5).
func (r record) state() string {
	b := r.Booking
	switch {
	case b.Outcome == outcomePending:
		return "PRV"
	case b.Outcome == outcomeReversed && b.Kind == kindPurchase:
		return "RV"
	case b.Outcome == outcomeApproved && b.Reversed:
		return "V"
	case b.Outcome == outcomeApproved:
		return "C"
	case b.Outcome == outcomeDeclined:
		return "D"
	}
	return ""
}
