package poynt_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// screen waits until the terminal shows a text.
func (x *shop) screen(words string) pinpad.Device {
	x.t.Helper()
	pad := x.pair.Practice.(cloud).Device()
	for range 200 {
		if slices.Contains(pad.View().Screen.Lines, words) {
			return pad
		}
		time.Sleep(100 * time.Millisecond)
	}
	x.t.Fatalf("the screen never says %q: %+v", words, pad.View().Screen)
	return nil
}

// The bank declines, and the customer takes a minute to find another card, which the
// terminal still takes. By then the till has told that it was declined: it must learn
// that the customer has paid, by asking alone, where no callback tells it, and in its
// next run too.
func TestSeq07_SecondCardAMinuteLater(t *testing.T) {
	for name, c := range map[string]struct {
		listen  string
		restart bool
	}{"nothing arrives": {}, "the callback gets lost": {listen: doorAddress}, "the till is started anew": {restart: true}} {
		t.Run(name, func(t *testing.T) {
			with(t, payment.Settings{"listen": c.listen}, func(x *shop) {
				x.set([2]string{"callback.result", "always:lose"}, [2]string{"screen-timeout", "never"})
				one := x.open("journal.db", doorAddress)
				id := one.sell()
				pad := x.screen("Tap, insert or swipe")
				for _, a := range []pinpad.Action{{Name: pinpad.ActionInsert, Value: "declined"}, {Name: pinpad.ActionPIN, Value: "right"}} {
					if err := pad.Do(a); err != nil {
						t.Fatal(err)
					}
					time.Sleep(3 * time.Second)
				}
				if op := one.until(id, final); op.State != payment.Declined {
					t.Fatalf("%s (%s)", op.State, op.ReasonText)
				}
				time.Sleep(time.Minute)
				pad = x.screen("Another card? Green: yes, red: no")
				if err := pad.Do(pinpad.Action{Name: pinpad.ActionTap, Value: "contactless"}); err != nil {
					t.Fatal(err)
				}
				if c.restart {
					one.stop()
					time.Sleep(time.Minute)
					one = x.open("journal.db", doorAddress)
				}
				time.Sleep(10 * time.Minute)
				op, err := one.journal.Operation(context.Background(), id)
				if err != nil || op.State != payment.Approved || op.Authorised != 1256 || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmLateMoney {
					t.Errorf("%s with %d, %+v, %v", op.State, op.Authorised, op.Alarms, err)
				}
				if charged := x.pair.Practice.Charged(); len(charged) != 1 {
					t.Errorf("charged %v", charged)
				}
			})
		})
	}
}
