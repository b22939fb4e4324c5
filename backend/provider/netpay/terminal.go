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

	mu       sync.Mutex
	waiting  map[string][]*waiter // by attempt reference
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

// lookInto asks the terminal about a result that is not to be believed as it stands:
// what differs from the request, what may be a stranger's, and every refusal, since a
// reprint alone tells declined from reversed. Without an answer the terminal's own word
// stands (netpay.md 7.4): another amount or store is approved as it is, with an alarm
// (design 10.8). Anything else is doubt.
func (t *Terminal) lookInto(ctx context.Context, r payment.Request, got result, heard payment.Result, to payment.Reporter) payment.Result {
	t.narrate(to, payment.PromptAsking, payment.Device, heard.ReasonText)
	told, err := t.inquire(ctx, r, askPause, to)
	if _, decides := told.Outcome.Trigger(); err == nil && decides {
		return told
	}
	if ctx.Err() == nil && t.settings.proven(got) && (heard.Outcome == payment.Refused || heard.Outcome == payment.Success && t.settings.confirm == confirmEcho) {
		to.Note(payment.Note{Terminal: t.name, Text: "The terminal did not say more about its result: its own word stands."})
		if heard.Outcome == payment.Success {
			heard.Slips = t.slips(r, got, heard)
		}
		return settled(heard)
	}
	return heard // with Confirm: doubt until it is asked again
}

// Lookup finds out what became of an attempt: from what was delivered already, else
// by a reprint.
func (t *Terminal) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	told, at, hinted, err := t.delivered(ctx, r)
	if err != nil {
		return payment.Result{}, err
	}
	if _, decides := told.Outcome.Trigger(); decides && !hinted && !t.mayHaveCome(told, at) {
		return told, nil
	}
	if t.door == nil {
		return deaf, nil
	}
	// The terminal is left alone while the customer is at it: one push at a time. A
	// clock that was set back is no reason to wait.
	if since := time.Since(r.Attempt.At); since >= 0 && (since < settleIn || since < patientUntil && t.open(r.Attempt.Reference)) {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal has it"}, nil
	}
	return t.inquire(ctx, r, 0, to)
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
// latest result that is believed counts, and an approval before all. hinted: what
// came later claims an approval, and cannot be believed without asking.
func (t *Terminal) delivered(ctx context.Context, r payment.Request) (out payment.Result, at time.Time, hinted bool, err error) {
	kept, err := t.deps.Inbox.Kept(ctx, r.Attempt.Reference)
	if err != nil {
		return payment.Result{}, time.Time{}, false, err
	}
	answered := map[string]bool{}
	for _, d := range kept {
		got, err := decode([]byte(d.Body))
		if err != nil {
			continue
		}
		if ok, _ := t.ours(r, got); !ok {
			continue
		}
		one := t.verdict(r, got)
		_, decides := one.Outcome.Trigger()
		switch {
		case !decides, one.Outcome != payment.Success && (one.Confirm || out.Outcome == payment.Success):
		case one.Confirm:
			hinted = out.Outcome != payment.Success
		case got.kind() == opInquiry && answered[got.trace.N]:
			// Whoever has seen an answer could say anything in its name.
		default:
			out, at, hinted = one, d.At, false
		}
		answered[got.trace.N] = answered[got.trace.N] || got.kind() == opInquiry && t.settings.proven(got)
	}
	return out, at, hinted, nil
}

// verdict reads a result of any kind. What does not bring back our own mark is never
// more than a hint.
func (t *Terminal) verdict(r payment.Request, got result) payment.Result {
	out := payment.Result{Reason: payment.ReasonForeign, ReasonText: "a result of another kind"}
	switch kind := got.kind(); {
	case kind == opInquiry:
		out = t.inquiry(r, got)
	case kind == opCancel && r.Kind == payment.Void:
		out = t.cancel(r, got)
	case kind == opSale && r.Kind == payment.Sale:
		out = t.sale(r, got)
	}
	out.Confirm = out.Confirm || !t.settings.proven(got)
	if out.Confirm && out.Outcome == payment.Success {
		out.Slips = nil // nobody gets a slip of what is only claimed
	}
	return out
}

// errSilent: the terminal did not answer a reprint.
var errSilent = errors.New("the terminal did not deliver an answer")

// inquire has the terminal deliver the state of the sale again, without paper
// (netpay.md 3.2, 3.3), after a pause. A void is asked about by its original's order.
// A result that comes by itself meanwhile is as good as the answer.
func (t *Terminal) inquire(ctx context.Context, r payment.Request, after time.Duration, to payment.Reporter) (payment.Result, error) {
	leave, ok := t.provider.take(t.line(), r.Attempt.Reference)
	if !ok {
		return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy, ReasonText: "the terminal has something else just now"}, nil
	}
	defer leave()
	arrived, done := t.await(r.Attempt.Reference)
	defer done()
	if told, err := t.listen(ctx, r, arrived, after, to); !errors.Is(err, errSilent) {
		return told, err
	}
	n, err := t.deps.Serial(ctx)
	if err != nil {
		return payment.Result{}, &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo, Err: err,
			Text: "The journal gave no number for a question to the terminal, so it was not sent. No payment is affected by this."}
	}
	order := orderBody{Serial: t.settings.serial, Store: t.storeOf(r), Traceability: t.settings.trace(r.Attempt.Reference, opInquiry, strconv.FormatInt(n, 10)),
		DisablePrint: true, IsSmartAccount: t.settings.smart()}
	var body any = folioBody{orderBody: order, Folio: r.Attempt.Reference}
	if r.Kind == payment.Void {
		order.Order = r.Original.Terminal
		body = order
	}
	if err := t.push(ctx, reprintPath, "ReprintRequest", r.Attempt.Reference, body, false, to); err != nil && payment.SentOf(err) == payment.SentNo {
		return payment.Result{}, err
	}
	return t.listen(ctx, r, arrived, inquiryWait, to)
}

// listen waits for a result that can be believed as it stands. An error that is
// errSilent: there was none.
func (t *Terminal) listen(ctx context.Context, r payment.Request, arrived <-chan result, limit time.Duration, to payment.Reporter) (payment.Result, error) {
	wait := time.NewTimer(limit)
	defer wait.Stop()
	for {
		select {
		case got := <-arrived:
			ok, why := t.ours(r, got)
			if !ok {
				t.foreign(to, why)
				continue
			}
			if told := t.verdict(r, got); !told.Confirm {
				return told, nil
			}
			if !t.settings.proven(got) {
				t.foreign(to, notProven)
			}
		case <-wait.C:
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, errSilent)
		case <-ctx.Done():
			return payment.Result{}, fault(payment.CodeNoAnswer, payment.SentMaybe, false, context.Cause(ctx))
		}
	}
}

// notProven is said of a result that lacks our mark.
const notProven = "it does not bring back what was sent to the terminal, so anybody may have posted it"

// foreign keeps a result that decides nothing in the timeline.
func (t *Terminal) foreign(to payment.Reporter, why string) {
	to.Note(payment.Note{Terminal: t.name, Reason: payment.ReasonForeign, Text: "A result was not believed: " + why + "."})
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
