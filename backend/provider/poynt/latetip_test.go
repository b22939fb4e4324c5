package poynt_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// asksForTip waits until the terminal has approved and asks for the tip.
func (x *shop) asksForTip() pinpad.Device {
	x.t.Helper()
	pad := x.pair.Practice.(cloud).Device()
	for range 200 {
		if slices.Contains(pad.View().Screen.Lines, "Add a tip?") {
			return pad
		}
		time.Sleep(100 * time.Millisecond)
	}
	x.t.Fatalf("no tip is asked: %+v", pad.View().Screen)
	return nil
}

// The customer thinks about the tip for longer than the till waits: the payment is read
// as approved without it. What it comes to is read again, by this run of the till or the
// next, whether the terminal can tell or not: it stands in the journal, on the slip, and
// is what can be voided.
func TestTipAfterTheTillHasRead(t *testing.T) {
	for _, listen := range []string{doorAddress, ""} {
		for _, restart := range []bool{false, true} {
			with(t, payment.Settings{"tip": "terminal", "listen": listen}, func(x *shop) {
				x.customer("contactless")
				x.set([2]string{"payment.tips", "later"}, [2]string{"screen-timeout", "never"}, [2]string{"callback.result", "lose"})
				one := x.open("journal.db", doorAddress)
				id := one.sell()
				time.Sleep(2 * time.Second)
				x.customer("")
				pad := x.asksForTip()
				op := one.until(id, final)
				if op.State != payment.Approved || op.Authorised != 1256 || !op.TipOpen {
					t.Fatalf("%s with %d, tip open %t", op.State, op.Authorised, op.TipOpen)
				}
				if _, err := one.Printed(context.Background(), id, payment.Print{Copy: payment.CustomerCopy, Where: "page"}); err != nil {
					t.Fatal(err)
				}
				if restart {
					one.stop()
				}
				if err := pad.Do(pinpad.Action{Name: pinpad.ActionTip, Value: "188"}); err != nil {
					t.Fatal(err)
				}
				if restart {
					time.Sleep(time.Hour)
					one = x.open("journal.db", doorAddress)
				}
				op = one.until(id, func(op payment.Operation) bool { return op.Adjusted != nil })
				if op.Authorised != 1444 || op.Tip != 188 || op.Adjusted.From != 1256 || op.Adjusted.Prints != 1 || len(op.Alarms) != 0 {
					t.Errorf("%d with a tip of %d, %+v, %+v", op.Authorised, op.Tip, op.Adjusted, op.Alarms)
				}
				if slip := op.Slip(payment.CustomerCopy); slip == nil || slip.Total != "14.44" || slip.TipMinor != 188 {
					t.Errorf("the slip is %+v", slip)
				}
				if d, err := receipt.Render(op, payment.CustomerCopy, receipt.Options{}); err != nil || len(d.Warnings) != 0 {
					t.Errorf("the slip: %v, %v", d.Warnings, err)
				}
				x.voids(one, id, 1444)
			})
		}
	}
}

// voids takes a payment back as a whole; neither operation is disputed afterwards.
func (x *shop) voids(one *till, id string, minor int64) {
	x.t.Helper()
	void, err := one.Start(context.Background(), engine.Start{Kind: payment.Void, Original: id, Operator: "anna", Why: "brought back"})
	if err != nil {
		x.t.Fatal(err)
	}
	if void = one.until(void.ID, final); void.State != payment.Approved || void.Authorised != minor || len(void.Alarms) != 0 {
		x.t.Errorf("the void of %d is %s with %d, %+v", minor, void.State, void.Authorised, void.Alarms)
	}
	time.Sleep(2 * time.Hour)
	op, err := one.journal.Operation(context.Background(), id)
	if err != nil || op.Authorised != minor || len(op.Alarms) != 0 {
		x.t.Errorf("the sale has %d, %+v, %v", op.Authorised, op.Alarms, err)
	}
	if charged := x.pair.Practice.Charged(); len(charged) != 0 {
		x.t.Errorf("charged %v", charged)
	}
}

// A tip that nobody has read before the void goes back with it.
func TestVoidBeforeTheTipIsRead(t *testing.T) {
	with(t, payment.Settings{"tip": "terminal", "listen": ""}, func(x *shop) {
		x.customer("contactless")
		x.set([2]string{"payment.tips", "later"}, [2]string{"screen-timeout", "never"})
		one := x.open("journal.db", doorAddress)
		id := one.sell()
		time.Sleep(2 * time.Second)
		x.customer("")
		pad := x.asksForTip()
		if op := one.until(id, final); op.Authorised != 1256 {
			t.Fatalf("%s with %d", op.State, op.Authorised)
		}
		if err := pad.Do(pinpad.Action{Name: pinpad.ActionTip, Value: "188"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		x.voids(one, id, 1444)
	})
}
