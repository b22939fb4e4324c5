package iotpay

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func back(kind payment.Kind, minor int64) payment.Request {
	r := request1(minor)
	r.Kind, r.Original = kind, payment.References{Terminal: "CP20261122193314685200722249"}
	return r
}

// v3Answer is an answer of the card API; status nil leaves the order out.
func v3Answer(status any, change map[string]any) string {
	order := map[string]any{"payOrderId": "RP20261122193314685200722250", "mchId": "10000701", "mchOrderNo": ref, "originalOrderId": "CP20261122193314685200722249",
		"currency": "CAD", "amount": 700, "payType": "refund", "refundable": 0, "status": status}
	for k, v := range change {
		order[k] = v
	}
	return sealed(map[string]any{"retCode": "SUCCESS", "retMsg": "", "retData": order}, "b")
}

// 35: a refund as documented for wallets, in parts; the engine caps their sum.
func TestSeq35RefundV1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := sealed(map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS", "retMsg": ""}, "a")
		h := newHouse(t, map[string]string{"refund": "v1"}, func(int, asked) reply { return reply{body: answer} })
		terminal := h.terminal.(payment.Refunder)
		got, err := terminal.Refund(context.Background(), back(payment.Refund, 700), h.book)
		if err != nil || got.Outcome != payment.Success || got.Authorised != 700 || len(got.Slips) != 2 || got.Slips[0].Signature {
			t.Fatalf("%+v, %v", got, err)
		}
		f := h.asked[0].fields
		for k, want := range map[string]string{"mchId": "10000701", "mchRefundNo": ref, "refundAmount": "700", "loginName": "cashier1", "payOrderId": "CP20261122193314685200722249", "currency": "CAD", "clientIp": "192.168.1.20"} {
			if f[k] != want || h.asked[0].path != refundPath {
				t.Errorf("%s is %q", k, f[k])
			}
		}
		for text, want := range map[string]payment.Outcome{failure("refund amount exceeds"): payment.Refused, `{"retCode":"SUCCESS","resCode":"FAIL","errCode":"SYSTEMERROR"}`: payment.Unknown,
			failure("mchRefundNo " + ref + " exists already"): payment.Unknown, failure("order already refunded"): payment.Unknown, `{"retCode":"SUCCESS"}`: payment.Unknown, sealed(map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"}, "wrong"): payment.Unknown} {
			answer = text
			if got, err := terminal.Refund(context.Background(), back(payment.Refund, 700), h.book); err != nil || got.Outcome != want {
				t.Errorf("%s: %+v, %v", text, got, err)
			}
		}
		nameless := back(payment.Refund, 700)
		nameless.Original = payment.References{}
		for _, wrong := range []payment.Request{back(payment.Refund, 0), back(payment.Refund, maxAmount+1), nameless} {
			if _, err := terminal.Refund(context.Background(), wrong, h.book); payment.SentOf(err) != payment.SentNo {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		told, err := h.terminal.Lookup(context.Background(), back(payment.Refund, 700), h.book)
		if err != nil || told.Outcome != payment.Unknown || !strings.Contains(told.ReasonText, "portal") {
			t.Errorf("%+v, %v", told, err)
		}
	})
}

// 36: a refund that nobody answered is not sent again.
func TestSeq36RefundTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, map[string]string{"refund": "v1"}, func(int, asked) reply { return reply{after: time.Hour} })
		if _, err := h.terminal.(payment.Refunder).Refund(context.Background(), back(payment.Refund, 700), h.book); payment.SentOf(err) != payment.SentMaybe || h.count(refundPath) != 1 {
			t.Errorf("%v, %d times", err, h.count(refundPath))
		}
	})
}

// 37: by hand: nothing is sent, and it stays open for a manager's word.
func TestSeq37Manual(t *testing.T) {
	h := newHouse(t, map[string]string{"refund": "manual"}, nil)
	for _, ask := range []func(context.Context, payment.Request, payment.Reporter) (payment.Result, error){h.terminal.(payment.Refunder).Refund, h.terminal.Lookup} {
		got, err := ask(context.Background(), back(payment.Refund, 700), h.book)
		if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonUnsupported || !strings.Contains(got.ReasonText, "PIN pad") || len(h.asked) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if len(h.book.notes) == 0 {
		t.Error("nobody is told what to do")
	}
}

// 38: void and refund by the card API, and what became of them.
func TestSeq38CardAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := ""
		h := newHouse(t, map[string]string{"refund": "v3"}, func(_ int, a asked) reply {
			if !strings.HasPrefix(a.kind, "application/json") {
				t.Errorf("%s: %s", a.path, a.kind)
			}
			return reply{body: answer}
		})
		refund, void := h.terminal.(payment.Refunder), h.terminal.(payment.Voider)
		for text, want := range map[string]payment.Outcome{v3Answer(2, nil): payment.Success, v3Answer("3", nil): payment.Success, v3Answer(9, nil): payment.Refused, v3Answer(0, nil): payment.Pending,
			v3Answer(5, nil): payment.Unknown, v3Answer(2, map[string]any{"mchOrderNo": "99"}): payment.Unknown, failure("wrong order"): payment.Refused, failure("Timeout"): payment.Unknown} {
			answer = text
			got, err := refund.Refund(context.Background(), back(payment.Refund, 700), h.book)
			if err != nil || got.Outcome != want || want == payment.Success && got.Authorised != 700 {
				t.Errorf("refund, %s: %+v, %v", text, got, err)
			}
			got, err = void.Void(context.Background(), back(payment.Void, 2800), h.book)
			if err != nil || got.Outcome != want {
				t.Errorf("void, %s: %+v, %v", text, got, err)
			}
		}
		if h.asked[0].path != cardRefundPath || h.asked[1].path != cardVoidPath || h.asked[1].fields["refundAmount"] != "" {
			t.Errorf("%+v", h.asked[:2])
		}
		for text, want := range map[string]payment.Outcome{v3Answer(2, nil): payment.Success, failure(gone): payment.NotFound, failure("no"): payment.Unknown} {
			answer = text
			if got, err := h.terminal.Lookup(context.Background(), back(payment.Refund, 700), h.book); err != nil || got.Outcome != want {
				t.Errorf("lookup, %s: %+v, %v", text, got, err)
			}
		}
	})
}

// The card API is asked about a sale that the order API does not find, if the settings
// say so.
func TestCardQuery(t *testing.T) {
	play(t, map[string]string{"card-query": "on"}, func(_ int, a asked) reply {
		switch a.path {
		case createPath:
			return reply{cut: true}
		case queryPath:
			return reply{body: failure(gone)}
		}
		return reply{body: v3Answer(2, map[string]any{"payOrderId": "CP20261122193314685200722249", "amount": 2800, "payType": "pay"})}
	}, func(h *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || got.Authorised != 2800 || h.count(cardQueryPath) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestPing(t *testing.T) {
	for body, want := range map[string]payment.Code{failure(gone): "", failure("signature fail"): payment.CodeSettings} {
		h := newHouse(t, nil, func(int, asked) reply { return reply{body: body} })
		err := h.terminal.(payment.Pinger).Ping(context.Background(), h.book)
		if (err == nil) != (want == "") || err != nil && payment.CodeOf(err) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
