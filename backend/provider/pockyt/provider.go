package pockyt

import (
	"context"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// Provider makes Pockyt terminals: a store's account, without a device.
type Provider struct{}

// New makes the provider.
func New() *Provider { return &Provider{} }

// Info describes the provider.
func (p *Provider) Info() payment.Info {
	return payment.Info{
		Name:       "pockyt",
		Title:      "Pockyt (digital wallets)",
		Settings:   append([]payment.Setting(nil), settingList...),
		Currencies: append([]string(nil), currencies...),
		Limits: payment.Limits{PartialRefund: true,
			AbortEffect: "Pockyt is asked first. What is still unpaid is closed; what was paid meanwhile stays paid, and can be refunded."},
		Clocks: payment.Clocks{
			// A sale asks by itself all the time and ends by itself: longer than that.
			Silence: longest + closeFor + time.Minute, Again: laterAgain, Status: 2*callLimit + 10*time.Second,
			AbortWait: 2 * callLimit, DoubtAfter: 2 * time.Minute, Park: 5 * time.Minute,
			// After a restart nobody waits for the customer any more.
			StopAfter: 90 * time.Second,
			ReopenFor: reopenFor,
			Backoff:   []time.Duration{2 * time.Second, laterAgain, faultAgain, 30 * time.Second, time.Minute},
		},
	}
}

// Open makes a terminal from its settings without talking to Pockyt, and opens its
// door where there is one.
func (p *Provider) Open(_ context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	checked, err := check(given)
	if err != nil {
		return nil, err
	}
	if deps.Session == nil || (checked.listen != "" && (deps.Listen == nil || deps.Inbox == nil)) {
		return nil, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo,
			Text: "Terminal " + name + " cannot be opened: Paydesk did not give it all it needs. No payment is affected by this."}
	}
	transport := deps.Transport
	if transport == nil {
		transport = link.NewTransport()
	}
	t := &Terminal{name: name, settings: checked, deps: deps, public: &http.Client{Transport: transport}, visits: map[string]*visit{}}
	t.client = &link.Client{Terminal: name, Transport: transport, Record: t.record}
	if checked.listen == "" {
		return t, nil
	}
	t.door = t.newDoor()
	t.path = "/pockyt/" + callback.Secret(callback.Long, []byte(checked.token), checked.merchant, checked.store)
	if t.listening, t.leave, err = deps.Listen(checked.listen, t.path, t.door); err != nil {
		return nil, err
	}
	return t, nil
}
