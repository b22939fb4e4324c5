package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// What is watched and hears "busy" asks again soon, out of step with whatever else is
// asked about: else two that are watched could keep each other busy for ever.
func TestWatchAgainSoonAfterBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud()
		pending := func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Refused, Reason: payment.ReasonPendingReversal}, nil
		}
		c.sale = pending
		c.lookup = func(ctx, payment.Request, payment.Reporter) (payment.Result, error) {
			return payment.Result{Outcome: payment.Pending, Reason: payment.ReasonBusy}, nil
		}
		x := newCloudTill(t, c)
		defer x.close()
		x.ends(x.begin(engine.Start{Terminal: "cloud", Amount: 500}).ID, payment.Declined, payment.ReasonPendingReversal)
		time.Sleep(2 * time.Minute)
		asked := c.count(&c.lookups)
		time.Sleep(time.Minute)
		if more := c.count(&c.lookups) - asked; more < 4 {
			t.Errorf("asked %d times within a minute of being busy", more)
		}
	})
}
