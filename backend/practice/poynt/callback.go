package poynt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Limits of a callback (poynt.md 9.2).
const (
	callbackLimit  = 3 * time.Second
	connectLimit   = 3 * time.Second
	maxReply       = 64 << 10 // bytes of the till's answer that are read
	lateCallback   = time.Minute
	floodCallbacks = 50
	userAgent      = "okhttp/4.9.3"
)

// retries are when a callback that was not acknowledged is repeated; it is never
// sent again after the last (poynt.md 8, 9.2).
var retries = []time.Duration{5 * time.Second, 10 * time.Second}

// call is one callback to be posted.
type call struct {
	kind         string // "progress" or "result": the name of its switch
	status       string
	transactions []transaction
}

// postAll posts the session's callbacks in their order.
func (s *session) postAll() {
	defer s.message.tell()
	for k := range s.calls {
		s.post(k)
	}
}

// post sends one callback, with whatever is to go wrong with it. It returns after
// the first attempt; the repeats do not hold up what comes next.
func (s *session) post(k call) {
	c := s.c
	fault := c.faults.Take("callback." + k.kind)
	c.mu.Lock()
	if fault == "ok" && k.kind == "result" && c.customer != nil && c.customer.trouble == troubleLateApproval {
		fault = "lose"
	}
	c.mu.Unlock()
	if fault != "ok" {
		c.log.Note("The callback " + k.status + ": " + fault)
	}
	if s.order.callback == "" {
		c.log.Note("There is no callback URL for " + k.status)
		return
	}
	p := s.parcel(k, fault)
	switch fault {
	case "lose":
		return
	case "late":
		c.life.Spawn(func() {
			if c.life.Sleep(nil, lateCallback) {
				s.deliver(p)
			}
		})
		return
	case "forged-too":
		s.deliver(p)
		p = s.parcel(k, "ok")
	case "duplicate", "flood":
		times := 2
		if fault == "flood" {
			times = floodCallbacks
		}
		var all sync.WaitGroup
		for range times {
			all.Go(func() { s.deliver(p) })
		}
		all.Wait()
		return
	}
	s.deliver(p)
}

// parcel is what is posted.
type parcel struct {
	kind, status string
	body         []byte
	encoding     string
	// odd parcels are falsified on purpose; what the till answers is not judged.
	odd       bool
	loseFirst bool // the first attempt gets lost
	deaf      bool // the terminal never hears the till's answers
}

// deliver tries once, and later again as long as nobody says 200.
func (s *session) deliver(p parcel) {
	c := s.c
	began := time.Now()
	if s.attempt(p, 1) {
		return
	}
	chained := c.faults.Get("callback.retry") == "chained"
	c.life.Spawn(func() {
		for i, after := range retries {
			wait := after
			if !chained {
				wait = time.Until(began.Add(after))
			}
			if !c.life.Sleep(nil, wait) || s.attempt(p, i+2) {
				return
			}
		}
		c.log.Note("The callback " + p.status + " was never acknowledged; it is not sent again")
	})
}

// attempt posts once; true ends the matter.
func (s *session) attempt(p parcel, number int) bool {
	c := s.c
	if p.loseFirst && number == 1 {
		c.log.Note("The callback's first attempt gets lost")
		return false
	}
	status, err := s.postOnce(p)
	if err != nil {
		c.log.Note(fmt.Sprintf("Callback %s, attempt %d: %v", p.status, number, err))
		if errors.Is(err, context.DeadlineExceeded) && !p.odd {
			c.log.Violate(fmt.Sprintf("callback %s was not answered within %s", p.status, callbackLimit))
		}
		return false
	}
	c.log.Note(fmt.Sprintf("Callback %s, attempt %d: answered %d", p.status, number, status))
	if p.deaf {
		return false
	}
	taken := status == http.StatusOK || c.faults.Get("callback.accepts") == "2xx" && status/100 == 2
	if status != http.StatusOK && !p.odd {
		c.log.Violate(fmt.Sprintf("callback %s was answered with %d", p.status, status))
	}
	if taken && !p.odd && p.kind == "result" {
		s.acknowledged()
	}
	return taken || status/100 == 4 && c.faults.Get("callback.4xx") == "ends"
}

// acknowledged remembers that the till knows the result of its reference.
func (s *session) acknowledged() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if r := s.c.asked[s.order.reference]; r != nil {
		r.settled = true
	}
}

var (
	errOffline     = errors.New("the terminal is offline")
	errUnreachable = errors.New("the till's listener is not reachable")
	errScheme      = errors.New("the terminal refuses an address without TLS")
)

// postOnce is one POST of the terminal to the till (poynt.md 9.1).
func (s *session) postOnce(p parcel) (int, error) {
	c := s.c
	switch {
	case s.t.offline():
		return 0, errOffline
	case c.faults.Get("listener") == "unreachable":
		return 0, errUnreachable
	case c.faults.Get("callback.scheme") == "https-only" && len(s.order.callback) > 5 && s.order.callback[:5] == "http:":
		return 0, errScheme
	}
	ctx, cancel := context.WithTimeout(c.life.Ctx, callbackLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.order.callback, bytes.NewReader(p.body))
	if err != nil {
		return 0, fmt.Errorf("making a callback: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept-Encoding", "gzip")
	if p.encoding != "" {
		r.Header.Set("Content-Encoding", p.encoding)
	}
	if s.order.headerName != "" && c.faults.Get("callback.custom-header") == "sent" {
		r.Header.Set(s.order.headerName, s.order.headerValue)
	}
	response, err := c.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("posting to the till: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxReply))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return 0, fmt.Errorf("reading the till's answer: %w", err)
	}
	return response.StatusCode, nil
}
