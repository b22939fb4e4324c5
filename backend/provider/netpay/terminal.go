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
	askPause     = 5 * time.Second   // before a result is looked into: the terminal still shows its end
	patientUntil = 120 * time.Second // the terminal is left alone so long after a push
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
	opened    time.Time

	mu       sync.Mutex
	waiting  map[string][]*waiter // by attempt reference
	asking   bool                 // a reprint is under way, or its answer is waited for
	latest   holder               // the attempt that this run of the till has pushed last
	lastSale time.Time            // when a sale was last approved here; zero: not in this run
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
	body := saleBody{Serial: t.settings.serial, Store: t.storeOf(r), Amount: pesos(r.Total.Minor), Traceability: t.settings.trace(r.Attempt.Reference, opSale, ""),
		Folio: r.Attempt.Reference, DisablePrint: !t.settings.printing, IsSmartAccount: t.settings.smart()}
	got, err := t.carryOut(ctx, r, salePath, "SaleRequest", opSale, body, to)
	if errors.Is(err, errDeaf) {
		return deaf, nil
	}
	if err != nil {
		return payment.Result{}, err
	}
	out := t.verdict(r, got)
	if out.Confirm {
		out = t.lookInto(ctx, r, got, out, to)
	}
	if out.Outcome == payment.Success {
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
	body := orderBody{Serial: t.settings.serial, Order: r.Original.Terminal, Store: t.storeOf(r), Traceability: t.settings.trace(r.Attempt.Reference, opCancel, ""),
		DisablePrint: !t.settings.printing, IsSmartAccount: t.settings.smart()}
	got, err := t.carryOut(ctx, r, cancelPath, "CancelRequest", opCancel, body, to)
	if errors.Is(err, errDeaf) {
		return deaf, nil
	}
	if err != nil {
		return payment.Result{}, err
	}
	out := t.verdict(r, got)
	if out.Confirm {
		out = t.lookInto(ctx, r, got, out, to)
	}
	return out, nil
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
	leave, ok := t.provider.take(t.line(), r.Attempt.Reference)
	if !ok {
		return result{}, &payment.Error{Code: payment.CodeBusy, Sent: payment.SentNo,
			Text: "This terminal is carrying out something else just now. Nothing was sent, so nothing was charged. Paydesk tries again by itself; otherwise wait a moment and try again."}
	}
	defer leave()
	arrived, done := t.await(r.Attempt.Reference) // before the push: the result may be quicker than its acknowledgement
	defer done()
	t.mu.Lock()
	t.latest = holder{r.Attempt.Reference, time.Now()}
	t.mu.Unlock()
	err := t.push(ctx, path, name, r.Attempt.Reference, body, true, to)
	if err != nil && payment.SentOf(err) == payment.SentNo {
		return result{}, err
	}
	if err == nil && t.door == nil {
		return result{}, errDeaf
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

// errDeaf: the terminal was told to begin, and nothing can be heard of the end.
var errDeaf = errors.New("no address to listen on is set")

// deaf is what is known of an operation whose end cannot be heard.
var deaf = payment.Result{Reason: payment.ReasonNoAnswer,
	ReasonText: "nothing can arrive here, since no address to listen on is set: look at the terminal's ticket and settle this by hand"}

// waitingText is what the terminal shows, as documented (netpay.md 8). It is an
// estimate: nothing tells the till what is really shown.
var waitingText = map[string]string{opSale: "Esperando medio de pago", opCancel: "Cancelación"}

// answers tells whether a result is the one that is waited for. One without our mark
// is, too: the terminal is asked about it.
func (t *Terminal) answers(r payment.Request, got result, op string, to payment.Reporter) bool {
	ok, why := t.ours(r, got)
	if !ok {
		t.foreign(to, why)
		return false
	}
	if !t.settings.proven(got) {
		t.foreign(to, notProven)
	}
	return got.kind() == op
}

// narrate tells what the till knows: the terminal shows the till nothing.
func (t *Terminal) narrate(to payment.Reporter, code payment.PromptCode, waiting payment.Party, text string) {
	to.Prompt(payment.Prompt{Code: code, Text: text, Waiting: waiting, Narrated: true, At: time.Now()})
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
