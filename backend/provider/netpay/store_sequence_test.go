package netpay_test

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// A store that is blocked (51): the terminal says so and posts nothing, or posts it, or
// the cloud refuses. Nothing is charged to another store, what is not known stays in
// doubt, and the cashier is told what the terminal may be showing.
func TestSeq51_BlockedStore(t *testing.T) {
	for name, c := range map[string]struct {
		store  string
		faults []string
		state  payment.State
		says   string
	}{
		"51 nothing is posted":     {"700104", []string{"blocked-store=silence"}, payment.InDoubt, "Usuario no válido"},
		"51 the terminal posts it": {"700104", []string{"blocked-store=post"}, payment.Declined, "Usuario no válido"},
		"51 the cloud refuses":     {"700104", []string{"blocked-store=refuse"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, payment.Settings{"smart-accounts": "string", "stores": "700101,Uno,7000001;700104,Cerrada,7000004"}, func(x *shop) {
				x.customer("contactless")
				x.set(c.faults...)
				op := x.until(x.begin(engine.Start{Amount: 1256, Account: c.store}).ID, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
				if c.state != "" && op.State != c.state || op.State == payment.Approved || !strings.Contains(op.ReasonText+op.Doubt.Answer, c.says) || op.ReasonText == "" {
					t.Errorf("%s, %s (%s), %q", op.State, op.Reason, op.ReasonText, op.Doubt.Answer)
				}
				if got := x.practice.Charged(); len(got) != 0 {
					t.Errorf("charged %v", got)
				}
			})
		})
	}
}
