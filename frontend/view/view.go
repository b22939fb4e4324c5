// Package view draws the cashier's pages: templ components, and the words of the
// till for prompts, states and reasons. It reads nothing and decides nothing: it
// shows what it is given.
package view

import (
	"strings"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/text/language"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// PinPad is a practice terminal's page.
type PinPad struct{ Name, URL string }

// Base is what every part needs.
type Base struct {
	Now      time.Time
	Lang     language.Tag
	Practice bool
	PinPads  []PinPad
	// OpensPads: a button has the till open them; else they are links.
	OpensPads bool
	Settable  bool // there is a settings page
	// OpensCustomer: a button has the till open the customer's page; else it is a link.
	OpensCustomer bool
	// Accounts are those of the terminals that have any, by the terminal's name.
	Accounts map[string][]payment.Account
	Version  string
}

// Money writes an amount with its unit.
func (b Base) Money(a money.Amount) string { return Money(b.Lang, a) }

// units are signs that stand behind the number; other currencies show their code.
var units = map[string]string{"SEK": "kr", "NOK": "kr", "DKK": "kr", "EUR": "€"}

// Unit is what stands behind an amount of a currency.
func Unit(currency string) string {
	if sign, ok := units[currency]; ok {
		return sign
	}
	return currency
}

// Money writes an amount as a person reads it: "1,234.50 kr". The blanks do not
// break.
func Money(lang language.Tag, a money.Amount) string {
	return strings.ReplaceAll(a.Number(lang), " ", "\u00a0") + "\u00a0" + Unit(a.Currency)
}

// Shell is the frame that all pages share.
type Shell struct {
	Base
	Title  string
	On     string // which page: till, terminals, history, operation, problem
	About  string // the operation whose doubt and alarm the page shows itself
	Stream string // address of the page's stream; empty: the bands only
	Bands  Bands
	Built  bool // the script was bundled
	Body   templ.Component
}

// Bands is what follows to every screen.
type Bands struct {
	Base
	Doubts, Alarms []payment.Operation
	Problem        string // why they could not be read
	Journal        string // what is wrong with the journal itself
}

// Screen is one of the till's screens.
type Screen string

// The screens of the till.
const (
	ScreenSale      Screen = "sale"
	ScreenPayment   Screen = "payment"
	ScreenSignature Screen = "signature"
	ScreenDoubt     Screen = "doubt"
	ScreenResult    Screen = "result"
	ScreenFence     Screen = "fence" // a sale shall be taken here once its own terminal lets it go
)

// ScreenOf chooses the screen for the operation that is on it.
func ScreenOf(op payment.Operation) Screen {
	switch {
	case op.ID == "":
		return ScreenSale
	case op.State == payment.InDoubt:
		return ScreenDoubt
	case op.State.Final():
		return ScreenResult
	case op.State == payment.AwaitingAnswer && op.Question != nil:
		return ScreenSignature
	}
	return ScreenPayment
}

// Till is the state of the till's page for one terminal.
type Till struct {
	Base
	Screen    Screen
	Terminal  engine.TerminalStatus
	Terminals int // how many there are
	Op        payment.Operation
	Trail     []payment.Prompt  // oldest first
	FormKey   string            // of the next sale
	Again     payment.Operation // the sale whose amount is offered again
	Account   string            // the account that is chosen for the next sale
	Last      payment.Operation // the terminal's latest operation
	LastSlip  bool              // there is a customer copy of it
	// The slips; nil: there is none.
	Merchant, Customer templ.Component
	Can                Abilities
	Aborted            bool   // the cashier had asked to stop it
	SettledBy          string // who has settled it by hand; empty: nobody
	Withdrawn          bool   // the terminal closed its question itself
}

// Abilities says what may be done with an operation, and why not.
type Abilities struct {
	Void, Refund, Partial, CardForRefund bool
	WhyNoVoid, WhyNoRefund               string
	VoidUntil                            string // until when a void is taken, in words; empty: no such rule
	Left                                 int64  // what can still be refunded, in minor units
	Capture                              bool   // what it has reserved can be taken
	WhyNoCapture                         string
}

// Panel is a page about one thing that somebody must decide: "elsewhere" (where the
// card is taken), "settle" (a doubt) or "alarm".
type Panel struct {
	Base
	Which              string
	Op                 payment.Operation
	Terminals          []engine.TerminalStatus // where else it could be taken
	Till, Terminal     Side                    // the two stories
	Same               []payment.Operation     // other attempts at the same sale
	Related            []payment.Operation     // its voids and refunds
	Can                Abilities
	VoidKey, RefundKey string
	Form               Form
}

// Side is one of two stories about the same money (F-25).
type Side struct {
	Title, Class, Icon string // what it says in a word, and the tone of that
	Amount             string
	Facts              []fact
}

// SaleProblem is why a sale was not sent, with what stands in its way.
type SaleProblem struct {
	Text, Terminal string
	Op             payment.Operation // zero: nothing stands in the way
	// Apart: the same form says with this that it is another customer; empty: it cannot.
	Apart string
}

// Chooser is the page of terminals.
type Chooser struct {
	Base
	Terminals []engine.TerminalStatus
	Chosen    string
}

// History is the list of operations.
type History struct {
	Base
	Query     payment.Query
	List      []payment.Operation
	Terminals []engine.TerminalStatus
	More      int64 // the cursor of the next page; 0: there is none
	// Back holds the voids and refunds of the approved ones, by their id.
	Back map[string][]payment.Operation
}

// Story is one operation with all that is known of it.
type Story struct {
	Base
	Op                 payment.Operation
	Related            []payment.Operation
	Can                Abilities
	Merchant, Customer templ.Component
	Timeline           []report.Step
	Spent              report.Spent
	Seal               *report.Seal // nil: nothing is said about the chain
	VoidKey, RefundKey string
	CaptureKey         string
	Aborted            bool
	SettledBy          string    // who has settled it by hand; empty: nobody
	Watched            time.Time // until then it is asked whether it was paid after all; zero: it is not
	Form               Form
}

// Form is a void, refund or settlement as it was typed, with what is wrong.
type Form struct {
	Which, Error                      string
	Operator, Why, Amount, Code, Paid string
}
