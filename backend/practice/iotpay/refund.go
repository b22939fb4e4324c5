package iotpay

import (
	"fmt"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// giving is a refund or a void on its way.
type giving struct {
	kind     string // kindRefund or kindReversal
	original record
	amount   int64
	number   string // mchRefundNo
}

// refundV1 answers refund_order, which is documented for wallets alone (iotpay.md 11.1).
func (t *Terminal) refundV1(x *exchange) {
	rec, a, refused := t.giveBack(x, kindRefund, "refund.cards")
	if refused {
		t.write(x, a)
		return
	}
	t.reply(x, rec, func(record, string) answer { return answer{body: success().with("retMsg", "")} })
}

// refundV3 answers cc_refund, for what is settled (iotpay.md 11.3).
func (t *Terminal) refundV3(x *exchange) { t.cardAPI(x, kindRefund) }

// voidV3 answers cc_void, for what is not settled yet.
func (t *Terminal) voidV3(x *exchange) { t.cardAPI(x, kindReversal) }

func (t *Terminal) cardAPI(x *exchange, kind string) {
	if settled := t.faults.Get("batch") == "settled"; settled != (kind == kindRefund) {
		t.write(x, t.fail("transaction is settled: "+strconv.FormatBool(settled)))
		return
	}
	rec, a, refused := t.giveBack(x, kind, "card.api")
	if refused {
		t.write(x, a)
		return
	}
	t.reply(x, rec, t.backAnswer)
}

// backAnswer tells of a refund or a void as the card API does (iotpay.md 11.3).
func (t *Terminal) backAnswer(rec record, fault string) answer {
	merchant, currency := MerchantID, Currency
	switch fault {
	case "wrong-merchant":
		merchant = otherMerchant
	case "other-currency":
		currency = otherCurrency
	}
	data := object{}.with("payOrderId", rec.Booking.ID).with("mchId", merchant).with("mchOrderNo", rec.Request.Order).with("originalOrderId", rec.Booking.Original).
		with("currency", currency).with("amount", rec.Booking.AmountMinor).with("payType", "refund").with("refundable", int64(0))
	if rec.Detail.Status != statusNotStated {
		data = data.with("status", rec.Detail.Status)
	}
	return answer{body: object{}.with("retCode", codeSuccess).with("retMsg", "").with("retData", data.with("paySuccTime", t.paidAt(rec.Detail.Ended, "text")))}
}

// giveBack checks a refund or a void and books it; no two are looked at together.
func (t *Terminal) giveBack(x *exchange, kind, allowed string) (record, answer, bool) {
	t.admit.Lock()
	defer t.admit.Unlock()
	g := giving{kind: kind, number: x.members["mchRefundNo"]}
	if x.members["loginName"] != JobNo {
		return record{}, t.wrong(x, "loginName", "is not "+JobNo), true
	}
	if len(g.number) > lengths["mchRefundNo"] {
		return record{}, t.wrong(x, "mchRefundNo", "is longer than 30"), true
	}
	if _, used := t.ledger.Newest(func(r *record) bool { return r.Booking.Order == g.number }); used {
		t.log.Violate(x.kind + ": number " + bench.Shorten(g.number) + " is used again")
		return record{}, t.failBusiness("0113", "refund already exists"), true
	}
	id := x.members["payOrderId"]
	original, known := t.ledger.Newest(func(r *record) bool { return r.Booking.ID == id && r.Booking.Kind == kindPurchase })
	switch {
	case t.faults.Get(allowed) == "refused":
		return record{}, t.failBusiness("SYSTEMERROR", "channel not supported"), true
	case !known || !original.Booking.Charged:
		return record{}, t.failBusiness("0112", "order not exist"), true
	case t.interac(original) && t.faults.Get("refund.interac") == "refused":
		return record{}, t.failBusiness("SYSTEMERROR", "card must be presented"), true
	}
	g.original = original
	left := original.Booking.AmountMinor - original.Booking.RefundedMinor
	if g.amount = left; kind == kindRefund {
		amount, err := strconv.ParseInt(x.members["refundAmount"], 10, 64)
		if err != nil || amount < 1 || amount > left {
			return record{}, t.wrong(x, "refundAmount", fmt.Sprintf("is none from 1 to %d", left)), true
		}
		g.amount = amount
	}
	rec, err := t.bookGiving(g)
	if err != nil {
		t.log.Note(err.Error())
		return record{}, t.failBusiness("SYSTEMERROR", "the refund could not be saved"), true
	}
	return rec, answer{}, false
}

func (t *Terminal) interac(rec record) bool {
	c, _ := cardByID(rec.Detail.CardID)
	return c.letter == letterInterac
}

// bookGiving books what goes back. The ledger takes it off the purchase, so that
// one line holds both.
func (t *Terminal) bookGiving(g giving) (record, error) {
	now := time.Now()
	number := t.ledger.number()
	b := Booking{ID: payOrderID(prefixRefund, now, t.opts.Seed, number), At: now, Order: g.number, Kind: g.kind, Original: g.original.Booking.ID,
		AmountMinor: g.amount, Card: g.original.Booking.Card, Outcome: outcomeApproved}
	rec := record{Booking: b, Request: order{Order: g.number, Amount: g.amount}, Detail: detail{Number: number, Status: statusPaid, Ended: now}}
	if err := t.ledger.Book(rec); err != nil {
		return record{}, err
	}
	t.log.Note("Given back: " + shownAmount(g.amount) + " of order " + bench.Shorten(g.original.Booking.Order))
	return rec, nil
}
