package poynt

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The exact bytes of poynt.md 22.3.
func TestVectorsOfCloudMessages(t *testing.T) {
	const b = `{"ttl":45,"businessId":"11111111-1111-4111-8111-111111111111","storeId":"22222222-2222-4222-8222-222222222222","deviceId":"urn:tid:33333333-3333-3333-8333-333333333333","data":"{\"callbackUrl\":\"https://till.example/cb/5f0c1a52/Zk3q\",\"payment\":\"{\\\"amount\\\":1256,\\\"currency\\\":\\\"USD\\\",\\\"referenceId\\\":\\\"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01\\\",\\\"disableTip\\\":true,\\\"multiTender\\\":false}\"}"}`
	const a = `{"ttl":45,"businessId":"11111111-1111-4111-8111-111111111111","storeId":"22222222-2222-4222-8222-222222222222","deviceId":"urn:tid:33333333-3333-3333-8333-333333333333","data":"{\"action\":\"sale\",\"purchaseAmount\":1256,\"tipAmount\":0,\"currency\":\"USD\",\"referenceId\":\"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01\",\"callbackUrl\":\"https%3A%2F%2Ftill.example%2Fcb%2F5f0c1a52%2FZk3q\"}"}`
	const callback, reference = "https://till.example/cb/5f0c1a52/Zk3q", "5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01"
	wrap := func(data string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := compact(cloudMessage{TTL: 45, BusinessID: testBusiness, StoreID: testStore, DeviceID: testDevice, Data: data})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	inner, err := inline(bridgePayment{Amount: 1256, Currency: "USD", ReferenceID: reference, DisableTip: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := wrap(inline(nested{CallbackURL: callback, Payment: inner})); got != b || len(got) != 420 {
		t.Errorf("generation B, %d bytes: %s", len(got), got)
	}
	goods, tip := int64(1256), int64(0)
	if got := wrap(inline(flat{Action: "sale", Purchase: &goods, Tip: &tip, Currency: "USD", ReferenceID: reference, CallbackURL: url.QueryEscape(callback)})); got != a {
		t.Errorf("generation A, %d bytes: %s", len(got), got)
	}
}

func TestWhatTheTerminalIsAsked(t *testing.T) {
	r := request(payment.Sale)
	r.Tip, r.Total.Minor, r.Reference, r.AuthOnly = 100, 1356, "table <4> & bar", true
	for _, c := range []struct {
		generation string
		want       map[string]any
	}{
		{"a", map[string]any{"action": "authorize", "purchaseAmount": 1256.0, "tipAmount": 100.0, "currency": "USD", "referenceId": testRef, "disableCash": true, "disableCheck": true,
			"disableOther": true, "disableTip": false, "multiTender": false, "enableStatusUpdates": true, "skipReceiptScreen": true}},
		{"b", map[string]any{"amount": 1256.0, "tipAmount": 100.0, "currency": "USD", "referenceId": testRef, "disableCash": true, "disableCheck": true,
			"disableOther": true, "disableTip": false, "multiTender": false, "authzOnly": true, "enableStatusUpdates": true, "skipReceiptScreen": true}},
	} {
		play(t, payment.Settings{"payload": c.generation, "receipt-screen": "off", "tip": "terminal"}, func(t *testing.T, h *house) {
			data, err := h.payload(r)
			if err != nil {
				t.Fatal(err)
			}
			var outer, got map[string]any
			if err := json.Unmarshal([]byte(data), &outer); err != nil {
				t.Fatal(err)
			}
			got = outer
			if c.generation == "b" {
				got = sent{data: outer}.payment()
			}
			for key, value := range c.want {
				if got[key] != value {
					t.Errorf("generation %s: %s is %v, want %v", c.generation, key, got[key], value)
				}
			}
			references, _ := json.Marshal(got["references"])
			if string(references) != `[{"customType":"posReferenceId","id":"table \u003c4\u003e \u0026 bar","type":"CUSTOM"},{"customType":"paydeskOperation","id":"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01","type":"CUSTOM"}]` {
				t.Errorf("references %s", references)
			}
			address, _ := outer["callbackUrl"].(string)
			if encoded := strings.HasPrefix(address, "http%3A%2F%2F"); encoded != (c.generation == "a") {
				t.Errorf("generation %s: callback %q", c.generation, address)
			}
			if outer["custom-http-header"] != keyHeader+": "+h.headerKey() {
				t.Errorf("header %v", outer["custom-http-header"])
			}
		})
	}
}

func TestSeq52_DataTooLong(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		if _, err := h.message(strings.Repeat("x", maxData), "k", h.Terminal.settings.ttl); err != nil {
			t.Errorf("just fits: %v", err)
		}
		_, err := h.message(strings.Repeat("x", maxData+1), "k", h.Terminal.settings.ttl)
		if payment.CodeOf(err) != payment.CodeInput || payment.SentOf(err) != payment.SentNo {
			t.Errorf("%v", err)
		}
	})
}

func TestSeq27_NeverBroadcast(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.Terminal.settings.device = ""
		got, err := h.Sale(context.Background(), request(payment.Sale), h.op)
		if payment.CodeOf(err) != payment.CodeSettings || payment.SentOf(err) != payment.SentNo || len(h.sales()) != 0 {
			t.Errorf("%+v, %v, %d messages", got, err, len(h.sales()))
		}
		h.Terminal.settings.device = testDevice
	})
}

func TestSeq36_OneMessageUnderOneKey(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(sent) { h.books(tx(t)) }
		if _, err := h.sell(); err != nil {
			t.Fatal(err)
		}
		list := h.sales()
		if len(list) != 1 || list[0].CollapseKey != "pay-"+testRef+"-0c5b1f3f9d01" || list[0].TTL != 50 || list[0].id != intent(request(payment.Sale), "message") {
			t.Errorf("%+v", list)
		}
	})
}
