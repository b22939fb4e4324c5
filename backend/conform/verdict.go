package conform

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func check(t *testing.T, op payment.Operation, states []payment.State) {
	t.Helper()
	for _, s := range states {
		if op.State == s {
			return
		}
	}
	t.Errorf("ended %s (%s: %s), want one of %v", op.State, op.Reason, op.ReasonText, states)
}

// agree compares the till with the terminal's own ledger.
func agree(t *testing.T, x *till, op payment.Operation, unsure bool) {
	t.Helper()
	charged := x.pair.Practice.Charged()
	var sum int64
	for _, minor := range charged {
		sum += minor
	}
	switch {
	case op.State == payment.Approved && sum != op.Authorised:
		t.Errorf("approved with %d, the terminal charged %d (%v)", op.Authorised, sum, charged)
	case op.State.Final() && op.State != payment.Approved && sum != 0:
		t.Errorf("%s, but the terminal charged %d (%v)", op.State, sum, charged)
	case op.State == payment.InDoubt && !unsure:
		t.Errorf("left in doubt: %+v", op.Doubt)
	}
	if len(charged) > 1 {
		t.Errorf("charged more than once: %v", charged)
	}
	for _, v := range x.pair.Practice.Violations() {
		t.Errorf("the till broke the protocol: %s", v)
	}
}
