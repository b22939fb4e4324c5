package payment

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
)

// Provider makes terminals of one protocol. A provider keeps no state that a
// Terminal does not own, but it may share one listener between its terminals.
type Provider interface {
	Info() Info
	// Open makes a terminal from its settings without talking to it. The error has
	// CodeSettings and names the setting.
	Open(ctx context.Context, name string, settings Settings, deps Deps) (Terminal, error)
}

// Discoverer is a provider that can ask its other side which terminals there are, so
// that nobody has to copy ids by hand.
type Discoverer interface {
	// Discover needs only the settings that lead there, and of deps only Session and
	// Transport. The error names the setting that is missing or wrong.
	Discover(ctx context.Context, given Settings, deps Deps) ([]Found, error)
}

// Found is a terminal that a Discoverer knows of.
type Found struct {
	Title    string   // for a person: store, name, serial number
	Settings Settings // what choosing it sets
	Bar      string   // why it cannot be chosen; empty: it can
}

// Terminal is what every provider can do. Both calls block until there is an
// answer or ctx ends; they never retry what may have been carried out.
type Terminal interface {
	// Sale has the customer pay. It returns a Result with the terminal's word, or an
	// *Error whose Sent says whether the request may have arrived: SentNo means
	// provably not executed.
	Sale(ctx context.Context, request Request, to Reporter) (Result, error)
	// Lookup asks, by our own reference, what became of an attempt of any kind. It
	// never starts anything. Pending: still running. NotFound: the terminal says that
	// it has no such transaction. Unknown: it answered about something else. An
	// *Error: it could not be asked.
	Lookup(ctx context.Context, request Request, to Reporter) (Result, error)
	io.Closer
}

// Refunder gives money back to a card.
type Refunder interface {
	Refund(ctx context.Context, request Request, to Reporter) (Result, error)
}

// Voider reverses a whole earlier operation, named by Request.Original.
type Voider interface {
	Void(ctx context.Context, request Request, to Reporter) (Result, error)
}

// Aborter asks the terminal to stop what is running, and asks again where that gets
// lost and the protocol allows it. A nil error means that it
// took the wish, never that it stopped: the running call's own answer tells that.
type Aborter interface {
	Abort(ctx context.Context, request Request, why string, to Reporter) error
}

// Extender puts off the moment at which the till itself gives a payment up
// (Prompt.Until), by one step. It gives the new moment; an error means that the old one
// stands.
type Extender interface {
	Extend(ctx context.Context, request Request) (until time.Time, err error)
}

// SignIner opens and closes a session with the terminal.
type SignIner interface {
	SignIn(ctx context.Context, to Reporter) error
	// SignOut ends the session; maintenance allows the terminal to update itself.
	SignOut(ctx context.Context, maintenance bool, to Reporter) error
}

// Pinger proves that the terminal is alive without disturbing it.
type Pinger interface {
	Ping(ctx context.Context, to Reporter) error
}

// Request is one attempt as a provider gets it. For Lookup and Abort it is the
// request of the attempt in question.
type Request struct {
	Operation string
	Kind      Kind
	Attempt   Attempt
	// Total is what the terminal is to charge or give back: goods, Tip and Cashback.
	Total     money.Amount
	Tip       int64 // minor units, part of Total
	Cashback  int64 // minor units, part of Total
	Reference string
	Account   string     // which of the terminal's accounts; empty: it has only one
	AuthOnly  bool       // a sale: reserve the money only
	Original  References // of the operation that is captured, voided or refunded
	// Unlinked: a refund of no sale: Original is empty, and the amount is all that is
	// known. Only a terminal with Limits.UnlinkedRefund is asked for one; a refund
	// without it never becomes one, also where Original is not known.
	Unlinked bool
	Lines    []Line
	// Of a sale on a Wallet, from the same run of the till only: Code is what the
	// customer shows; ShowQR has the till show one, as without a code. Vendor is an id
	// of Wallet.Vendors; empty: not said.
	Code   Scanned
	ShowQR bool
	Vendor string
}

// Reporter is how a provider tells what happens. All calls may come from any
// goroutine; those without an error return at once.
type Reporter interface {
	Prompt(Prompt)
	Message(Message) // already redacted
	// Slip returns once the slip is committed; only then may it be acknowledged.
	Slip(ctx context.Context, slip Slip) error
	// Ask blocks until the cashier answers. ctx ends it when the terminal takes the
	// question back, or when the till closes.
	Ask(ctx context.Context, question Question) (Answer, error)
	// Note keeps something worth knowing in the timeline.
	Note(Note)
}

// Deps is what a provider gets from the house.
type Deps struct {
	// Listen has handler serve path (and all below it) on address, "host:port"; equal
	// addresses share one listener. The returned function ends it. It returns the
	// address that is really listened on.
	Listen func(address, path string, handler http.Handler) (actual string, stop func(), err error)
	// Serial gives the next id of the terminal: unique for good, at most ten digits,
	// also after a restart or a clock set back.
	Serial func(ctx context.Context) (int64, error)
	// NewID makes a UUID for a message, from the same source as every other id of the
	// till; nil: a random one.
	NewID func() string
	// Session takes what belongs to the terminal and to no operation.
	Session Reporter
	// Inbound gives the Reporter of the operation that is open on this terminal, or
	// Session when there is none.
	Inbound func() Reporter
	// Inbox keeps what arrives from outside.
	Inbox Inbox
	// News takes what a terminal says about its session; nil where nobody listens.
	News func(SessionNews)
	// Transport is for the provider's own calls; nil: a fresh http.Transport. A
	// provider may wrap it, and must not follow redirects.
	Transport http.RoundTripper
	// Software names the till to the terminal.
	Software Software
	// Log takes what may not fill a timeline: strangers at the door. Nil: nobody does.
	Log *slog.Logger
}

// SessionNews is what a terminal says about its session with the till.
type SessionNews string

// The news of a session.
const (
	UpdateWaits  SessionNews = "update_waits"  // it wants to be signed out, to update itself
	UpdateBegins SessionNews = "update_begins" // it takes no payments until the end
	UpdateEnds   SessionNews = "update_ends"   // it wants to be signed in to
	SessionLost  SessionNews = "session_lost"  // it has started anew
)

// Software is what the till calls itself.
type Software struct{ Maker, Name, Version string }

// Settings are a terminal's settings by key.
type Settings map[string]string

// Info describes a provider. The page, the settings form and the command line word
// themselves from it (F-18).
type Info struct {
	Name       string // "nexo"
	Title      string // "nexo Retailer (Swedbank Pay PAX)"
	Settings   []Setting
	Currencies []string
	Limits     Limits
	Clocks     Clocks
}

// Setting describes one setting.
type Setting struct {
	Key, Label, Help string
	Default          string
	Choices          []string // empty: free text
	Required, Secret bool
	Lines            bool // several lines of text: a key, a list
}

// Limits says what the terminals of a provider can do.
type Limits struct {
	Cashback      bool
	TipAsked      bool // the till may ask for a tip; otherwise the terminal asks for it
	VoidLastOnly  bool // only the terminal's last successful transaction
	PartialRefund bool
	Authorise     bool   // a sale may only reserve the money, for a later capture
	VoidUntil     string // until when on the same day a void is taken, in words; empty: no such rule
	CardForRefund bool   // the customer presents a card for a refund
	// UnlinkedRefund: money can be given to a card without a sale (Request.Unlinked).
	UnlinkedRefund bool
	Mirror         bool // the terminal's display reaches the till
	Inbound        bool // the terminal must be able to reach the till
	AbortEffect    string
	// RefundElsewhere says how money is given back where the till cannot; empty: it can,
	// or there is nothing to say.
	RefundElsewhere string
}

// Clocks are a provider's deadlines (design 10.1). Every prompt restarts Silence.
type Clocks struct {
	Silence    time.Duration   // no news: ask for the status
	Again      time.Duration   // a status of Pending: ask again
	Status     time.Duration   // a status request's own limit
	AbortWait  time.Duration   // an abort unanswered: ask for the status
	DoubtAfter time.Duration   // an unanswered abort or status: in doubt
	Park       time.Duration   // doubt goes to a manager
	StopAfter  time.Duration   // doubt about what the terminal is still busy with: it is asked to stop; 0: never
	Watch      time.Duration   // so long what a person settled stays watched; 0: a day
	ReopenFor  time.Duration   // so long what ended with Result.Reopens is asked about; 0: it is not
	TipFor     time.Duration   // so long an approval with Result.TipOpen is read again; 0: it is not
	BusyAgain  time.Duration   // a refused start is tried again
	BusyTries  int             // so many times
	Backoff    []time.Duration // between status requests that get no answer; the last one repeats
}
