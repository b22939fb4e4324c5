package netpay_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// sent are the requests of a name that an operation's timeline holds, as they were sent.
func (x *shop) sent(id, name string) (list []map[string]any) {
	x.t.Helper()
	events, err := x.journal.Events(context.Background(), id)
	if err != nil {
		x.t.Error(err)
	}
	for _, e := range events {
		var m payment.Message
		var body map[string]any
		if e.Kind == payment.EventMessage && json.Unmarshal(e.Data, &m) == nil && !m.In && m.Name == name && json.Unmarshal([]byte(m.Body), &body) == nil {
			list = append(list, body)
		}
	}
	return list
}

func (x *shop) void(of string) payment.Operation {
	x.t.Helper()
	return x.until(x.begin(engine.Start{Kind: payment.Void, Original: of, Operator: "anna", Why: "test"}).ID, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
}

// The customer cancels (24), or nobody presents a card for a minute (25): the terminal's
// own word is enough, and nothing is asked.
func TestSeq24Seq25_Cancelled(t *testing.T) {
	for _, customer := range []string{"cancels", "walks-away"} {
		for _, profile := range []string{"2025", "2022"} {
			with(t, nil, func(x *shop) {
				x.customer(customer)
				x.set("result.profile=" + profile)
				op := x.until(x.sell().ID, final)
				if op.State != payment.Cancelled || op.Reason != payment.ReasonCustomer || len(x.sent(op.ID, "ReprintRequest")) != 0 {
					t.Errorf("%s, %s: %s, %s (%s)", customer, profile, op.State, op.Reason, op.ReasonText)
				}
				x.charged(0)
			})
		}
	}
}

// What became of a cancel is asked by the sale's order; that it still stands leaves the
// sale as it was, and it can be cancelled then (39, 48). A second cancel of what is
// cancelled already does no harm: the terminal refuses it, and the reprint tells (49).
func TestSeq39Seq48Seq49_CancelTwice(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		sale := x.until(x.sell().ID, final)
		x.set("cancel.push=lose")
		void := x.void(sale.ID)
		if void.State != payment.Declined || void.Reason != payment.ReasonVoidRefused || !strings.Contains(void.ReasonText, "still stands") {
			t.Errorf("39: %s, %s (%s)", void.State, void.Reason, void.ReasonText)
		}
		asked := x.sent(void.ID, "ReprintRequest")
		if len(asked) == 0 || asked[0]["orderId"] != sale.References.Terminal || asked[0]["folioId"] != nil || asked[0]["disablePrintAnimation"] != true {
			t.Errorf("39: asked %v", asked)
		}
		x.charged(1)
		// Carried out, and nobody tells; a manager takes it for not done.
		x.set("cancel.result=lose", "reprint.result=always:lose")
		if void = x.void(sale.ID); void.State != payment.InDoubt {
			t.Errorf("48: %s (%s)", void.State, void.ReasonText)
		}
		if _, err := x.Settle(context.Background(), void.ID, payment.Settlement{Why: "no ticket came out", Operator: "anna"}); err != nil {
			t.Error(err)
		}
		x.charged(0)
		x.set("reprint.result=ok")
		if second := x.void(sale.ID); second.State != payment.Approved || second.Authorised != 1256 {
			t.Errorf("49: %s (%s)", second.State, second.ReasonText)
		}
		x.charged(0)
		if op, err := x.journal.Operation(context.Background(), sale.ID); err != nil || op.State != payment.Approved {
			t.Errorf("49: the sale is %s, %v", op.State, err)
		}
	})
}

// A store that is not in the terminal's group: nothing is posted, and it stays in doubt
// with the next step; or the terminal charges its own store, which is an alarm (52).
func TestSeq52_StoreNotInTheGroup(t *testing.T) {
	group := payment.Settings{"smart-accounts": "string", "stores": "700101,Uno,7000001;555555,Ajena,5555555"}
	for fault, want := range map[string]payment.State{"session-error": payment.InDoubt, "charge-default": payment.Approved} {
		with(t, group, func(x *shop) {
			x.customer("contactless")
			x.set("foreign-store=" + fault)
			op := x.until(x.begin(engine.Start{Amount: 1256, Account: "555555"}).ID, func(op payment.Operation) bool { return op.State.Final() || op.Doubt.Parked })
			if op.State != want || want == payment.InDoubt && (!strings.Contains(op.Doubt.Answer, "555555") || len(x.practice.Charged()) != 0) {
				t.Errorf("%s: %s (%s), %q", fault, op.State, op.ReasonText, op.Doubt.Answer)
			}
			if want == payment.Approved && (len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmAccount || !strings.Contains(op.Alarms[0].Text, "700101")) {
				t.Errorf("%s: %+v", fault, op.Alarms)
			}
			for _, v := range x.practice.Violations() {
				if !strings.Contains(v, "not in the terminal's group") {
					t.Errorf("the till broke the protocol: %s", v)
				}
			}
			x.odd = true
		})
	}
}

// The terminal prints nothing: it is told so, and both copies are the till's own, with
// the words as they came, accents and all (58, 70).
func TestSeq58Seq70_SlipsOfTheTill(t *testing.T) {
	with(t, payment.Settings{"terminal-prints": "no"}, func(x *shop) {
		x.customer("signature")
		op := x.until(x.sell().ID, final)
		if sent := x.sent(op.ID, "SaleRequest"); len(sent) != 1 || sent[0]["disablePrintAnimation"] != true {
			t.Errorf("sent %v", sent)
		}
		if op.State != payment.Approved || !strings.Contains(op.ReasonText, "Transacción exitosa") {
			t.Errorf("%s (%s)", op.State, op.ReasonText)
		}
		for _, c := range []payment.Copy{payment.MerchantCopy, payment.CustomerCopy} {
			d, err := receipt.Render(op, c, receipt.Options{})
			if err != nil || len(d.Warnings) != 0 {
				t.Errorf("%s: %v, %v", c, d.Warnings, err)
			}
		}
	})
}

// Every attempt has a folio of its own, also after declines and in the next run (65).
func TestSeq65_FolioOnce(t *testing.T) {
	with(t, nil, func(x *shop) {
		folios := map[any]bool{}
		for i, customer := range []string{"declined", "chip-pin", "cancels", "declined", "chip-pin", "contactless"} {
			if i == 3 {
				x.stop()
				x.start()
			}
			x.customer(customer)
			op := x.until(x.sell().ID, final)
			for _, body := range x.sent(op.ID, "SaleRequest") {
				if folios[body["folioNumber"]] {
					t.Errorf("the folio %v was sent twice", body["folioNumber"])
				}
				folios[body["folioNumber"]] = true
			}
			time.Sleep(time.Second)
		}
		if len(folios) != 6 {
			t.Errorf("%d folios", len(folios))
		}
	})
}
