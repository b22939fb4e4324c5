package netpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// The waits of netpay.md 7.4.
const (
	inquiryWait  = 30 * time.Second  // for the answer to a reprint
	settleIn     = 15 * time.Second  // a push that may have arrived is left alone so long
	refusedPause = 5 * time.Second   // before a refusal is looked into
	patientUntil = 180 * time.Second // the terminal is left alone so long after a push
	pendingAgain = 30 * time.Minute  // a pending reversal is asked about, where nothing says that it has come
	cutOffHour   = 20                // a cancel is taken until then, on the same day (netpay.md 3.4)
)

// Terminal is one NetPay terminal.
type Terminal struct {
	provider  *Provider
	name      string
	settings  settings
	deps      payment.Deps
	client    *link.Client
	public    *http.Client // for the till's own test deliveries
	tokens    *tokens
	door      *callback.Door // nil: nothing can arrive
	path      string
	listening string
	leave     func()

	mu       sync.Mutex
	waiting  map[string][]chan result // by attempt reference
	lastSale time.Time                // when a sale was last approved here; zero: not in this run
}

// Limits are those of a terminal with or without a way in.
func (t *Terminal) Limits() payment.Limits { return t.provider.Info().Limits }

// Accounts are the stores of the group, the default one first; none without Smart
// Accounts.
func (t *Terminal) Accounts() []payment.Account { return t.settings.stores }

// line names the terminal among all that this process drives.
func (t *Terminal) line() string { return t.settings.base + " " + t.settings.serial }

// Sale pushes a sale and waits for the terminal's result, however long the customer
// takes.
func (t *Terminal) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	switch {
	case r.Attempt.Reference == "":
		return payment.Result{}, wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Total.Minor <= 0 || r.Total.Currency != currency:
		return payment.Result{}, wrongRequest(payment.CodeInput, "the amount must be above zero, in "+currency)
	case r.Tip != 0 || r.Cashback != 0 || r.AuthOnly:
		return payment.Result{}, wrongRequest(payment.CodeUnsupported, "NetPay takes neither a tip nor cash back nor a reservation from the till")
	}
	if t.door == nil {
		to.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonLinkLost, Text: "No address to listen on is set: the result of this sale cannot arrive. Settle it by hand from the terminal's ticket."})
	}
	body := saleBody{Serial: t.settings.serial, Store: t.storeOf(r), Amount: pesos(r.Total.Minor), Traceability: trace{Ref: r.Attempt.Reference, Op: opSale},
		Folio: r.Attempt.Reference, DisablePrint: !t.settings.printing, IsSmartAccount: t.settings.smart()}
	got, err := t.carryOut(ctx, r, salePath, "SaleRequest", opSale, body, to)
	if err != nil {
		return payment.Result{}, err
	}
	out := t.sale(r, got)
	switch out.Outcome {
	case payment.Refused:
		return t.lookInto(ctx, r, out, to)
	case payment.Success:
		t.mu.Lock()
		t.lastSale = time.Now()
		t.mu.Unlock()
	}
	return out, nil
}

// Void pushes a cancel of the whole original: the same day, before the cut-off.
func (t *Terminal) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	if err := t.voidable(r, to); err != nil {
		return payment.Result{}, err
	}
	body := orderBody{Serial: t.settings.serial, Order: r.Original.Terminal, Store: t.storeOf(r), Traceability: trace{Ref: r.Attempt.Reference, Op: opCancel},
		DisablePrint: !t.settings.printing, IsSmartAccount: t.settings.smart()}
	got, err := t.carryOut(ctx, r, cancelPath, "CancelRequest", opCancel, body, to)
	if err != nil {
		return payment.Result{}, err
	}
	return t.cancel(r, got), nil
}

// voidable refuses what NetPay never does. After the cut-off of the day NetPay
// itself is the judge (netpay.md 7.5).
func (t *Terminal) voidable(r payment.Request, to payment.Reporter) error {
	switch {
	case r.Attempt.Reference == "":
		return wrongRequest(payment.CodeInternal, "the attempt has no reference")
	case r.Original.Terminal == "":
		return wrongRequest(payment.CodeInput, "NetPay's order of the original is not known, so it cannot be cancelled")
	}
	made, ok := orderTime(r.Original.Terminal)
	if !ok {
		made, ok = ticketTime(r.Original.TerminalTime)
	}
	now := time.Now().In(zone)
	switch {
	case ok && made.Format(time.DateOnly) != now.Format(time.DateOnly):
		return wrongRequest(payment.CodeUnsupported, "NetPay cancels only on the day of the sale, until "+strconv.Itoa(cutOffHour)+":00 in Mexico City. Use NetPay's refund service")
	case now.Hour() >= cutOffHour:
		to.Note(payment.Note{Terminal: t.name, Text: "It is past " + strconv.Itoa(cutOffHour) + ":00 in Mexico City: NetPay may refuse the cancel."})
	}
	return nil
}

// carryOut pushes what moves money, once, and waits for its result. The terminal is
// taken meanwhile.
func (t *Terminal) carryOut(ctx context.Context, r payment.Request, path, name, op string, body any, to payment.Reporter) (result, error) {
	if !t.provider.take(t.line()) {
		return result{}, &payment.Error{Code: payment.CodeBusy, Sent: payment.SentNo,
			Text: "This terminal is carrying out something else just now. Nothing was sent, so nothing was charged. Paydesk tries again by itself; otherwise wait a moment and try again."}
	}
	defer t.provider.leave(t.line())
	arrived, done := t.await(r.Attempt.Reference) // before the push: the result may be quicker than its acknowledgement
	defer done()
	err := t.push(ctx, path, name, r.Attempt.Reference, body, true, to)
	if err != nil && payment.SentOf(err) == payment.SentNo {
		return result{}, err
	}
	if err == nil {
		t.narrate(to, payment.PromptPresent, payment.Customer, waitingText[op])
	}
	for {
		if err != nil {
			// The push may have arrived: what has come meanwhile counts, the rest is doubt.
			select {
			case got := <-arrived:
				if t.answers(r, got, op, to) {
					return got, nil
				}
				continue
			default:
				return result{}, err
			}
		}
		select {
		case got := <-arrived:
			if t.answers(r, got, op, to) {
				return got, nil
			}
		case <-ctx.Done():
			return result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, true, fmt.Errorf("waiting for the terminal's result: %w", context.Cause(ctx)))
		}
	}
}

// waitingText is what the terminal shows, as documented (netpay.md 8). It is an
// estimate: nothing tells the till what is really shown.
var waitingText = map[string]string{opSale: "Esperando medio de pago", opCancel: "Cancelación"}

// answers tells whether a result is the one that is waited for.
func (t *Terminal) answers(r payment.Request, got result, op string, to payment.Reporter) bool {
	ok, why := t.ours(r, got)
	if !ok {
		to.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonForeign, Text: "A result was not taken: " + why + "."})
		return false
	}
	return got.kind() == op
}

// narrate tells what the till knows: the terminal shows the till nothing.
func (t *Terminal) narrate(to payment.Reporter, code payment.PromptCode, waiting payment.Party, text string) {
	to.Prompt(payment.Prompt{Code: code, Text: text, Waiting: waiting, Narrated: true, At: time.Now()})
}

// lookInto finds out what a refusal really is: a reprint tells declined from
// reversed. Without an answer the terminal's own word stands (netpay.md 7.4).
func (t *Terminal) lookInto(ctx context.Context, r payment.Request, refused payment.Result, to payment.Reporter) (payment.Result, error) {
	t.narrate(to, payment.PromptAsking, payment.Device, refused.ReasonText)
	pause := time.NewTimer(refusedPause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
		return refused, nil // with Confirm: doubt until it is asked again
	}
	told, err := t.inquire(ctx, r, to)
	if _, decides := told.Outcome.Trigger(); err == nil && decides {
		return told, nil
	}
	if ctx.Err() != nil {
		return refused, nil
	}
	to.Note(payment.Note{Terminal: t.name, Text: "The terminal did not say more about the refusal: its own word stands."})
	return settled(refused), nil
}

// Lookup finds out what became of an attempt: from what was delivered already, else
// by a reprint.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	told, at, err := t.delivered(ctx, r)
	if err != nil {
		return payment.Result{}, err
	}
	if _, decides := told.Outcome.Trigger(); decides && !told.Confirm && !t.mayHaveCome(told, at) {
		return told, nil
	}
	if t.door == nil {
		return payment.Result{Reason: payment.ReasonNoAnswer, ReasonText: "nothing can arrive here, since no address to listen on is set: look at the terminal's ticket"}, nil
	}
	// The terminal is left alone while the customer is at it: one push at a time.
	// An attempt of the time to come was made by a clock that has been set back since.
	if since := time.Since(r.Attempt.At); since >= 0 && (since < settleIn || since < patientUntil && t.open(r.Attempt.Reference)) {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal has it"}, nil
	}
	return t.inquire(ctx, r, to)
}

// mayHaveCome tells whether a pending reversal is worth asking about: the terminal
// reverses with its next approved sale (netpay.md 5.5), of which this run may not
// know.
func (t *Terminal) mayHaveCome(told payment.Result, at time.Time) bool {
	if told.Reason != payment.ReasonPendingReversal {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lastSale.After(at) || time.Since(at) >= pendingAgain
}

// open tells whether the attempt's own call still waits.
func (t *Terminal) open(ref string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting[ref]) > 0
}

// delivered reads what has arrived about an attempt, also before a restart. The
// latest result that decides counts, and an approval before all.
func (t *Terminal) delivered(ctx context.Context, r payment.Request) (out payment.Result, at time.Time, err error) {
	kept, err := t.deps.Inbox.Kept(ctx, r.Attempt.Reference)
	if err != nil {
		return payment.Result{}, time.Time{}, err
	}
	for _, d := range kept {
		got, err := decode([]byte(d.Body))
		if err != nil {
			continue
		}
		if ok, _ := t.ours(r, got); !ok {
			continue
		}
		one := t.verdict(r, got)
		if _, decides := one.Outcome.Trigger(); !decides || (out.Outcome == payment.Success && !out.Confirm && one.Outcome != payment.Success) {
			continue
		}
		out, at = one, d.At
	}
	return out, at, nil
}

// verdict reads a result of any kind.
func (t *Terminal) verdict(r payment.Request, got result) payment.Result {
	switch kind := got.kind(); {
	case kind == opInquiry:
		return t.inquiry(r, got)
	case kind == opCancel && r.Kind == payment.Void:
		return t.cancel(r, got)
	case kind == opSale && r.Kind == payment.Sale:
		return t.sale(r, got)
	}
	return payment.Result{Reason: payment.ReasonForeign, ReasonText: "a result of another kind"}
}

// errSilent: the terminal did not answer a reprint.
var errSilent = errors.New("the terminal did not deliver an answer")

// inquire has the terminal deliver the state of the sale again, without paper
// (netpay.md 3.2, 3.3). A void is asked about by its original's order.
func (t *Terminal) inquire(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	n, err := t.deps.Serial(ctx)
	if err != nil {
		return payment.Result{}, &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo, Err: err,
			Text: "The journal gave no number for a question to the terminal, so it was not sent. No payment is affected by this."}
	}
	ask := trace{Ref: r.Attempt.Reference, Op: opInquiry, N: strconv.FormatInt(n, 10)}
	order := orderBody{Serial: t.settings.serial, Store: t.storeOf(r), Traceability: ask, DisablePrint: true, IsSmartAccount: t.settings.smart()}
	var body any = folioBody{orderBody: order, Folio: r.Attempt.Reference}
	if r.Kind == payment.Void {
		order.Order = r.Original.Terminal
		body = order
	}
	arrived, done := t.await(r.Attempt.Reference)
	defer done()
	if err := t.push(ctx, reprintPath, "ReprintRequest", r.Attempt.Reference, body, false, to); err != nil && payment.SentOf(err) == payment.SentNo {
		return payment.Result{}, err
	}
	wait := time.NewTimer(inquiryWait)
	defer wait.Stop()
	for {
		select {
		case got := <-arrived:
			// A result that comes by itself meanwhile is as good as the answer.
			if ok, _ := t.ours(r, got); ok {
				if told := t.verdict(r, got); !told.Confirm {
					return told, nil
				}
			}
		case <-wait.C:
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, errSilent)
		case <-ctx.Done():
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, context.Cause(ctx))
		}
	}
}

// Ping gets a token: NetPay has nothing else that could be asked without disturbing
// the terminal.
func (t *Terminal) Ping(ctx context.Context, to payment.Reporter) error {
	_, err := t.tokens.get(ctx, to.Message)
	return err
}

// Close stops listening.
func (t *Terminal) Close() error {
	if t.leave != nil {
		t.leave()
	}
	if idle, ok := t.client.Transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
	return nil
}
