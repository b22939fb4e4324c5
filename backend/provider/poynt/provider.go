package poynt

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Provider makes Poynt terminals.
type Provider struct{}

// New makes the provider.
func New() *Provider { return &Provider{} }

// limits say what a Poynt terminal can do. A tip that is sent along skips the tip
// screen (poynt.md 7.4).
var limits = payment.Limits{
	TipAsked: true, PartialRefund: true, Authorise: true,
	AbortEffect: "Asks the terminal to stop. The wish may not arrive, and a payment that the bank has approved already stays approved: Poynt's own answer decides.",
}

// tipFor is how long a tip may still come: the customer's own a moment after the
// approval (poynt.md 8, "posted asynchronously"), one that the staff enters until the
// day's batch is settled.
const tipFor = 24 * time.Hour

// reopenFor is how long a decline or a cancel that Poynt does not show to be the last word
// is asked about: the terminal may still offer another card (poynt.md 8), and Poynt may show
// that card's approval late.
const reopenFor = 30 * time.Minute

// Info describes the provider. The open call asks by itself, so that the clock of
// silence is a second guard only.
func (p *Provider) Info() payment.Info {
	return payment.Info{
		Name:       "poynt",
		Title:      "Poynt (GoDaddy Poynt Smart Terminal)",
		Settings:   append([]payment.Setting(nil), settingList...),
		Currencies: append([]string(nil), currencies...),
		Limits:     limits,
		Clocks: payment.Clocks{
			Silence: 60 * time.Second, Again: 10 * time.Second, Status: 60 * time.Second,
			AbortWait: 30 * time.Second, DoubtAfter: 60 * time.Second, Park: 5 * time.Minute,
			BusyAgain: 5 * time.Second, BusyTries: 3, TipFor: tipFor, ReopenFor: reopenFor,
			Backoff: []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second},
		},
	}
}

// Open makes a terminal from its settings without talking to Poynt. It begins to
// listen if the settings say where.
func (p *Provider) Open(_ context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	checked, err := check(given)
	if err != nil {
		return nil, err
	}
	if deps.Session == nil || (checked.listen != "" && (deps.Listen == nil || deps.Inbox == nil)) {
		return nil, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo,
			Text: "Terminal " + name + " cannot be opened: Paydesk did not give it all it needs. No payment is affected by this."}
	}
	t := &Terminal{name: name, settings: checked, deps: deps, client: newClient(name, checked, deps),
		doorKey: doorKey(checked.key), visits: map[string]*visit{}}
	if err := t.openDoor(); err != nil {
		return nil, err
	}
	return t, nil
}

// newClient makes what talks to Poynt.
func newClient(name string, s settings, deps payment.Deps) *client {
	w := &wire{terminal: name, base: s.base, agent: agent(deps.Software), transport: deps.Transport}
	if w.transport == nil {
		w.transport = newTransport()
	}
	if w.newID = deps.NewID; w.newID == nil {
		w.newID = uuid.NewString
	}
	return &client{wire: w, tokens: newTokens(s, w)}
}

var (
	_ payment.Provider   = (*Provider)(nil)
	_ payment.Discoverer = (*Provider)(nil)
	_ payment.Receiver   = (*Terminal)(nil)
	_ payment.Refunder   = (*Terminal)(nil)
	_ payment.Voider     = (*Terminal)(nil)
	_ payment.Capturer   = (*Terminal)(nil)
	_ payment.Aborter    = (*Terminal)(nil)
	_ payment.Pinger     = (*Terminal)(nil)
)
