package nexo

import "time"

// Booking is one line of what the terminal really charged or gave back. Amounts
// are in minor units and positive; Kind says the direction.
type Booking struct {
	ID                string `json:"id"`        // the terminal's transaction id
	TimeStamp         string `json:"timestamp"` // UTC, exactly as sent in POITransactionID
	SaleTransactionID string `json:"sale_transaction_id"`
	Kind              string `json:"kind"`   // "purchase", "refund" or "reversal"
	AmountMinor       int64  `json:"amount"` // all that was authorised, tip and cashback included
	TipMinor          int64  `json:"tip,omitempty"`
	CashbackMinor     int64  `json:"cashback,omitempty"`
	Currency          string `json:"currency"`
	Card              string `json:"card,omitempty"` // last four digits only, masked
	Outcome           string `json:"outcome"`        // "approved", "declined", "cancelled" or "reversed"
	// Charged is true while money has moved and stays moved. A reversal sets it to
	// false on what it reverses and is itself not counted.
	Charged  bool `json:"charged"`
	Reversed bool `json:"reversed,omitempty"`
}

// record is one line of the ledger file: a booking together with the answer that
// TransactionStatus repeats. A later record of the same booking replaces it.
type record struct {
	Booking   Booking   `json:"booking"`
	Category  string    `json:"category"`
	ServiceID string    `json:"service_id"`
	SaleID    string    `json:"sale_id"`
	POIID     string    `json:"poi_id"`
	At        time.Time `json:"at"`
	Detail    detail    `json:"detail"`
	Reverses  string    `json:"reverses,omitempty"`
	// Pending marks a sale that is authorised but whose signature is not yet
	// confirmed; found so at the start, it is undone with this very answer.
	Pending bool   `json:"pending,omitempty"`
	Answer  string `json:"answer"` // the response body as XML, empty while there is none
}

// detail is what a later reversal needs for its receipts.
type detail struct {
	CardID   string `json:"card_id,omitempty"`
	Entry    string `json:"entry,omitempty"`
	CVM      string `json:"cvm,omitempty"`
	Approval string `json:"approval,omitempty"`
	Code     string `json:"code,omitempty"`
	Sign     bool   `json:"sign,omitempty"`
}

// undone is the record of a sale that was authorised and given back at once,
// because its signature was not accepted.
func (r record) undone() record {
	r.Pending = false
	r.Booking.Outcome = outcomeCancelled
	r.Booking.Charged = false
	r.Booking.Reversed = true
	return r
}

// Outcomes of bookings.
const (
	outcomeApproved  = "approved"
	outcomeDeclined  = "declined"
	outcomeCancelled = "cancelled"
	outcomeReversed  = "reversed"
)
