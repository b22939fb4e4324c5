package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// late makes a sale that a manager settled as not paid and that the terminal then
// says was approved.
func (x *till) late(amount int64) payment.Operation {
	x.t.Helper()
	x.script.plays(lost)
	x.script.finds(unreachable)
	op := x.reaches(x.start(payment.Sale, amount, "").ID, payment.InDoubt)
	x.settle(op.ID, false)
	x.script.finds(approves)
	return x.until(op.ID, "approved late", func(op payment.Operation) bool { return op.State == payment.Approved && len(op.Alarms) > 0 })
}

// An alarm stands until a named person has answered it, also over a restart, and the
// next one stands again (F-25, design 10.15).
func TestAlarmNeedsAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{})
		op := x.late(100)
		for _, bad := range []payment.AlarmAnswer{{Alarms: 1}, {Alarms: 1, Operator: "ada"}, {Alarms: 1, Why: "seen"}, {Alarms: 1, Operator: " ", Why: "seen"}} {
			if _, err := x.AnswerAlarms(t.Context(), op.ID, bad); payment.CodeOf(err) != payment.CodeInput {
				t.Errorf("answered by %+v: %v", bad, err)
			}
		}
		x.close()
		x = open(t, x.path, &script{}, nil)
		defer func() { x.close() }()
		alarmed, err := x.journal.Operations(t.Context(), payment.Query{Alarmed: true})
		if err != nil || len(alarmed) != 1 || alarmed[0].ID != op.ID {
			t.Fatalf("alarms after a restart: %+v, %v", alarmed, err)
		}
		op, err = x.AnswerAlarms(t.Context(), op.ID, payment.AlarmAnswer{Operator: "ada", Why: "the goods were handed over", Alarms: 1})
		if err != nil || len(op.OpenAlarms()) != 0 || op.Answered[0].Operator != "ada" {
			t.Fatalf("%+v, %v", op.Answered, err)
		}
		if _, err := x.AnswerAlarms(t.Context(), op.ID, payment.AlarmAnswer{Operator: "bob", Why: "me too", Alarms: 1}); payment.CodeOf(err) != payment.CodeConflict {
			t.Errorf("answered twice: %v", err)
		}
		x.sound()
	})
}

// The refund or void that gives the money back answers the alarm by its own name and
// reason, once it has come through; one that is refused answers nothing (F-39).
func TestAlarmAnsweredByTheRefund(t *testing.T) {
	for _, kind := range []payment.Kind{payment.Refund, payment.Void} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{}
				x := newTill(t, s)
				defer x.close()
				op := x.late(100)
				if kind == payment.Void {
					s.void = func(ctx, payment.Request, payment.Reporter) (payment.Result, error) { return declined, nil }
					x.ends(x.start(kind, 0, op.ID).ID, payment.Declined, declined.Reason)
					synctest.Wait()
					if op = x.stands(op.ID); len(op.OpenAlarms()) != 1 {
						t.Errorf("a refused void answered the alarm: %+v", op.Answered)
					}
					s.void = nil
				}
				back, err := x.Start(t.Context(), engine.Start{Kind: kind, Original: op.ID, Operator: "ada", Why: "paid in cash meanwhile"})
				if err != nil {
					t.Fatal(err)
				}
				x.ends(back.ID, payment.Approved, "")
				synctest.Wait()
				op = x.stands(op.ID)
				if len(op.OpenAlarms()) != 0 || len(op.Answered) != 1 || op.Answered[0].Operation != back.ID || op.Answered[0].Operator != "ada" || op.Answered[0].Why != "paid in cash meanwhile" {
					t.Errorf("%+v", op.Answered)
				}
				x.sound()
			})
		})
	}
}

// What a manager settled as paid and the terminal denies later stays paid, with an
// alarm (F-25).
func TestSettledPaidIsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost, lookup: unreachable}
		x := newTill(t, s)
		defer x.close()
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.settle(op.ID, true)
		s.finds(says(declined))
		op = x.until(op.ID, "disputed", func(op payment.Operation) bool { return len(op.Alarms) > 0 })
		if op.State != payment.Approved || op.Alarms[0].Code != payment.AlarmDispute {
			t.Errorf("%s, %+v", op.State, op.Alarms)
		}
	})
}

// What not found was taken to prove stays watched as well, up to the horizon.
func TestNotFoundIsWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: lost, lookup: says(payment.Result{Outcome: payment.NotFound})}
		x := open(t, t.TempDir()+"/journal.db", s, payment.Settings{"not-found": "not-executed"})
		defer x.close()
		op := x.ends(x.start(payment.Sale, 100, "").ID, payment.Failed, payment.ReasonNotFound)
		time.Sleep(23 * time.Hour)
		s.finds(approves)
		op = x.until(op.ID, "approved late", func(op payment.Operation) bool { return op.State == payment.Approved })
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%+v", op.Alarms)
		}
	})
}

// An alarm that is raised after the refund or void was started is not answered by it.
func TestLaterAlarmStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		x := newTill(t, s)
		defer x.close()
		op := x.late(100)
		s.void = after(10*time.Second, says(payment.Result{Outcome: payment.Success}))
		back := x.start(payment.Void, 0, op.ID)
		time.Sleep(time.Second)
		x.append(op.ID, payment.EventAlarm, payment.Alarm{Code: payment.AlarmDispute, Text: "another story", At: time.Now()})
		x.ends(back.ID, payment.Approved, "")
		synctest.Wait()
		if op = x.stands(op.ID); len(op.OpenAlarms()) != 1 || op.OpenAlarms()[0].Code != payment.AlarmDispute {
			t.Errorf("open alarms %+v, answered %+v", op.OpenAlarms(), op.Answered)
		}
	})
}
