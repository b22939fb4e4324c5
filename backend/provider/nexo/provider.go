package nexo

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Provider makes nexo terminals. Terminals with equal listen addresses share one
// listener.
type Provider struct {
	mu     sync.Mutex
	boards map[string]*board
}

// New makes the provider.
func New() *Provider { return &Provider{boards: map[string]*board{}} }

// Info describes the provider; its Limits are those of default mode, which
// Terminal.Limits corrects for light mode.
func (p *Provider) Info() payment.Info {
	return payment.Info{
		Name:       "nexo",
		Title:      "nexo Retailer (Swedbank Pay PAX)",
		Settings:   append([]payment.Setting(nil), settingList...),
		Currencies: append([]string(nil), currencies...),
		Limits:     limits(false),
		Clocks: payment.Clocks{
			Silence: 60 * time.Second, Again: 5 * time.Second, Status: 15 * time.Second,
			AbortWait: 15 * time.Second, DoubtAfter: 25 * time.Second, Park: 5 * time.Minute, StopAfter: 60 * time.Second, Watch: 24 * time.Hour,
			BusyAgain: time.Second, BusyTries: 5,
			Backoff: []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second},
		},
	}
}

// limits says what a terminal can do. Refunds open all readers (nexo-retailer.md
// 6.3), and only the last transaction can be reversed (13).
func limits(light bool) payment.Limits {
	return payment.Limits{
		Cashback: true, VoidLastOnly: true, PartialRefund: true, CardForRefund: true,
		Mirror: !light, Inbound: !light,
		AbortEffect: "Asks the terminal to stop. If the card was already approved, it stays approved: the terminal's own answer decides, and the sale can then be voided.",
	}
}

// Open makes a terminal from its settings without talking to it. In default mode
// it begins to listen for the terminal.
func (p *Provider) Open(_ context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	checked, err := check(given)
	if err != nil {
		return nil, err
	}
	if deps.Serial == nil || deps.Session == nil || (!checked.light && deps.Listen == nil) {
		return nil, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo,
			Text: "Terminal " + name + " cannot be opened: Paydesk did not give it all it needs. No payment is affected by this."}
	}
	t := &Terminal{name: name, settings: checked, deps: deps, zone: time.Local}
	if deps.Transport == nil {
		t.deps.Transport = newTransport()
	}
	t.client = &client{
		url:       "http://" + net.JoinHostPort(checked.host, checked.port) + servicePath,
		transport: t.deps.Transport,
	}
	t.sender = &sender{host: checked.host}
	if checked.light {
		return t, nil
	}
	if t.leave, err = p.join(checked.listen, t); err != nil {
		return nil, err
	}
	return t, nil
}
