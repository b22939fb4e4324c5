package iotpay

import (
	"fmt"
	"strconv"
	"testing"
)

func (c *till) refund(id, number, amount string) reply {
	c.t.Helper()
	r, err := c.post("/v1/refund_order", map[string]string{"mchId": MerchantID, "mchRefundNo": number, "currency": "CAD", "refundAmount": amount, "clientIp": "203.0.113.7",
		"loginName": JobNo, "payOrderId": id}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// v3 sends raw JSON to one of the card calls.
func (c *till) v3(call string, m map[string]string) reply {
	c.t.Helper()
	m["mchId"] = MerchantID
	text := object{}
	for name, value := range handSigned(m) {
		text = text.with(name, value)
	}
	r, err := c.send(c.t.Context(), "/v3/"+call, "application/json;charset=UTF-8", string(text.text()))
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// Refunds of cards are refused, until a switch allows what no page documents
// (sequence 35).
func TestRefund(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin"}, func(t *testing.T, c *till) {
		number, sale := c.pay("1000", nil)
		id := sale.text("payOrderId")
		c.has(c.refund(id, "R-0", "100").body, map[string]any{"resCode": "FAIL", "errCodeDes": "channel not supported"})
		c.set("refund.cards", "accepted")
		c.has(c.refund(id, "R-1", "400").body, map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"})
		c.has(c.refund(id, "R-2", "500").body, map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"})
		c.charged(number, 100)
		c.kept()
		c.has(c.refund(id, "R-2", "50").body, map[string]any{"resCode": "FAIL"})
		c.has(c.refund(id, "R-3", "101").body, map[string]any{"retCode": "FAIL"})
		c.has(c.refund(id, "R-4", "0").body, map[string]any{"retCode": "FAIL"})
		c.kept("used again", "refundAmount", "refundAmount")
		c.has(c.refund(id, "R-5", "100").body, map[string]any{"resCode": "SUCCESS"})
		c.charged(number, 0)
		c.has(c.refund("CP0", "R-6", "100").body, map[string]any{"resCode": "FAIL"})

		c.customer("interac")
		number, sale = c.pay("1000", nil)
		c.has(c.refund(sale.text("payOrderId"), "R-7", "100").body, map[string]any{"errCodeDes": "card must be presented"})
		c.set("refund.interac", "accepted")
		c.set("refund.answer", "lose")
		if r, err := c.post("/v1/refund_order", map[string]string{"mchId": MerchantID, "mchRefundNo": "R-8", "refundAmount": "100", "clientIp": "1", "loginName": JobNo,
			"payOrderId": sale.text("payOrderId")}, nil); err == nil {
			t.Errorf("%s", r.raw)
		}
		c.charged(number, 900)
	})
}

// A query about refunds exists only where the switch says so.
func TestQueryRefund(t *testing.T) {
	inBubble(t, Options{Customer: "chip-pin"}, func(t *testing.T, c *till) {
		c.set("refund.cards", "accepted")
		_, sale := c.pay("1000", nil)
		c.refund(sale.text("payOrderId"), "R-1", "400")
		ask := func(number string) reply {
			r, err := c.post(pathRefundQuery, map[string]string{"mchId": MerchantID, "mchRefundNo": number}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := ask("R-1"); r.status != 404 {
			t.Errorf("%d %s", r.status, r.raw)
		}
		c.set("refund.query", "present")
		c.has(ask("R-1").body, map[string]any{"status": 2, "refundAmount": 400, "mchRefundNo": "R-1"})
		c.has(ask("R-2").body, map[string]any{"retCode": "FAIL"})
	})
}

// A void before settlement, a refund after it, and each refused at the other time
// (sequence 38).
func TestCardAPI(t *testing.T) {
	inBubble(t, Options{Customer: "contactless"}, func(t *testing.T, c *till) {
		number, sale := c.pay("1000", nil)
		n := 0
		give := func(call, amount string) reply {
			n++
			m := map[string]string{"mchRefundNo": "V-" + strconv.Itoa(n), "loginName": JobNo, "payOrderId": sale.text("payOrderId")}
			if amount != "" {
				m["refundAmount"] = amount
			}
			return c.v3(call, m)
		}
		if r := c.v3("cc_query", map[string]string{"mchOrderNo": number}); r.text("retCode") != "FAIL" {
			t.Errorf("%s", r.raw)
		}
		c.has(give("cc_void", "").body, map[string]any{"resCode": "FAIL"})
		c.set("card.api", "accepted")
		c.has(c.v3("cc_query", map[string]string{"mchOrderNo": number}).nested("retData"), map[string]any{"status": 2, "amount": 1000, "cardNum": "XXXXXXXXXXXX0010"})
		c.has(give("cc_refund", "100").body, map[string]any{"retCode": "FAIL"})
		c.has(give("cc_void", "").nested("retData"), map[string]any{"status": 2, "amount": 1000, "payType": "refund", "originalOrderId": sale.text("payOrderId")})
		c.charged(number, 0)
		c.set("batch", "settled")
		number, sale = c.pay("1000", nil)
		c.has(give("cc_void", "").body, map[string]any{"retCode": "FAIL"})
		c.has(give("cc_refund", "300").nested("retData"), map[string]any{"status": 2, "amount": 300})
		c.charged(number, 700)
		own := func() reply { return c.v3("cc_query", map[string]string{"mchOrderNo": "V-" + strconv.Itoa(n)}) }
		c.has(own().body, map[string]any{"retCode": "FAIL"}) // not documented
		c.set("card.refunds", "found")
		c.has(own().nested("retData"), map[string]any{"status": 2, "amount": 300, "payType": "refund", "originalOrderId": sale.text("payOrderId")})
		c.kept()
		if got := fmt.Sprint(len(c.term.Bookings())); got != "4" {
			t.Errorf("%s bookings", got)
		}
	})
}
