package engine

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Start is what somebody wants done. Amounts are minor units.
type Start struct {
	// FormKey is one-time: the same key again returns the same operation (F-15).
	FormKey string
	// Cart is what all attempts at one sale share, on whichever terminal; empty: the
	// form key's own. A sale is refused while another attempt at its cart is open, or
	// once one is paid (F-07); so is one with the reference and amount of an open sale.
	Cart     string
	Kind     payment.Kind
	Terminal string // empty: the original's terminal for a capture, void or refund
	Currency string // empty: the terminal's
	// Amount is the goods' worth, without Tip and Cashback. For a refund or a
	// capture 0 means all that is left; a void is always whole.
	Amount, Tip, Cashback int64
	Reference             string
	Lines                 []payment.Line
	Account               string // which account gets the money; empty: the terminal's first, or the original's
	AuthOnly              bool   // a sale: reserve the money only
	Original              string // the operation to capture, void or refund
	// Unlinked: a refund without a sale, of Amount and without an Original, where the
	// terminal can (payment.Limits). It has to be said: a refund whose Original was
	// forgotten is none.
	Unlinked bool
	// On a terminal for wallets: the customer's scanned code, or ShowQR to have the till
	// show one (as with neither). Vendor is the wallet; empty: not said. The code is
	// never recorded.
	Code          payment.Scanned
	ShowQR        bool
	Vendor        string
	Operator, Why string // a void or refund needs both (design 10.15)

	replaces string // the attempt that is handed over
}

// TerminalState is a terminal's state in one word.
type TerminalState string

// The states of a terminal.
const (
	TerminalUnknown TerminalState = "unknown" // not heard of yet
	TerminalReady   TerminalState = "ready"
	TerminalBusy    TerminalState = "busy"     // an operation is open on it
	TerminalInDoubt TerminalState = "in_doubt" // taken until the doubt ends
	TerminalOffline TerminalState = "offline"  // the last call did not reach it
)

// TerminalStatus is what the page shows of a terminal.
type TerminalStatus struct {
	Name, Provider, Title string
	State                 TerminalState
	Currency              string
	LastSeen              time.Time // the last proof of life; zero: none yet
	Operation             string    // the open one, else empty
	Problem               string    // a sentence, when something is wrong with it
	Limits                payment.Limits
	// What this terminal can do (F-18).
	CanRefund, CanVoid, CanAbort, CanSignIn, CanCapture bool
	// Accounts are those it charges for, the default one first; empty: it has only one.
	Accounts []payment.Account
	// Vendors are the wallets it takes; empty: it takes cards.
	Vendors []payment.Vendor
	// ReopenFor is how long a payment that was closed unpaid is still asked about.
	ReopenFor time.Duration
	// Receives: its outcomes arrive from outside, at Door; Delivered is when something
	// last did, zero: never.
	Receives  bool
	Door      payment.Door
	Delivered time.Time
}

// Update is one piece of news from the hub. The receiver reads what it needs.
type Update struct {
	Operation payment.Operation // zero: news of a terminal only
	Terminal  string
}
