package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// An approval that a status request brings after a manager settled "not paid" is
// never thrown away (F-25).
func TestStatusAnswersAfterSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost, lookup: answers(unreachable, after(5*time.Second, approves))}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		time.Sleep(4 * time.Second)
		if n := s.count(&s.lookups); n != 2 {
			t.Fatalf("%d status requests before the settlement", n)
		}
		x.settle(op.ID, false)
		if got := x.stands(op.ID); got.State != payment.Declined {
			t.Fatalf("settled as %s", got.State)
		}
		op = x.until(op.ID, "approved late", func(op payment.Operation) bool { return op.State == payment.Approved && len(op.Alarms) > 0 })
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney || op.Authorised != 100 {
			t.Errorf("authorised %d, alarms %+v", op.Authorised, op.Alarms)
		}
	})
}

// A settlement that could not be recorded is never told as done (F-02).
func TestUnrecordedSettlement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: lost, lookup: lost})
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		time.Sleep(time.Minute)
		if err := x.journal.Close(); err != nil {
			t.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() {
			time.Sleep(time.Second)
			closed <- x.Close(t.Context())
		}()
		if got, err := x.Settle(t.Context(), op.ID, payment.Settlement{Operator: "boss", Why: "report"}); err == nil {
			t.Errorf("no error, and it is %s", got.State)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

// A late refusal that wants to be verified never puts its slip on an approved sale,
// nor goes without an alarm (F-25, Seq17, Seq45).
func TestLateRefusalOfAnApprovedSale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{lookup: approves, sale: after(2*time.Minute, says(payment.Result{Outcome: payment.Refused, Reason: payment.ReasonHost, Confirm: true,
			Slips: []payment.Slip{{Copy: payment.CustomerCopy, Outcome: payment.Refused, Text: "DECLINED"}}}))}
		x := newTill(t, s)
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		time.Sleep(3 * time.Minute)
		op = x.stands(op.ID)
		if c := op.Slip(payment.CustomerCopy); c != nil && c.Outcome == payment.Refused {
			t.Errorf("the customer gets %+v", c)
		}
		if op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmDispute {
			t.Errorf("%s, alarms %+v", op.State, op.Alarms)
		}
	})
}

// slowRefund is a terminal that takes long over a refund.
type slowRefund struct{ *script }

func (s slowRefund) Open(_ ctx, _ string, _ payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	s.deps = deps
	return s, nil
}

func (s slowRefund) Refund(c ctx, r payment.Request, to payment.Reporter) (payment.Result, error) {
	return after(20*time.Minute, approves)(c, r, to)
}

// The alarm of a late refund never says that the customer was charged, nor advises a
// refund (F-25, F-33).
func TestLateRefund(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: approves, lookup: lost}
		x := newTill(t, s)
		defer x.close()
		if err := x.Add(t.Context(), engine.Terminal{Name: "two", Provider: slowRefund{s}}, nil); err != nil {
			t.Fatal(err)
		}
		sale := x.ends(x.start(payment.Sale, 100, "").ID, payment.Approved, "")
		refund, err := x.Start(t.Context(), engine.Start{Kind: payment.Refund, Terminal: "two", Original: sale.ID, Operator: "anna", Why: "broken"})
		if err != nil {
			t.Fatal(err)
		}
		x.reaches(refund.ID, payment.InDoubt)
		x.settle(refund.ID, false)
		time.Sleep(time.Hour)
		refund = x.stands(refund.ID)
		if refund.State != payment.Approved || len(refund.Alarms) != 1 || refund.Alarms[0].Code != payment.AlarmLateMoney {
			t.Fatalf("%s, alarms %+v", refund.State, refund.Alarms)
		}
		if text := refund.Alarms[0].Text; strings.Contains(text, "charged") || !strings.Contains(text, "Do not refund it again") {
			t.Errorf("on a refund: %s", text)
		}
	})
}

// A void that turns out late to have worked never leaves its sale with nothing but
// the advice to refund it (F-25, F-40, Seq56).
func TestLateVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: signs, lookup: lost, void: after(20*time.Minute, says(payment.Result{Outcome: payment.Success}))}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.AwaitingAnswer)
		x.answer(op.ID, false)
		time.Sleep(10 * time.Minute)
		x.settle(x.voidOf(op.ID).ID, false)
		op = x.ends(op.ID, payment.Approved, "")
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmSignature {
			t.Errorf("after the settlement: alarms %+v", op.Alarms)
		}
		time.Sleep(time.Hour)
		op = x.stands(op.ID)
		void := x.voidOf(op.ID)
		if void.State != payment.Approved || len(void.Alarms) != 1 || void.Alarms[0].Code != payment.AlarmLateMoney || strings.Contains(void.Alarms[0].Text, "charged") {
			t.Errorf("void %s, alarms %+v", void.State, void.Alarms)
		}
		if len(op.Alarms) != 2 || op.Alarms[1].Code != payment.AlarmLateMoney || !strings.Contains(op.Alarms[1].Text, "do not refund") {
			t.Errorf("sale %s, alarms %+v", op.State, op.Alarms)
		}
		if _, err := x.Start(t.Context(), engine.Start{Kind: payment.Refund, Original: op.ID, Operator: "anna", Why: "signature"}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("the money was given back twice: %v", err)
		}
	})
}
