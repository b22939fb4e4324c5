package netpay

import (
	"encoding/json"
	"fmt"
	"time"
)

// postTest is what the terminal posts when its URL is saved (netpay.md 4.1).
func (t *Terminal) postTest() {
	p := &parcel{what: "the test post"}
	switch t.faults.Get("test-post") {
	case "none":
		return
	case "bill":
		p.raw = encode(result{"folioNumber": "", "internalNumber": "", "tableId": "", "listOfPays": []any{}, "tipTotalAmount": 0.0, "totalAmount": 0.0})
	}
	_ = t.send(p) // the log tells
}

// forge posts an approval that the terminal has not given, while the sale that it
// speaks of is running. The listener has no means to tell it by its sender: no
// signature is documented (netpay.md 4.1, 4.5).
func (t *Terminal) forge(op *operation) {
	kind := t.faults.Take("result.forged")
	if kind == "none" {
		return
	}
	r := t.forged(op, kind)
	p := &parcel{what: "a forged result (" + kind + ")", raw: encode(r)}
	t.mu.Lock()
	defer t.mu.Unlock()
	op.forged = true
	t.life.Spawn(func() { _ = t.send(p) }) // the log tells
}

// forged is an approval of the running sale with one thing wrong.
func (t *Terminal) forged(op *operation, kind string) result {
	now := time.Now()
	c := wallet[0]
	rec := record{Booking: Booking{ID: "forged", OrderID: orderID(now, t.opts.Serial), TransactionID: transactionID(t.opts.Serial, "forged "+op.request.Folio), At: now,
		Folio: op.request.Folio, Kind: kindPurchase, AmountMinor: op.request.Amount, Store: op.store.ID, Asked: op.request.StoreID,
		Affiliation: op.store.Affiliation, Outcome: outcomeApproved},
		Detail: detail{CardID: c.id, Entry: "chip", Verified: "pin", Code: approved.code, Message: approved.message, AuthCode: "123456", RRN: now.In(mexico).Format("0102150405") + "99", Module: 1}}
	trace := op.request.Traceability
	switch kind {
	case "wrong-amount":
		rec.Booking.AmountMinor += 100
	case "wrong-store":
		other := t.otherStore(op.store.ID)
		rec.Booking.Store, rec.Booking.Affiliation = other.ID, other.Affiliation
	case "unknown-folio":
		rec.Booking.Folio = "F" + uuid("forged", op.request.Folio)[:12]
		trace = strangerTrace(op)
	case "other-till":
		trace = strangerTrace(op)
	case "last-week":
		t.lastWeek(&rec)
		trace = rec.Detail.Traceability
	}
	r := t.resultOf(rec, opReprint, trace)
	if kind == "wrong-serial" {
		r["terminalId"] = "9999999999"
	}
	return r
}

// strangerTrace is a traceability that the till has never sent.
func strangerTrace(op *operation) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"jid":%q}`, uuid("stranger", op.request.Folio)))
}

// lastWeek turns a forged approval into the replay of an old one: the oldest
// approved sale of the ledger, if there is any, else an invented one.
func (t *Terminal) lastWeek(rec *record) {
	const week = 7 * 24 * time.Hour
	for _, b := range t.Bookings() {
		if old, found := t.ledger.Newest(func(r *record) bool { return r.Booking.ID == b.ID }); found && b.Outcome == outcomeApproved && b.Kind == kindPurchase {
			*rec = old
			break
		}
	}
	if rec.Booking.ID == "forged" {
		rec.Booking.Folio, rec.Detail.Traceability = "OLD-"+uuid("old", rec.Booking.Folio)[:8], json.RawMessage(`{"jid":"00000000-0000-0000-0000-000000000000"}`)
	}
	rec.Booking.At = rec.Booking.At.Add(-week)
	rec.Booking.OrderID = orderID(rec.Booking.At, t.opts.Serial)
}
