package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// cloud is a scripted terminal whose outcomes arrive from outside, with two accounts.
type cloud struct {
	*script
	captures []payment.Request
}

func newCloud() *cloud { return &cloud{script: &script{sale: approves}} }

func (c *cloud) Info() payment.Info {
	info := c.script.Info()
	info.Limits.Authorise, info.Limits.VoidLastOnly = true, false
	return info
}

func (c *cloud) Open(ctx context.Context, name string, settings payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	_, err := c.script.Open(ctx, name, settings, deps)
	return c, err
}

func (c *cloud) Accounts() []payment.Account {
	return []payment.Account{{ID: "one", Name: "First"}, {ID: "two"}}
}

func (c *cloud) Door() payment.Door { return payment.Door{Listening: "127.0.0.1:1"} }

func (c *cloud) Capture(_ context.Context, r payment.Request, _ payment.Reporter) (payment.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.captures = append(c.captures, r)
	return approval(r), nil
}

func newCloudTill(t *testing.T, c *cloud) *till {
	t.Helper()
	x := newTill(t, &script{})
	x.cloud(c)
	return x
}

func (x *till) cloud(c *cloud) {
	x.t.Helper()
	if err := x.Add(context.Background(), engine.Terminal{Name: "cloud", Provider: c}, nil); err != nil {
		x.t.Fatal(err)
	}
}

func withTerminal(name string, amount int64) engine.Start {
	return engine.Start{Terminal: name, Amount: amount}
}

func (x *till) begin(s engine.Start) payment.Operation {
	x.t.Helper()
	op, err := x.Start(context.Background(), s)
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}

func deliver(t *testing.T, c *cloud, key, reference string) bool {
	t.Helper()
	fresh, err := c.deps.Inbox.Keep(context.Background(), payment.Delivery{Key: key, Reference: reference, Name: "Callback", Body: "{}"})
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// A delivery in doubt has the provider asked at once; it decides nothing by itself.
func TestDeliveryWakesDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		c.sale = lost
		silent := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{}, fails(payment.CodeNoAnswer, payment.SentMaybe)
		}
		c.lookup = silent
		x := newCloudTill(t, c)
		defer x.close()
		op := x.begin(engine.Start{Terminal: "cloud", Amount: 500})
		x.reaches(op.ID, payment.InDoubt)
		time.Sleep(10 * time.Minute)
		asked := c.count(&c.lookups)
		c.finds(func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return approval(r), nil })
		if !deliver(t, c, "k1", x.current(op.ID).Attempt.Reference) {
			t.Error("the first delivery is not fresh")
		}
		synctest.Wait()
		if got := x.current(op.ID); got.State != payment.Approved || c.count(&c.lookups) != asked+1 {
			t.Errorf("%s, asked %d times more", got.State, c.count(&c.lookups)-asked)
		}
		if deliver(t, c, "k1", op.Attempt.Reference) {
			t.Error("the second one is fresh")
		}
	})
}

// A delivery after "not paid" has the terminal asked again: late money raises an alarm.
func TestDeliveryAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		c.sale = func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Stopped, Reason: payment.ReasonCustomer}, nil
		}
		c.lookup = func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) { return approval(r), nil }
		x := newCloudTill(t, c)
		defer x.close()
		op := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Cancelled, payment.ReasonCustomer)
		time.Sleep(time.Minute)
		deliver(t, c, "late", op.Attempt.Reference)
		synctest.Wait()
		if got := x.current(op.ID); got.State != payment.Approved || len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmLateMoney {
			t.Errorf("%s, alarms %+v", got.State, got.Alarms)
		}
	})
}

// What belongs to nobody, or to another terminal's operation, is kept and wakes nobody.
func TestStrayDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		x := newCloudTill(t, c)
		defer x.close()
		x.script.plays(hangs)
		other := x.start(payment.Sale, 100, "")
		for i, reference := range []string{"", "20990101", other.Attempt.Reference} {
			if !deliver(t, c, fmt.Sprint("k", i), reference) {
				t.Errorf("delivery %d is not fresh", i)
			}
		}
		synctest.Wait()
		if n := c.count(&c.lookups) + x.script.count(&x.script.lookups); n != 0 {
			t.Errorf("asked %d times", n)
		}
		events, err := x.journal.Events(context.Background(), "")
		strays := 0
		for _, e := range events {
			if e.Kind == payment.EventMessage {
				strays++
			}
		}
		if err != nil || strays != 3 {
			t.Errorf("%d strays are kept, %v", strays, err)
		}
		if s := x.Terminals()[1]; s.Delivered.IsZero() || !s.Receives || len(s.Accounts) != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// A reversal that is to come is asked about until it has come (design 10.10).
func TestPendingReversal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		pending := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonPendingReversal}, nil
		}
		c.sale, c.lookup = pending, pending
		x := newCloudTill(t, c)
		defer x.close()
		op := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Declined, payment.ReasonPendingReversal)
		time.Sleep(10 * time.Minute)
		c.plays(approves)
		x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 600}).ID, payment.Approved, "")
		c.finds(func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonReversed}, nil
		})
		time.Sleep(5 * time.Minute)
		if got := x.current(op.ID); got.State != payment.Declined || got.Reason != payment.ReasonReversed || len(got.Alarms) != 0 {
			t.Errorf("%s (%s), alarms %v", got.State, got.Reason, got.Alarms)
		}
		asked := c.count(&c.lookups)
		time.Sleep(time.Hour)
		if more := c.count(&c.lookups) - asked; more != 0 {
			t.Errorf("asked %d times more once it was reversed", more)
		}
	})
}

func TestAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		x := newCloudTill(t, c)
		defer x.close()
		for _, wish := range []struct{ asked, got string }{{"", "one"}, {"two", "two"}} {
			op := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500, Account: wish.asked}).ID, payment.Approved, "")
			if sent := c.sales[len(c.sales)-1].Account; op.Account != wish.got || sent != wish.got {
				t.Errorf("asked for %q: operation %q, request %q", wish.asked, op.Account, sent)
			}
			refund := x.ends(x.begin(engine.Start{Kind: payment.Refund, Original: op.ID, Operator: "a", Why: "b", Account: "one"}).ID, payment.Approved, "")
			if refund.Account != wish.got {
				t.Errorf("the refund goes to %q, the sale went to %q", refund.Account, wish.got)
			}
		}
		for _, s := range []engine.Start{{Terminal: "cloud", Amount: 5, Account: "three"}, {Terminal: "one", Amount: 5, Account: "one"}} {
			if _, err := x.Start(context.Background(), s); payment.CodeOf(err) != payment.CodeInput {
				t.Errorf("%+v: %v", s, err)
			}
		}
		c.plays(func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			got := approval(r)
			got.Account = "two"
			return got, nil
		})
		op := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Approved, "")
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmAccount {
			t.Errorf("the wrong account got the money: alarms %v", op.Alarms)
		}
	})
}

// What a provider wants a person to look at is an alarm of the approval (design 10.12).
func TestAlarmsOfAProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		x := newCloudTill(t, c)
		defer x.close()
		c.plays(func(_ ctx, r payment.Request, _ payment.Reporter) (payment.Result, error) {
			got := approval(r)
			got.Alarms = []payment.Alarm{{Code: payment.AlarmProof, Text: "Look at the key."}}
			return got, nil
		})
		op := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Approved, "")
		if len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmProof || op.Alarms[0].Text == "" || op.Alarms[0].At.IsZero() {
			t.Errorf("alarms %+v", op.Alarms)
		}
	})
}

func TestCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		x := newCloudTill(t, c)
		defer x.close()
		refused := func(s engine.Start) {
			t.Helper()
			s.Operator, s.Why = "a", "b"
			if _, err := x.Start(context.Background(), s); payment.CodeOf(err) != payment.CodeConflict {
				t.Errorf("%s of %s: %v", s.Kind, s.Original, err)
			}
		}
		sale := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500, AuthOnly: true}).ID, payment.Approved, "")
		if !c.sales[0].AuthOnly || !sale.AuthOnly {
			t.Error("it was not asked to reserve only")
		}
		refused(engine.Start{Kind: payment.Refund, Original: sale.ID})
		refused(engine.Start{Kind: payment.Capture, Original: sale.ID, Amount: 501})
		capture := x.ends(x.begin(engine.Start{Kind: payment.Capture, Original: sale.ID, Amount: 400}).ID, payment.Approved, "")
		if c.captures[0].Original.Terminal != sale.References.Terminal || capture.Authorised != 400 {
			t.Errorf("captured %d of %q", capture.Authorised, c.captures[0].Original.Terminal)
		}
		refused(engine.Start{Kind: payment.Capture, Original: sale.ID})
		refused(engine.Start{Kind: payment.Void, Original: sale.ID})
		refused(engine.Start{Kind: payment.Refund, Original: sale.ID, Amount: 401})
		x.ends(x.begin(engine.Start{Kind: payment.Refund, Original: sale.ID, Operator: "a", Why: "b"}).ID, payment.Approved, "")
		if got := c.refunds[0]; got.Total.Minor != 400 || got.Original.Terminal != capture.References.Terminal {
			t.Errorf("refunded %d of %q", got.Total.Minor, got.Original.Terminal)
		}
		plain := x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Approved, "")
		refused(engine.Start{Kind: payment.Capture, Original: plain.ID})
		if _, err := x.Start(context.Background(), engine.Start{Terminal: "one", Amount: 5, AuthOnly: true}); payment.CodeOf(err) != payment.CodeInput {
			t.Errorf("a terminal that cannot reserve: %v", err)
		}
	})
}

// current is the operation as the journal has it.
func (x *till) current(id string) payment.Operation {
	x.t.Helper()
	op, err := x.journal.Operation(context.Background(), id)
	if err != nil {
		x.t.Fatal(err)
	}
	return op
}
