package iotpay

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// The fixed fields of an order at a PIN pad (iotpay.md 6).
const (
	channel    = "CC_PAX"
	noNotify   = "http://localhost" // the literal that CC_PAX wants: no notification is sent
	someExtra  = "CC_API"
	subject    = "Sale"
	orderBody  = "POS sale"
	maxAmount  = 99_999_999 // cents
	pingNumber = "PAYDESK-PING"
)

// Terminal is one PIN pad behind IOT Pay's cloud.
type Terminal struct {
	provider *Provider
	name     string
	settings settings
	client   *link.Client

	mu   sync.Mutex
	open map[string]int // attempts whose own call has not ended, by reference
}

// Limits are those of a terminal with its way of giving money back.
func (t *Terminal) Limits() payment.Limits {
	limits := t.provider.Info().Limits
	if t.settings.refund == refundOff {
		limits.PartialRefund, limits.RefundElsewhere = false, elsewhere
	}
	return limits
}

// line names the PIN pad among all that this process drives.
func (t *Terminal) line() string {
	return t.settings.base + " " + t.settings.mch + " " + t.settings.job + " " + t.settings.device
}

// orderFields are the fields of create_order.
func (t *Terminal) orderFields(r payment.Request) []field {
	list := []field{{"amount", strconv.FormatInt(r.Total.Minor, 10)}, {"body", orderBody}, {"channelId", channel}, {"clientIp", t.settings.clientIP},
		{"currency", r.Total.Currency}, {"extra", someExtra}, {"jobNo", t.settings.job}, {"mchId", t.settings.mch},
		{"mchOrderNo", r.Attempt.Reference}, {"notifyUrl", noNotify}, {"subject", subject}}
	if t.settings.device != "" {
		list = append(list, field{"device", t.settings.device})
	}
	return list
}

// narrate tells what the till knows: a PIN pad of IOT Pay shows the till nothing.
func (t *Terminal) narrate(to payment.Reporter, code payment.PromptCode, waiting payment.Party, text string) {
	to.Prompt(payment.Prompt{Code: code, Text: text, Waiting: waiting, Narrated: true, At: time.Now()})
}

// begin marks an attempt's own call as open until the returned function is called.
func (t *Terminal) begin(reference string) (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[reference]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.open[reference]--; t.open[reference] <= 0 {
			delete(t.open, reference)
		}
	}
}

func (t *Terminal) running(reference string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open[reference] > 0
}

// Ping asks about an order that does not exist: it proves that IOT Pay is there and
// takes the till's signature, and disturbs nothing. It says nothing about the PIN pad.
func (t *Terminal) Ping(ctx context.Context, to payment.Reporter) error {
	got, err := t.call(ctx, t.question(pingNumber), to)
	if err == nil && got.badSignature() {
		return wrongKey(got.words())
	}
	return err
}

// Close ends what is idle. An open call ends with its own context.
func (t *Terminal) Close() error {
	if idle, ok := t.client.Transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
