package payment

import (
	"context"
	"time"
)

// MaxDeliveries bounds what Inbox.Kept returns.
const MaxDeliveries = 100

// Delivery is a message from outside that nobody was waiting for on an open call: a
// callback. It proves nothing by itself.
type Delivery struct {
	// Key tells it from every other delivery to the same terminal; the same delivery
	// again has the same key.
	Key       string
	Terminal  string // set by the till
	Reference string // the attempt's reference as found in it; empty: none
	Name      string // what it is, for the timeline: "PaymentCallback"
	Body      string // redacted
	From      string // who sent it, "host:port"
	Fault     string // why it could not be read; empty: it could
	At        time.Time
}

// Inbox keeps deliveries before they are acknowledged.
type Inbox interface {
	// Keep commits a delivery, in the timeline of the operation whose attempt it
	// names, else as a stray of the terminal. fresh is false when its key is known
	// already: then nothing is recorded. When it returns nil the delivery may be
	// acknowledged, and whoever has to know has been woken.
	Keep(ctx context.Context, d Delivery) (fresh bool, err error)
	// Kept lists what was delivered to the terminal with a reference, oldest first, at
	// most MaxDeliveries; also what came before a restart.
	Kept(ctx context.Context, reference string) ([]Delivery, error)
}

// Receiver is a terminal whose outcomes arrive from outside.
type Receiver interface {
	Door() Door
}

// Door says where deliveries to a terminal arrive.
type Door struct {
	// Listening is the address in use, "host:port"; empty: none, because none is set.
	Listening string
	// URL is where the others are told to deliver to; empty: nobody is told.
	URL string
	// Without says what does not work while nothing arrives, and what to do about it:
	// shown before a sale, when a terminal is added, and by doctor (design 10.10, 10.11).
	Without string
	// Probe sends a test delivery to URL and waits until it arrives here; nil where
	// there is no URL.
	Probe func(ctx context.Context) error
}

// Account is one of several to which a terminal can charge: a store with its own
// affiliation.
type Account struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	Affiliation string `json:"affiliation,omitempty"` // at the acquirer
}

// Title is how a person tells it from the others.
func (a Account) Title() string {
	if a.Name == "" {
		return a.ID
	}
	return a.Name + " (" + a.ID + ")"
}

// Accountant is a terminal that charges for several accounts; the first one is the
// default.
type Accountant interface {
	Accounts() []Account
}

// Capturer takes money that an earlier sale with Request.AuthOnly has reserved, in
// whole or in part; Request.Original names that sale.
type Capturer interface {
	Capture(ctx context.Context, request Request, to Reporter) (Result, error)
}
