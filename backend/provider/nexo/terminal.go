package nexo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// callLimit ends calls that move no money and that the terminal answers by itself
// (nexo-retailer.md 2.5).
const callLimit = 15 * time.Second

// Terminal is one nexo terminal.
type Terminal struct {
	name     string
	settings settings
	deps     payment.Deps
	client   *client
	sender   *sender
	zone     *time.Location
	leave    func()

	mu       sync.Mutex
	kind     payment.Kind // of the call that is open, else empty
	dialog   *dialog      // the question that is open, else nil
	settled  *dialog      // the last one that was answered, for repeats
	pin      bool         // the last display was PIN progress
	heardAny bool         // the terminal called the till since begin
	proposed time.Time    // when it last told its address
	version  string       // of the terminal's software, as the last sign-in told
	wallet   string       // the terminal's id of the last sale without a card
}

// Limits are those of the terminal's own mode.
func (t *Terminal) Limits() payment.Limits { return limits(t.settings.light) }

// Sale sends a PaymentRequest and blocks until its answer comes or ctx ends.
func (t *Terminal) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return t.pay(ctx, payment.Sale, r, to)
}

// Refund sends a PaymentRequest of type Refund: the customer presents a card.
func (t *Terminal) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return t.pay(ctx, payment.Refund, r, to)
}

func (t *Terminal) pay(ctx context.Context, kind payment.Kind, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = kind
	switch {
	case r.Attempt.Serial <= 0 || r.Attempt.Reference == "":
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no id")
	case r.Total.Minor <= 0 || r.Cashback < 0 || r.Cashback > r.Total.Minor:
		return payment.Result{}, wrongRequest(payment.CodeInput, "the amount must be above zero, with cashback as a part of it")
	case kind == payment.Refund && r.Cashback != 0:
		return payment.Result{}, wrongRequest(payment.CodeInput, "a refund has no cashback")
	case r.Tip != 0:
		return payment.Result{}, wrongRequest(payment.CodeUnsupported, "the customer chooses the tip on the terminal")
	}
	m := t.service("Payment", r.Attempt.Serial)
	m.PaymentRequest = payRequest(r, stamp(r.Attempt.At.In(t.zone)))
	return t.carryOut(ctx, r, m, to)
}

// Void sends a ReversalRequest for the whole of Request.Original.
func (t *Terminal) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	r.Kind = payment.Void
	switch {
	case r.Attempt.Serial <= 0:
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no id")
	case r.Original.Terminal == "" || r.Original.TerminalTime == "":
		return payment.Result{}, wrongRequest(payment.CodeInput, "the terminal's own id of the original is not known, so it cannot be voided; refund it instead")
	}
	if t.walletBar(r.Original.Terminal) {
		return payment.Result{}, wrongRequest(payment.CodeUnsupported, "this sale was paid without a card, and software of the terminal below "+goodVersion+
			" would reverse the last card sale instead. Let the terminal update itself")
	}
	m := t.service("Reversal", r.Attempt.Serial)
	m.ReversalRequest = voidRequest(r.Original, t.settings.saleID, t.settings.poiID)
	return t.carryOut(ctx, r, m, to)
}

// carryOut posts a request that moves money. It is never sent a second time.
func (t *Terminal) carryOut(ctx context.Context, r payment.Request, m *message, to payment.Reporter) (payment.Result, error) {
	t.begin(r.Kind)
	defer t.end()
	got, err := t.exchange(ctx, m, true, t.narrate(r, to), to)
	if err != nil {
		return payment.Result{}, err
	}
	a, ok := answerOf(got.PaymentResponse, got.ReversalResponse)
	if !ok {
		return payment.Result{}, fault(payment.CodeUnreadable, payment.SentMaybe, true, fmt.Errorf("answer is %s", short(got.name())))
	}
	if ok, why := a.ours(r, or(got.Header.ServiceID, m.Header.ServiceID)); !ok {
		return payment.Result{}, fault(payment.CodeForeign, payment.SentMaybe, true, fmt.Errorf("answer is not ours: %s", why))
	}
	result, err := t.outcome(r, a)
	if err == nil {
		t.remember(result)
		t.closeDialog(errOvertaken)
		t.warnDeaf(r.Kind, to)
	}
	return result, err
}

// warnDeaf tells when a whole payment in default mode came without a single call
// from the terminal (nexo-retailer.md 2.6).
func (t *Terminal) warnDeaf(kind payment.Kind, to payment.Reporter) {
	t.mu.Lock()
	heard := t.heardAny
	t.mu.Unlock()
	if t.settings.light || heard || kind == payment.Void {
		return
	}
	t.note(to, payment.ReasonLinkLost, "The terminal showed nothing here during the payment: it probably cannot reach this till on "+t.settings.listen+". Check the till's address in the terminal's ECR settings and the firewall, or set mode to light.")
}

// remember keeps which sale was paid without a card, for walletBar.
func (t *Terminal) remember(r payment.Result) {
	if r.Outcome != payment.Success || r.Card.Entry != payment.EntryMobile {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wallet = r.References.Terminal
}

// walletBar tells whether a void must not be sent: old software voids the last card
// sale in place of one without a card (nexo-retailer.md 13, PAX-4076). It knows
// sales of this run only.
func (t *Terminal) walletBar(original string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wallet == original && (t.version == "" || older(t.version, goodVersion))
}

// narrate gives the one prompt that light mode has: the terminal does not show the
// till its display.
func (t *Terminal) narrate(r payment.Request, to payment.Reporter) func() {
	if !t.settings.light || r.Kind == payment.Void {
		return nil
	}
	return func() {
		to.Prompt(payment.Prompt{Code: payment.PromptPresent, Waiting: payment.Customer, Narrated: true, At: t.now()})
	}
}

func wrongRequest(code payment.Code, wrong string) *payment.Error {
	return &payment.Error{Code: code, Sent: payment.SentNo, Text: "Nothing was sent to the terminal: " + wrong + "."}
}

func (t *Terminal) begin(kind payment.Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kind, t.settled, t.heardAny = kind, nil, false
}

func (t *Terminal) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kind = ""
}

// Close stops listening and drops an open question.
func (t *Terminal) Close() error {
	t.closeDialog(errClosing)
	if t.leave != nil {
		t.leave()
	}
	if idle, ok := t.client.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
