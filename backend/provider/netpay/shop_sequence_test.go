package netpay_test

import (
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The paper is out: the result comes when there is a new roll. Nothing is given up
// meanwhile, and it ends once, as approved (55).
func TestSeq55_PaperOut(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		begun := time.Now()
		x.until(x.sell().ID, final)
		usual := time.Since(begun)
		x.set("paper=out")
		begun = time.Now()
		op := x.until(x.sell().ID, func(op payment.Operation) bool {
			if op.State == payment.InDoubt {
				t.Errorf("in doubt after %s: %s", time.Since(begun), op.ReasonText)
			}
			return op.State.Final()
		})
		if op.State != payment.Approved || op.Authorised != 1256 || len(op.Alarms) != 0 || time.Since(begun) <= usual {
			t.Errorf("%s (%s) after %s, usually after %s: %+v", op.State, op.ReasonText, time.Since(begun), usual, op.Alarms)
		}
		x.charged(2)
	})
}

// The till's address is not reached. The clerk presses Reintentar until it is: one
// approval (56). Or the clerk gives up, the result is lost, and the reprint tells (57).
func TestSeq56Seq57_AddressNotReached(t *testing.T) {
	for name, clerk := range map[string]string{"56 retry": "clerk", "57 dismissed": "dismiss"} {
		t.Run(name, func(t *testing.T) {
			with(t, nil, func(x *shop) {
				x.customer("chip-pin")
				x.set("listener=unreachable", "retry="+clerk)
				id := x.sell().ID
				time.Sleep(20 * time.Second)
				x.set("listener=reachable")
				op := x.until(id, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
				if op.State != payment.Approved || op.Authorised != 1256 {
					t.Errorf("%s (%s)", op.State, op.ReasonText)
				}
				x.charged(1)
			})
		})
	}
}

// charged fails unless so many sales of 12.56 are booked.
func (x *shop) charged(times int) {
	x.t.Helper()
	got := x.practice.Charged()
	var sum int64
	for _, minor := range got {
		sum += minor
	}
	if len(got) != times || sum != int64(times)*1256 {
		x.t.Errorf("charged %v", got)
	}
}
