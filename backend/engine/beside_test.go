package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// A delivery about what is watched, or deliveries that come together, make one alarm:
// one conversation asks about one operation.
func TestDeliveriesMakeOneAlarm(t *testing.T) {
	for name, restart := range map[string]bool{"going on": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud()
				c.sale, c.lookup = lost, lost
				x := newCloudTill(t, c)
				op := x.begin(withTerminal("cloud", 500))
				x.reaches(op.ID, payment.InDoubt)
				x.settle(op.ID, false)
				if restart {
					x.close()
					c = newCloud()
					c.lookup = lost
					x = open(t, x.path, &script{}, nil)
					x.cloud(c)
				}
				defer x.close()
				time.Sleep(10 * time.Minute)
				c.finds(after(5*time.Second, approves))
				for n := range 3 {
					deliver(t, c, fmt.Sprint("late", n), op.Attempt.Reference)
				}
				time.Sleep(61 * time.Second)
				if got := x.current(op.ID); got.State != payment.Approved || len(got.Alarms) != 1 {
					t.Errorf("%s, %d alarms: %+v", got.State, len(got.Alarms), got.Alarms)
				}
			})
		})
	}
}

// A status request about an earlier attempt that ends after the present one was lost
// leaves no doubt that nobody asks about.
func TestDoubtBesideAnOldStatusRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{sale: answers(after(time.Second, busy), lost)}
		s.lookup = after(10*time.Second, lost)
		x := newTill(t, s)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		if err := x.Look(t.Context(), op.ID); err != nil {
			t.Fatal(err)
		}
		x.reaches(op.ID, payment.InDoubt)
		s.finds(approves)
		time.Sleep(2 * time.Minute)
		if got := x.current(op.ID); got.State != payment.Approved {
			t.Errorf("%s after two minutes, asked %d times", got.State, s.count(&s.lookups))
		}
	})
}

// What the terminal refuses to begin late, when it was already being asked about, does
// not come into doubt while it waits for its next try, or for the sign-in.
func TestRefusedStartAfterSilence(t *testing.T) {
	for name, refusal := range map[string]error{
		"busy": fails(payment.CodeBusy, payment.SentNo), "not signed in": fails(payment.CodeNotSignedIn, payment.SentNo)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{lookup: lost}
				s.sale = answers(after(84900*time.Millisecond, func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
					return payment.Result{}, refusal
				}), after(10*time.Second, approves))
				x := newTill(t, s)
				defer x.close()
				synctest.Wait()
				s.signIn = func(ctx) error { time.Sleep(3 * time.Second); return nil }
				op := x.start(payment.Sale, 100, "")
				time.Sleep(5 * time.Minute)
				if got := x.current(op.ID); got.State != payment.Approved || s.count(&s.sales) != 2 {
					t.Errorf("%s (%s), %d attempts", got.State, got.ReasonText, s.count(&s.sales))
				}
			})
		})
	}
}

// Somebody's word that it is paid or not is not the terminal's: nothing starts
// elsewhere by itself.
func TestSettlingStartsNothingElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two := &script{sale: approves}
		x := pair(t, &script{sale: hangs, lookup: lost}, two)
		defer x.close()
		op := x.start(payment.Sale, 100, "")
		time.Sleep(time.Second)
		x.handOver(op.ID)
		x.reaches(op.ID, payment.InDoubt)
		x.settle(op.ID, false)
		time.Sleep(time.Minute)
		h := x.stands(op.ID).Handover
		if n := two.count(&two.sales); n != 0 || h.Open() {
			t.Errorf("%d sales on the second terminal, %+v", n, h)
		}
		x.ends(x.handOver(op.ID).ID, payment.Approved, "")
	})
}

// opener runs something while its terminal is being opened.
type opener struct {
	*script
	meanwhile func()
}

func (o *opener) Open(ctx context.Context, name string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	o.meanwhile()
	return o.script.Open(ctx, name, settings, deps)
}

// What is settled while its terminal is being opened holds the terminal no more, and is
// watched from then on.
func TestSettledWhileItsTerminalOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTill(t, &script{sale: hangs, lookup: lost})
		op := x.reaches(x.start(payment.Sale, 100, "").ID, payment.InDoubt)
		x.close()
		j, err := journal.Open(t.Context(), x.path, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := &script{lookup: lost, sale: approves}
		x = &till{Engine: engine.New(engine.Options{Journal: j}), t: t, journal: j, script: s, path: x.path}
		defer x.close()
		if err := x.Add(t.Context(), engine.Terminal{Name: "one", Provider: &opener{s, func() { x.settle(op.ID, false) }}}, nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if open := x.OpenOperations(); len(open) != 0 {
			t.Errorf("it holds the terminal: %+v", open)
		}
		s.finds(approves)
		time.Sleep(5 * time.Minute)
		if got := x.stands(op.ID); got.State != payment.Approved || len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%s, alarms %+v", got.State, got.Alarms)
		}
	})
}
