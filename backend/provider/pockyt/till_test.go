package pockyt_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/pockyt"
)

// shop is a till at the practice cloud, in virtual time.
type shop struct {
	*engine.Engine
	t       *testing.T
	network *conform.Network
	pair    conform.Pair
	folder  string
	journal *journal.Journal
}

// with opens a shop, has test play in it, and closes it.
func with(t *testing.T, customer string, test func(x *shop)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x := &shop{t: t, network: &conform.Network{}, folder: t.TempDir()}
		x.pair = open(pockyt.New(), nil, nil)(t, x.network, x.folder)
		if err := x.pair.Practice.SetCustomer(customer); err != nil {
			t.Fatal(err)
		}
		x.start()
		test(x)
		x.stop()
		for _, v := range x.pair.Practice.Violations() {
			t.Errorf("the till broke the protocol: %s", v)
		}
		if err := x.pair.Practice.Close(); err != nil {
			t.Error(err)
		}
		x.network.Close()
	})
}

func (x *shop) start() {
	x.t.Helper()
	var err error
	if x.journal, err = journal.Open(context.Background(), filepath.Join(x.folder, "journal.db"), journal.Options{}); err != nil {
		x.t.Fatal(err)
	}
	x.Engine = engine.New(engine.Options{Journal: x.journal})
	if err := x.Add(context.Background(), engine.Terminal{Name: "one", Provider: x.pair.Provider, Settings: x.pair.Settings, Transport: x.network.Transport()}, x.network.Listen); err != nil {
		x.t.Fatal(err)
	}
	synctest.Wait()
}

func (x *shop) stop() {
	x.t.Helper()
	if err := x.Close(context.Background()); err != nil {
		x.t.Error(err)
	}
	if err := x.journal.Close(); err != nil {
		x.t.Error(err)
	}
}

// until follows an operation until it is as wanted.
func (x *shop) until(id string, wanted func(payment.Operation) bool) (last payment.Operation) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	changes, err := x.Follow(ctx, id)
	if err != nil {
		x.t.Fatal(err)
	}
	for last = range changes {
		if wanted(last) {
			return last
		}
	}
	x.t.Fatalf("it stays %s (%s)", last.State, last.ReasonText)
	return last
}

func final(op payment.Operation) bool { return op.State.Final() }

func alarmed(op payment.Operation) bool { return len(op.Alarms) > 0 }

// abandoned is a sale that the cashier gave up, and that Pockyt closed.
func (x *shop) abandoned() payment.Operation {
	x.t.Helper()
	op, err := x.Start(context.Background(), engine.Start{Amount: 1250, ShowQR: true, Operator: "anna"})
	if err != nil {
		x.t.Fatal(err)
	}
	time.Sleep(10 * time.Second)
	if _, err := x.Abort(context.Background(), op.ID, "anna"); err != nil {
		x.t.Fatal(err)
	}
	if op = x.until(op.ID, final); op.State != payment.Cancelled || op.Reason != payment.ReasonCashier || op.Authorised != 0 {
		x.t.Fatalf("%s, %s (%s)", op.State, op.Reason, op.ReasonText)
	}
	return op
}

// charged is what the customer has paid and not got back.
func (x *shop) charged() (sum int64) {
	for _, minor := range x.pair.Practice.(cloud).Charged() {
		sum += minor
	}
	return sum
}

// paidAfterAll checks a sale that was abandoned and paid: it stands as paid, and its
// alarm until a named person has answered it, or has given the money back.
func (x *shop) paidAfterAll(op payment.Operation, refunds bool) {
	x.t.Helper()
	if op.State != payment.Approved || op.Authorised != 1250 || op.Alarms[0].Code != payment.AlarmLateMoney || len(op.OpenAlarms()) != 1 || x.charged() != 1250 {
		x.t.Fatalf("%s, %d authorised, %d charged, %+v", op.State, op.Authorised, x.charged(), op.Alarms)
	}
	ctx := context.Background()
	for _, nobody := range []payment.AlarmAnswer{{Alarms: 1}, {Alarms: 1, Operator: " ", Why: "kept"}, {Alarms: 1, Operator: "anna"}} {
		if _, err := x.AnswerAlarms(ctx, op.ID, nobody); payment.CodeOf(err) != payment.CodeInput {
			x.t.Errorf("%+v: %v", nobody, err)
		}
	}
	if !refunds {
		got, err := x.AnswerAlarms(ctx, op.ID, payment.AlarmAnswer{Alarms: 1, Operator: "anna", Why: "the customer came back and has the goods"})
		if err != nil || len(got.OpenAlarms()) != 0 || got.State != payment.Approved || x.charged() != 1250 {
			x.t.Errorf("%v, %s, %+v", err, got.State, got.OpenAlarms())
		}
		return
	}
	refund, err := x.Start(ctx, engine.Start{Kind: payment.Refund, Original: op.ID, Operator: "anna", Why: "paid after it was given up"})
	if err != nil {
		x.t.Fatal(err)
	}
	if refund = x.until(refund.ID, final); refund.State != payment.Approved || refund.Authorised != 1250 {
		x.t.Errorf("the refund is %s (%s)", refund.State, refund.ReasonText)
	}
	synctest.Wait()
	if op, err = x.journal.Operation(ctx, op.ID); err != nil || len(op.OpenAlarms()) != 0 || x.charged() != 0 {
		x.t.Errorf("%v, %d charged, %+v", err, x.charged(), op.OpenAlarms())
	}
}

// A wallet pays after the till has closed the order: never silently. It is shown as paid
// with an alarm that stands until a named person decides; nothing goes back by itself
// (22; pockyt.md 9).
func TestSeq22_PaidAfterItWasAbandoned(t *testing.T) {
	for name, refunds := range map[string]bool{"kept": false, "refunded": true} {
		t.Run(name, func(t *testing.T) {
			with(t, "pays-after-cancel", func(x *shop) {
				op := x.abandoned()
				x.paidAfterAll(x.until(op.ID, alarmed), refunds)
			})
		})
	}
}

// The same, where the till was started again meanwhile: a notification tells at once, and
// without one the till asks about what it had closed.
func TestSeq22_PaidAfterARestart(t *testing.T) {
	for name, c := range map[string]struct {
		listens string
		within  time.Duration
	}{"notified": {doorAddress, 10 * time.Second}, "by asking alone": {"", 10 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			with(t, "pays-after-cancel", func(x *shop) {
				x.stop()
				x.pair.Settings["listen"] = c.listens
				x.start()
				op := x.abandoned()
				x.stop()
				time.Sleep(time.Second)
				x.start()
				if now, err := x.journal.Operation(context.Background(), op.ID); err != nil || now.State != payment.Cancelled || x.charged() != 0 {
					t.Fatalf("%v, %s, %d charged", err, now.State, x.charged())
				}
				begun := time.Now()
				op = x.until(op.ID, alarmed)
				if took := time.Since(begun); took > c.within {
					t.Errorf("it was learnt after %s", took)
				}
				x.paidAfterAll(op, true)
			})
		})
	}
}

// The time of the code is over, the till closes the order, and the customer, who was at
// it, pays all the same: an alarm, as where the cashier gave it up.
func TestCodeExpiresWhileTheCustomerPays(t *testing.T) {
	with(t, "pays-after-cancel", func(x *shop) {
		op, err := x.Start(context.Background(), engine.Start{Amount: 1250, ShowQR: true, Operator: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		op = x.until(op.ID, final)
		if took := time.Since(begun); op.State != payment.Cancelled || op.Reason != payment.ReasonUnpaid || took < 3*time.Minute || took > 4*time.Minute {
			t.Fatalf("%s, %s (%s) after %s", op.State, op.Reason, op.ReasonText, took)
		}
		x.paidAfterAll(x.until(op.ID, alarmed), true)
	})
}
