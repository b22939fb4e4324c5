package poynt

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// credits is a terminal that may give money back without a sale.
var credits = payment.Settings{"credit": "on"}

func creditRequest() payment.Request {
	r := request(payment.Refund)
	r.Unlinked, r.Original = true, payment.References{}
	return r
}

// creditTx is Poynt's record of a credit: REFUND, REFUNDED, no parent (poynt.md 7.3).
func creditTx(t *testing.T, changes ...string) string {
	return tx(t, append([]string{`action="REFUND"`, `status="REFUNDED"`}, changes...)...)
}

// The same wish in both forms of the request, under either spelling of the flat one (1,
// 2): the customer's card, no cash, no tip, and an amount that nobody changes.
func TestSeq01_02_CreditOfBothGenerations(t *testing.T) {
	for name, c := range map[string]struct {
		more payment.Settings
		want map[string]any
	}{
		"b": {payment.Settings{"payload": "b"}, map[string]any{"amount": 1256.0, "nonReferencedCredit": true}},
		"a": {payment.Settings{"payload": "a"}, map[string]any{"action": "non-referenced-credit", "purchaseAmount": 1256.0, "tipAmount": 0.0}},
		"a, as a sample spells it": {payment.Settings{"payload": "a", "credit-action": "non-reference-credit"},
			map[string]any{"action": "non-reference-credit", "purchaseAmount": 1256.0}},
	} {
		t.Run(name, func(t *testing.T) {
			c.more["credit"], c.more["tip"] = "on", "terminal"
			play(t, c.more, func(t *testing.T, h *house) {
				h.deliver = func(m sent) {
					h.post(m, result("STARTED"))
					h.books(creditTx(t))
					h.post(m, result("PROCESSED", creditTx(t)))
				}
				got, err := h.Refund(context.Background(), creditRequest(), h.op)
				if err != nil || got.Outcome != payment.Success || got.Authorised != 1256 || got.Tip != 0 || got.TipOpen || got.References.Terminal != testTx {
					t.Fatalf("%+v, %v", got, err)
				}
				if len(got.Slips) != 2 || got.Slips[0].Kind != payment.Refund || got.Slips[0].Total != "12.56" {
					t.Errorf("slips %+v", got.Slips)
				}
				list := h.sales()
				if len(list) != 1 || list[0].DeviceID != testDevice {
					t.Fatalf("%+v", list)
				}
				asked := list[0].data
				if c.more["payload"] == "b" {
					asked = list[0].payment()
				}
				for _, always := range []string{"disableTip", "disableCash", "disableCheck", "disableOther", "disableChangeAmount"} {
					c.want[always] = true
				}
				for key, value := range c.want {
					if asked[key] != value {
						t.Errorf("%s is %v, want %v", key, asked[key], value)
					}
				}
				if asked["transactionId"] != nil || list[0].data["transactionId"] != nil {
					t.Error("it names a sale")
				}
				if n := h.cloud.asked("POST /businesses"); n != 0 {
					t.Errorf("%d changes by REST", n)
				}
				h.clean()
			})
		})
	}
}

// A sale never asks for a credit, and its vectors stay as they are.
func TestSaleIsNoCredit(t *testing.T) {
	play(t, credits, func(t *testing.T, h *house) {
		data, err := h.payload(request(payment.Sale))
		if err != nil {
			t.Fatal(err)
		}
		var outer map[string]any
		if err := json.Unmarshal([]byte(data), &outer); err != nil {
			t.Fatal(err)
		}
		p := sent{data: outer}.payment()
		if _, there := p["nonReferencedCredit"]; there || p["disableChangeAmount"] != nil {
			t.Errorf("%v", p)
		}
	})
}

// What the terminal tells is a hint; Poynt's own record decides (5, 6, 19, 30, 31, 35).
func TestSeq05_06_19_30_31_35_Credit(t *testing.T) {
	one := func(changes ...string) func(*testing.T) []string {
		return func(t *testing.T) []string { return []string{creditTx(t, changes...)} }
	}
	for name, c := range map[string]struct {
		books   func(t *testing.T) []string // what Poynt shows
		told    string                      // the terminal's last word; empty: it is lost
		outcome payment.Outcome
		reason  payment.Reason
		minor   int64
	}{
		"05 cancelled on the device":  {told: "CANCELED", outcome: payment.Stopped, reason: payment.ReasonCustomer},
		"06 declined":                 {books: one(`status="DECLINED"`, `processorResponse.status="Failure"`), told: "PROCESSED", outcome: payment.Refused, reason: payment.ReasonIssuer},
		"06 refused by the processor": {books: one(`processorResponse.status="Failure"`), told: "PROCESSED", outcome: payment.Refused, reason: payment.ReasonIssuer},
		"19 the callback is lost":     {books: one(), outcome: payment.Success, minor: 1256},
		"30 another amount":           {books: one(`amounts.orderAmount=1000`, `amounts.transactionAmount=1000`, `processorResponse.approvedAmount=1000`), told: "PROCESSED", outcome: payment.Success, minor: 1000},
		"30 another currency":         {books: one(`amounts.currency="CAD"`), told: "PROCESSED", reason: payment.ReasonForeign},
		"30 no amount":                {books: one(`amounts.orderAmount=`, `amounts.transactionAmount=`), told: "PROCESSED", reason: payment.ReasonForeign},
		"31 another terminal":         {books: one(`context.storeDeviceId="urn:tid:99999999-3333-3333-8333-333333333333"`), told: "PROCESSED", reason: payment.ReasonForeign},
		"voided since":                {books: one(`voided=true`), told: "PROCESSED", outcome: payment.Refused, reason: payment.ReasonReversed},
		"it points at a sale":         {books: one(`parentId="` + otherTx + `"`), told: "PROCESSED", reason: payment.ReasonUnknownCode},
		"a status nobody knows":       {books: one(`status="CREDITED"`), told: "PROCESSED", reason: payment.ReasonUnknownCode},
		"the card was charged":        {books: one(`action="SALE"`, `status="CAPTURED"`), told: "PROCESSED", reason: payment.ReasonForeign},
		"35 forged":                   {told: "PROCESSED", reason: payment.ReasonNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, credits, func(t *testing.T, h *house) {
				h.deliver = func(m sent) {
					h.post(m, result("STARTED"))
					var list []string
					if c.books != nil {
						list = c.books(t)
						h.books(list...)
					}
					switch c.told {
					case "":
					case "PROCESSED":
						h.post(m, result(c.told, creditTx(t)))
					default:
						h.post(m, result(c.told))
					}
				}
				r := creditRequest()
				got, err := h.Refund(context.Background(), r, h.op)
				if err != nil || got.Outcome != c.outcome || got.Reason != c.reason || got.Authorised != c.minor {
					t.Errorf("%+v, %v", got, err)
				}
				time.Sleep(10 * time.Minute)
				again, err := h.Lookup(context.Background(), r, h.op)
				_, decides := again.Outcome.Trigger()
				if err != nil || decides != (c.outcome != payment.Unknown) || decides && (again.Outcome != c.outcome || again.Authorised != c.minor) {
					t.Errorf("look-up: %+v, %v", again, err)
				}
			})
		})
	}
}

// Two cards give half of it each in one session, after one that the bank declined (7, 11).
func TestSeq07_11_CreditToTwoCards(t *testing.T) {
	play(t, credits, func(t *testing.T, h *house) {
		half := []string{`amounts.orderAmount=628`, `amounts.transactionAmount=628`, `processorResponse.approvedAmount=628`}
		list := []string{creditTx(t, `status="DECLINED"`, `id="66666666-6666-4666-8666-666666666666"`), creditTx(t, half...), creditTx(t, append(half, `id="`+otherTx+`"`)...)}
		h.deliver = func(m sent) { h.books(list...); h.post(m, result("PROCESSED", list...)) }
		got, err := h.Refund(context.Background(), creditRequest(), h.op)
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1256 || len(got.Slips) != 4 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// The cashier stops it while it is on the terminal (39).
func TestSeq39_AbortOfACredit(t *testing.T) {
	play(t, credits, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			if m.data["action"] == actionStop {
				return
			}
			h.post(m, result("STARTED"))
			if err := h.Abort(context.Background(), creditRequest(), "", h.op); err != nil {
				t.Error(err)
			}
			h.post(m, result("CANCELED"))
		}
		got, err := h.Refund(context.Background(), creditRequest(), h.op)
		if err != nil || got.Outcome != payment.Stopped || got.Reason != payment.ReasonCashier {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Nothing leaves where it must not: the setting is off, a sale is named, or a refund of
// a sale whose id nobody knows looks like a credit.
func TestNoCreditByAccident(t *testing.T) {
	bad := func(change func(*payment.Request)) payment.Request {
		r := creditRequest()
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		credit string
		r      payment.Request
		code   payment.Code
	}{
		"not set up":                  {"off", creditRequest(), payment.CodeUnsupported},
		"a sale is named":             {"on", bad(func(r *payment.Request) { r.Original.Terminal = testTx }), payment.CodeInternal},
		"no amount":                   {"on", bad(func(r *payment.Request) { r.Total.Minor = 0 }), payment.CodeInput},
		"a tip":                       {"on", bad(func(r *payment.Request) { r.Tip = 1 }), payment.CodeInput},
		"another currency":            {"on", bad(func(r *payment.Request) { r.Total.Currency = "EUR" }), payment.CodeInput},
		"no reference":                {"on", bad(func(r *payment.Request) { r.Attempt.Reference = "" }), payment.CodeInternal},
		"a refund of an unknown sale": {"on", bad(func(r *payment.Request) { r.Unlinked = false }), payment.CodeInput},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, payment.Settings{"credit": c.credit}, func(t *testing.T, h *house) {
				got, err := h.Refund(context.Background(), c.r, h.op)
				if payment.CodeOf(err) != c.code || payment.SentOf(err) != payment.SentNo || len(h.sales()) != 0 {
					t.Errorf("%+v, %v", got, err)
				}
				if able := h.Limits().UnlinkedRefund; able != (c.credit == "on") {
					t.Errorf("able: %t", able)
				}
			})
		})
	}
	if New().Info().Limits.UnlinkedRefund {
		t.Error("every terminal seems to be able to")
	}
}
