package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// keeper is a terminal that takes payments and takes none of them back.
type keeper struct{ *script }

func (k keeper) Info() payment.Info {
	info := k.script.Info()
	info.Limits.RefundElsewhere = "Do it on the PIN pad."
	return info
}

func (k keeper) Open(_ ctx, _ string, _ payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	k.deps = deps
	return struct{ payment.Terminal }{k.script}, nil
}

// A signature that does not fit, where nothing can be taken back: the sale is paid, and
// somebody is told at once what to do; a restart in between asks again.
func TestSignatureWithoutVoid(t *testing.T) {
	for name, c := range map[string]struct {
		yes    bool
		alarms int
	}{"fits": {true, 0}, "does not fit": {false, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := keeper{&script{sale: signs, lookup: lost}}
				x := newTill(t, &script{sale: approves})
				if err := x.Add(t.Context(), engine.Terminal{Name: "keeper", Provider: k}, nil); err != nil {
					t.Fatal(err)
				}
				op, err := x.Start(t.Context(), engine.Start{Terminal: "keeper", Amount: 100, Operator: "anna"})
				if err != nil {
					t.Fatal(err)
				}
				x.reaches(op.ID, payment.AwaitingAnswer)
				x.close()
				x = open(t, x.path, &script{sale: approves}, nil)
				defer x.close()
				if err := x.Add(t.Context(), engine.Terminal{Name: "keeper", Provider: k}, nil); err != nil {
					t.Fatal(err)
				}
				op = x.reaches(op.ID, payment.AwaitingAnswer)
				x.answer(op.ID, c.yes)
				op = x.ends(op.ID, payment.Approved, "")
				if len(op.Alarms) != c.alarms || op.Authorised != 100 {
					t.Fatalf("%+v", op)
				}
				for _, a := range op.Alarms {
					if a.Code != payment.AlarmSignature || !strings.HasSuffix(a.Text, "Do it on the PIN pad.") {
						t.Errorf("%+v", a)
					}
				}
			})
		})
	}
}
