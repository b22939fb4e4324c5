package iotpay

import (
	"context"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// Provider makes IOT Pay terminals.
type Provider struct {
	mu sync.Mutex
	// taken are the PIN pads that carry something out just now: one transaction at a
	// time, however often a PIN pad is set up (iotpay.md 10.2).
	taken map[string]bool
}

// New makes the provider.
func New() *Provider { return &Provider{taken: map[string]bool{}} }

// Info describes the provider. An open sale asks by itself every two seconds, so that
// the clock of silence is a second guard only; doubt is asked about more slowly.
func (p *Provider) Info() payment.Info {
	return payment.Info{
		Name:       "iotpay",
		Title:      "IOT Pay (Canada, PAX PIN pads)",
		Settings:   append([]payment.Setting(nil), settingList...),
		Currencies: []string{currency},
		Limits:     payment.Limits{PartialRefund: true},
		Clocks: payment.Clocks{
			Silence: answerWithin + time.Minute, Again: 10 * time.Second, Status: 3 * queryLimit,
			AbortWait: 15 * time.Second, DoubtAfter: 2 * time.Minute, Park: 5 * time.Minute,
			BusyAgain: 10 * time.Second, BusyTries: 2,
			Backoff: []time.Duration{5 * time.Second, 10 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second},
		},
	}
}

// Open makes a terminal from its settings without talking to it.
func (p *Provider) Open(_ context.Context, name string, given payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	checked, err := check(given)
	if err != nil {
		return nil, err
	}
	transport := deps.Transport
	if transport == nil {
		transport = link.NewTransport() // without a bound for the answer's head: the order has its own
	}
	t := &Terminal{provider: p, name: name, settings: checked, open: map[string]int{},
		client: &link.Client{Terminal: name, Transport: transport, Record: record, MaxBody: maxAnswer}}
	switch checked.refund {
	case refundManual, refundV1:
		return &refunding{t}, nil
	case refundV3:
		return &voiding{refunding{t}}, nil
	}
	return t, nil
}

// take marks the PIN pad as taken. False: it is already.
func (p *Provider) take(line string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[line] {
		return false
	}
	p.taken[line] = true
	return true
}

func (p *Provider) leave(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, line)
}
