package netpay

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// result is the body of a post to the till (netpay.md 5).
type result map[string]any

// version is Smart PinPad's, which stands in rePrintDate (netpay.md 5.1).
const version = "2.6.0.1.p.p"

// The invented addresses of the practice stores.
const (
	cityName   = "Guadalupe NUEVO LEON"
	streetName = "CALLE DE PRUEBA 123 "
)

// resultOf is what a sale posts, and the ground of what the others do.
func (t *Terminal) resultOf(rec record, op opKind, trace json.RawMessage) result {
	b, d := rec.Booking, rec.Detail
	if b.Outcome == outcomeCancelled && b.OrderID == "" && d.Code == byUser.code {
		return t.cancelledByUser(rec, trace)
	}
	c, _ := cardByID(d.CardID)
	store, _ := t.storeByID(b.Store)
	charged := "0"
	if d.Module > 0 {
		charged = fmt.Sprint(d.Module)
	}
	r := result{
		"affiliation": b.Affiliation, "aid": c.aid, "amount": javaAmount(b.AmountMinor), "applicationLabel": c.label,
		"arqc": "", "authAmount": javaAmount(b.AmountMinor), "authCode": d.AuthCode, "bankName": c.bank, "moduleLote": "1", "bin": c.first6,
		"cardExpDate": c.expires, "cardNumber": c.last4, "cardType": cardType(c), "cardTypeName": c.brand, "cityName": cityName,
		"responseCode": d.Code, "customerName": c.holder, "folioNumber": b.Folio, "hasPin": d.Verified == "pin", "hexSign": d.HexSign,
		"hostRefNum": d.RRN, "isQps": 0, "isRePrint": false, "message": d.Message, "moduleCharge": charged, "orderId": b.OrderID,
		"preAuth": "0", "preStatus": 0, "promotion": fmt.Sprintf("%02d", d.MSI), "rePrintDate": version, "rePrintMark": c.mark,
		"reprintModule": "", "rrnNumber": d.RRN, "spanRoute": c.last4, "storeId": b.Store, "storeName": store.Name, "streetName": streetName,
		"terminalId": t.opts.Serial, "ticketDate": ticketDate(b.At), "tipAmount": javaAmount(b.TipMinor), "tipLessAmount": javaAmount(b.AmountMinor - b.TipMinor),
		"transDate": transDate(b.At), "transType": "A", "transactionCertificate": "", "transactionId": b.TransactionID,
	}
	if d.Verified == "qps" {
		r["isQps"] = 1
	}
	if c.aid != "" {
		r["arqc"], r["transactionCertificate"] = cryptogram("ARQC", t.opts.Serial, b.ID), cryptogram("TC", t.opts.Serial, b.ID)
	}
	if b.OrderID == "" {
		r["transDate"], r["affiliation"] = "", b.Store // no bank was involved
	}
	if b.Outcome == outcomeApproved {
		r["reprintModule"] = "C"
		loyal(r, rec)
	}
	r.trace(trace)
	if op == opSale {
		t.disguiseStore(r, b.Store)
	}
	return r
}

func (r result) trace(raw json.RawMessage) {
	if raw != nil {
		r["traceability"] = raw
	}
}

// cancelledByUser has most fields empty, and 0.00 instead of the amount (netpay.md 5.6).
func (t *Terminal) cancelledByUser(rec record, trace json.RawMessage) result {
	b, d := rec.Booking, rec.Detail
	r := result{"affiliation": b.Store, "aid": "", "amount": "0.00", "applicationLabel": "", "arqc": "", "authAmount": "0.00", "authCode": "", "bankName": "", "bin": "",
		"cardExpDate": "", "cardNumber": "", "cardType": "", "cardTypeName": "", "cityName": cityName, "responseCode": d.Code, "customerName": "",
		"message": d.Message, "folioNumber": b.Folio, "hasPin": false, "hexSign": "", "hostRefNum": "", "isQps": 0, "isRePrint": false,
		"moduleCharge": "0", "moduleLote": "1", "orderId": "", "preAuth": "0", "preStatus": 0, "promotion": "", "rePrintDate": version, "rePrintMark": "",
		"reprintModule": "", "rrnNumber": "", "spanRoute": "", "storeId": b.Store, "storeName": "", "streetName": streetName, "terminalId": t.opts.Serial,
		"ticketDate": ticketDate(b.At), "tipAmount": "0.00", "tipLessAmount": "0.00", "transDate": "", "transType": "", "transactionCertificate": "", "transactionId": ""}
	r.trace(trace)
	return r
}

// disguiseStore lets the result name another store than the one charged.
func (t *Terminal) disguiseStore(r result, charged string) {
	if t.faults.Get("result.store") != "wrong-answer" {
		return
	}
	t.faults.Take("result.store")
	other := t.otherStore(charged)
	r["storeId"], r["affiliation"], r["storeName"] = other.ID, other.Affiliation, other.Name
}

// cancelled is the result of a cancel: most of the sale again, with the oddities
// of real ones (netpay.md 5.6).
func (t *Terminal) cancelled(rec record) result {
	r := t.resultOf(rec, opCancel, rec.Detail.Traceability)
	c, _ := cardByID(rec.Detail.CardID)
	month, year, _ := strings.Cut(c.expires, "/")
	r["transType"], r["bin"], r["cardExpDate"], r["customerName"] = "V", "", year+"/"+month, "null"
	return r
}

// reprinted answers a reprint: the sale's own result with its state of today
// (netpay.md 5.5, 9.2).
func (t *Terminal) reprinted(rec record, trace json.RawMessage) result {
	r := t.resultOf(rec, opReprint, trace)
	r["isRePrint"], r["reprintModule"], r["message"] = true, rec.state(), "Transaccion Valida"
	if rec.state() == "V" {
		r["transType"] = "V"
	}
	if rec.Booking.Outcome == outcomeReversed || rec.Booking.Outcome == outcomePending {
		r["message"] = "Transacción Reversada"
	}
	if t.faults.Get("reprint.folio") == "empty" {
		r["folioNumber"] = ""
	}
	switch module := t.faults.Take("reprint.module"); module {
	case "true":
	case "unknown":
		r["reprintModule"] = "XQ"
	case "empty":
		r["reprintModule"] = ""
	case "missing":
		delete(r, "reprintModule")
	default:
		r["reprintModule"] = module
	}
	return r
}

// refusal is the result of something that names no sale, or that did not work.
// Nobody knows its real shape.
func (t *Terminal) refusal(op *operation, code, message string) result {
	r := result{"responseCode": code, "message": message, "amount": "0.00", "orderId": op.request.OrderID, "folioNumber": op.request.Folio,
		"isRePrint": op.kind == opReprint, "reprintModule": "", "transType": "", "storeId": op.request.StoreID, "affiliation": op.request.StoreID,
		"terminalId": t.opts.Serial, "ticketDate": ticketDate(time.Now()), "transDate": "", "rePrintDate": version}
	if op.kind == opCancel {
		r["transType"] = "V"
	}
	r.trace(op.request.Traceability)
	return r
}

func cardType(c card) string {
	switch {
	case c.id == "":
		return ""
	case c.credit:
		return "C"
	}
	return "D"
}

// months as tickets have them; three of them were seen (netpay.md 5.2).
var months = [12]string{"ENE", "FEB", "MAR", "ABR", "MAY", "JUN", "JUL", "AGO", "SEP", "OCT", "NOV", "DIC"}

// ticketDate is "DIC. 03, 19 10:40:46 ", with the space at the end.
func ticketDate(at time.Time) string {
	at = at.In(mexico)
	return months[at.Month()-1] + ". " + at.Format("02, 06 15:04:05 ")
}

// transDate is the host's clock, some seconds ahead, with the zone where one
// expects a fraction.
func transDate(at time.Time) string {
	return at.In(mexico).Add(3*time.Second).Format("2006-01-02 15:04:05") + ".CST"
}
