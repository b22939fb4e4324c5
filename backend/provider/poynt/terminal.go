package poynt

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// Terminal is one Poynt terminal behind Poynt's cloud.
type Terminal struct {
	name     string
	settings settings
	deps     payment.Deps
	client   *client

	door      *callback.Door // nil: nothing can be delivered
	doorKey   []byte
	public    string // the door's address for others, with a slash at the end
	listening string
	leave     func()

	// updates: this terminal has told of an earlier payment that it has got it. Only
	// then does silence mean that it has not (poynt.md 20).
	updates atomic.Bool

	mu       sync.Mutex
	visits   map[string]*visit // open calls by their reference
	profiled time.Time         // when the terminal was last asked to look after its connection
	blank    blank
}

// Limits are the terminal's own: a refund without a sale is for those that are set up
// for it.
func (t *Terminal) Limits() payment.Limits {
	own := limits
	own.UnlinkedRefund = t.settings.credit
	return own
}

// Sale queues the payment for the terminal and waits until Poynt's cloud itself tells
// the outcome (poynt.md 20). A result without an outcome is doubt.
func (t *Terminal) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Sale
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, badRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Total.Minor-r.Tip <= 0 || r.Tip < 0:
		return payment.Result{}, badRequest(payment.CodeInput, "the amount must be above zero")
	case r.Cashback != 0:
		return payment.Result{}, badRequest(payment.CodeUnsupported, "cash back is chosen on the terminal, if at all")
	case r.Total.Currency != t.settings.currency:
		return payment.Result{}, badRequest(payment.CodeInput, "the terminal's currency is "+t.settings.currency)
	}
	data, err := t.payload(r)
	if err != nil {
		return payment.Result{}, err
	}
	return t.stay(ctx, r, "Sale", data, to)
}

// enter registers an open call, so that deliveries find it.
func (t *Terminal) enter(r payment.Request, to payment.Reporter) *visit {
	v := &visit{t: t, r: r, to: to, news: make(chan struct{}, 1)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.visits[r.Attempt.Reference] = v
	return v
}

func (t *Terminal) exit(v *visit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.visits[v.r.Attempt.Reference] == v {
		delete(t.visits, v.r.Attempt.Reference)
	}
}

// visiting gives the open call of a reference, or nil.
func (t *Terminal) visiting(reference string) *visit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visits[reference]
}

// Close stops listening, and gives up what is under way.
func (t *Terminal) Close() error {
	if t.leave != nil {
		t.leave()
	}
	t.client.tokens.close()
	if idle, ok := t.client.wire.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}

// agent names the till to Poynt.
func agent(s payment.Software) string {
	return strings.Join(strings.Fields(or(s.Name, "Paydesk")+"/"+or(s.Version, "0")), "-")
}
