package iotpay

import (
	"net/http"
	"time"
)

// find looks for the order of a query, by either number.
func (t *Terminal) find(x *exchange) (record, bool) {
	if id := x.members["payOrderId"]; id != "" {
		return t.ledger.Newest(func(r *record) bool { return r.Booking.ID == id && r.Booking.Kind == kindPurchase })
	}
	return t.byOrder(x.members["mchOrderNo"])
}

// findBack looks for a refund or a void by the till's number, where the switch says so.
func (t *Terminal) findBack(x *exchange) (record, bool) {
	number := x.members["mchOrderNo"]
	if number == "" || t.faults.Get("card.refunds") != "found" {
		return record{}, false
	}
	return t.ledger.Newest(func(r *record) bool { return r.Booking.Kind != kindPurchase && r.Booking.Order == number })
}

// query answers query_order. The documentation says both that it is for wallets
// alone and that a till asks it about cards (iotpay.md 1, 10.1).
func (t *Terminal) query(x *exchange) {
	rec, known := t.find(x)
	if known {
		rec = t.asKnown(rec)
	}
	switch {
	case t.faults.Get("query.cards") == "not-found",
		known && rec.Booking.Outcome == outcomeOpen && t.faults.Get("query.progress") == "not-found":
		known = false
	}
	if !known {
		t.write(x, t.notFound())
		return
	}
	t.reply(x, rec, t.queryAnswer)
}

// asKnown is an order as the cloud tells of it: before its outcome is visible, the
// customer is still paying.
func (t *Terminal) asKnown(rec record) record {
	if rec.Booking.Outcome != outcomeOpen && !time.Now().Before(rec.Detail.Visible) {
		return rec
	}
	begun := rec.Booking.Outcome != outcomeOpen || t.begun(rec.Booking.ID)
	open := rec
	open.Booking = Booking{ID: rec.Booking.ID, At: rec.Booking.At, Order: rec.Booking.Order, Kind: kindPurchase, AmountMinor: rec.Request.Amount, Outcome: outcomeOpen}
	open.Detail = detail{Number: rec.Detail.Number, Status: statusCreated}
	if begun && t.faults.Get("query.progress") == "1" {
		open.Detail.Status = statusPaying
	}
	return open
}

// begun says that the PIN pad shows the order.
func (t *Terminal) begun(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running != nil && t.running.first.Booking.ID == id && !t.running.quiet
}

// notFound is the answer about an unknown order. How it looks is unknown.
func (t *Terminal) notFound() answer {
	switch t.faults.Get("query.not-found") {
	case "res-fail":
		return t.failBusiness("0112", "order not exist")
	case "no-order":
		return answer{body: success()}
	}
	return t.fail("order not exist")
}

// queryAnswer has the shape of the wallets' page, or one of the others that are
// possible for cards (iotpay.md 10.1).
func (t *Terminal) queryAnswer(rec record, fault string) answer {
	switch t.faults.Get("query.shape") {
	case "payOrder":
		return t.orderAnswer(rec, fault)
	case "result":
		return answer{body: success().with("result", t.payOrder(rec, fault))}
	}
	body := success()
	for _, m := range t.payOrder(rec, fault) {
		switch m.name {
		case "mchId", "mchOrderNo", "channelId", "currency", "amount", "clientIp", "notifyUrl", "subject", "body", "param1", "param2", "channelOrderNo", "status":
			body = body.with(m.name, m.value)
		case "deviceId":
			body = body.with("device", m.value)
		case "extra":
			body = t.withQueryExtra(body, rec, fault)
		case "paySuccTime":
			paid := ""
			if rec.Booking.Outcome == outcomeApproved {
				paid = t.paidAt(rec.Detail.Ended, "ms")
			}
			body = body.with("paySuccTime", paid)
		}
	}
	return answer{body: body}
}

// withQueryExtra adds what stands in extra: the request's, as for wallets, or the card's data.
func (t *Terminal) withQueryExtra(body object, rec record, fault string) object {
	switch t.faults.Get("query.extra") {
	case "none":
		return body
	case "card":
		return body.with("extra", t.extraText(rec, fault))
	}
	return body.with("extra", rec.Request.Extra)
}

// queryV3 answers cc_query, whose answer has the order in retData (iotpay.md 11.3).
// The documentation gives it to PF_CC and UPI_EX alone.
func (t *Terminal) queryV3(x *exchange) {
	rec, known := t.find(x)
	if back, is := t.findBack(x); is && !known && t.faults.Get("card.api") == "accepted" {
		t.reply(x, back, t.backAnswer)
		return
	}
	if !known || t.faults.Get("card.api") == "refused" {
		t.write(x, t.notFound())
		return
	}
	t.reply(x, t.asKnown(rec), func(rec record, fault string) answer {
		data := object{}
		for _, m := range t.payOrder(rec, fault) {
			switch m.name {
			case "payOrderId", "mchId", "mchOrderNo", "originalOrderId", "currency", "amount", "payType", "refundable", "status", "paySuccTime":
				data = data.with(m.name, m.value)
			}
		}
		c, _ := cardByID(rec.Detail.CardID)
		if rec.Booking.Outcome == outcomeApproved {
			data = data.with("cardNum", t.cardNumber(c)).with("expiryDate", c.expires).with("authNum", rec.Detail.Approval)
		}
		return answer{body: object{}.with("retCode", codeSuccess).with("retMsg", "").with("retData", data.with("channel", "PF_CC"))}
	})
}

// queryRefund is served where the switch says that there is such an endpoint.
func (t *Terminal) queryRefund(x *exchange) {
	rec, known := t.ledger.Newest(func(r *record) bool {
		return r.Booking.Kind != kindPurchase && r.Booking.Order == x.members["mchRefundNo"]
	})
	if !known {
		t.write(x, t.notFound())
		return
	}
	t.reply(x, rec, func(rec record, fault string) answer {
		a := answer{status: http.StatusOK, body: success().with("mchId", MerchantID).with("mchRefundNo", rec.Request.Order).
			with("payOrderId", rec.Booking.Original).with("refundAmount", rec.Booking.AmountMinor)}
		if rec.Detail.Status != statusNotStated {
			a.body = a.body.with("status", rec.Detail.Status)
		}
		return a
	})
}
