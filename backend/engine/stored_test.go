package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

type play = func(ctx, payment.Request, payment.Reporter) (payment.Result, error)

// after plays p once the terminal has taken its time.
func after(taken time.Duration, p play) play {
	return func(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
		time.Sleep(taken)
		return p(c, r, to)
	}
}

// says plays a ready answer.
func says(a payment.Result) play {
	return func(ctx, payment.Request, payment.Reporter) (payment.Result, error) { return a, nil }
}

// signs approves in light mode: the signature is still to be compared (nexo-retailer.md 9.2).
func signs(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	a := approval(r)
	a.Signature, a.Slips = true, []payment.Slip{slip()}
	return a, nil
}

func unreachable(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
	return payment.Result{}, fails(payment.CodeUnreachable, payment.SentNo)
}

var declined = payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}

// stands is the operation as the journal has it.
func (x *till) stands(id string) payment.Operation {
	x.t.Helper()
	op, err := x.journal.Operation(context.Background(), id)
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

func (x *till) answer(id string, yes bool) {
	x.t.Helper()
	if _, err := x.Answer(context.Background(), id, payment.Answer{Yes: yes, Operator: "anna"}); err != nil {
		x.t.Errorf("answered %v: %v", yes, err)
	}
}

func (x *till) settle(id string, paid bool) {
	x.t.Helper()
	if _, err := x.Settle(context.Background(), id, payment.Settlement{Paid: paid, Operator: "boss", Why: "the report says so"}); err != nil {
		x.t.Errorf("settled %v: %v", paid, err)
	}
}

// voidOf is the only void that stands for a sale.
func (x *till) voidOf(sale string) payment.Operation {
	x.t.Helper()
	related, err := x.journal.Related(context.Background(), sale)
	if err != nil || len(related) != 1 || related[0].Kind != payment.Void {
		x.t.Fatalf("related to the sale: %+v, %v", related, err)
	}
	return related[0]
}

// A stored approval never loses its question, however badly the open call ends, nor
// is it voided at a restart while nobody refused the signature (F-14, Seq33, Seq37).
func TestStoredApprovalKeepsItsQuestion(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{lookup: signs, sale: after(90*time.Second, lost)})
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
				time.Sleep(20 * time.Minute)
				if op = x.stands(op.ID); op.State != payment.AwaitingAnswer || op.Question == nil || op.Provisional == nil {
					t.Errorf("%s, question %+v, stored %+v", op.State, op.Question, op.Provisional)
				}
				if restart {
					x.close()
					x = open(t, x.path, &script{lookup: signs}, nil)
					time.Sleep(time.Minute)
				}
				defer x.close()
				x.answer(op.ID, true)
				if op = x.ends(op.ID, payment.Approved, ""); op.Authorised != 100 || len(op.Alarms) != 0 {
					t.Errorf("authorised %d, alarms %+v", op.Authorised, op.Alarms)
				}
				if n := x.script.count(&x.script.voids); n != 0 {
					t.Errorf("%d voids", n)
				}
			})
		})
	}
}

// A stored approval is never overturned by a later refusal, and the contradiction
// never goes without an alarm (F-25).
func TestStoredApprovalIsNotOverturned(t *testing.T) {
	for name, word := range map[string]payment.Result{
		"refused":            declined,
		"cancelled":          {Outcome: payment.Stopped, Reason: payment.ReasonCustomer},
		"not executed":       {Outcome: payment.NotDone, Reason: payment.ReasonBusy},
		"refused, to verify": {Outcome: payment.Refused, Reason: payment.ReasonHost, Confirm: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTill(t, &script{lookup: signs, sale: after(90*time.Second, says(word))})
				defer x.close()
				op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
				time.Sleep(time.Minute)
				op = x.stands(op.ID)
				if op.State != payment.AwaitingAnswer || op.Provisional == nil || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmDispute {
					t.Errorf("%s (%s), stored %v, alarms %+v", op.State, op.Reason, op.Provisional != nil, op.Alarms)
				}
				x.answer(op.ID, true)
				if op = x.ends(op.ID, payment.Approved, ""); op.Authorised != 100 {
					t.Errorf("authorised %d", op.Authorised)
				}
			})
		})
	}
}

// Asking the terminal while the signature of a stored approval is open never closes
// the question, nor takes the money back at the next start (Seq37).
func TestLookDuringTheSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: signs, lookup: lost})
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		if err := x.Look(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := x.stands(op.ID); got.State != payment.AwaitingAnswer || got.Provisional == nil {
			t.Errorf("%s, stored %v", got.State, got.Provisional != nil)
		}
		x.close()
		y := open(t, x.path, &script{lookup: signs}, nil)
		defer y.close()
		time.Sleep(time.Minute)
		y.answer(op.ID, true)
		y.ends(op.ID, payment.Approved, "")
		if n := y.script.count(&y.script.voids); n != 0 {
			t.Errorf("%d voids of an approval that nobody refused", n)
		}
	})
}

// A status request that was under way when the terminal asked never closes the
// question (F-20, Seq26).
func TestStatusRequestClosesNoQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lookup: hangs, sale: after(61*time.Second, asksSignature(t, declined))}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		if s.count(&s.lookups) == 0 {
			t.Fatal("no status request was under way")
		}
		time.Sleep(50 * time.Second)
		x.answer(op.ID, true)
		x.ends(op.ID, payment.Approved, "")
	})
}

// The terminal's own word is never forgotten because its question was open (DM-09).
func TestNotExecutedDuringTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lookup: lost}
		s.sale = func(c ctx, _ payment.Request, to payment.Reporter) (payment.Result, error) {
			q, takeBack := context.WithCancel(c)
			go func() {
				if _, err := to.Ask(q, payment.Question{}); err == nil {
					t.Error("the question was answered")
				}
			}()
			time.Sleep(10 * time.Second)
			time.AfterFunc(time.Second, takeBack)
			return payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonUnsupported}, nil
		}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Failed, payment.ReasonUnsupported)
		if op.Question != nil {
			t.Errorf("the question stands: %+v", op.Question)
		}
	})
}

// A void that could not be sent for a moment is never given up: it would be a charge (Seq35).
func TestVoidIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: signs, void: answers(unreachable, unreachable, says(payment.Result{Outcome: payment.Success}))}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		x.answer(op.ID, false)
		if op = x.ends(op.ID, payment.Cancelled, payment.ReasonSignature); len(op.Alarms) != 0 {
			t.Errorf("alarms %+v", op.Alarms)
		}
		if n := s.count(&s.voids); n != 3 {
			t.Errorf("%d voids", n)
		}
	})
}

// The approval that a void took back may arrive once more, as the open call's own late
// answer: it is no new money (F-25).
func TestLateAnswerOfWhatWasTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: after(62*time.Second, signs), lookup: signs, void: says(payment.Result{Outcome: payment.Success})})
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		x.answer(op.ID, false)
		x.ends(op.ID, payment.Cancelled, payment.ReasonSignature)
		time.Sleep(time.Minute)
		if got := x.stands(op.ID); got.State != payment.Cancelled || len(got.Alarms) != 0 {
			t.Errorf("%s, alarms %+v", got.State, got.Alarms)
		}
	})
}

// A sale whose void is in doubt is never settled beside it, nor stuck with it: the
// void is named, and settling that ends both (F-01, F-02, F-03).
func TestVoidInDoubt(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, paid := range []bool{true, false} {
			t.Run(fmt.Sprintf("restart %v, voided %v", restart, paid), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := newTill(t, &script{sale: signs, void: lost, lookup: lost})
					op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
					x.answer(op.ID, false)
					time.Sleep(time.Hour)
					if restart {
						x.close()
						x = open(t, x.path, &script{lookup: says(payment.Result{Outcome: payment.NotFound})}, nil)
						time.Sleep(time.Hour)
						if n := x.script.count(&x.script.voids); n != 0 {
							t.Errorf("%d voids more after the restart", n)
						}
					}
					defer x.close()
					void := x.voidOf(op.ID)
					if op = x.stands(op.ID); op.State != payment.InDoubt || void.State != payment.InDoubt || !void.Doubt.Parked {
						t.Errorf("sale %s, void %s, parked %v", op.State, void.State, void.Doubt.Parked)
					}
					_, err := x.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "report"})
					if payment.CodeOf(err) != payment.CodeConflict || !strings.Contains(payment.TextOf(err), fmt.Sprintf("void %d", void.Number)) {
						t.Errorf("the sale was settled beside void %d: %v", void.Number, err)
					}
					x.settle(void.ID, paid)
					if paid {
						x.ends(void.ID, payment.Approved, payment.ReasonSettled)
						x.ends(op.ID, payment.Cancelled, payment.ReasonSignature)
						return
					}
					x.ends(void.ID, payment.Declined, payment.ReasonSettled)
					op = x.ends(op.ID, payment.Approved, "")
					if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmSignature || op.Authorised != 100 {
						t.Errorf("authorised %d, alarms %+v", op.Authorised, op.Alarms)
					}
				})
			})
		}
	}
}
