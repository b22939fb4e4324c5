package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

var _ engine.Journal = (*journal.Journal)(nil)

// script is a terminal whose every call is played by the test.
type script struct {
	mu       sync.Mutex
	sales    []payment.Request
	lookups  []payment.Request
	voids    []payment.Request
	refunds  []payment.Request
	aborts   []payment.Request
	signIns  int
	outs     int
	settings payment.Settings
	deps     payment.Deps

	sale   func(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error)
	void   func(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error)
	lookup func(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error)
	abort  func(ctx context.Context, r payment.Request) error
	signIn func(ctx context.Context) error
}

func (s *script) Info() payment.Info {
	return payment.Info{
		Name: "script", Title: "Scripted terminal", Currencies: []string{"SEK", "EUR"},
		Limits: payment.Limits{Cashback: true, VoidLastOnly: true, PartialRefund: true},
		Clocks: payment.Clocks{
			Silence: 60 * time.Second, Again: 5 * time.Second, Status: 15 * time.Second, AbortWait: 15 * time.Second,
			DoubtAfter: 25 * time.Second, Park: 5 * time.Minute, StopAfter: time.Minute, BusyAgain: time.Second, BusyTries: 5, TipFor: 24 * time.Hour, ReopenFor: 30 * time.Minute,
			Backoff: []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second},
		},
	}
}

func (s *script) Open(_ context.Context, _ string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	s.settings, s.deps = settings, deps
	return s, nil
}

func (s *script) Close() error { return nil }

func (s *script) Sale(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	s.mu.Lock()
	s.sales = append(s.sales, r)
	sale := s.sale
	s.mu.Unlock()
	return sale(ctx, r, to)
}

func (s *script) Refund(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	s.mu.Lock()
	s.refunds = append(s.refunds, r)
	s.mu.Unlock()
	return approval(r), nil
}

func (s *script) Void(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	s.mu.Lock()
	s.voids = append(s.voids, r)
	s.mu.Unlock()
	if s.void == nil {
		return payment.Result{Outcome: payment.Success}, nil
	}
	return s.void(ctx, r, to)
}

func (s *script) Lookup(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error) {
	s.mu.Lock()
	s.lookups = append(s.lookups, r)
	lookup := s.lookup
	s.mu.Unlock()
	if lookup == nil {
		return payment.Result{Outcome: payment.Pending}, nil
	}
	return lookup(ctx, r, to)
}

func (s *script) Abort(ctx context.Context, r payment.Request, _ string, _ payment.Reporter) error {
	s.mu.Lock()
	s.aborts = append(s.aborts, r)
	s.mu.Unlock()
	if s.abort == nil {
		return nil
	}
	return s.abort(ctx, r)
}

func (s *script) SignIn(ctx context.Context, _ payment.Reporter) error {
	s.mu.Lock()
	s.signIns++
	s.mu.Unlock()
	if s.signIn == nil {
		return nil
	}
	return s.signIn(ctx)
}

func (s *script) SignOut(context.Context, bool, payment.Reporter) error {
	s.mu.Lock()
	s.outs++
	s.mu.Unlock()
	return nil
}

// plays changes what a sale comes to from now on.
func (s *script) plays(sale func(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sale = sale
}

// finds changes what a status request brings from now on.
func (s *script) finds(lookup func(ctx context.Context, r payment.Request, to payment.Reporter) (payment.Result, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookup = lookup
}

func (s *script) count(list *[]payment.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(*list)
}

// approval is a terminal's word that r was paid.
func approval(r payment.Request) payment.Result {
	return payment.Result{Outcome: payment.Success, Currency: r.Total.Currency, Authorised: r.Total.Minor, Cashback: r.Cashback,
		Card:       payment.Card{Brand: "Test", Masked: "************0002", Entry: payment.EntryChip},
		References: payment.References{Terminal: "T" + r.Attempt.Reference, TerminalTime: "2026-04-12T08:15:31.204Z", AuthCode: "123456"}}
}

// till is an engine on a real journal with one scripted terminal.
type till struct {
	*engine.Engine
	t       *testing.T
	journal *journal.Journal
	script  *script
	path    string
}

func open(t *testing.T, path string, s *script, settings payment.Settings) *till {
	t.Helper()
	ctx := context.Background()
	j, err := journal.Open(ctx, path, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Journal: j})
	if err := e.Add(ctx, engine.Terminal{Name: "one", Provider: s, Settings: settings}, nil); err != nil {
		t.Fatal(err)
	}
	return &till{Engine: e, t: t, journal: j, script: s, path: path}
}

func newTill(t *testing.T, s *script) *till {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "journal.db"), s, nil)
}

// close stops the till as a crash would: what is open stays open.
func (x *till) close() {
	x.t.Helper()
	if err := x.Close(context.Background()); err != nil {
		x.t.Error(err)
	}
	if err := x.journal.Close(); err != nil {
		x.t.Error(err)
	}
}

var keys int

func (x *till) start(kind payment.Kind, amount int64, original string) payment.Operation {
	x.t.Helper()
	keys++
	op, err := x.Start(context.Background(), engine.Start{FormKey: fmt.Sprint("key-", keys), Kind: kind, Amount: amount,
		Original: original, Operator: "anna", Why: "test"})
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

func (x *till) until(id string, what string, ok func(payment.Operation) bool) payment.Operation {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	changes, err := x.Follow(ctx, id)
	if err != nil {
		x.t.Fatal(err)
	}
	var last payment.Operation
	for op := range changes {
		if last = op; ok(op) {
			return op
		}
	}
	x.t.Fatalf("operation never was %s: it is %s (%s)", what, last.State, last.Reason)
	return last
}

func (x *till) ends(id string, want payment.State, reason payment.Reason) payment.Operation {
	x.t.Helper()
	op := x.until(id, "final", func(op payment.Operation) bool { return op.State.Final() })
	if op.State != want || op.Reason != reason {
		x.t.Errorf("ended %s (%s: %s), want %s (%s)", op.State, op.Reason, op.ReasonText, want, reason)
	}
	return op
}

func (x *till) reaches(id string, want payment.State) payment.Operation {
	x.t.Helper()
	return x.until(id, string(want), func(op payment.Operation) bool { return op.State == want })
}

func fails(code payment.Code, sent payment.Sent) error {
	return &payment.Error{Code: code, Sent: sent, Text: "scripted"}
}
