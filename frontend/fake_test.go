package frontend_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend"
)

// desk is a scripted engine and journal in one: a test says what the terminal
// would do, and the pages hear of it as from the real ones.
type desk struct {
	mu        sync.Mutex
	ops       map[string]payment.Operation
	events    map[string][]payment.Event
	order     []string
	keys      map[string]string
	terminals []engine.TerminalStatus
	watchers  map[chan engine.Update]chan struct{}
	calls     []string
	fail      error // the next call of the engine gives this
	changed   chan struct{}
	seq       int64
	skew      time.Duration // moves the clock of scripts
	alarm     string        // what is wrong with the journal
	faults    []string      // in the lines of every operation
	strays    []payment.Delivery
}

func newDesk() *desk {
	limits := payment.Limits{Cashback: true, VoidLastOnly: true, PartialRefund: true, CardForRefund: true, Mirror: true}
	return &desk{ops: map[string]payment.Operation{}, events: map[string][]payment.Event{}, keys: map[string]string{},
		watchers: map[chan engine.Update]chan struct{}{}, changed: make(chan struct{}),
		terminals: []engine.TerminalStatus{
			{Name: "front", Provider: "nexo", Title: "nexo Retailer (Swedbank Pay PAX)", State: engine.TerminalReady, Currency: "SEK",
				LastSeen: time.Now().Add(-5 * time.Second), Limits: limits, CanRefund: true, CanVoid: true, CanAbort: true},
			{Name: "terrace", Provider: "nexo", Title: "nexo Retailer (Swedbank Pay PAX)", State: engine.TerminalOffline, Currency: "SEK",
				Problem: "The last call did not reach it. Check its power and network.", Limits: payment.Limits{}, CanAbort: true},
		}}
}

func pages(t testing.TB, d *desk, practice bool) *frontend.Pages {
	t.Helper()
	return pagesWith(t, d, practice, nil)
}

func pagesWith(t testing.TB, d *desk, practice bool, setup frontend.Setup) *frontend.Pages {
	t.Helper()
	deps := frontend.Deps{Engine: d, Journal: d, Seal: d, Practice: practice, Setup: setup, Language: "en", Version: "test"}
	if practice {
		deps.PinPads = []frontend.PinPad{{Name: "front", URL: "http://127.0.0.1:8431/"}}
	}
	p := frontend.New(deps)
	t.Cleanup(p.Close)
	return p
}

// put records an operation with one event and tells the watchers.
func (d *desk) put(op payment.Operation, kind payment.EventKind, data any) payment.Operation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record(op, kind, data)
}

func (d *desk) record(op payment.Operation, kind payment.EventKind, data any) payment.Operation {
	if _, known := d.ops[op.ID]; !known {
		d.order = append(d.order, op.ID)
		op.Number = int64(len(d.order))
	}
	d.ops[op.ID] = op
	if kind != "" {
		d.seq++
		e, err := payment.NewEvent(op.ID, time.Now().Add(d.skew), kind, data)
		if err != nil {
			panic(err)
		}
		e.Seq = d.seq
		d.events[op.ID] = append(d.events[op.ID], e)
	}
	for i := range d.terminals {
		if t := &d.terminals[i]; t.Name == op.Terminal {
			t.Operation, t.State = "", engine.TerminalReady
			if op.State == payment.InDoubt {
				t.Operation, t.State = op.ID, engine.TerminalInDoubt
			} else if !op.State.Final() {
				t.Operation, t.State = op.ID, engine.TerminalBusy
			}
		}
	}
	for news := range d.watchers {
		news <- engine.Update{Operation: op, Terminal: op.Terminal}
	}
	close(d.changed)
	d.changed = make(chan struct{})
	return op
}

// await waits until an operation fits.
func (d *desk) await(t testing.TB, what string, fits func(payment.Operation) bool) payment.Operation {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		d.mu.Lock()
		changed := d.changed
		for _, op := range d.ops {
			if fits(op) {
				d.mu.Unlock()
				return op
			}
		}
		d.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			t.Fatalf("not seen within 30 s: %s", what)
		}
	}
}

func (d *desk) called(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.calls {
		if strings.HasPrefix(c, name) {
			n++
		}
	}
	return n
}

func (d *desk) note(call string) error {
	d.calls = append(d.calls, call)
	err := d.fail
	d.fail = nil
	return err
}

func (d *desk) Start(_ context.Context, s engine.Start) (payment.Operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call := "start " + string(s.Kind)
	if s.Unlinked {
		call += " without a sale"
	}
	if err := d.note(call); err != nil {
		return payment.Operation{}, err
	}
	if id, known := d.keys[s.FormKey]; known {
		return d.ops[id], nil
	}
	op := payment.Operation{ID: fmt.Sprintf("00000000-0000-7000-8000-%012d", len(d.order)+1), FormKey: s.FormKey, Cart: s.Cart, Kind: s.Kind, State: payment.Created,
		Provider: "nexo", Terminal: s.Terminal, Currency: s.Currency, Requested: s.Amount, TipAsked: s.Tip, CashbackAsked: s.Cashback,
		Lines: s.Lines, Reference: s.Reference, Account: s.Account, AuthOnly: s.AuthOnly, Original: s.Original, Operator: s.Operator, Why: s.Why, CreatedAt: time.Now(),
		Prompt: payment.Prompt{Code: payment.PromptConnecting, Waiting: payment.Device, Narrated: true, At: time.Now()}}
	if s.Kind == payment.Void {
		op.Requested = d.ops[s.Original].Authorised
	}
	d.keys[s.FormKey] = op.ID
	return d.record(op, payment.EventCreated, op), nil
}

func (d *desk) change(id, call string, kind payment.EventKind, data any, do func(*payment.Operation)) (payment.Operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.note(call); err != nil {
		return payment.Operation{}, err
	}
	op, known := d.ops[id]
	if !known {
		return op, missing()
	}
	do(&op)
	return d.record(op, kind, data), nil
}

func (d *desk) Abort(_ context.Context, id, operator string) (payment.Operation, error) {
	return d.change(id, "abort", payment.EventAbort, payment.Note{Reason: payment.ReasonCashier}, func(o *payment.Operation) { o.State = payment.Aborting })
}

func (d *desk) Answer(_ context.Context, id string, a payment.Answer) (payment.Operation, error) {
	return d.change(id, fmt.Sprintf("answer %v %s", a.Yes, a.Question), payment.EventAnswer, a, func(o *payment.Operation) {
		o.State, o.Question = payment.InProgress, nil
	})
}

func (d *desk) Look(_ context.Context, id string) error {
	_, err := d.change(id, "look", payment.EventAsked, payment.Note{Text: "no answer"}, func(o *payment.Operation) { o.Doubt.Asked++ })
	return err
}

func (d *desk) Settle(_ context.Context, id string, s payment.Settlement) (payment.Operation, error) {
	return d.change(id, "settle", payment.EventSettled, s, func(o *payment.Operation) {
		o.State, o.Reason, o.Doubt = payment.Declined, payment.ReasonSettled, payment.Doubt{}
		if s.Paid {
			o.State, o.Authorised = payment.Approved, o.Requested
		}
	})
}

// HandOver starts at once what has ended; else the operation keeps the wish, and
// fence plays what becomes of it.
func (d *desk) HandOver(ctx context.Context, id, terminal, _ string) (payment.Operation, error) {
	op, err := d.Operation(ctx, id)
	if err != nil {
		return op, err
	}
	if op.State.Final() {
		s := engine.Start{FormKey: "handover:" + id, Cart: op.Cart, Kind: payment.Sale, Terminal: terminal, Currency: op.Currency, Amount: op.Requested}
		return d.Start(ctx, s)
	}
	h := payment.Handover{Terminal: terminal, At: time.Now()}
	return d.change(id, "handover "+terminal, payment.EventHandover, h, func(o *payment.Operation) { o.State, o.Handover = payment.Aborting, &h })
}

func (d *desk) KeepHere(_ context.Context, id, _ string) (payment.Operation, error) {
	return d.change(id, "keep", payment.EventHandedOver, payment.HandedOver{End: payment.HandoverDropped}, func(o *payment.Operation) {
		h := *o.Handover
		h.End = payment.HandoverDropped
		o.Handover = &h
	})
}

func (d *desk) AnswerAlarms(_ context.Context, id string, a payment.AlarmAnswer) (payment.Operation, error) {
	return d.change(id, fmt.Sprintf("alarm %d %s: %s", a.Alarms, a.Operator, a.Why), payment.EventLooked, a, func(o *payment.Operation) {
		a.At = time.Now()
		o.Answered = append(o.Answered, a)
	})
}

func (d *desk) Printed(_ context.Context, id string, p payment.Print) (payment.Operation, error) {
	return d.change(id, fmt.Sprintf("printed %s %d", p.Copy, p.Number), payment.EventPrinted, p, func(o *payment.Operation) { o.Prints++ })
}

func (d *desk) Terminals() []engine.TerminalStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]engine.TerminalStatus(nil), d.terminals...)
}

func (d *desk) Watch(buffer int) (<-chan engine.Update, <-chan struct{}, func()) {
	news, lost := make(chan engine.Update, buffer), make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers[news] = lost
	return news, lost, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.watchers, news)
	}
}

func missing() error {
	return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no such operation."}
}

func (d *desk) Operation(_ context.Context, id string) (payment.Operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if op, known := d.ops[id]; known {
		return op, nil
	}
	return payment.Operation{}, missing()
}

func (d *desk) Operations(_ context.Context, q payment.Query) ([]payment.Operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []payment.Operation
	for _, op := range d.ops {
		fits := (q.State == "" || op.State == q.State) && (q.Kind == "" || op.Kind == q.Kind) && (q.Terminal == "" || op.Terminal == q.Terminal) &&
			(q.Cart == "" || op.Cart == q.Cart) && (!q.Alarmed || len(op.OpenAlarms()) > 0) && (q.Before == 0 || op.Number < q.Before) && strings.Contains(op.Card.Masked+" "+op.Reference+" "+fmt.Sprint(op.Number), q.Text)
		if fits {
			list = append(list, op)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Number > list[j].Number })
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list, nil
}

func (d *desk) Events(_ context.Context, id string) ([]payment.Event, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]payment.Event(nil), d.events[id]...), nil
}

func (d *desk) Related(_ context.Context, id string) ([]payment.Operation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []payment.Operation
	for _, op := range d.ops {
		if op.Original == id || (d.ops[id].Original == op.ID && op.ID != "") {
			list = append(list, op)
		}
	}
	return list, nil
}

func (d *desk) Refunded(_ context.Context, id string) (approved, open int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, op := range d.ops {
		if op.Original == id && op.Kind == payment.Refund {
			if op.State == payment.Approved {
				approved += op.Authorised
			} else if !op.State.Final() {
				open += op.Requested
			}
		}
	}
	return approved, open, nil
}

func (d *desk) Last(_ context.Context, terminal string) (payment.Operation, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.order) - 1; i >= 0; i-- {
		if op := d.ops[d.order[i]]; op.Terminal == terminal && op.State == payment.Approved {
			return op, true, nil
		}
	}
	return payment.Operation{}, false, nil
}

// script is what a terminal does in the tests: each step changes the operation and
// is told to the pages.
type script struct {
	d  *desk
	op payment.Operation
}

func (s *script) prompt(code payment.PromptCode, text string, waiting payment.Party, digits int) {
	p := payment.Prompt{Code: code, Text: text, Waiting: waiting, Digits: digits, At: time.Now().Add(s.d.skew)}
	s.op.State, s.op.Prompt = payment.InProgress, p
	s.op = s.d.put(s.op, payment.EventPrompt, p)
}

func (s *script) ask() {
	q := payment.Question{ID: "q1", Text: "Signature ok?", At: time.Now()}
	s.op.Slips = append(s.op.Slips, slipOf(s.op, payment.MerchantCopy, payment.Unknown, true))
	s.op.State, s.op.Question = payment.AwaitingAnswer, &q
	s.op.Prompt = payment.Prompt{Code: payment.PromptSign, Waiting: payment.Cashier, At: time.Now()}
	s.op = s.d.put(s.op, payment.EventQuestion, q)
}

func (s *script) end(outcome payment.Outcome, why payment.Reason) {
	r := payment.Result{Outcome: outcome, Reason: why, References: payment.References{Terminal: "4711", RRN: "000012345678", AuthCode: "612345"}}
	s.op.Reason, s.op.Question, s.op.EndedAt = why, nil, time.Now().Add(s.d.skew)
	s.op.State = map[payment.Outcome]payment.State{payment.Success: payment.Approved, payment.Refused: payment.Declined,
		payment.Stopped: payment.Cancelled, payment.NotDone: payment.Failed}[outcome]
	s.op.Card = payment.Card{Brand: "Visa", Masked: "************1234", Entry: payment.EntryChip, CVM: payment.CVMPin}
	s.op.References = r.References
	if outcome == payment.Success {
		s.op.Authorised, s.op.Tip, s.op.Cashback = s.op.Total().Minor, s.op.TipAsked, s.op.CashbackAsked
	}
	if outcome == payment.Refused {
		s.op.ReasonText = "Refusal, 05 Do not honour"
	}
	s.op.Slips = append(s.op.Slips, slipOf(s.op, payment.MerchantCopy, outcome, false), slipOf(s.op, payment.CustomerCopy, outcome, false))
	s.op = s.d.put(s.op, payment.EventResult, r)
}

func (s *script) doubt(parked bool) {
	s.op.State, s.op.Reason = payment.InDoubt, payment.ReasonLinkLost
	s.op.Doubt = payment.Doubt{Since: time.Now().Add(-72 * time.Second), Asked: 4, Parked: parked, Answer: "no connection"}
	s.op = s.d.put(s.op, payment.EventDoubt, payment.Note{Reason: payment.ReasonLinkLost, Text: "connection reset"})
}

func slipOf(op payment.Operation, c payment.Copy, outcome payment.Outcome, sign bool) payment.Slip {
	return payment.Slip{Copy: c, Kind: op.Kind, At: time.Now(), Outcome: outcome, Signature: sign,
		Merchant:  payment.Merchant{Name: "Café Rosengård", Address: "Storgatan 1", Postal: "123 45", City: "Malmö", OrgNo: "556000-0000", MID: "1234567", TID: "00998877"},
		LocalDate: "2026-11-21", LocalTime: "14:05", Currency: op.Currency, Amount: op.Total().Decimal(), Total: op.Total().Decimal(),
		Brand: "Visa", Label: "VISA DEBIT", Masked: "************1234", Entry: payment.EntryChip, CVM: payment.CVMPin,
		AID: "A0000000031010", TVR: "0000008000", TSI: "E800", AuthCode: "612345", CodeBlock: "K/1 3 00 SWE", Receipt: "4711"}
}

func (d *desk) sale(minor int64) *script { return d.saleOn("front", minor) }

func (d *desk) saleOn(terminal string, minor int64) *script {
	op, err := d.Start(context.Background(), engine.Start{FormKey: fmt.Sprintf("script-%d", len(d.order)), Kind: payment.Sale, Terminal: terminal, Currency: "SEK", Amount: minor, Operator: "Ada"})
	if err != nil {
		panic(err)
	}
	return &script{d, op}
}
