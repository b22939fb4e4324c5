package pockyt

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// Terminal is one store's account at Pockyt.
//
// It is no Voider: a cancel of what is paid gives everything back without a reference,
// without a part and with unclear books, so paid money goes back by a refund
// (pockyt.md 9).
type Terminal struct {
	name      string
	settings  settings
	deps      payment.Deps
	client    *link.Client
	public    *http.Client // for the till's own test deliveries
	door      *callback.Door
	path      string
	listening string
	leave     func()

	mu     sync.Mutex
	visits map[string]*visit // the sales under way, by our reference
	codes  []string          // the latest customers' codes, to keep them out of every record
	// The latest cancel that was sent without a sale under way, and when.
	cancelled   string
	cancelledAt time.Time
}

func (t *Terminal) visiting(reference string) *visit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visits[reference]
}

// wake has the sale under way ask at once: a notification decides nothing.
func (t *Terminal) wake(reference string) {
	if v := t.visiting(reference); v != nil {
		select {
		case v.news <- struct{}{}:
		default: // it is about to ask anyway
		}
	}
}

// Lookup asks what became of an attempt.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	if r.Kind == payment.Refund {
		return twice(func() (payment.Result, error) { return t.lookupRefund(ctx, r, to) })
	}
	if t.visiting(r.Attempt.Reference) != nil {
		// The sale's own call asks all the time, and tells how it ended.
		return payment.Result{Outcome: payment.Pending, ReasonText: "Pockyt is being asked"}, nil
	}
	out, err := twice(func() (payment.Result, error) { return t.look(ctx, r, to) })
	if err != nil {
		return payment.Result{}, err
	}
	if out.Outcome == payment.Success && t.settling(r.Attempt.Reference) {
		return payment.Result{Outcome: payment.Pending, ReasonText: maybeBack}, nil
	}
	return out, nil
}

// twice asks once more where another amount was told: it counts once it was said twice.
func twice(look func() (payment.Result, error)) (payment.Result, error) {
	out, err := look()
	if err != nil || !out.Confirm {
		return out, err
	}
	again, err := look()
	if err != nil {
		return payment.Result{}, err
	}
	if again.Authorised == out.Authorised {
		again.Confirm = false
	}
	return again, nil
}

func (t *Terminal) look(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	got, err := t.query(ctx, "", r.Attempt.Reference, to)
	if err != nil {
		return payment.Result{}, err
	}
	switch got.code {
	case codeDone:
		return t.verdict(r, "", got), nil
	case codeNotFound:
		return payment.Result{Outcome: payment.NotFound, Reason: payment.ReasonNotFound, ReasonText: got.words()}, nil
	}
	return payment.Result{}, unanswered(got)
}

// unanswered is a query that was answered without telling anything.
func unanswered(got order) error {
	text := refusals[got.code]
	if text == "" {
		text = "Pockyt could not answer just now."
	}
	return &payment.Error{Code: payment.CodeNoAnswer, Sent: payment.SentYes, Text: text + " No payment is affected by this: Paydesk asks again.", Err: errCode(got)}
}

// Extend has the sale under way wait longer for the customer.
func (t *Terminal) Extend(_ context.Context, r payment.Request) (time.Time, error) {
	v := t.visiting(r.Attempt.Reference)
	if v == nil {
		return time.Time{}, &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: "Nobody waits for the customer any more: Paydesk asks Pockyt how it ended."}
	}
	return v.extend()
}

// Abort closes what is unpaid. The sale under way does it by itself, in the order of
// the Cancel tutorial: ask, cancel what is open, ask again.
func (t *Terminal) Abort(ctx context.Context, r payment.Request, _ string, to payment.Reporter) error {
	if r.Kind != payment.Sale {
		return &payment.Error{Code: payment.CodeUnsupported, Sent: payment.SentNo, Text: "A refund cannot be stopped once it was asked for. Paydesk waits for its outcome."}
	}
	if v := t.visiting(r.Attempt.Reference); v != nil {
		v.leaveOff()
		return nil
	}
	got, err := t.query(ctx, "", r.Attempt.Reference, to)
	if err != nil {
		return err
	}
	if got.code != codeDone {
		return unanswered(got)
	}
	if t.foreign(r.Attempt.Reference, "", got) != "" || !unpaid(got.state()) {
		return nil // it is over: the look that follows tells how
	}
	if t.noticed(ctx, r.Attempt.Reference) {
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: "Pockyt has told that the customer paid, and does not show it yet. Nothing is closed: that would give the money back."}
	}
	t.mu.Lock()
	t.cancelled, t.cancelledAt = r.Attempt.Reference, time.Now()
	t.mu.Unlock()
	_, err = t.cancel(ctx, got.Number.trimmed(), r.Attempt.Reference, to)
	return err
}

// settling tells whether a success is so fresh beside a cancel of ours that what the
// cancel gives back may not show yet.
func (t *Terminal) settling(reference string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cancelled == reference && time.Since(t.cancelledAt) < settleFor
}

// pingReference is an order that does not exist: our references are digits.
const pingReference = "paydesk-ping"

// Ping asks about an order that does not exist: address and credentials are right when
// Pockyt says so.
func (t *Terminal) Ping(ctx context.Context, to payment.Reporter) error {
	got, err := t.query(ctx, "", pingReference, to)
	if err != nil {
		return err
	}
	if got.code == codeDone || got.code == codeNotFound {
		return nil
	}
	text := refusals[got.code]
	if text == "" {
		text = "Pockyt answers, but not as it should."
	}
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentYes, Text: text + " No payment is affected by this.", Err: errCode(got)}
}

// Close stops listening, and asking.
func (t *Terminal) Close() error {
	if t.leave != nil {
		t.leave()
	}
	if idle, ok := t.client.Transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
