package iotpay

import (
	"strconv"
	"time"
)

// contentChoices are faults that change what an answer says.
var contentChoices = []string{"wrong-order", "wrong-merchant", "other-amount", "other-currency", "unknown-status", "negative-status", "no-status", "extra-garbage", "extra-empty"}

// What falsified answers say.
const (
	otherMerchant = "10009999"
	otherCurrency = "USD"
)

// twisted is an order as a faulty answer tells of it.
func twisted(rec record, fault string) record {
	switch fault {
	case "wrong-order":
		rec.Request.Order = "X" + rec.Request.Order
		if len(rec.Request.Order) > lengths["mchOrderNo"] {
			rec.Request.Order = rec.Request.Order[:lengths["mchOrderNo"]]
		}
	case "other-amount":
		rec.Booking.AmountMinor++
	case "unknown-status":
		rec.Detail.Status = statusNobody
	case "negative-status":
		rec.Detail.Status = -1
	case "no-status":
		rec.Detail.Status = statusNotStated
	}
	return rec
}

// orderAnswer is the answer to create_order (iotpay.md 7).
func (t *Terminal) orderAnswer(rec record, fault string) answer {
	body := success().with("retParams", "").with("payOrderId", rec.Booking.ID).with("mchOrderNo", rec.Request.Order).with("retDetail", "")
	return answer{body: body.with("payOrder", t.payOrder(rec, fault))}
}

// answered is payOrder.amount. Whether tips are in it is unknown (iotpay.md 7.2).
func (t *Terminal) answered(b Booking) int64 {
	amount := b.AmountMinor - b.CashbackMinor - b.SurchargeMinor
	if t.faults.Get("tip") == "on-top" {
		amount -= b.TipMinor
	}
	return amount
}

// payOrder is the nested object, its members in the order of the sample.
func (t *Terminal) payOrder(rec record, fault string) object {
	b, r, merchant, currency := rec.Booking, rec.Request, MerchantID, Currency
	switch fault {
	case "wrong-merchant":
		merchant = otherMerchant
	case "other-currency":
		currency = otherCurrency
	}
	paid, total, changed := "", int64(0), b.At
	if !rec.Detail.Ended.IsZero() {
		changed = rec.Detail.Ended
	}
	if b.Outcome == outcomeApproved {
		paid = t.paidAt(rec.Detail.Ended, "text")
		if t.faults.Get("answers.totals") == "told" {
			total = b.AmountMinor
		}
	}
	o := object{}.with("userName", r.JobNo).with("storeId", storeID).with("payOrderId", b.ID).with("mchId", merchant).with("mchOrderNo", r.Order).
		with("transId", "").with("originalOrderId", "").with("channelId", channelCard).with("currency", currency).with("amount", t.answered(b)).
		with("tip", b.TipMinor).with("rate", int64(0)).with("payType", "pay").with("refundable", max(0, r.Amount-b.RefundedMinor)).with("clientIp", r.Client).
		with("deviceId", r.Device).with("deviceType", "").with("notifyUrl", r.Notify).with("subject", r.Subject).with("body", r.Body).
		with("param1", "").with("param2", "").with("extra", t.extraText(rec, fault)).with("channelOrderNo", "")
	if rec.Detail.Status != statusNotStated {
		o = o.with("status", rec.Detail.Status)
	}
	return o.with("remarks", r.Remarks).with("rateValue", int64(0)).with("trxAmount", total).with("costAmount", int64(0)).with("currencyAmount", int64(0)).
		with("paySuccTime", paid).with("createDate", b.At.UnixMilli()).with("updateDate", changed.UnixMilli())
}

// paidAt writes paySuccTime; documented says how the message's page has it.
func (t *Terminal) paidAt(at time.Time, documented string) string {
	how := t.faults.Get("answers.paid")
	if how == "documented" {
		how = documented
	}
	switch how {
	case "text":
		return at.In(zone(zonePacific)).Format(time.DateTime)
	case "ms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return ""
}
