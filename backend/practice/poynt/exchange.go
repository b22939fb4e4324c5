package poynt

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of one request.
const (
	maxBody = 256 << 10 // bytes
)

// exchange is one request of the till.
type exchange struct {
	w         http.ResponseWriter
	r         *http.Request
	body      []byte
	requestID string // Poynt-Request-Id
	kind      string // the message's name in the switches
}

// right is a permission of the application (poynt.md 3.5).
type right int

const (
	rightNone     right = iota // no access token is needed
	rightBusiness              // consent of the business
	rightMessages
	rightRead
	rightWrite
)

// route serves one kind of message: limits, faults, permission, work, answer.
func (c *Cloud) route(kind string, needs right, work func(*exchange) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.unreachable() {
			bench.Cut()
		}
		x := &exchange{w: w, r: r, kind: kind, requestID: r.Header.Get("Poynt-Request-Id")}
		body, err := bench.ReadBody(w, r, maxBody)
		if err != nil {
			c.log.Note("A request could not be read: " + err.Error())
			c.write(x, refuse("INVALID_REQUEST", "The body could not be read."))
			return
		}
		x.body = body
		if a, met := c.meetRequestFault(x); met {
			c.write(x, a)
			return
		}
		c.log.Note(fmt.Sprintf("Till: %s %s", r.Method, r.URL.Path))
		if a, refused := c.admit(x, needs); refused {
			c.write(x, a)
			return
		}
		c.reply(x, work(x))
	}
}

// meetRequestFault lets a request meet what is to happen to it before it is
// processed. It returns the answer, if there is one and nothing else is to be done.
func (c *Cloud) meetRequestFault(x *exchange) (answer, bool) {
	fault := c.faults.Take(x.kind + ".request")
	if fault != "ok" {
		c.log.Note("The " + x.kind + " request: " + fault)
	}
	switch fault {
	case "lose":
		bench.Cut()
	case "refuse":
		bench.Reset(x.w, c.log)
	case "swallow":
		c.hold(x)
	case "status-500":
		return refuse("INTERNAL_ERROR", "Something went wrong."), true
	case "invalid-token":
		return refuse("INVALID_ACCESS_TOKEN", "The access token has expired."), true
	case "no-permission":
		return refuse("UNAUTHORIZED_ACCESS", "The application lacks the permission."), true
	case "login-failed":
		return refuse("LOGIN_FAILED", "The credentials were refused."), true
	}
	return answer{}, false
}

// hold never answers; the connection breaks when the till, the line or the cloud ends.
func (c *Cloud) hold(x *exchange) {
	c.life.Hold(x.r, c.lineCut(), nil)
	bench.Cut()
}

// reply sends the answer of processed work, with whatever is to go wrong with it.
func (c *Cloud) reply(x *exchange, a answer) {
	fault := c.faults.Take(x.kind + ".answer")
	if fault != "ok" {
		c.log.Note("The answer to " + x.kind + ": " + fault)
	}
	switch fault {
	case "lose":
		bench.Cut()
	case "delay":
		if !c.life.Sleep(x.r.Context().Done(), max(c.scaled(delayTakes), shortestLag)) {
			bench.Cut()
		}
	case "truncate", "slow":
		c.writeSlowly(x, a, fault == "truncate")
		return
	case "garbage":
		c.writeRaw(x, http.StatusOK, "application/json", []byte("\x00\xff{{not json"))
		return
	case "html":
		c.writeRaw(x, http.StatusBadGateway, "text/html", []byte("<html><body><h1>502 Bad Gateway</h1></body></html>"))
		return
	case "empty":
		c.writeRaw(x, a.status, "application/json", nil)
		return
	case "status-500":
		a = refuse("INTERNAL_ERROR", "Something went wrong.")
	case "status-504":
		a = refuse("SERVICE_UNAVAILABLE", "The service did not answer in time.")
	case "redirect":
		x.w.Header().Set("Location", "/elsewhere")
		c.writeRaw(x, http.StatusTemporaryRedirect, "application/json", nil)
		return
	}
	c.write(x, a)
}

// How late an answer comes that is delayed, at pace 1 and at least.
const (
	delayTakes  = 5 * time.Second
	shortestLag = 20 * time.Millisecond
	slowPieces  = 8
	slowTakes   = 4 * time.Second
)

// encode renders an answer; an error answer carries the request's id.
func (c *Cloud) encode(x *exchange, a answer) []byte {
	if e, refused := a.body.(refusal); refused {
		e.RequestID = x.requestID
		if e.RequestID == "" {
			e.RequestID = c.nextID("request")
		}
		a.body = e
		c.log.Note(fmt.Sprintf("Refused with %d %s: %s", a.status, e.Code, e.DeveloperMessage))
	}
	if a.body == nil {
		return nil
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		c.log.Error("writing an answer", "error", err)
		bench.Cut()
	}
	return raw
}

func (c *Cloud) write(x *exchange, a answer) {
	c.writeRaw(x, a.status, "application/json;charset=UTF-8", c.encode(x, a))
}

func (c *Cloud) writeRaw(x *exchange, status int, kind string, raw []byte) {
	c.head(x, status, kind, len(raw))
	if _, err := x.w.Write(raw); err != nil && len(raw) > 0 {
		c.log.Debug("the till left before its answer", "error", err)
	}
}

func (c *Cloud) head(x *exchange, status int, kind string, length int) {
	h := x.w.Header()
	if x.requestID != "" {
		h.Set("Poynt-Request-Id", x.requestID)
	}
	if length > 0 {
		h.Set("Content-Type", kind)
	}
	if status != http.StatusNotModified && status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	x.w.WriteHeader(status)
}

// writeSlowly sends an answer in pieces; torn, it breaks off in the middle.
func (c *Cloud) writeSlowly(x *exchange, a answer, torn bool) {
	raw := c.encode(x, a)
	c.head(x, a.status, "application/json;charset=UTF-8", max(len(raw), 2)) // also an empty answer can be cut short
	control := http.NewResponseController(x.w)
	for i := range slowPieces {
		piece := raw[len(raw)*i/slowPieces : len(raw)*(i+1)/slowPieces]
		if torn && i == slowPieces/2 {
			bench.Cut()
		}
		_, err := x.w.Write(piece)
		if err := errors.Join(err, control.Flush()); err != nil {
			bench.Cut()
		}
		if !torn && !c.life.Sleep(x.r.Context().Done(), max(c.scaled(slowTakes), shortestLag)/slowPieces) {
			bench.Cut()
		}
	}
}

// checkHead notes what the headers of a request lack (poynt.md 4).
func (c *Cloud) checkHead(x *exchange) (answer, bool) {
	if x.r.Header.Get("Api-Version") != "1.2" {
		c.log.Violate(fmt.Sprintf("%s %s without Api-Version 1.2", x.r.Method, x.r.URL.Path))
		if c.faults.Get("access.api-version") == "checked" {
			return refuse("INVALID_PARAMETER", "Api-Version must be 1.2."), true
		}
	}
	if x.requestID != "" {
		if _, err := uuid.Parse(x.requestID); err != nil {
			c.log.Violate("Poynt-Request-Id is no UUID: " + bench.Shorten(x.requestID))
			return refuse("INVALID_PARAMETER", "Poynt-Request-Id must be a UUID."), true
		}
	}
	if x.r.Method == http.MethodPost && x.requestID == "" && x.kind != "token" {
		c.log.Violate(x.r.Method + " " + x.r.URL.Path + " without Poynt-Request-Id")
	}
	if x.r.Method == http.MethodPost && x.kind != "token" && len(x.body) > 0 {
		if kind, _, _ := strings.Cut(x.r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
			c.log.Violate(x.r.URL.Path + " was posted as " + bench.Shorten(kind) + ", not as application/json")
		}
	}
	return answer{}, false
}
