package poynt

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"time"
)

// Sizes of odd callbacks.
const (
	bigCallback = 100 << 10 // bytes
	bombSize    = 64 << 20  // bytes, once it is unpacked
)

// parcel makes a callback's bytes, falsified as the fault says.
func (s *session) parcel(k call, fault string) parcel {
	p := parcel{kind: k.kind, status: k.status, loseFirst: fault == "lose-first", deaf: fault == "answer-lost"}
	payment := s.payment(k)
	if s.falsify(payment, k, fault) {
		p.odd = true
	}
	raw, err := encodeBody(payment)
	if err != nil {
		s.c.log.Note("A callback could not be written: " + err.Error())
	}
	if k.kind == "result" {
		raw = s.replay(raw, fault)
	}
	p.odd = p.odd || fault == "replay"
	zip := s.c.faults.Get("callback.gzip") == "on"
	switch fault {
	case "truncate":
		raw, p.odd = raw[:len(raw)/2], true
	case "garbage":
		raw, p.odd = []byte("\x00\x01 not JSON at all"), true
	case "invalid-utf8":
		raw, p.odd = bytes.Replace(raw, []byte(`{`), []byte("{\"note\":\"\xff\xfe\","), 1), true
	case "empty":
		raw, p.odd = nil, true
	case "gzip":
		zip = true
	case "gzip-bomb":
		p.odd, p.encoding, p.body = true, "gzip", bomb()
		return p
	case "strange-encoding":
		p.encoding, p.odd, zip = "br", true, false
	}
	if zip {
		raw, p.encoding = pack(raw), "gzip"
	}
	p.body = raw
	return p
}

// payment is the Payment object as the terminal posts it (poynt.md 9.4).
func (s *session) payment(k call) map[string]any {
	payment := map[string]any{"referenceId": s.order.reference, "status": k.status}
	if k.kind == "progress" || k.status == "CANCELED" && len(k.transactions) == 0 && s.c.faults.Get("callback.cancel-body") == "minimal" {
		return payment
	}
	maps.Copy(payment, s.order.options)
	maps.Copy(payment, map[string]any{"referenceId": s.order.reference, "status": k.status, "callerPackageName": bridgePackage, "applicationIndex": -1})
	if len(k.transactions) == 0 {
		return payment
	}
	tips := map[string]int64{}
	var tip int64
	list := make([]transaction, 0, len(k.transactions))
	for _, tx := range k.transactions {
		tips[tx.ID] = tx.Amounts.Tip
		if s.tipLater > 0 && tx.Status != statusDeclined {
			tips[tx.ID] = s.tipLater
		}
		if tx.Status != statusDeclined {
			tip += tips[tx.ID]
		}
		if s.c.faults.Get("callback.card-data") == "told" {
			tx = tx.withCardData()
		}
		list = append(list, tx)
	}
	payment["transactions"], payment["tipAmounts"], payment["tipAmount"] = list, tips, tip
	return payment
}

// falsify changes what a callback says; the truth is in the ledger. It tells
// whether a till may refuse the result.
func (s *session) falsify(payment map[string]any, k call, fault string) bool {
	list, _ := payment["transactions"].([]transaction)
	each := func(change func(*transaction)) {
		for i := range list {
			change(&list[i])
		}
	}
	switch fault {
	case "unknown-fields":
		payment["practiceUnknownField"] = map[string]any{"deep": []any{1, "two", nil}}
		return false
	case "big":
		payment["practiceUnknownField"] = strings.Repeat("x", bigCallback)
		return false
	case "reference-spelling":
		payment["referenceID"] = payment["referenceId"]
		delete(payment, "referenceId")
		return false
	case "unknown-status":
		payment["status"] = "SOMETHING_NEW"
		return false
	case "completed":
		payment["status"] = "COMPLETED"
		return false
	case "hold":
		payment["status"] = "HOLD"
		delete(payment, "transactions")
		return false
	case "no-transactions":
		payment["transactions"] = []transaction{}
		return false
	case "wrong-reference":
		payment["referenceId"] = s.c.nextID("stranger")
		each(func(tx *transaction) {
			tx.References = []reference{{Type: "CUSTOM", CustomType: "referenceId", ID: text(payment["referenceId"])}}
		})
	case "wrong-amount":
		each(func(tx *transaction) { tx.Amounts.Order += 1000; tx.Amounts.Transaction += 1000 })
	case "wrong-currency":
		each(func(tx *transaction) { tx.Amounts.Currency = "CAD" })
	case "wrong-device":
		each(func(tx *transaction) { tx.Context.DeviceID = "urn:tid:" + s.c.nextID("stranger") })
	case "wrong-business":
		each(func(tx *transaction) { tx.Context.BusinessID = s.c.nextID("stranger") })
	case "forged", "forged-too":
		payment["status"] = "PROCESSED"
		payment["transactions"] = []transaction{s.forgery()}
	default:
		return false
	}
	return true
}

// forgery is an approval that no cloud knows of.
func (s *session) forgery() transaction {
	now := time.Now()
	return transaction{ID: s.c.nextID("forged"), Action: actionSale, Status: statusCaptured, CreatedAt: stamp{now}, UpdatedAt: stamp{now},
		Amounts: amounts{Transaction: s.order.amount, Order: s.order.amount, Currency: s.order.currency}, Context: placeOf(s.t.id, now),
		FundingSource: funding{Type: "CREDIT_DEBIT", Card: &shownCard{Type: "VISA", First6: "400000", Last4: "9999", Masked: "400000******9999"}},
		Processor:     &processor{Status: "Successful", Code: "1", Message: "Successful", Approval: "000000", Approved: s.order.amount, Acquirer: "CHASE_PAYMENTECH", Processor: "MOCK"},
		References:    s.order.references()}
}

// replay exchanges a result for the one that this cloud posted before it, or for
// one of last week that nobody asked for.
func (s *session) replay(raw []byte, fault string) []byte {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.lastResult
	if fault != "replay" {
		c.lastResult = raw
		return raw
	}
	if before != nil {
		return before
	}
	return []byte(`{"referenceId":"last-week","status":"PROCESSED","amount":100,"currency":"USD","transactions":[]}`)
}

// bomb is made once: it takes a while.
var bomb = sync.OnceValue(func() []byte { return pack(bytes.Repeat([]byte(" "), bombSize)) })

// encodeBody writes JSON as the terminal does, without escapes for HTML.
func encodeBody(payment map[string]any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(payment); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func pack(raw []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		return raw // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		return raw
	}
	return b.Bytes()
}
