package payment

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
)

// Kind is what an operation does with the money.
type Kind string

// The kinds of operation.
const (
	Sale   Kind = "sale"
	Refund Kind = "refund"
	Void   Kind = "void" // the reversal of a whole earlier operation
	// Capture takes what an earlier sale with AuthOnly has reserved.
	Capture Kind = "capture"
)

// Operation is one sale, capture, refund or void as the journal knows it: what its events
// add up to (apply.go). Amounts are minor units of Currency.
type Operation struct {
	ID      string `json:"id"`     // UUID v7
	Number  int64  `json:"number"` // receipt number, from the journal's sequence
	FormKey string `json:"form_key,omitempty"`
	// Cart is what all attempts to be paid for the same goods share, on whichever
	// terminal: at most one of them may be open, and none is started once one is paid.
	Cart string `json:"cart,omitempty"`
	Kind Kind   `json:"kind"`

	State      State  `json:"state"`
	Reason     Reason `json:"reason,omitempty"`
	ReasonText string `json:"reason_text,omitempty"` // the provider's own words and code, for the call to support

	Provider string `json:"provider"`
	Terminal string `json:"terminal"`
	// Account gets the money, where a terminal has several.
	Account string `json:"account,omitempty"`
	// AuthOnly: a sale that only reserves the money; a capture takes it.
	AuthOnly bool `json:"auth_only,omitempty"`

	// Language is the slips' (BCP 47), kept so that a reprint speaks as the original
	// did; empty: English.
	Language string `json:"language,omitempty"`

	Currency string `json:"currency"`
	// Requested is the goods' worth asked for, without Tip and Cashback as asked.
	Requested     int64 `json:"requested"`
	TipAsked      int64 `json:"tip_asked,omitempty"`
	CashbackAsked int64 `json:"cashback_asked,omitempty"`
	// Authorised is what the card was charged (or given back) in all, with Tip and
	// Cashback; set with an approval.
	Authorised int64 `json:"authorised"`
	Tip        int64 `json:"tip,omitempty"`
	Cashback   int64 `json:"cashback,omitempty"`
	// TipOpen: approved, and the terminal may still add a tip, or change it.
	TipOpen bool `json:"tip_open,omitempty"`
	// Reopens: it ended unpaid, and the customer may pay it all the same for a while.
	Reopens bool `json:"reopens,omitempty"`
	// Adjusted tells that the amount has changed after the approval; nil: it has not.
	Adjusted *Adjustment `json:"adjusted,omitempty"`

	Lines     []Line `json:"lines,omitempty"`
	Reference string `json:"reference,omitempty"` // the cashier's own, free text
	Operator  string `json:"operator,omitempty"`
	Why       string `json:"why,omitempty"` // a void's or refund's reason in words
	// Original is the operation that is captured, voided or refunded; empty for a sale, and
	// for money that is given back without one (Unlinked).
	Original string `json:"original,omitempty"`
	// Replaces is the earlier attempt of the same cart that this one comes after.
	Replaces string `json:"replaces,omitempty"`
	// Handover is the latest wish to take the card on another terminal.
	Handover *Handover `json:"handover,omitempty"`
	// OriginalReferences are copied from the original, so that it can be voided or
	// refunded from another till (F-38).
	OriginalReferences References `json:"original_references,omitzero"`

	Card       Card       `json:"card,omitzero"`
	References References `json:"references,omitzero"`
	Attempt    Attempt    `json:"attempt,omitzero"` // the latest one
	Slips      []Slip     `json:"slips,omitempty"`
	Prints     int        `json:"prints,omitempty"`

	Prompt   Prompt    `json:"prompt,omitzero"` // the latest one
	Question *Question `json:"question,omitempty"`
	// Provisional is an approval that waits for the cashier's word about the
	// signature (light mode, nexo-retailer.md 9.2): the money is already taken.
	Provisional *Result `json:"provisional,omitempty"`
	// SignatureRefused: the cashier said that the signature does not match.
	SignatureRefused bool `json:"signature_refused,omitempty"`
	// SignatureWithdrawn: the terminal took its question back unanswered.
	SignatureWithdrawn bool    `json:"signature_withdrawn,omitempty"`
	Doubt              Doubt   `json:"doubt,omitzero"`
	Alarms             []Alarm `json:"alarms,omitempty"`
	// Answered are the words of named persons about the alarms; each covers those that
	// had been raised by then.
	Answered []AlarmAnswer `json:"answered,omitempty"`

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// Money puts an amount of the operation together with its currency.
func (o Operation) Money(minor int64) money.Amount {
	return money.Amount{Minor: minor, Currency: o.Currency}
}

// Total is what the terminal is asked for: goods, tip and cashback.
func (o Operation) Total() money.Amount {
	return o.Money(o.Requested + o.TipAsked + o.CashbackAsked)
}

// Shown is the amount that stands on the screen: what was charged once it is
// known, until then what is asked for.
func (o Operation) Shown() money.Amount {
	if o.Authorised != 0 {
		return o.Money(o.Authorised)
	}
	return o.Total()
}

// Unlinked tells whether money is given back without a sale.
func (o Operation) Unlinked() bool { return o.Kind == Refund && o.Original == "" }

// Slip returns the latest slip of a copy, or nil.
func (o Operation) Slip(c Copy) *Slip {
	for i := len(o.Slips) - 1; i >= 0; i-- {
		if o.Slips[i].Copy == c {
			return &o.Slips[i]
		}
	}
	return nil
}

// Differs tells whether an approval that is told once more names another amount than
// stands. One without an amount says nothing of it. How it is made up counts only while
// the tip is open: not every provider tells that each time.
func (o Operation) Differs(r Result) bool {
	if o.State != Approved || r.Outcome != Success || r.Authorised <= 0 {
		return false
	}
	return r.Authorised != o.Authorised ||
		o.TipOpen && (r.Tip != o.Tip || r.Cashback != o.Cashback || r.Currency != "" && r.Currency != o.Currency)
}

// Adjustment is what became of an amount after the approval. Operation has the new one.
type Adjustment struct {
	At     time.Time `json:"at"`               // when the till learnt of the latest change
	From   int64     `json:"from"`             // what was approved first, in all; minor units
	Prints int       `json:"prints,omitempty"` // copies that had been handed out by then: they show another amount
}

// Line is one line of what was sold. Price is for one piece, in minor units.
type Line struct {
	Text     string `json:"text"`
	Quantity int64  `json:"quantity"`
	Price    int64  `json:"price"`
}

// Attempt is one try to have the terminal carry out an operation. A refused start
// (busy, not signed in) is followed by another attempt with new ids (design 10.9).
type Attempt struct {
	Number int `json:"number"`
	// Reference is our own id of the attempt, echoed by the provider and the only
	// safe key of correlation: digits only, at most 20, never passing the Luhn check.
	Reference string `json:"reference"`
	// Serial is unique for the terminal for good and at most ten digits
	// (nexo-retailer.md 4.3).
	Serial int64     `json:"serial"`
	At     time.Time `json:"at"` // when it was committed, before the first byte left
}

// References find the operation again, with us and with others.
type References struct {
	Ours string `json:"ours,omitempty"`
	// Terminal is the terminal's own id; TerminalTime its time stamp, character by
	// character as delivered, since a reversal must repeat it (nexo-retailer.md 4.4).
	Terminal     string `json:"terminal,omitempty"`
	TerminalTime string `json:"terminal_time,omitempty"`
	RRN          string `json:"rrn,omitempty"`
	AuthCode     string `json:"auth_code,omitempty"`
	MID          string `json:"mid,omitempty"`
	TID          string `json:"tid,omitempty"`
}

// Card is what may be known of a card: Masked shows the last four digits only.
type Card struct {
	Brand  string `json:"brand,omitempty"`
	Masked string `json:"masked,omitempty"`
	Entry  Entry  `json:"entry,omitempty"`
	CVM    CVM    `json:"cvm,omitempty"`
}

// Entry is how a card was read (receipts.md 3.3).
type Entry string

// The entry modes. Empty: not delivered.
const (
	EntryChip        Entry = "chip"
	EntryContactless Entry = "contactless"
	EntrySwipe       Entry = "swipe"
	EntryManual      Entry = "manual"
	EntryMobile      Entry = "mobile" // a wallet on the terminal, without a card
)

// CVM is how the cardholder was verified (receipts.md 1.5). Empty: no claim.
type CVM string

// The methods of cardholder verification.
const (
	CVMPin       CVM = "pin"
	CVMSignature CVM = "signature"
	CVMNone      CVM = "none"
	CVMDevice    CVM = "device"
)

// Doubt tells since when and why an outcome is unknown. The zero value: no doubt.
type Doubt struct {
	Since  time.Time `json:"since,omitzero"`
	Why    string    `json:"why,omitempty"`
	Asked  int       `json:"asked,omitempty"` // status requests so far
	Last   time.Time `json:"last,omitzero"`   // the last of them
	Answer string    `json:"answer,omitempty"`
	Parked bool      `json:"parked,omitempty"` // past the bound: for a manager; still watched
	// Signature: the question about the signature was open, so the terminal may still
	// wait for the cashier's word (SPI-05).
	Signature bool `json:"signature,omitempty"`
}

// Alarm is something that a person must look at; it never changes the money.
type Alarm struct {
	Code string    `json:"code"`
	Text string    `json:"text"` // what happened, what it means for the money, what to do
	At   time.Time `json:"at"`
}

// AlarmAnswer is a person's word about the alarms of an operation: they have looked,
// and this is what they did.
type AlarmAnswer struct {
	Operator string `json:"operator"`
	Why      string `json:"why"`
	// Operation is the refund or void that gave the money back, if that was the answer.
	Operation string    `json:"operation,omitempty"`
	Alarms    int       `json:"alarms"` // so many of them stood when the person looked
	At        time.Time `json:"at"`
}

// OpenAlarms are those that nobody has answered yet.
func (o Operation) OpenAlarms() []Alarm {
	answered := 0
	for _, a := range o.Answered {
		answered = max(answered, a.Alarms)
	}
	return o.Alarms[min(answered, len(o.Alarms)):]
}

// The codes of alarms.
const (
	AlarmAmount    = "amount"     // another amount than asked (design 10.8)
	AlarmLateMoney = "late-money" // an approval after a final "not paid"
	AlarmDispute   = "dispute"    // a "not paid" after an approval
	AlarmSignature = "signature"  // refused signature, but the void was refused: it is paid
	AlarmAccount   = "account"    // another account got the money than the one asked for
	AlarmTwice     = "paid-twice" // another attempt of the same cart is paid as well
	AlarmProof     = "proof"      // the answer's signature does not fit; a query confirmed it (design 10.12)
	AlarmSurcharge = "surcharge"  // a surcharge where none is allowed (iotpay.md 13.3)
)
