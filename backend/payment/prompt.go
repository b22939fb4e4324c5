package payment

import "time"

// PromptCode is what a terminal shows, in one small vocabulary for all providers.
type PromptCode string

// The prompts. PromptText is a text that no table knows: shown as it is.
const (
	PromptConnecting PromptCode = "connecting" // the till's own first screen (DM-10)
	PromptWelcome    PromptCode = "welcome"
	PromptWait       PromptCode = "wait"
	PromptPresent    PromptCode = "present_card"
	PromptPIN        PromptCode = "pin"        // PIN needed, nothing entered yet
	PromptPINDigits  PromptCode = "pin_digits" // Digits of it were entered
	PromptReading    PromptCode = "reading"
	PromptTip        PromptCode = "choose_tip"
	PromptAuthorise  PromptCode = "authorising"
	PromptRemove     PromptCode = "remove_card"
	PromptCardIn     PromptCode = "card_inserted"
	PromptCardOut    PromptCode = "card_removed"
	PromptSign       PromptCode = "sign"
	PromptScan       PromptCode = "scan_code"
	PromptApproved   PromptCode = "approved" // a text only: never an approval
	PromptDeclined   PromptCode = "declined"
	PromptStopped    PromptCode = "cancelled"
	PromptBusy       PromptCode = "busy"
	PromptSignIn     PromptCode = "signing_in"
	PromptAsking     PromptCode = "asking_status"
	PromptError      PromptCode = "error"
	PromptText       PromptCode = "text"
)

// Party is whom a payment waits for.
type Party string

// The parties. Bank is the network behind the terminal.
const (
	Customer Party = "customer"
	Cashier  Party = "cashier"
	Bank     Party = "bank"
	Device   Party = "terminal"
	Printer  Party = "printer"
)

// Prompt is one thing shown by the terminal, or narrated by the till where the
// provider has no display channel (Narrated).
type Prompt struct {
	Code     PromptCode `json:"code"`
	Text     string     `json:"text,omitempty"` // the terminal's own raw text
	TextID   string     `json:"text_id,omitempty"`
	Digits   int        `json:"digits,omitempty"`
	Waiting  Party      `json:"waiting,omitempty"`
	Narrated bool       `json:"narrated,omitempty"`
	// QR is the text of a code that the till shows to the customer, until Until.
	QR string `json:"qr,omitempty"`
	// Until is when the till gives it up; zero: nothing runs out here. Latest is how
	// far an Extender can put that off; zero: it cannot.
	Until  time.Time `json:"until,omitzero"`
	Latest time.Time `json:"latest,omitzero"`
	At     time.Time `json:"at"`
}

// Question is something that the cashier must answer. There is one kind so far:
// does the signature match.
type Question struct {
	ID   string `json:"id"`
	Text string `json:"text,omitempty"` // the terminal's own words
	// Deadline is when the terminal stops waiting; zero: not told.
	Deadline time.Time `json:"deadline,omitzero"`
	// RefuseOnly: after a restart without a slip only "it does not match" is offered (SPI-05).
	RefuseOnly bool      `json:"refuse_only,omitempty"`
	At         time.Time `json:"at"`
}

// Answer is the cashier's.
type Answer struct {
	Question string    `json:"question"`
	Yes      bool      `json:"yes"`
	Operator string    `json:"operator,omitempty"`
	At       time.Time `json:"at"`
}
