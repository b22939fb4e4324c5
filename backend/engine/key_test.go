package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The key of a finished sale is never a new sale, nor an error, while the terminal is
// taken by another (F-15).
func TestFormKeyWhileTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(approves, hangs)}
		x := newTill(t, s)
		defer x.close()
		first, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil {
			t.Fatal(err)
		}
		x.ends(first.ID, payment.Approved, "")
		synctest.Wait()
		other := x.start(payment.Sale, 5, "")
		again, err := x.Start(t.Context(), engine.Start{FormKey: "k", Amount: 100})
		if err != nil || again.ID != first.ID || again.State != payment.Approved {
			t.Errorf("%s %s, %v", again.ID, again.State, err)
		}
		synctest.Wait()
		if got := x.stands(other.ID); got.State.Final() || s.count(&s.sales) != 2 {
			t.Errorf("the other is %s, %d sales", got.State, s.count(&s.sales))
		}
	})
}

// The key of a finished refund or void never gives the money back twice, nor is it
// refused because nothing is left (F-15, F-40, Seq55).
func TestFormKeyOfRefundAndVoid(t *testing.T) {
	for _, kind := range []payment.Kind{payment.Refund, payment.Void} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: approves}
				x := newTill(t, s)
				defer x.close()
				sale := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
				synctest.Wait()
				wish := engine.Start{FormKey: "r", Kind: kind, Original: sale.ID, Operator: "anna", Why: "broken"}
				first, err := x.Start(t.Context(), wish)
				if err != nil {
					t.Fatal(err)
				}
				x.ends(first.ID, payment.Approved, "")
				synctest.Wait()
				again, err := x.Start(t.Context(), wish)
				if err != nil || again.ID != first.ID || again.State != payment.Approved {
					t.Errorf("%s %s, %v", again.ID, again.State, err)
				}
				if n := s.count(&s.refunds) + s.count(&s.voids); n != 1 {
					t.Errorf("sent %d times", n)
				}
			})
		})
	}
}

// crowd is a journal whose first serial comes only once every caller is there.
type crowd struct {
	*journal.Journal
	callers sync.WaitGroup
	first   sync.Once
	fault   error // of the first serial
}

func (c *crowd) Serial(ctx context.Context, name string) (int64, error) {
	var fault error
	c.first.Do(func() {
		c.callers.Wait()
		fault = c.fault
	})
	if fault != nil {
		return 0, fault
	}
	return c.Journal.Serial(ctx, name)
}

// The same key side by side never makes two operations, nor promises one that is not
// on the disk (F-15). Outside a bubble, since the callers wait for a mutex.
func TestFormKeySideBySide(t *testing.T) {
	const callers = 16
	for name, fault := range map[string]error{"a slow disk": nil, "a disk that fails once": errors.New("disk full")} {
		t.Run(name, func(t *testing.T) {
			s := &script{sale: approves}
			x := newTill(t, s)
			defer x.close()
			c := &crowd{Journal: x.journal, fault: fault}
			e := engine.New(engine.Options{Journal: c})
			if err := e.Add(t.Context(), engine.Terminal{Name: "two", Provider: s}, nil); err != nil {
				t.Fatal(err)
			}
			type said struct {
				op  payment.Operation
				err error
			}
			all := make(chan said, callers)
			c.callers.Add(callers)
			for range callers {
				go func() {
					c.callers.Done()
					op, err := e.Start(context.Background(), engine.Start{FormKey: "k", Terminal: "two", Amount: 100})
					all <- said{op, err}
				}()
			}
			failed, made := 0, payment.Operation{}
			for range callers {
				switch got := <-all; {
				case got.err != nil:
					failed++
				case got.op.Number == 0:
					t.Errorf("an operation without a number was promised: %+v", got.op)
				case made.ID == "":
					made = got.op
				case got.op.ID != made.ID || got.op.Number != made.Number:
					t.Errorf("operation %d beside %d", got.op.Number, made.Number)
				}
			}
			if want := map[bool]int{true: 1}[fault != nil]; failed != want {
				t.Errorf("%d callers got an error, want %d", failed, want)
			}
			if err := e.Idle(t.Context()); err != nil {
				t.Error(err)
			}
			if op := x.stands(made.ID); op.State != payment.Approved || s.count(&s.sales) != 1 {
				t.Errorf("%s, %d sales", op.State, s.count(&s.sales))
			}
			if err := e.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
