package poynt

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// change is one request by REST under its Poynt-Request-Id (poynt.md 21.2).
type change struct {
	body   []byte
	done   chan struct{} // closed when there is an answer; nil: a cloud message
	answer answer
}

// changeTakes is how long the processor takes, at pace 1.
const changeTakes = 800 * time.Millisecond

// rememberLocked keeps a request under its key.
func (c *Cloud) rememberLocked(key string, one *change) {
	if len(c.requests) >= maxSeen {
		clear(c.requests)
	}
	c.requests[key] = one
}

// once carries a change out a single time per Poynt-Request-Id. It goes on when
// the till hangs up.
func (c *Cloud) once(x *exchange, work func(key string) changed) answer {
	if x.r.PathValue("business") != BusinessID {
		return refuse("BUSINESS_NOT_FOUND", "There is no such business.")
	}
	key := ""
	one := &change{body: x.body, done: make(chan struct{})}
	if x.requestID != "" {
		key = x.r.URL.Path + " " + x.requestID
		if a, met := c.before(key, one); met {
			return a
		}
	}
	started := c.life.Spawn(func() {
		defer close(one.done)
		one.answer = c.process(key, work)
	})
	if !started {
		bench.Cut()
	}
	select {
	case <-one.done:
	case <-x.r.Context().Done():
		bench.Cut()
	case <-c.lineCut():
		bench.Cut()
	}
	return one.answer
}

// before answers a request whose id was used before. Whether the real cloud
// refuses it or repeats the first answer is unknown.
func (c *Cloud) before(key string, one *change) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.requests[key]
	booked := c.ledger.All(func(r *record) bool { return r.Request == key })
	if old == nil && len(booked) == 0 {
		c.rememberLocked(key, one)
		return answer{}, false
	}
	replay := c.faults.Get("change.same-id") == "replay"
	if old == nil { // from before a restart
		if rec := booked[0]; replay && rec.Transaction != nil {
			return ok(*rec.Transaction), true
		}
		return refuse("REQUEST_ID_DUPLICATE", "The request was processed already."), true
	}
	if !bytes.Equal(old.body, one.body) {
		c.log.Violate("a Poynt-Request-Id is used again for something else")
	}
	select {
	case <-old.done:
	default:
		return refuse("REQUEST_IN_PROGRESS", "The request is being processed."), true
	}
	if replay {
		return old.answer, true
	}
	return refuse("REQUEST_ID_DUPLICATE", "The request was processed already."), true
}

// process asks the processor and changes the books.
func (c *Cloud) process(key string, work func(key string) changed) answer {
	if !c.life.Sleep(nil, c.scaled(changeTakes)) {
		return refuse("INTERNAL_ERROR", "The service is going down.")
	}
	switch c.faults.Take("change.outcome") {
	case "declined":
		return refuse("PROCESSOR_DECLINED", "The processor declined.")
	case "timeout":
		return refuse("PROCESSOR_TIMEOUT", "The processor did not answer; the attempt was cancelled.")
	case "duplicate":
		return refuse("PROCESSOR_DETECTED_DUP", "The processor takes it for a duplicate.")
	}
	c.changes.Lock()
	defer c.changes.Unlock()
	done := work(key)
	if done.refusal != nil {
		return *done.refusal
	}
	return ok(c.dressed(done.transaction))
}

// changeBody is what the till may send with a change (poynt.md 13).
type changeBody struct {
	Action   string `json:"action"`
	ParentID string `json:"parentId"`
	Amounts  *struct {
		Transaction int64  `json:"transactionAmount"`
		Order       int64  `json:"orderAmount"`
		Tip         int64  `json:"tipAmount"`
		Currency    string `json:"currency"`
	} `json:"amounts"`
	References []reference `json:"references"`
}

// readChange reads the body; an empty one is an empty object.
func (c *Cloud) readChange(x *exchange) (changeBody, bool) {
	var b changeBody
	if len(bytes.TrimSpace(x.body)) == 0 {
		return b, true
	}
	if err := json.Unmarshal(x.body, &b); err != nil {
		c.log.Violate(x.r.URL.Path + " with a body that cannot be read: " + bench.Shorten(err.Error()))
		return b, false
	}
	if a := b.Amounts; a != nil && (a.Transaction < 0 || a.Tip < 0 || a.Transaction > maxAmount || a.Tip > maxAmount) {
		c.log.Violate(x.r.URL.Path + " with an amount out of range")
		return b, false
	}
	return b, true
}

// originOf is who asks.
func (b changeBody) originOf(x *exchange, key string) origin {
	by := origin{reference: x.requestID, requestID: x.requestID, key: key}
	for _, r := range b.References {
		if r.ID != "" {
			by.reference = r.ID
			break
		}
	}
	return by
}

var unreadable = refuse("INVALID_REQUEST", "The body could not be read.")

func (c *Cloud) void(x *exchange) answer {
	b, readable := c.readChange(x)
	if !readable {
		return unreadable
	}
	return c.once(x, func(key string) changed { return c.voidIt(x.r.PathValue("id"), b.originOf(x, key)) })
}

// reverse is POST /transactions/cancel; its shape is not settled (poynt.md 13).
func (c *Cloud) reverse(x *exchange) answer {
	id := x.r.URL.Query().Get("transaction-id")
	if id == "" {
		return refuse("MISSING_PARAMETER", "transaction-id is missing.")
	}
	b, readable := c.readChange(x)
	if !readable {
		return unreadable
	}
	return c.once(x, func(key string) changed { return c.voidIt(id, b.originOf(x, key)) })
}

func (c *Cloud) refund(x *exchange) answer {
	b, readable := c.readChange(x)
	switch {
	case !readable:
		return unreadable
	case b.Action != actionRefund:
		c.log.Violate("POST transactions with the action " + bench.Shorten(b.Action))
		return refuse("UNSUPPORTED_OPERATION", "Only REFUND can be posted.")
	case b.ParentID == "":
		c.log.Violate("a refund without parentId")
		return refuse("MISSING_PARAMETER", "parentId is missing.")
	case b.Amounts != nil && b.Amounts.Currency == "":
		c.log.Violate("a refund with an amount and no currency")
		return refuse("MISSING_PARAMETER", "currency is missing.")
	}
	var minor int64
	currency := ""
	if b.Amounts != nil {
		minor, currency = b.Amounts.Transaction, b.Amounts.Currency
		if minor == 0 {
			c.log.Violate("a refund of nothing")
			return refuse("INVALID_PARAMETER", "transactionAmount is missing.")
		}
	}
	a := c.once(x, func(key string) changed { return c.refundIt(b.ParentID, minor, currency, b.originOf(x, key)) })
	if a.status == http.StatusOK && c.faults.Get("refund.status") == "201" {
		a.status = http.StatusCreated
	}
	return a
}

func (c *Cloud) capture(x *exchange) answer {
	b, readable := c.readChange(x)
	if !readable {
		return unreadable
	}
	var minor, tip int64
	if b.Amounts != nil {
		minor, tip = b.Amounts.Transaction, b.Amounts.Tip
	}
	return c.once(x, func(key string) changed { return c.captureIt(x.r.PathValue("id"), minor, tip, b.originOf(x, key)) })
}

func (c *Cloud) adjust(x *exchange) answer {
	b, readable := c.readChange(x)
	if !readable || b.Amounts == nil {
		return unreadable
	}
	return c.once(x, func(string) changed { return c.adjustIt(x.r.PathValue("id"), b.Amounts.Tip) })
}
