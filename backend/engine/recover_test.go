package engine_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Recovery asks first; it asks the terminal to stop only what it has been busy with
// for a minute, once; and it signs in last, when the terminal has no session and so
// nothing of ours runs on it (nexo-retailer.md 12.4).
func TestRecoveryOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs})
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		x.close()

		var mu sync.Mutex
		var order []string
		begin := time.Now()
		did := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			if len(order) == 0 || order[len(order)-1] != what {
				order = append(order, what)
			}
		}
		s, phase := &script{}, 0
		s.lookup = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			did("status")
			mu.Lock()
			defer mu.Unlock()
			switch phase {
			case 0:
				return payment.Result{Outcome: payment.Pending}, nil
			case 1:
				phase++
				return payment.Result{}, fails(payment.CodeNotSignedIn, payment.SentNo)
			}
			return approval(r), nil
		}
		s.abort = func(ctx, payment.Request) error {
			did("abort")
			if waited := time.Since(begin); waited < time.Minute || waited > 2*time.Minute {
				t.Errorf("asked to stop after %s", waited)
			}
			mu.Lock()
			defer mu.Unlock()
			time.AfterFunc(time.Minute, func() { mu.Lock(); phase = 1; mu.Unlock() })
			return nil
		}
		s.signIn = func(ctx) error { did("sign in"); return nil }
		y := open(t, x.path, s, nil)
		defer y.close()
		y.ends(op.ID, payment.Approved, "")
		if got, want := strings.Join(order, ", "), "status, abort, status, sign in, status"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		if n := s.count(&s.aborts); n != 1 {
			t.Errorf("%d aborts", n)
		}
	})
}

// Whatever happens to the link, it decides nothing: an hour of every fault leaves the
// sale in doubt, and the terminal's word ends it (F-20).
func TestLinkEventsNeverDecide(t *testing.T) {
	for _, code := range []payment.Code{payment.CodeUnreachable, payment.CodeNoAnswer, payment.CodeUnreadable, payment.CodeForeign, payment.CodeRejected, payment.CodeBusy} {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: lost, lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
					return payment.Result{}, fails(code, payment.SentNo) // of the status request, not of the sale
				}}
				x := newTill(t, s)
				defer x.close()
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
				for _, news := range []payment.SessionNews{payment.UpdateBegins, payment.UpdateEnds, payment.SessionLost} {
					s.deps.News(news)
				}
				time.Sleep(time.Hour)
				if op = x.stands(op.ID); op.State != payment.InDoubt || !op.Doubt.Parked {
					t.Fatalf("%s (%s)", op.State, op.Reason)
				}
				s.finds(approves)
				x.ends(op.ID, payment.Approved, "")
			})
		})
	}
}

// SPI-05: after a restart in the middle of a signature the terminal asks again. With
// the slip it can be had again and both answers are there; without only refusal is.
func TestSPI05RestartDuringTheSignature(t *testing.T) {
	for _, kept := range []bool{true, false} {
		for _, yes := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{sale: func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
					if kept {
						if err := to.Slip(c, slip()); err != nil {
							return payment.Result{}, err
						}
					}
					_, err := to.Ask(c, payment.Question{})
					return payment.Result{}, err
				}})
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
				x.close()

				s := &script{}
				y := open(t, x.path, s, nil)
				defer y.close()
				op = y.reaches(op.ID, payment.InDoubt)
				if !op.Doubt.Signature || (op.Slip(payment.MerchantCopy) != nil) != kept {
					t.Errorf("in doubt: %+v, slip %v", op.Doubt, op.Slip(payment.MerchantCopy) != nil)
				}
				time.Sleep(3 * time.Minute)
				if n := s.count(&s.aborts); n != 0 {
					t.Errorf("%d aborts while the terminal may wait for a word about the signature", n)
				}
				said := make(chan payment.Answer, 1)
				go func() {
					a, err := s.deps.Inbound().Ask(t.Context(), payment.Question{})
					if err != nil {
						t.Error(err)
					}
					said <- a
				}()
				op = y.reaches(op.ID, payment.AwaitingAnswer)
				if op.Question.RefuseOnly == kept {
					t.Errorf("slip %v, only refusal %v", kept, op.Question.RefuseOnly)
				}
				_, err := y.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID, Yes: yes})
				if !kept && yes {
					if payment.CodeOf(err) != payment.CodeConflict {
						t.Errorf("accepted without a slip: %v", err)
					}
					_, err = y.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID})
				}
				if err != nil {
					t.Fatal(err)
				}
				if a := <-said; a.Yes != (yes && kept) {
					t.Errorf("the terminal heard %+v", a)
				}
				s.finds(says(declined))
				y.until(op.ID, "final", func(op payment.Operation) bool { return op.State.Final() })
			})
		}
	}
}
