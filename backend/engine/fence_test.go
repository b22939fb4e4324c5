package engine_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// pair is a till with two terminals.
func pair(t *testing.T, one, two *script) *till {
	t.Helper()
	x := newTill(t, one)
	x.second(two)
	return x
}

func (x *till) second(s *script) {
	x.t.Helper()
	if err := x.Add(x.t.Context(), engine.Terminal{Name: "two", Provider: s}, nil); err != nil {
		x.t.Fatal(err)
	}
}

// stops is a terminal that ends a sale with an answer when it is asked to stop.
func stops(answer payment.Result) *script {
	s, asked := &script{}, make(chan struct{})
	var once sync.Once
	s.abort = func(ctx, payment.Request) error {
		once.Do(func() { close(asked) })
		return nil
	}
	s.sale = func(c ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
		select {
		case <-asked:
			time.Sleep(time.Second)
			if answer.Outcome == payment.Success {
				return approval(r), nil
			}
			return answer, nil
		case <-c.Done():
			return payment.Result{}, c.Err()
		}
	}
	return s
}

var cancelled = payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCashier}

// handOver takes a sale to terminal two.
func (x *till) handOver(id string) payment.Operation {
	x.t.Helper()
	op, err := x.HandOver(x.t.Context(), id, "two", "ada")
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

func (x *till) handedOver(id string) *payment.Handover {
	x.t.Helper()
	return x.until(id, "handed over", func(op payment.Operation) bool { return op.Handover != nil && op.Handover.End != "" }).Handover
}

func (x *till) sound() {
	x.t.Helper()
	verdict, err := x.journal.Verify(x.t.Context())
	if err != nil || !verdict.Sound() {
		x.t.Errorf("the journal: %v, %v", verdict.Faults, err)
	}
}

// The card is taken on another terminal only when the first one's own answer says
// that nothing was charged there; a double click is one handover (F-07, F-15).
func TestHandOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := stops(cancelled), &script{sale: approves}
		x := pair(t, one, two)
		defer x.close()
		first, err := x.Start(t.Context(), engine.Start{FormKey: "f", Cart: "cart", Amount: 1250, Reference: "table 4", Operator: "eve",
			Lines: []payment.Line{{Text: "Soup", Quantity: 1, Price: 1250}}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		var clicks sync.WaitGroup
		for range 3 {
			clicks.Go(func() { x.handOver(first.ID) })
		}
		clicks.Wait()
		if n := two.count(&two.sales); n != 0 {
			t.Fatalf("%d sales on the second terminal before the first had ended", n)
		}
		h := x.handedOver(first.ID)
		if h.End != payment.HandoverStarted || h.Operator != "ada" {
			t.Fatalf("%+v", h)
		}
		x.ends(first.ID, payment.Cancelled, payment.ReasonCashier)
		second := x.ends(h.Operation, payment.Approved, "")
		if second.Replaces != first.ID || second.Cart != "cart" || second.Terminal != "two" || second.Authorised != 1250 ||
			second.Reference != "table 4" || len(second.Lines) != 1 || second.Operator != "ada" {
			t.Errorf("%+v", second)
		}
		if again := x.handOver; two.count(&two.sales) != 1 {
			t.Errorf("%d sales", two.count(&two.sales))
		} else if op := again(first.ID); op.ID != second.ID || two.count(&two.sales) != 1 {
			t.Errorf("a late click: operation %d, %d sales", op.Number, two.count(&two.sales))
		}
		if one.count(&one.aborts) != 1 {
			t.Errorf("asked to stop %d times", one.count(&one.aborts))
		}
		x.sound()
	})
}

// Success wins: what turns out approved during the fence is paid, and nothing starts
// on the other terminal.
func TestHandOverOfWhatIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two := &script{sale: approves}
		x := pair(t, stops(payment.Result{Outcome: payment.Success}), two)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		x.handOver(op.ID)
		if h := x.handedOver(op.ID); h.End != payment.HandoverPaid || h.Operation != "" || !strings.Contains(h.Text, "paid") {
			t.Errorf("%+v", h)
		}
		x.ends(op.ID, payment.Approved, "")
		_, err := x.HandOver(t.Context(), op.ID, "two", "ada")
		if payment.CodeOf(err) != payment.CodeConflict || payment.InTheWay(err) != op.ID {
			t.Errorf("handed over once more: %v", err)
		}
		time.Sleep(time.Hour)
		if n := two.count(&two.sales); n != 0 {
			t.Errorf("%d sales on the second terminal", n)
		}
	})
}

// A terminal that cannot be reached fences nothing: the other one is refused with the
// next step, until a manager has settled the first.
func TestHandOverFromTheUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two := &script{sale: approves}
		x := pair(t, &script{sale: lost, lookup: unreachable, abort: func(ctx, payment.Request) error { return fails(payment.CodeUnreachable, payment.SentNo) }}, two)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.handOver(op.ID)
		h := x.handedOver(op.ID)
		if h.End != payment.HandoverParked || !strings.Contains(h.Text, "manager") {
			t.Errorf("%+v", h)
		}
		_, err := x.HandOver(t.Context(), op.ID, "two", "ada")
		if payment.CodeOf(err) != payment.CodeConflict || payment.InTheWay(err) != op.ID || !strings.Contains(payment.TextOf(err), "manager") {
			t.Errorf("while it is parked: %v", err)
		}
		time.Sleep(time.Hour)
		if n := two.count(&two.sales); n != 0 {
			t.Fatalf("%d sales on the second terminal", n)
		}
		x.settle(op.ID, false)
		second := x.handOver(op.ID)
		if second = x.ends(second.ID, payment.Approved, ""); second.Replaces != op.ID || second.Terminal != "two" {
			t.Errorf("%+v", second)
		}
	})
}

// A terminal that is silent for a while and then says that nothing was charged lets
// the sale go; after the time in which the customer surely stands there, a person
// says so again (F-30).
func TestHandOverFromTheSilent(t *testing.T) {
	for after, end := range map[time.Duration]payment.HandoverEnd{time.Minute: payment.HandoverStarted, 3 * time.Minute: payment.HandoverExpired} {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				one, two := &script{sale: hangs, lookup: unreachable}, &script{sale: approves}
				x := pair(t, one, two)
				defer x.close()
				op := x.start(payment.Sale, 100, "")
				time.Sleep(time.Second)
				x.handOver(op.ID)
				x.reaches(op.ID, payment.InDoubt)
				time.Sleep(after - 30*time.Second)
				one.finds(says(cancelled))
				h := x.handedOver(op.ID)
				if h.End != end {
					t.Errorf("%+v", h)
				}
				time.Sleep(time.Minute)
				if n := two.count(&two.sales); (n == 1) != (end == payment.HandoverStarted) {
					t.Errorf("%d sales", n)
				}
				if end == payment.HandoverExpired {
					x.ends(x.handOver(op.ID).ID, payment.Approved, "")
				}
			})
		})
	}
}

// A restart in the middle of the fence: the fence stands, and nothing starts
// elsewhere before a person says so again (F-30).
func TestRestartDuringAHandover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := pair(t, &script{sale: hangs}, &script{sale: approves})
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		x.handOver(op.ID)
		x.close()

		one, two := &script{lookup: unreachable}, &script{sale: approves}
		x = open(t, x.path, one, nil)
		defer func() { x.close() }()
		x.second(two)
		if h := x.handedOver(op.ID); h.End != payment.HandoverRestart {
			t.Errorf("%+v", h)
		}
		_, err := x.Start(t.Context(), engine.Start{FormKey: "another", Cart: op.Cart, Terminal: "two", Amount: 100})
		if payment.InTheWay(err) != op.ID {
			t.Errorf("the same sale elsewhere: %v", err)
		}
		one.finds(says(cancelled))
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		time.Sleep(time.Hour)
		if n := two.count(&two.sales); n != 0 {
			t.Fatalf("%d sales started by themselves", n)
		}
		x.ends(x.handOver(op.ID).ID, payment.Approved, "")
	})
}

// The till stops between the fence's end and the start elsewhere: nothing starts by
// itself, and saying so again starts it once.
func TestStopAfterTheFence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := pair(t, &script{sale: hangs}, &script{})
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		x.handOver(op.ID)
		x.close()
		x = open(t, x.path, &script{lookup: says(cancelled)}, nil)
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		x.close()

		two := &script{sale: approves}
		x = open(t, x.path, &script{}, nil)
		defer func() { x.close() }()
		x.second(two)
		time.Sleep(time.Minute)
		if n := two.count(&two.sales); n != 0 {
			t.Fatalf("%d sales started by themselves", n)
		}
		a, b := x.handOver(op.ID), x.handOver(op.ID)
		if a.ID != b.ID {
			t.Errorf("two operations")
		}
		x.ends(a.ID, payment.Approved, "")
		x.sound()
	})
}

// A handover can be taken back, and one to a terminal that is taken stops nothing.
func TestHandOverTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := &script{sale: hangs}, &script{sale: hangs}
		x := pair(t, one, two)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		other, err := x.Start(t.Context(), engine.Start{Terminal: "two", Amount: 7})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, err := x.HandOver(t.Context(), op.ID, "two", ""); payment.InTheWay(err) != other.ID || one.count(&one.aborts) != 0 {
			t.Errorf("to a terminal that is taken: %v, %d aborts", err, one.count(&one.aborts))
		}
		for _, bad := range []string{"", "one", "three"} {
			if _, err := x.HandOver(t.Context(), op.ID, bad, ""); err == nil {
				t.Errorf("to terminal %q: no error", bad)
			}
		}
		two.plays(approves)
		two.finds(says(cancelled))
		if _, err := x.Abort(t.Context(), other.ID, ""); err != nil {
			t.Fatal(err)
		}
		x.ends(other.ID, payment.Cancelled, payment.ReasonCashier)
		x.handOver(op.ID)
		if _, err := x.KeepHere(t.Context(), op.ID, "ada"); err != nil {
			t.Fatal(err)
		}
		if h := x.handedOver(op.ID); h.End != payment.HandoverDropped {
			t.Errorf("%+v", h)
		}
		one.finds(says(cancelled))
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		time.Sleep(time.Minute)
		if n := two.count(&two.sales); n != 1 {
			t.Errorf("%d sales", n)
		}
	})
}

// A terminal that is set up for another currency is refused before anything is stopped
// for it, also where its provider knows the sale's.
func TestHandOverToAnotherCurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := stops(cancelled), &script{sale: approves}
		x := newTill(t, one)
		defer x.close()
		if err := x.Add(t.Context(), engine.Terminal{Name: "two", Provider: two, Settings: payment.Settings{"currency": "EUR"}}, nil); err != nil {
			t.Fatal(err)
		}
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		got, err := x.HandOver(t.Context(), op.ID, "two", "ada")
		if said := payment.TextOf(err); payment.CodeOf(err) != payment.CodeInput || payment.SentOf(err) != payment.SentNo || !strings.Contains(said, "takes EUR") || !strings.Contains(said, "SEK") {
			t.Errorf("%+v, %v", got.Handover, err)
		}
		time.Sleep(time.Minute)
		if now := x.current(op.ID); now.State.Final() || now.Handover != nil || one.count(&one.aborts) != 0 || two.count(&two.sales) != 0 {
			t.Errorf("%s, %+v, %d aborts, %d sales there", now.State, now.Handover, one.count(&one.aborts), two.count(&two.sales))
		}
	})
}

// No handover while a word about a signature is open.
func TestHandOverDuringTheSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := pair(t, &script{sale: asksSignature(t, declined)}, &script{sale: approves})
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		if _, err := x.HandOver(t.Context(), op.ID, "two", ""); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("during the question: %v", err)
		}
		x.answer(op.ID, false)
		x.ends(op.ID, payment.Declined, payment.ReasonSignature)
		x.ends(x.handOver(op.ID).ID, payment.Approved, "")
	})
}

// The same sale never has a second attempt while the first is unresolved, on any
// terminal, nor after it was paid; a sale that ended without a charge may be repeated.
func TestSameCart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := &script{sale: lost, lookup: unreachable}, &script{sale: approves}
		x := pair(t, one, two)
		defer x.close()
		start := func(key, cart, terminal, reference string, amount int64) (payment.Operation, error) {
			return x.Start(t.Context(), engine.Start{FormKey: key, Cart: cart, Terminal: terminal, Reference: reference, Amount: amount})
		}
		op, err := start("k1", "cart", "one", "Order 7", 100)
		if err != nil {
			t.Fatal(err)
		}
		x.reaches(op.ID, payment.InDoubt)
		for name, again := range map[string]func() (payment.Operation, error){
			"the same cart":                       func() (payment.Operation, error) { return start("k2", "cart", "one", "", 100) },
			"the same cart elsewhere":             func() (payment.Operation, error) { return start("k3", "cart", "two", "", 100) },
			"the same cart with another amount":   func() (payment.Operation, error) { return start("k4", "cart", "two", "", 90) },
			"the same reference and amount there": func() (payment.Operation, error) { return start("k6", "other", "two", "ORDER 7", 100) },
		} {
			if _, err := again(); payment.InTheWay(err) != op.ID || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%s: %v", name, err)
			}
		}
		if same, err := start("k1", "cart", "two", "", 100); err != nil || same.ID != op.ID {
			t.Errorf("the same form: %+v, %v", same, err)
		}
		other, err := start("k7", "another", "two", "Order 7", 99)
		if err != nil {
			t.Fatalf("another sale: %v", err)
		}
		x.ends(other.ID, payment.Approved, "")
		one.finds(says(cancelled))
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		again, err := start("k8", "cart", "two", "Order 7", 100)
		if err != nil || again.Replaces != op.ID {
			t.Fatalf("after it ended: %+v, %v", again, err)
		}
		x.ends(again.ID, payment.Approved, "")
		if _, err := start("k9", "cart", "two", "", 100); payment.InTheWay(err) != again.ID {
			t.Errorf("after it was paid: %v", err)
		}
		if _, err := x.Start(t.Context(), engine.Start{Kind: payment.Refund, Original: again.ID, Operator: "ada", Why: "wrong card"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, err := start("k10", "cart", "two", "", 100); err != nil {
			t.Errorf("after it was given back: %v", err)
		}
	})
}

// Side by side: of two attempts at one cart on two terminals one is sent.
func TestSameCartSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := &script{sale: hangs}, &script{sale: hangs}
		x := pair(t, one, two)
		defer x.close()
		var both sync.WaitGroup
		for key, terminal := range map[string]string{"a": "one", "b": "two", "c": "one", "d": "two"} {
			both.Go(func() {
				_, err := x.Start(t.Context(), engine.Start{FormKey: key, Cart: "cart", Terminal: terminal, Amount: 100})
				if err != nil && payment.CodeOf(err) != payment.CodeConflict {
					t.Error(err)
				}
			})
		}
		both.Wait()
		synctest.Wait()
		if n := one.count(&one.sales) + two.count(&two.sales); n != 1 {
			t.Errorf("%d attempts were sent", n)
		}
	})
}

// A late approval of what was taken elsewhere asks the second terminal to stop, and
// where both are paid both say so (F-25).
func TestPaidTwice(t *testing.T) {
	for _, stopped := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			one := &script{sale: lost, lookup: unreachable}
			two := stops(cancelled)
			if !stopped {
				two = stops(payment.Result{Outcome: payment.Success})
			}
			x := pair(t, one, two)
			defer x.close()
			op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
			x.settle(op.ID, false)
			one.finds(approves)
			second := x.handOver(op.ID)
			late := x.until(op.ID, "approved late", func(op payment.Operation) bool { return op.State == payment.Approved })
			if late.Alarms[0].Code != payment.AlarmLateMoney {
				t.Errorf("%+v", late.Alarms)
			}
			if stopped {
				x.ends(second.ID, payment.Cancelled, payment.ReasonCashier)
				return
			}
			second = x.ends(second.ID, payment.Approved, "")
			if len(second.Alarms) != 1 || second.Alarms[0].Code != payment.AlarmTwice {
				t.Errorf("%+v", second.Alarms)
			}
		})
	}
}

// A sale of a journal that knew no carts yet is handed over, and never when it is paid.
func TestHandOverWithoutACart(t *testing.T) {
	for outcome, refused := range map[payment.Outcome]bool{payment.Success: true, payment.Stopped: false} {
		synctest.Test(t, func(t *testing.T) {
			two := &script{sale: approves}
			x := pair(t, &script{}, two)
			defer x.close()
			old := payment.Operation{ID: "old", Kind: payment.Sale, Provider: "script", Terminal: "one", Currency: "SEK", Requested: 100}
			if _, _, err := x.journal.Create(t.Context(), old); err != nil {
				t.Fatal(err)
			}
			x.append("old", payment.EventAttempt, payment.Attempt{Number: 1, Reference: "1"})
			x.append("old", payment.EventResult, payment.Result{Outcome: outcome, Authorised: 100, Currency: "SEK"})
			op, err := x.HandOver(t.Context(), "old", "two", "")
			if (err != nil) != refused || err != nil && payment.InTheWay(err) != "old" {
				t.Fatalf("after %s: %+v, %v", outcome, op, err)
			}
			if err == nil {
				x.ends(op.ID, payment.Approved, "")
			}
		})
	}
}

// append records an event behind the engine's back.
func (x *till) append(id string, kind payment.EventKind, data any) {
	x.t.Helper()
	e, err := payment.NewEvent(id, time.Now(), kind, data)
	if err == nil {
		_, _, err = x.journal.Append(x.t.Context(), id, e)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}
