package payment

// Outcome is what a provider knows of an attempt. The zero value is Unknown: an
// unrecognised answer is doubt, never failure.
type Outcome string

// The outcomes.
const (
	Unknown  Outcome = ""
	Success  Outcome = "approved"
	Refused  Outcome = "declined"
	Stopped  Outcome = "cancelled"
	NotDone  Outcome = "not_executed" // proof that nothing was carried out
	Pending  Outcome = "pending"      // a look-up's answer: still running
	NotFound Outcome = "not_found"    // a look-up's answer: the terminal has no such transaction
)

// Trigger is the trigger of the state table that the outcome pulls. ok is false
// for those that decide nothing (Unknown, Pending, NotFound).
func (o Outcome) Trigger() (on Trigger, ok bool) {
	switch o {
	case Success:
		return OnApproved, true
	case Refused:
		return OnDeclined, true
	case Stopped:
		return OnCancelled, true
	case NotDone:
		return OnNotExecuted, true
	}
	return "", false
}

// Result is a provider's answer about one attempt. Amounts are minor units of
// Currency. With ReasonReversed they are what had been charged before it was undone.
type Result struct {
	Outcome    Outcome `json:"outcome"`
	Reason     Reason  `json:"reason,omitempty"`
	ReasonText string  `json:"reason_text,omitempty"` // the provider's words and code, redacted
	Currency   string  `json:"currency,omitempty"`
	Authorised int64   `json:"authorised,omitempty"` // all that was charged, tip and cashback included
	Tip        int64   `json:"tip,omitempty"`
	Cashback   int64   `json:"cashback,omitempty"`
	// Reopens: it was closed unpaid, and the customer may pay it all the same for a while
	// (pockyt.md, sequence 22), as with another card after a decline (poynt.md 8). It is asked about for Clocks.ReopenFor, also after a
	// restart, and an approval is late money.
	Reopens bool `json:"reopens,omitempty"`
	// TipOpen: the terminal may still add a tip to what is approved, or change it
	// (poynt.md 10.2), or take the rest of a part. It is read again for Clocks.TipFor, and what it has come to by
	// then is the truth (EventAdjusted).
	TipOpen    bool       `json:"tip_open,omitempty"`
	Card       Card       `json:"card,omitzero"`
	References References `json:"references,omitzero"`
	Slips      []Slip     `json:"slips,omitempty"`
	// Account is the one that got the money, where the provider tells; empty: not told.
	Account string `json:"account,omitempty"`
	// Signature: approved, but the cashier must still confirm the signature; a
	// refusal needs a void (nexo light mode, nexo-retailer.md 9.2; IOT Pay's slips).
	Signature bool `json:"signature,omitempty"`
	// Confirm: believed only after a look-up repeats it (design 10.2: a Failure with
	// an absent or unknown condition).
	Confirm bool `json:"confirm,omitempty"`
	// Alarms are what a person must look at although an approval stands; the till sets
	// their time.
	Alarms []Alarm `json:"alarms,omitempty"`
}

// Reason says why an operation ended as it did, or why it is in doubt. The page
// has words for each; the provider's own text stands beside it.
type Reason string

// The reasons.
const (
	ReasonNone               Reason = ""
	ReasonIssuer             Reason = "declined_by_issuer"
	ReasonWrongPIN           Reason = "wrong_pin"
	ReasonCard               Reason = "card_not_accepted"
	ReasonRestriction        Reason = "payment_restriction"
	ReasonHost               Reason = "host_unreachable"
	ReasonCustomer           Reason = "cancelled_by_customer"
	ReasonCashier            Reason = "cancelled_by_cashier"
	ReasonNetwork            Reason = "cancelled_by_network"
	ReasonSignatureWithdrawn Reason = "signature_withdrawn" // the terminal did not wait for the answer
	ReasonSignature          Reason = "signature_refused"
	ReasonBusy               Reason = "terminal_busy"
	ReasonNotSignedIn        Reason = "not_signed_in"
	ReasonUnreachable        Reason = "terminal_unreachable"
	ReasonUnsupported        Reason = "not_supported"
	ReasonRejected           Reason = "request_rejected"
	ReasonNotFound           Reason = "not_found_at_terminal"
	ReasonNoAnswer           Reason = "no_answer"
	ReasonUnreadable         Reason = "answer_unreadable"
	ReasonForeign            Reason = "answer_not_ours"
	ReasonUnknownCode        Reason = "unknown_code"
	ReasonLinkLost           Reason = "link_lost"
	ReasonRestart            Reason = "till_restarted"
	ReasonSettled            Reason = "settled_by_hand"
	ReasonOtherAmount        Reason = "other_amount"
	ReasonNotLast            Reason = "not_the_last_transaction"
	ReasonVoidRefused        Reason = "void_refused"
	ReasonJournal            Reason = "journal_unavailable"
	// ReasonPendingReversal: approved by the host and to be undone by the terminal with
	// its next approved sale; ReasonReversed: it was undone (design 10.10).
	ReasonPendingReversal Reason = "pending_reversal"
	ReasonReversed        Reason = "reversed"
	ReasonExpired         Reason = "request_expired"  // the terminal did not get it in time
	ReasonUnpaid          Reason = "not_paid_in_time" // the customer had it, and did not pay while it was open
)
