package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func slip() payment.Slip {
	return payment.Slip{Copy: payment.MerchantCopy, Kind: payment.Sale, Signature: true}
}

// An abort is a wish: the payment's own answer decides (F-35, MP-12).
func TestAbort(t *testing.T) {
	for name, c := range map[string]struct {
		answer payment.Outcome
		reason payment.Reason
		state  payment.State
	}{
		"Seq19 before the card":        {payment.Stopped, payment.ReasonCashier, payment.Cancelled},
		"Seq20 too late: success wins": {payment.Success, "", payment.Approved},
		"the issuer was quicker":       {payment.Refused, payment.ReasonIssuer, payment.Declined},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stop := make(chan struct{})
				s := &script{}
				s.sale = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
					<-stop
					a := approval(r)
					if c.answer != payment.Success {
						a = payment.Result{Outcome: c.answer, Reason: c.reason}
					}
					return a, nil
				}
				s.abort = func(ctx, payment.Request) error { close(stop); return nil }
				x := newTill(t, s)
				defer x.close()
				op := x.start(payment.Sale, 100, "")
				synctest.Wait()
				if got, err := x.Abort(t.Context(), op.ID, "anna"); err != nil || got.State != payment.Aborting {
					t.Fatalf("%s, %v", got.State, err)
				}
				x.ends(op.ID, c.state, c.reason)
				if _, err := x.Abort(t.Context(), op.ID, "anna"); payment.CodeOf(err) != payment.CodeConflict {
					t.Errorf("an abort after the end: %v", err)
				}
			})
		})
	}
}

// Two clicks are one abort (Seq24); an abort without an answer is asked about after
// 15 s and in doubt after 25 s (SPI-02).
func TestAbortUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: hangs, lookup: hangs}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		begin := time.Now()
		for range 2 {
			if _, err := x.Abort(t.Context(), op.ID, "anna"); err != nil {
				t.Fatal(err)
			}
		}
		x.reaches(op.ID, payment.InDoubt)
		if since := time.Since(begin); since != 25*time.Second {
			t.Errorf("in doubt after %s", since)
		}
		if n := s.count(&s.aborts); n != 1 {
			t.Errorf("%d aborts", n)
		}
		if n := s.count(&s.lookups); n != 1 {
			t.Errorf("%d status requests", n)
		}
	})
}

// Seq22: an abort that does not get through decides nothing: the status does.
func TestAbortLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: hangs, abort: func(ctx, payment.Request) error { return fails(payment.CodeNoAnswer, payment.SentMaybe) }}
		s.lookup = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return approval(r), nil }
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		if _, err := x.Abort(t.Context(), op.ID, ""); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Approved, "")
	})
}

// An abort between two tries of a refused start ends it: nothing is out.
func TestAbortWhileBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: busy}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		x.until(op.ID, "busy", func(op payment.Operation) bool { return op.Prompt.Code == payment.PromptBusy })
		if _, err := x.Abort(t.Context(), op.ID, ""); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Cancelled, payment.ReasonCashier)
		if s.count(&s.aborts) != 0 || s.count(&s.sales) != 1 {
			t.Errorf("%d aborts, %d sales", s.count(&s.aborts), s.count(&s.sales))
		}
	})
}

// asksSignature plays the signature in default mode (nexo-retailer.md 9.1).
func asksSignature(_ *testing.T, yes payment.Result) func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
	return func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
		if err := to.Slip(c, slip()); err != nil {
			return payment.Result{}, err
		}
		answer, err := to.Ask(c, payment.Question{Text: "Is the signature OK?"})
		if err != nil {
			return payment.Result{}, err
		}
		if answer.Yes {
			return approval(r), nil
		}
		return yes, nil
	}
}

func TestSignature(t *testing.T) {
	refused := payment.Result{Outcome: payment.Refused, Reason: payment.ReasonSignature}
	for _, yes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			x := newTill(t, &script{sale: asksSignature(t, refused)})
			defer x.close()
			op := x.start(payment.Sale, 100, "")
			op = x.reaches(op.ID, payment.AwaitingAnswer)
			if op.Slip(payment.MerchantCopy) == nil {
				t.Error("asked without a slip")
			}
			if _, err := x.Abort(t.Context(), op.ID, ""); payment.CodeOf(err) != payment.CodeConflict {
				t.Errorf("Seq25: an abort during the signature: %v", err)
			}
			if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Question: "another", Yes: true}); err == nil {
				t.Error("an answer to another question was taken")
			}
			if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID, Yes: yes}); err != nil {
				t.Fatal(err)
			}
			if yes {
				x.ends(op.ID, payment.Approved, "")
			} else {
				x.ends(op.ID, payment.Declined, payment.ReasonSignature)
			}
			if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Yes: true}); payment.CodeOf(err) != payment.CodeConflict {
				t.Errorf("answered twice: %v", err)
			}
			if x.script.count(&x.script.aborts) != 0 {
				t.Error("an abort was sent")
			}
		})
	}
}

// Nobody can compare a signature without the slip.
func TestSignatureNeedsTheSlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: func(c ctx, _ payment.Request, to payment.Reporter) (payment.Result, error) {
			answer, err := to.Ask(c, payment.Question{})
			if err != nil || answer.Yes {
				t.Errorf("%+v, %v", answer, err)
			}
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonSignature}, nil
		}})
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Yes: true}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("accepted without a slip: %v", err)
		}
		if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Yes: false}); err != nil {
			t.Fatal(err)
		}
		x.ends(op.ID, payment.Declined, payment.ReasonSignature)
	})
}

// DM-09: the final answer overtakes the question, which closes itself.
func TestQuestionOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan error, 1)
		s := &script{}
		s.sale = func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
			go func() {
				_, err := to.Ask(c, payment.Question{})
				closed <- err
			}()
			time.Sleep(time.Second)
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		if err := <-closed; err == nil || op.Question != nil {
			t.Errorf("the question stands: %v, %+v", err, op.Question)
		}
	})
}

// Light mode: the approval is stored, and the cashier decides (design 10.4).
func TestSignatureAfter(t *testing.T) {
	signed := func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
		a := approval(r)
		a.Signature, a.Slips = true, []payment.Slip{slip()}
		return a, nil
	}
	denied := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
		return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonVoidRefused}, nil
	}
	for name, c := range map[string]struct {
		yes    bool
		void   func(ctx, payment.Request, payment.Reporter) (payment.Result, error)
		state  payment.State
		reason payment.Reason
		voids  int
		alarms int
	}{
		"Seq33 accepted":        {yes: true, state: payment.Approved},
		"Seq34 refused, voided": {state: payment.Cancelled, reason: payment.ReasonSignature, voids: 1},
		"Seq35 refused, void busy twice": {void: answers(busy, busy, func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Success}, nil
		}), state: payment.Cancelled, reason: payment.ReasonSignature, voids: 3},
		"Seq36 refused, void refused: it is paid": {void: denied, state: payment.Approved, voids: 1, alarms: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{sale: signed, void: c.void}
				x := newTill(t, s)
				defer x.close()
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
				if op.Provisional == nil || op.Question == nil {
					t.Fatalf("%+v", op)
				}
				if _, err := x.Start(t.Context(), engine.Start{Amount: 5}); payment.CodeOf(err) != payment.CodeConflict {
					t.Errorf("a new sale before the signature is settled: %v", err)
				}
				if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID, Yes: c.yes, Operator: "anna"}); err != nil {
					t.Fatal(err)
				}
				op = x.ends(op.ID, c.state, c.reason)
				if n := s.count(&s.voids); n != c.voids {
					t.Errorf("%d voids, want %d", n, c.voids)
				}
				if len(op.Alarms) != c.alarms {
					t.Errorf("alarms %+v", op.Alarms)
				}
				if c.voids > 0 && s.voids[0].Original.TerminalTime != "2026-04-12T08:15:31.204Z" {
					t.Errorf("the void names %+v", s.voids[0].Original)
				}
				related, err := x.journal.Related(t.Context(), op.ID)
				if err != nil || (c.voids > 0) != (len(related) == 1) {
					t.Errorf("related %v, %v", related, err)
				}
				verdict, err := x.journal.Verify(t.Context())
				if err != nil || len(verdict.Faults) != 0 {
					t.Errorf("%+v, %v", verdict, err)
				}
			})
		})
	}
}

// After a restart every open operation is resolved before anything new starts.
func TestRestart(t *testing.T) {
	for name, c := range map[string]struct {
		found payment.Outcome
		state payment.State
	}{
		"DM-07 Seq47 the terminal had approved": {payment.Success, payment.Approved},
		"the terminal had declined":             {payment.Refused, payment.Declined},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{sale: hangs})
				op := x.start(payment.Sale, 100, "")
				synctest.Wait()
				x.close()

				s := &script{sale: approves}
				s.lookup = answers(func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
					return payment.Result{Outcome: payment.Pending}, nil
				}, func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
					if r.Attempt.Reference != op.Attempt.Reference {
						t.Errorf("asked for %s, sent was %s", r.Attempt.Reference, op.Attempt.Reference)
					}
					if c.found == payment.Success {
						return approval(r), nil
					}
					return payment.Result{Outcome: c.found}, nil
				})
				y := open(t, x.path, s, nil)
				defer y.close()
				if _, err := y.Start(t.Context(), engine.Start{Amount: 5}); payment.CodeOf(err) != payment.CodeConflict {
					t.Errorf("a new sale before the old one is resolved: %v", err)
				}
				y.ends(op.ID, c.state, "")
				if s.signIns != 0 {
					t.Error("signed in while a payment may be running")
				}
				if err := y.Idle(t.Context()); err != nil {
					t.Fatal(err)
				}
				y.ends(y.start(payment.Sale, 5, "").ID, payment.Approved, "")
			})
		})
	}
}

// Seq37: a crash before the cashier decided brings the question back.
func TestRestartBeforeTheSignatureIsSettled(t *testing.T) {
	for _, yes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			x := newTill(t, &script{sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
				a := approval(r)
				a.Signature, a.Slips = true, []payment.Slip{slip()}
				return a, nil
			}})
			op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
			x.close()

			s := &script{}
			y := open(t, x.path, s, nil)
			defer y.close()
			if _, err := y.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID, Yes: yes}); err != nil {
				t.Fatal(err)
			}
			if yes {
				y.ends(op.ID, payment.Approved, "")
			} else {
				y.ends(op.ID, payment.Cancelled, payment.ReasonSignature)
			}
		})
	}
}

// A till that stops while the refused payment is being taken back goes on with it.
func TestRestartDuringTheVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{void: hangs, sale: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			a := approval(r)
			a.Signature, a.Slips = true, []payment.Slip{slip()}
			return a, nil
		}})
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Yes: false}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		x.close()

		s := &script{lookup: func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			if r.Kind != payment.Void {
				t.Errorf("asked about the %s", r.Kind)
			}
			return payment.Result{Outcome: payment.Success}, nil
		}}
		y := open(t, x.path, s, nil)
		defer y.close()
		y.ends(op.ID, payment.Cancelled, payment.ReasonSignature)
		if s.count(&s.voids) != 0 {
			t.Error("the void was sent a second time")
		}
	})
}

// Seq45: the first answer arrives after a status request has told the outcome.
func TestLateAnswerChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lookup: approves}
		s.sale = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			time.Sleep(2 * time.Minute)
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		time.Sleep(5 * time.Minute)
		again, err := x.journal.Operation(t.Context(), op.ID)
		if err != nil || again.State != payment.Approved || len(again.Alarms) != 0 {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// Late money: an approval after "not paid" is the truth, and an alarm (F-25).
func TestLateMoney(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lookup: func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused}, nil
		}}
		s.sale = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			time.Sleep(2 * time.Minute)
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Declined, "")
		op = x.until(op.ID, "approved late", func(op payment.Operation) bool { return op.State == payment.Approved })
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney || op.Authorised != 100 {
			t.Errorf("%+v", op)
		}
	})
}

func TestRefundAndVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		defer x.close()
		first := x.ends(x.start(payment.Sale, 1000, "").ID, payment.Approved, "")
		last := x.ends(x.start(payment.Sale, 500, "").ID, payment.Approved, "")
		wish := func(kind payment.Kind, of payment.Operation, amount int64) error {
			_, err := x.Start(t.Context(), engine.Start{Kind: kind, Original: of.ID, Amount: amount, Operator: "anna", Why: "w"})
			return err
		}
		if err := wish(payment.Void, first, 0); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("Seq54: voided an older sale: %v", err)
		}
		x.ends(x.start(payment.Void, 0, last.ID).ID, payment.Approved, "")
		if err := wish(payment.Void, last, 0); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("Seq55: voided twice: %v", err)
		}
		if err := wish(payment.Refund, last, 1); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("refunded what is voided: %v", err)
		}
		x.ends(x.start(payment.Refund, 300, first.ID).ID, payment.Approved, "")
		if err := wish(payment.Refund, first, 701); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("F-40: refunded more than was charged: %v", err)
		}
		rest := x.ends(x.start(payment.Refund, 0, first.ID).ID, payment.Approved, "")
		if rest.Authorised != 700 {
			t.Errorf("the rest is %d", rest.Authorised)
		}
		if _, err := x.Start(t.Context(), engine.Start{Kind: payment.Refund, Original: first.ID, Operator: "anna"}); payment.CodeOf(err) != payment.CodeInput {
			t.Errorf("without a reason: %v", err)
		}
	})
}

// What no operation is open for is kept and applied to none (F-08).
func TestStrays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves}
		x := newTill(t, s)
		defer x.close()
		s.deps.Inbound().Prompt(payment.Prompt{Code: payment.PromptWelcome, Text: "Welcome"})
		if _, err := s.deps.Inbound().Ask(t.Context(), payment.Question{}); err == nil {
			t.Error("a question without an operation was put to somebody")
		}
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		s.deps.Inbound().Prompt(payment.Prompt{Code: payment.PromptWelcome, Text: "Welcome"})
		synctest.Wait()
		if _, err := s.deps.Inbound().Ask(t.Context(), payment.Question{}); err == nil {
			t.Error("Seq10: a question after the end was put to somebody")
		}
		if again, err := x.journal.Operation(t.Context(), op.ID); err != nil || again.State != payment.Approved {
			t.Errorf("%s, %v", again.State, err)
		}
	})
}

// PIN digits are shown as they come and kept once (design 10.7).
func TestPINDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		s.sale = func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
			for n := range 4 {
				to.Prompt(payment.Prompt{Code: payment.PromptPINDigits, Digits: n + 1, Waiting: payment.Customer})
				time.Sleep(time.Second)
			}
			return approval(r), nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		x.until(op.ID, "at four digits", func(op payment.Operation) bool { return op.Prompt.Digits == 4 })
		x.ends(op.ID, payment.Approved, "")
		events, err := x.journal.Events(t.Context(), op.ID)
		if err != nil {
			t.Fatal(err)
		}
		notes := 0
		for _, e := range events {
			if e.Kind == payment.EventNote {
				notes++
			}
			if strings.Contains(string(e.Data), string(payment.PromptPINDigits)) {
				t.Errorf("a digit was kept: %s", e.Data)
			}
		}
		if notes != 1 {
			t.Errorf("%d notes", notes)
		}
	})
}
