package poynt

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of cloud messages.
const (
	maxTTL      = 2_419_200 // seconds (poynt.md 6)
	maxQueue    = 256       // messages that wait for one terminal
	deliverTime = 200 * time.Millisecond
	lateTime    = 20 * time.Second // how late a message is delivered that is to come late
	afterLimit  = 90 * time.Second // how long an answer waits for the callback it is to follow
)

// posted is the body of POST /cloudMessages (poynt.md 6).
type posted struct {
	BusinessID  string          `json:"businessId"`
	StoreID     string          `json:"storeId"`
	DeviceID    string          `json:"deviceId"`
	SerialNum   string          `json:"serialNum"`
	TTL         json.Number     `json:"ttl"`
	Data        *string         `json:"data"`
	CollapseKey string          `json:"collapseKey"`
	Recipient   json.RawMessage `json:"recipient"`
}

// message waits in the cloud for one terminal.
type message struct {
	order       order
	bad         error // why the terminal can do nothing with it
	collapseKey string
	ready       time.Time // it is not delivered earlier
	expires     time.Time

	toldOnce *sync.Once
	told     chan struct{} // closed when its result was posted, or nothing will come
}

// tell lets an answer go that waits for the callback.
func (m *message) tell() { m.toldOnce.Do(func() { close(m.told) }) }

// request is what was asked under one reference.
type request struct {
	data    string
	settled bool // the till acknowledged the result
}

// cloudMessage is POST /cloudMessages. The answer says no more than that the
// message is kept for the terminal.
func (c *Cloud) cloudMessage(x *exchange) answer {
	p, a, refused := c.readPosted(x)
	if refused {
		return a
	}
	targets, a, refused := c.address(p)
	if refused {
		return a
	}
	o, err := decodeOrder(*p.Data)
	c.judgeOrder(o, err, *p.Data)
	if c.repeated(x) {
		c.log.Note("The same request id: nothing is queued")
		return c.accepted()
	}
	seconds, _ := p.TTL.Int64()
	now := time.Now()
	shared := message{order: o, bad: err, collapseKey: p.CollapseKey, ready: now.Add(c.scaled(deliverTime)),
		expires: now.Add(time.Duration(seconds) * time.Second), toldOnce: new(sync.Once), told: make(chan struct{})}
	for _, t := range targets {
		m := shared
		c.dispatch(t, &m)
	}
	if c.faults.Get("message.answer") == "after-callback" {
		c.faults.Take("message.answer")
		c.await(x, shared.told)
	}
	return c.accepted()
}

// await waits for the callback that is to come before the answer.
func (c *Cloud) await(x *exchange, told <-chan struct{}) {
	timer := time.NewTimer(afterLimit)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	case <-x.r.Context().Done():
	case <-c.life.Ctx.Done():
	}
}

// accepted is the 202; what its body holds is not documented (poynt.md 6).
func (c *Cloud) accepted() answer {
	switch c.faults.Get("message.body") {
	case "object":
		return answer{http.StatusAccepted, struct{}{}}
	case "id":
		return answer{http.StatusAccepted, map[string]string{"id": c.nextID("message")}}
	}
	return answer{status: http.StatusAccepted}
}

// readPosted checks the envelope.
func (c *Cloud) readPosted(x *exchange) (posted, answer, bool) {
	var p posted
	if err := json.Unmarshal(x.body, &p); err != nil {
		c.log.Violate("a cloud message that cannot be read: " + bench.Shorten(err.Error()))
		return p, refuse("INVALID_REQUEST", "The body is not a cloud message."), true
	}
	missing := ""
	switch {
	case p.BusinessID == "":
		missing = "businessId"
	case p.TTL == "":
		missing = "ttl"
	case p.Data == nil || *p.Data == "":
		missing = "data"
	}
	if missing != "" {
		c.log.Violate("a cloud message without " + missing)
		return p, refuse("MISSING_PARAMETER", missing+" is missing."), true
	}
	if seconds, err := p.TTL.Int64(); err != nil || seconds < 1 || seconds > maxTTL {
		c.log.Violate("a cloud message with a ttl of " + bench.Shorten(p.TTL.String()))
		return p, refuse("INVALID_PARAMETER", fmt.Sprintf("ttl must be 1 to %d.", maxTTL)), true
	}
	if len(*p.Data) > maxData {
		c.log.Violate(fmt.Sprintf("a cloud message with %d bytes of data, %d are allowed", len(*p.Data), maxData))
		return p, refuse("INVALID_PARAMETER", fmt.Sprintf("data is longer than %d bytes.", maxData)), true
	}
	if len(p.Recipient) > 0 && string(p.Recipient) != "null" {
		c.log.Violate("a cloud message with a recipient, which is not this application's")
		return p, refuse("UNAUTHORIZED_ACCESS", "The recipient is not a package of this application."), true
	}
	return p, answer{}, false
}

// address finds the terminals that a message is for. Without a deviceId it is for
// every terminal of the store, which is hardly ever meant (poynt.md 6).
func (c *Cloud) address(p posted) ([]*terminal, answer, bool) {
	if p.BusinessID != BusinessID {
		c.log.Violate("a cloud message for the unknown business " + bench.Shorten(p.BusinessID))
		return nil, refuse("BUSINESS_NOT_FOUND", "There is no such business."), true
	}
	switch {
	case p.StoreID == "":
		c.log.Violate("a cloud message without storeId")
	case p.StoreID != StoreID:
		c.log.Violate("a cloud message for the unknown store " + bench.Shorten(p.StoreID))
		return nil, refuse("RESOURCE_NOT_FOUND", "There is no such store."), true
	}
	if p.DeviceID == "" && p.SerialNum == "" {
		c.log.Violate("a cloud message without deviceId: it goes to every terminal of the store")
		return c.terminals, answer{}, false
	}
	if p.DeviceID == deactivatedDeviceID || p.DeviceID == sensorDeviceID {
		c.log.Violate("a cloud message for a device that is not an activated terminal")
		return nil, refuse("STORE_DEVICE_NOT_ACTIVATED", "The device is not an activated terminal."), true
	}
	at := slices.IndexFunc(c.terminals, func(t *terminal) bool {
		return p.DeviceID == t.id || p.DeviceID == "" && p.SerialNum == t.serial
	})
	if at < 0 {
		c.log.Violate("a cloud message for the unknown terminal " + bench.Shorten(p.DeviceID))
		if c.faults.Get("message.unknown-device") == "accepted" {
			return nil, answer{}, false
		}
		return nil, refuse("STORE_DEVICE_NOT_FOUND", "There is no such terminal."), true
	}
	return c.terminals[at : at+1], answer{}, false
}

// judgeOrder notes what a payload does against the protocol, and remembers what
// was asked under its reference.
func (c *Cloud) judgeOrder(o order, bad error, data string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if bad != nil {
		c.log.Violate("a payload that no terminal can read: " + bench.Shorten(bad.Error()))
		return
	}
	for _, f := range o.faults {
		c.log.Violate("the payload: " + f)
	}
	if o.callback != "" {
		c.callback = o.callback
	}
	if o.reference == "" || o.kind == orderCancel || o.kind == orderProfile {
		return
	}
	before := c.asked[o.reference]
	switch {
	case before == nil:
		if len(c.asked) >= maxSeen {
			clear(c.asked)
		}
		c.asked[o.reference] = &request{data: data}
	case before.data != data:
		c.log.Violate("referenceId " + bench.Shorten(o.reference) + " is used again for something else")
	case before.settled:
		c.log.Violate("referenceId " + bench.Shorten(o.reference) + " is sent again after its result was acknowledged")
	}
}

// repeated tells a second message of the same request id apart, if the cloud
// knows the first; whether the real one does is unknown (poynt.md 6).
func (c *Cloud) repeated(x *exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.requestID == "" {
		return false
	}
	key := x.r.URL.Path + " " + x.requestID
	known := c.requests[key] != nil
	c.rememberLocked(key, &change{})
	return known && c.faults.Get("message.same-id") == "once"
}

// dispatch puts a message into a terminal's queue, or lets it meet its fault.
func (c *Cloud) dispatch(t *terminal, m *message) {
	fault := c.faults.Take("message.delivery")
	if fault != "ok" {
		c.log.Note("The delivery of the message: " + fault)
	}
	switch fault {
	case "lose":
		m.tell()
		return
	case "late":
		m.ready = m.ready.Add(lateTime)
	case "duplicate":
		twin := *m
		twin.collapseKey = "" // or the second would take the first one's place
		t.enqueue(&twin)
	case "reorder":
		c.mu.Lock()
		c.held = append(c.held, m)
		c.mu.Unlock()
		return
	}
	t.enqueue(m)
	c.mu.Lock()
	held := c.held
	c.held = nil
	c.mu.Unlock()
	for _, late := range held {
		late.ready = m.ready
		t.enqueue(late)
	}
}
