package netpay

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// currency is the only one: requests carry none, and MXN is implied (netpay.md 3.1).
const currency = "MXN"

// Provider makes NetPay terminals.
type Provider struct {
	mu sync.Mutex
	// taken are the terminals that carry something out just now, by base URL and
	// serial number: one push at a time, however often a terminal is set up (netpay.md 7.4).
	taken map[string]holder
}

// holder is the attempt that has a terminal, and since when.
type holder struct {
	ref   string
	since time.Time
}

// New makes the provider.
func New() *Provider { return &Provider{taken: map[string]holder{}} }

// Info describes the provider.
func (p *Provider) Info() payment.Info {
	return payment.Info{
		Name:       "netpay",
		Title:      "NetPay Smart PinPad (Mexico)",
		Settings:   append([]payment.Setting(nil), settingList...),
		Currencies: []string{currency},
		Limits:     payment.Limits{Inbound: true, VoidUntil: "until 20:00 in Mexico City, on the day of the sale", RefundElsewhere: refundElsewhere},
		Clocks: payment.Clocks{
			// The customer may be slow, and paper may run out: certification forbids a
			// hard limit (netpay.md 7.4, T_soft). In the field 90 s and 180 s are used; the
			// card has to come within 60 s, and the doubt is said as soon as a question has
			// had its time.
			Silence: patientUntil, Again: settleIn, Status: inquiryWait + 30*time.Second,
			AbortWait: 15 * time.Second, DoubtAfter: inquiryWait + 10*time.Second, Park: 5 * time.Minute,
			// Longer than a question to the terminal takes: a sale waits for its end.
			BusyAgain: 5 * time.Second, BusyTries: 10,
			// Each question lights the terminal up: they become rare.
			Backoff: []time.Duration{settleIn, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute},
		},
	}
}

// Open makes a terminal from its settings without talking to it, and opens its door.
func (p *Provider) Open(_ context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	checked, err := check(given)
	if err != nil {
		return nil, err
	}
	if deps.Serial == nil || deps.Session == nil || deps.Inbox == nil || (checked.listen != "" && deps.Listen == nil) {
		return nil, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo,
			Text: "Terminal " + name + " cannot be opened: Paydesk did not give it all it needs. No payment is affected by this."}
	}
	transport := deps.Transport
	if transport == nil {
		transport = link.NewTransport()
	}
	client := &link.Client{Terminal: name, Transport: transport, Record: sent}
	t := &Terminal{provider: p, name: name, settings: checked, deps: deps, client: client, public: &http.Client{Transport: transport},
		tokens: &tokens{settings: checked, client: client, turn: make(chan struct{}, 1)}, waiting: map[string][]*waiter{}, opened: time.Now()}
	if checked.listen == "" {
		return t, nil
	}
	t.door = t.newDoor()
	t.path = "/netpay/" + callback.Secret(callback.Typed, []byte(checked.auth+"\x00"+checked.password), checked.serial)
	if t.listening, t.leave, err = deps.Listen(checked.listen, t.path, t.door); err != nil {
		return nil, err
	}
	return t, nil
}

// take marks the terminal as taken by an attempt, until leave is called. False:
// another attempt has it. One that has had it for longer than anybody pays has lost
// it: a person has decided meanwhile, and the next customer must not wait.
func (p *Provider) take(line, ref string) (leave func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	has, taken := p.taken[line]
	switch {
	case taken && has.ref == ref:
		return func() {}, true // the call that took it leaves it
	case taken && now.Sub(has.since) < patientUntil:
		return nil, false
	}
	mine := holder{ref, now}
	p.taken[line] = mine
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.taken[line] == mine {
			delete(p.taken, line)
		}
	}, true
}
