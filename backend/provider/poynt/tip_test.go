package poynt

import (
	"context"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The tip is open only where the terminal may still ask for one, or change it.
func TestTipOpen(t *testing.T) {
	for name, c := range map[string]struct {
		setting string
		preset  int64
		changes []string
		open    bool
	}{
		"no tip screen":         {setting: "off"},
		"captured":              {setting: "terminal", open: true},
		"a tip that is there":   {setting: "terminal", changes: []string{`amounts.tipAmount=188`, `amounts.transactionAmount=1444`}, open: true},
		"reserved":              {setting: "terminal", changes: []string{`action="AUTHORIZE"`, `status="AUTHORIZED"`}, open: true},
		"sent along":            {setting: "terminal", preset: 100},
		"settled":               {setting: "terminal", changes: []string{`settled=true`}},
		"refunded":              {setting: "terminal", changes: []string{`status="PARTIALLY_REFUNDED"`}},
		"captured by a capture": {setting: "terminal", changes: []string{`action="AUTHORIZE"`, `status="CAPTURED"`}},
		"the customer wants none": {setting: "terminal", changes: []string{
			`amounts={"transactionAmount":1256,"orderAmount":1256,"tipAmount":0,"currency":"USD","customerOptedNoTip":true}`}},
	} {
		t.Run(name, func(t *testing.T) {
			one, err := readTransaction([]byte(tx(t, c.changes...)))
			if err != nil {
				t.Fatal(err)
			}
			s := settings{business: testBusiness, store: testStore, device: testDevice, tips: c.setting == "terminal"}
			r := request(payment.Sale)
			r.Tip = c.preset
			got := s.judge(r, []transaction{one}, nil)
			if got.Outcome != payment.Success || got.TipOpen != c.open {
				t.Errorf("%+v", got.Result)
			}
		})
	}
}

// A void is whole: what it gives back is what stands charged, with a tip that the till
// had not read when it asked.
func TestVoidTakesALateTipBack(t *testing.T) {
	play(t, payment.Settings{"tip": "terminal"}, func(t *testing.T, h *house) {
		h.books(tx(t, `voided=true`, `status="VOIDED"`, `amounts.tipAmount=188`, `amounts.transactionAmount=1444`))
		got, err := h.Void(context.Background(), request(payment.Void), h.op)
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1444 || got.Tip != 188 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
