package pockyt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of a notice.
const (
	noticeLimit  = 10 * time.Second
	connectLimit = 5 * time.Second
	maxReply     = 4 << 10 // bytes of the till's answer that are read
	lateNotice   = time.Minute
	floodNotices = 50
	thanks       = "success"
)

// spacings are the pauses between the eight attempts of a notice, within two hours
// (pockyt.md 6); how the real ones lie is unknown.
var spacings = map[string][]time.Duration{
	"growing": {time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 30 * time.Minute, 60 * time.Minute},
	"even": {15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute,
		15 * time.Minute},
}

// notice is one message to an order's ipnUrl.
type notice struct {
	url, kind string
	no        string // the order that it says is paid; empty: none
	body      []byte
	odd       bool // falsified on purpose: what the till answers is not judged
	loseFirst bool // the first attempt gets lost
	deaf      bool // the service never hears what the till answers
	first     chan struct{}
}

// announceLocked tells the till that an order is final. The channel is closed after
// the first attempt; nil when nothing is sent.
func (c *Cloud) announceLocked(o *order) <-chan struct{} {
	wanted := c.faults.Get("notice.statuses")
	if o.Notify == "" || wanted == "none" || wanted == "success" && o.Status != statusSuccess {
		return nil
	}
	return c.sendLocked(o.Notify, map[string]string{"transactionNo": o.No, "status": o.Status, "amount": decimal(o.Minor, o.Currency), "currency": o.Currency,
		"settleCurrency": o.Settle, "reference": o.Reference, "time": o.Ended.In(beijing).Format("20060102150405")})
}

func (c *Cloud) announceRefundLocked(o *order, r refund) {
	if o.Notify == "" || c.faults.Get("notice.refunds") == "none" {
		return
	}
	c.sendLocked(o.Notify, map[string]string{"transactionNo": r.No, "status": r.shown(r.At), "amount": decimal(r.Minor, o.Currency), "currency": o.Currency,
		"settleCurrency": o.Settle, "reference": r.Reference, "time": r.At.In(beijing).Format("20060102150405")})
}

func (c *Cloud) sendLocked(address string, f map[string]string) <-chan struct{} {
	fault := c.faults.Take("notice")
	if fault != "ok" {
		c.log.Note("The notice of " + f["transactionNo"] + ": " + fault)
	}
	c.till = address
	n := c.noticeLocked(address, f, fault)
	if fault == "lose" {
		return nil
	}
	c.life.Spawn(func() { c.deliver(n, fault) })
	return n.first
}

// noticeLocked makes a notice, falsified as the fault says, and signs it.
func (c *Cloud) noticeLocked(address string, f map[string]string, fault string) *notice {
	n := &notice{url: address, kind: f["status"], loseFirst: fault == "lose-first", deaf: fault == "answer-lost", first: make(chan struct{})}
	keepEmpty := false
	switch c.faults.Get("notice.fields") {
	case "more":
		f["vendorId"], f["note"] = "2026"+f["transactionNo"], "Café 100% + tip"
	case "empty-signed":
		f["vendorId"], f["note"], keepEmpty = "", "", true
	case "empty-left-out":
		f["vendorId"], f["note"] = "", ""
	}
	odd := map[string]map[string]string{
		"other-order": {"transactionNo": otherNo}, "other-reference": {"reference": otherReference}, "other-amount": {"amount": otherAmount},
		"other-currency": {"currency": "HKD"}, "unknown-status": {"status": unknownStatus}, "forged": {"transactionNo": otherNo, "reference": otherReference},
	}[fault]
	maps.Copy(f, odd)
	n.odd = odd != nil
	if fault == "unknown-fields" {
		f["zebra"], f["attach"] = "1", `{"a":[1]}`
	}
	f[signField] = sign(f, Token, keepEmpty)
	switch fault {
	case "wrong-signature":
		f[signField], n.odd = sign(f, Token+"0", keepEmpty), true
	case "no-signature":
		delete(f, signField)
		n.odd = true
	}
	if f["status"] == statusSuccess && !n.odd {
		n.no = f["transactionNo"]
	}
	n.body = encodeForm(f)
	c.spoilLocked(n, f, fault)
	return n
}

// spoilLocked damages the bytes of a notice.
func (c *Cloud) spoilLocked(n *notice, f map[string]string, fault string) {
	previous := c.sent
	c.sent = n.body
	switch fault {
	case "truncate":
		n.body, n.odd = n.body[:len(n.body)/2], true
	case "garbage":
		n.body, n.odd = []byte("\x00\xff%zz=&&&=;"), true
	case "empty":
		n.body, n.odd = nil, true
	case "json":
		raw, err := json.Marshal(f)
		if err == nil {
			n.body, n.odd = raw, true
		}
	case "replay":
		if previous != nil {
			n.body, n.odd = previous, true
		}
	}
}

func encodeForm(f map[string]string) []byte {
	values := url.Values{}
	for name, value := range f {
		values.Set(name, value)
	}
	return []byte(values.Encode())
}

// deliver tries once, and later again as long as nobody thanks for it.
func (c *Cloud) deliver(n *notice, fault string) {
	switch fault {
	case "delay":
		if !c.life.Sleep(nil, lateNotice) {
			close(n.first)
			return
		}
	case "duplicate", "flood":
		times := 1
		if fault == "flood" {
			times = floodNotices - 1
		}
		var all sync.WaitGroup
		for range times {
			all.Go(func() { c.attemptNotice(n, 1) })
		}
		all.Wait()
	}
	taken := c.attemptNotice(n, 1)
	close(n.first)
	for i, pause := range spacings[c.faults.Get("notice.spacing")] {
		if taken || !c.life.Sleep(nil, pause) {
			return
		}
		taken = c.attemptNotice(n, i+2)
	}
	if !taken {
		c.log.Note("The notice was never acknowledged; it is not sent again")
	}
}

// attemptNotice posts once; true ends the matter.
func (c *Cloud) attemptNotice(n *notice, number int) bool {
	if n.loseFirst && number == 1 {
		c.log.Note("The notice's first attempt gets lost")
		return false
	}
	status, text, err := c.post(n)
	if err != nil {
		c.log.Note(fmt.Sprintf("Notice %s, attempt %d: %v", n.kind, number, err))
		if errors.Is(err, context.DeadlineExceeded) && !n.odd {
			c.violate(fmt.Sprintf("notice %s was not answered within %s", n.kind, noticeLimit))
		}
		return false
	}
	c.log.Note(fmt.Sprintf("Notice %s, attempt %d: answered %d %q", n.kind, number, status, bench.Shorten(text)))
	taken := status == http.StatusOK && text == thanks
	if taken && !n.odd && n.no != "" {
		c.mu.Lock()
		c.tellsLocked(n.no)
		c.mu.Unlock()
	}
	if !taken && !n.odd {
		c.violate(fmt.Sprintf("notice %s was answered with %d %q", n.kind, status, bench.Shorten(text)))
	}
	return taken && !n.deaf
}

var errUnreachable = errors.New("the till's listener is not reachable")

// post is one POST of the service to the till.
func (c *Cloud) post(n *notice) (int, string, error) {
	if c.faults.Get("listener") == "unreachable" || c.unreachable() {
		return 0, "", errUnreachable
	}
	ctx, cancel := context.WithTimeout(c.life.Ctx, noticeLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(n.body))
	if err != nil {
		return 0, "", fmt.Errorf("making a notice: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	response, err := c.client.Do(r)
	if err != nil {
		return 0, "", fmt.Errorf("posting to the till: %w", err)
	}
	var text strings.Builder
	_, err = io.Copy(&text, io.LimitReader(response.Body, maxReply))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return 0, "", fmt.Errorf("reading the till's answer: %w", err)
	}
	return response.StatusCode, text.String(), nil
}
