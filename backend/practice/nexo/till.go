package nexo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Limits towards the till.
const (
	deliveryLimit = 5 * time.Second // one display or event
	patience      = 2 * time.Second // how long a payment waits for the till to take a display
	noPatience    = 50 * time.Millisecond
	reorderLimit  = time.Second // how long a message is held back that is to come late
	connectLimit  = 3 * time.Second
	firstDeviceID = 70
)

// need is the answer that the till owes (nexo-retailer.md 10.1).
type need int

const (
	needsNothing need = iota // 204
	needsResponse
	needsNothingUnlessFailed // 204, or 200 with a Failure
)

// outbound is one message to the till.
type outbound struct {
	kind  string // "display", "event", "print" or "input": the name of its switch
	doc   *node
	needs need
	limit time.Duration
	torn  bool // half of it is sent
	// odd messages are falsified on purpose; what the till answers is not judged.
	odd   bool
	close bool // the connection breaks in the middle
	done  chan struct{}
}

// outboundOf makes a message of class Device. Its ServiceID is that of the
// surrounding service (nexo-retailer.md 4.2).
func (t *Terminal) outboundOf(kind string, s session, serviceID, category string, body *node) *outbound {
	t.mu.Lock()
	t.deviceID++
	id := strconv.Itoa(t.deviceID)
	t.mu.Unlock()
	header := el("MessageHeader", attr{"MessageClass", "Device"}, attr{"MessageCategory", category}, attr{"MessageType", "Request"},
		attr{"ServiceID", serviceID}, attr{"DeviceID", id}, attr{"SaleID", s.saleID}, attr{"POIID", t.opts.POIID})
	return &outbound{kind: kind, doc: el("SaleToPOIRequest", header, body), limit: deliveryLimit, done: make(chan struct{})}
}

// disguise falsifies a message on its way.
func (o *outbound) disguise(fault string) {
	header := o.doc.child("MessageHeader")
	switch fault {
	case "wrong-id":
		header.set("ServiceID", "999999")
	case "wrong-poiid":
		header.set("POIID", "STRANGER-1")
	case "truncate":
		o.torn = true
	case "close":
		o.close = true
	default:
		return
	}
	o.odd = true
}

// event tells the till that something happened; a till in light mode hears
// nothing. s is the service it belongs to, or nil. more are further attributes and elements.
func (t *Terminal) event(s *service, name, details string, more ...any) {
	t.mu.Lock()
	about := t.lastSession
	t.eventID++
	id := strconv.Itoa(t.eventID)
	t.mu.Unlock()
	ctx := t.life.Ctx
	if s != nil {
		about, ctx = s.session, s.ctx
	}
	if about.light {
		return
	}
	body := el("EventNotification", attr{"TimeStamp", eventTime(time.Now())}, attr{"EventToNotify", name})
	if details != "" {
		body.kids = append(body.kids, el("EventDetails", details))
	}
	extra := el("", more...)
	body.attrs = append(body.attrs, extra.attrs...)
	body.kids = append(body.kids, extra.kids...)
	header := el("MessageHeader", attr{"MessageClass", "Event"}, attr{"MessageCategory", "Event"}, attr{"MessageType", "Notification"},
		attr{"ServiceID", id}, attr{"SaleID", about.saleID}, attr{"POIID", t.opts.POIID})
	t.log.Note("Event " + name)
	t.send(ctx, &outbound{kind: "event", doc: el("SaleToPOIRequest", header, body), limit: deliveryLimit, done: make(chan struct{})}, patience)
}

// display posts a display text to a till in default mode and waits a little for
// it to be taken.
func (t *Terminal) display(s session, serviceID string, shown text) {
	t.displayIn(t.life.Ctx, s, serviceID, shown)
}

func (t *Terminal) displayIn(ctx context.Context, s session, serviceID string, shown text) {
	if s.light {
		return
	}
	words := shown.words
	if t.faults.Get("text-ids") == "on" {
		words = fmt.Sprintf(`%d,"%s"`, shown.id, shown.words)
	}
	body := el("DisplayRequest", el("DisplayOutput", attr{"ResponseRequiredFlag", "false"}, attr{"Device", "CashierDisplay"}, attr{"InfoQualify", "POIReplication"},
		el("OutputContent", attr{"OutputFormat", "Text"}, el("OutputText", words))))
	t.send(ctx, t.outboundOf("display", s, serviceID, "Display", body), patience)
}

// send puts a message into the queue and waits until it was delivered or given
// up, but never longer than the patience: a till that is gone stops no payment.
func (t *Terminal) send(ctx context.Context, o *outbound, wait time.Duration) {
	if t.hung.Load() && wait == patience {
		wait = noPatience
	}
	select {
	case t.queue <- o:
	default:
		t.log.Note("Too many messages wait for the till; one is dropped")
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-o.done:
	case <-ctx.Done():
	case <-t.life.Ctx.Done():
	case <-timer.C:
	}
}

// deliverAll posts the queued messages one after the other.
func (t *Terminal) deliverAll() {
	var held *outbound
	timer := time.NewTimer(reorderLimit)
	defer timer.Stop()
	for {
		select {
		case <-t.life.Ctx.Done():
			return
		case <-timer.C:
			if held != nil {
				t.deliver(held, "ok")
				held = nil
			}
		case o := <-t.queue:
			fault := t.faults.Take(o.kind)
			if fault == "reorder" && held == nil {
				t.log.Note("A " + o.kind + " is held back")
				held = o
				timer.Reset(reorderLimit)
				close(o.done)
				continue
			}
			t.deliver(o, fault)
			close(o.done)
			if held != nil {
				t.deliver(held, "ok")
				held = nil
			}
		}
	}
}

// deliver posts one message with whatever is to go wrong with it.
func (t *Terminal) deliver(o *outbound, fault string) {
	if fault != "ok" {
		t.log.Note("The next " + o.kind + ": " + fault)
	}
	o.disguise(fault)
	times := 1
	switch fault {
	case "lose":
		return
	case "delay":
		timer := time.NewTimer(max(t.scaled(delayTakes), shortestLag))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-t.life.Ctx.Done():
			return
		}
	case "duplicate":
		times = 2
	case "flag-true", "flag-absent":
		output := o.doc.at("DisplayRequest/DisplayOutput")
		output.set("ResponseRequiredFlag", "true")
		if fault == "flag-absent" {
			output.unset("ResponseRequiredFlag")
		}
		o.needs = needsResponse
	}
	for range times {
		ctx, cancel := context.WithTimeout(t.life.Ctx, o.limit)
		_, err := t.post(ctx, o)
		t.hung.Store(errors.Is(err, context.DeadlineExceeded))
		if err != nil {
			t.log.Note("Not delivered to the till: " + o.kind + ": " + err.Error())
		}
		cancel()
	}
}

var errUnreachable = errors.New("the till's listener is not reachable")

// post sends one message and judges the answer. The reply is nil when none was
// due or it is not to be trusted.
func (t *Terminal) post(ctx context.Context, o *outbound) (*envelope, error) {
	t.mu.Lock()
	till, unplugged := t.till, t.unplugged.Cut()
	reachable := !t.deadLocked() && t.faults.Get("listener") == "reachable"
	t.mu.Unlock()
	if till == "" || !reachable {
		return nil, errUnreachable
	}
	raw := o.doc.document(false)
	if o.torn {
		raw = raw[:len(raw)/2]
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-unplugged:
			cancel()
		case <-ctx.Done():
		}
	}()
	var body io.Reader = bytes.NewReader(raw)
	if o.close {
		body = io.MultiReader(bytes.NewReader(raw[:len(raw)/2]), brokenReader{})
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, till+Path, body)
	if err != nil {
		return nil, fmt.Errorf("making a request to the till: %w", err)
	}
	r.ContentLength = int64(len(raw))
	r.Header.Set("Content-Type", "application/xml; charset=utf-8")
	response, err := t.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("posting to the till: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, fmt.Errorf("reading the till's answer: %w", err)
	}
	if o.odd {
		return nil, nil
	}
	return t.judge(o, response.StatusCode, answer)
}

// brokenReader is a connection that breaks.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection closed on purpose") }
