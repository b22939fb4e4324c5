package netpay_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// A sale whose end nobody heard is given up by a manager: the next customer is served,
// although the first call still waits, and what it brings late is an alarm (67).
func TestSeq67_GivenUpAndThenApproved(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set("paper=out", "reprint.result=always:lose")
		if err := x.practice.SetCustomer("silent"); err != nil {
			t.Fatal(err)
		}
		first := x.until(x.sell().ID, parked)
		if _, err := x.Settle(context.Background(), first.ID, payment.Settlement{Why: "the terminal shows nothing", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		x.set("paper=in", "reprint.result=ok")
		x.customer("chip-pin")
		if op := x.until(x.sell().ID, final); op.State != payment.Approved {
			t.Errorf("%s (%s: %s)", op.State, op.Reason, op.ReasonText)
		}
	})
	with(t, nil, func(x *shop) {
		x.customer("chip-pin")
		x.set("sale.result=lose", "reprint.result=always:lose")
		op := x.until(x.sell().ID, parked)
		if _, err := x.Settle(context.Background(), op.ID, payment.Settlement{Why: "the terminal shows nothing", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		x.set("reprint.result=ok")
		op = x.until(op.ID, func(op payment.Operation) bool { return len(op.Alarms) > 0 })
		if op.State != payment.Approved || op.Alarms[0].Code != payment.AlarmLateMoney || op.Authorised != 1256 {
			t.Errorf("%s, %+v", op.State, op.Alarms)
		}
	})
}

// A terminal whose results cannot arrive is in doubt at once, with the next step, and
// the next customer can be served once a person has settled it (design 10.10).
func TestNothingCanArrive(t *testing.T) {
	with(t, payment.Settings{"listen": ""}, func(x *shop) {
		x.customer("chip-pin")
		begun := time.Now()
		op := x.until(x.sell().ID, func(op payment.Operation) bool { return op.State == payment.InDoubt })
		if time.Since(begun) > 10*time.Second || !strings.Contains(op.ReasonText, "settle this by hand") {
			t.Errorf("after %s: %s", time.Since(begun), op.ReasonText)
		}
		x.until(op.ID, parked)
		if _, err := x.Settle(context.Background(), op.ID, payment.Settlement{Paid: true, Why: "the ticket says APROBADA", Operator: "anna"}); err != nil {
			t.Fatal(err)
		}
		if next := x.until(x.sell().ID, func(op payment.Operation) bool { return op.State == payment.InDoubt }); next.ID == op.ID {
			t.Error("the terminal is still taken")
		}
		time.Sleep(time.Minute)
		if charged := x.practice.Charged(); len(charged) != 2 {
			t.Errorf("charged %v", charged)
		}
	})
}

// A pending reversal is not asked about while somebody pays, and the next approved
// sale brings it about (29, 30).
func TestSeq29Seq30_PendingReversal(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("pending-reversal")
		op := x.until(x.sell().ID, final)
		if op.State != payment.Declined || op.Reason != payment.ReasonPendingReversal {
			t.Fatalf("%s, %s (%s)", op.State, op.Reason, op.ReasonText)
		}
		for _, customer := range []string{"cancels", "walks-away", "chip-pin"} {
			x.customer(customer)
			x.until(x.sell().ID, final)
		}
		op = x.until(op.ID, func(op payment.Operation) bool { return op.Reason == payment.ReasonReversed })
		if op.State != payment.Declined || len(x.practice.Charged()) != 1 {
			t.Errorf("%s, charged %v", op.State, x.practice.Charged())
		}
	})
}

// Two stores alternate on one terminal, and each reprint and cancel names the sale's
// own (54, 42); what goes to another store is an alarm (53).
func TestSeq53Seq54_Stores(t *testing.T) {
	group := payment.Settings{"smart-accounts": "string", "stores": "700101,Uno,7000001;700102,Dos,7000002"}
	with(t, group, func(x *shop) {
		x.customer("chip-pin")
		var ops []payment.Operation
		for _, store := range []string{"700102", "700101", "700102"} {
			x.set("sale.result=lose") // found by a reprint
			op := x.until(x.begin(engine.Start{Amount: 1000, Account: store}).ID, final)
			if op.State != payment.Approved || op.Account != store || len(op.Alarms) != 0 {
				t.Fatalf("%s for %s: %v", op.State, op.Account, op.Alarms)
			}
			ops = append(ops, op)
		}
		for _, op := range ops {
			void := x.until(x.begin(engine.Start{Kind: payment.Void, Original: op.ID, Operator: "anna", Why: "test"}).ID, final)
			if void.State != payment.Approved || void.Account != op.Account {
				t.Errorf("%s for %s (%s)", void.State, void.Account, void.ReasonText)
			}
		}
		if charged := x.practice.Charged(); len(charged) != 0 {
			t.Errorf("charged %v", charged)
		}
		x.set("result.store=wrong-charge")
		op := x.until(x.begin(engine.Start{Amount: 1000, Account: "700101"}).ID, func(op payment.Operation) bool { return final(op) || parked(op) })
		if op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmAccount || len(op.Slips) == 0 {
			t.Errorf("the money went to another store: %s, %v", op.State, op.Alarms)
		}
	})
}

// A terminal that has one store only: what goes to another one is an alarm, too.
func TestSeq53_OneStoreOnly(t *testing.T) {
	with(t, nil, func(x *shop) {
		x.customer("contactless")
		x.set("result.store=wrong-charge")
		op := x.until(x.sell().ID, func(op payment.Operation) bool { return final(op) || parked(op) })
		if op.State != payment.Approved || len(op.Alarms) != 1 || op.Alarms[0].Code != payment.AlarmAccount {
			t.Errorf("%s, %v (%s)", op.State, op.Alarms, op.ReasonText)
		}
	})
}
