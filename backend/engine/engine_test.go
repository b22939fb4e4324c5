package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

type ctx = context.Context

// answers plays a list of answers to sales, one each.
func answers(list ...func(ctx, payment.Request, payment.Reporter) (payment.Result, error)) func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
	n := 0
	return func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
		n++
		return list[min(n, len(list))-1](c, r, to)
	}
}

func approves(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	return approval(r), nil
}

func busy(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
	return payment.Result{}, fails(payment.CodeBusy, payment.SentNo)
}

func lost(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
	return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
}

// hangs never answers until the till stops.
func hangs(c ctx, _ payment.Request, _ payment.Reporter) (payment.Result, error) {
	<-c.Done()
	return payment.Result{}, &payment.Error{Code: payment.CodeNoAnswer, Err: c.Err()}
}

func TestApproved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: approves})
		defer x.close()
		op := x.ends(x.start(payment.Sale, 1250, "").ID, payment.Approved, "")
		if op.Authorised != 1250 || op.References.AuthCode != "123456" || len(op.Alarms) != 0 {
			t.Errorf("%+v", op)
		}
		if len(op.References.Ours) != 20 || op.References.Ours != x.script.sales[0].Attempt.Reference {
			t.Errorf("reference %q, the terminal got %q", op.References.Ours, x.script.sales[0].Attempt.Reference)
		}
	})
}

// The reference is on the disk before the provider is called (commit before send).
func TestCommittedBeforeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		x := newTill(t, s)
		defer x.close()
		s.sale = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			op, err := x.journal.Operation(context.Background(), r.Operation)
			if err != nil || op.State != payment.Sending || op.Attempt.Reference != r.Attempt.Reference {
				t.Errorf("in the journal when called: %s, %q, %v", op.State, op.Attempt.Reference, err)
			}
			return approval(r), nil
		}
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
	})
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		sale   func(ctx, payment.Request, payment.Reporter) (payment.Result, error)
		lookup func(ctx, payment.Request, payment.Reporter) (payment.Result, error)
		state  payment.State
		reason payment.Reason
		sales  int
		alarms int
	}{
		"declined": {sale: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}, nil
		}, state: payment.Declined, reason: payment.ReasonIssuer, sales: 1},
		"SW-02 busy, then approved": {sale: answers(busy, busy, approves), state: payment.Approved, sales: 3},
		"Seq7 busy for too long":    {sale: busy, state: payment.Failed, reason: payment.ReasonBusy, sales: 6},
		"unreachable, nothing sent": {sale: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeUnreachable, payment.SentNo)
		}, state: payment.Failed, reason: payment.ReasonUnreachable, sales: 1},
		"SW-03 NotAllowed, then paid": {sale: answers(func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNotSignedIn, payment.SentNo)
		}, approves), state: payment.Approved, sales: 2},
		"Seq5 NotAllowed twice": {sale: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNotSignedIn, payment.SentNo)
		}, state: payment.Failed, reason: payment.ReasonNotSignedIn, sales: 2},
		"SW-01 answer lost, approved": {sale: lost, lookup: approves, state: payment.Approved, sales: 1},
		"Seq39 answer lost, declined": {sale: lost, lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}, nil
		}, state: payment.Declined, reason: payment.ReasonIssuer, sales: 1},
		"DM-03 in progress, then paid": {sale: lost, lookup: answers(func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Pending}, nil
		}, approves), state: payment.Approved, sales: 1},
		"Seq17 unknown condition is confirmed by status": {sale: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonUnknownCode, Confirm: true}, nil
		}, lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonUnknownCode, Confirm: true}, nil
		}, state: payment.Declined, reason: payment.ReasonUnknownCode, sales: 1},
		"a refusal that status contradicts is paid": {sale: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Confirm: true}, nil
		}, lookup: approves, state: payment.Approved, sales: 1},
		"Seq61 another amount is approved with an alarm": {sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			a := approval(r)
			a.Authorised -= 10
			return a, nil
		}, state: payment.Approved, sales: 1, alarms: 1},
		"Seq60 a tip is not another amount": {sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			a := approval(r)
			a.Authorised, a.Tip = a.Authorised+15, 15
			return a, nil
		}, state: payment.Approved, sales: 1},
		"Seq62 another currency": {sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			a := approval(r)
			a.Currency = "NOK"
			return a, nil
		}, state: payment.Approved, sales: 1, alarms: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{sale: c.sale, lookup: c.lookup})
				defer x.close()
				op := x.ends(x.start(payment.Sale, 100, "").ID, c.state, c.reason)
				if n := x.script.count(&x.script.sales); n != c.sales {
					t.Errorf("%d sales, want %d", n, c.sales)
				}
				if len(op.Alarms) != c.alarms {
					t.Errorf("alarms %+v, want %d", op.Alarms, c.alarms)
				}
				seen := map[string]bool{}
				for _, r := range x.script.sales {
					if seen[r.Attempt.Reference] {
						t.Errorf("reference %s was used twice", r.Attempt.Reference)
					}
					seen[r.Attempt.Reference] = true
				}
			})
		})
	}
}

// Silence is asked about after 60 s, and nothing is taken for failure (DM-01, F-45).
func TestSilenceIsAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := &script{sale: hangs}
		s.lookup = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			if since := time.Since(begin); since < 60*time.Second {
				t.Errorf("asked after %s", since)
			}
			if time.Since(begin) < 5*time.Minute {
				return payment.Result{Outcome: payment.Pending}, nil
			}
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		x.ends(op.ID, payment.Approved, "")
		events, err := x.journal.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == payment.EventDoubt {
				t.Error("a slow customer was taken for doubt")
			}
		}
	})
}

// A terminal that answers nothing is in doubt 25 s after it was asked, and parked
// five minutes later (design 10.1, F-01).
func TestDoubtIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs, lookup: hangs})
		defer x.close()
		begin := time.Now()
		op := x.start(payment.Sale, 100, "")
		x.reaches(op.ID, payment.InDoubt)
		if since := time.Since(begin); since < 80*time.Second || since > 90*time.Second {
			t.Errorf("in doubt after %s", since)
		}
		x.until(op.ID, "parked", func(op payment.Operation) bool { return op.Doubt.Parked })
		if _, err := x.Start(t.Context(), engine.Start{Amount: 1}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("a new sale on the terminal in doubt: %v", err)
		}
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Paid: false}); err == nil {
			t.Error("settled without a name and a reason")
		}
		if _, err := x.Settle(t.Context(), op.ID, payment.Settlement{Paid: false, Operator: "boss", Why: "report says no"}); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Declined, payment.ReasonSettled)
		x.script.plays(approves)
		x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
	})
}

// A prompt restarts the clock of silence.
func TestPromptRestartsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		s.sale = func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
			for range 10 {
				time.Sleep(50 * time.Second)
				to.Prompt(payment.Prompt{Code: payment.PromptPresent, Text: "Present card", Waiting: payment.Customer})
			}
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		if got := x.until(op.ID, "prompted", func(op payment.Operation) bool { return op.Prompt.Code == payment.PromptPresent }); got.State != payment.InProgress {
			t.Errorf("state %s", got.State)
		}
		x.ends(op.ID, payment.Approved, "")
		if n := s.count(&s.lookups); n != 0 {
			t.Errorf("%d status requests", n)
		}
	})
}

// The same form key is one operation, however often it comes (F-15).
func TestFormKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &script{sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			<-release
			return approval(r), nil
		}}
		x := newTill(t, s)
		defer x.close()
		first, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil {
			t.Fatal(err)
		}
		again, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil || again.ID != first.ID {
			t.Fatalf("%s, %v", again.ID, err)
		}
		close(release)
		x.ends(first.ID, payment.Approved, "")
		synctest.Wait()
		again, err = x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil || again.ID != first.ID || s.count(&s.sales) != 1 {
			t.Errorf("%s, %v, %d sales", again.ID, err, s.count(&s.sales))
		}
	})
}

// NotFound is doubt by default, and proof only where the settings say so and the
// terminal said it twice (design 10.3, SPI-08).
func TestNotFound(t *testing.T) {
	none := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
		return payment.Result{Outcome: payment.NotFound}, nil
	}
	for _, setting := range []string{"doubt", "not-executed"} {
		t.Run(setting, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: lost, lookup: none}
				x := open(t, t.TempDir()+"/journal.db", s, payment.Settings{"not-found": setting})
				defer x.close()
				op := x.start(payment.Sale, 100, "")
				if setting == "not-executed" {
					x.ends(op.ID, payment.Failed, payment.ReasonNotFound)
					if n := s.count(&s.lookups); n != 2 {
						t.Errorf("%d status requests", n)
					}
					return
				}
				if parked := x.until(op.ID, "parked", func(op payment.Operation) bool { return op.Doubt.Parked }); parked.State != payment.InDoubt {
					t.Errorf("state %s", parked.State)
				}
			})
		})
	}
}

// A disk that cannot record sells nothing.
func TestUnrecordedIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		if err := x.journal.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := x.Start(t.Context(), engine.Start{Amount: 100})
		if payment.CodeOf(err) != payment.CodeJournal || s.count(&s.sales) != 0 {
			t.Errorf("%v, %d sales", err, s.count(&s.sales))
		}
		if err := x.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestBadWishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		defer x.close()
		for name, w := range map[string]engine.Start{
			"zero":                {},
			"negative":            {Amount: -1},
			"beyond the limit":    {Amount: 10_000_000_000},
			"foreign currency":    {Amount: 1, Currency: "JPY"},
			"tip where none":      {Amount: 1, Tip: 1},
			"unknown terminal":    {Amount: 1, Terminal: "two"},
			"lines do not add":    {Amount: 100, Lines: []payment.Line{{Text: "Tea", Quantity: 1, Price: 99}}},
			"line that overflows": {Amount: 100, Lines: []payment.Line{{Text: "Tea", Quantity: 9_999_999_999, Price: 9_999_999_999}}},
			"refund of nothing":   {Kind: payment.Refund, Amount: 1, Operator: "a", Why: "b", Original: "none"},
		} {
			if _, err := x.Start(t.Context(), w); err == nil {
				t.Errorf("%s: accepted", name)
			} else if e := (*payment.Error)(nil); !errors.As(err, &e) || e.Text == "" {
				t.Errorf("%s: no sentence in %v", name, err)
			}
		}
		if s.count(&s.sales) != 0 {
			t.Error("something was sent")
		}
	})
}

// A card number that somebody types as a reference never reaches the journal.
func TestTypedCardNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: approves})
		defer x.close()
		op, err := x.Start(t.Context(), engine.Start{Amount: 1, Reference: "card 4000 0000 0000 0002", Lines: []payment.Line{{Text: "4000000000000002", Quantity: 1, Price: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, "")
		events, err := x.journal.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if strings.Contains(string(e.Data), "40000000") || strings.Contains(string(e.Data), "4000 0000") {
				t.Errorf("kept: %s", e.Data)
			}
		}
	})
}
