package pockyt

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// How late an answer comes that is delayed, at pace 1 and at least.
const (
	delayTakes  = 5 * time.Second
	shortestLag = 20 * time.Millisecond
	slowPieces  = 8
	slowTakes   = 4 * time.Second
)

// reply sends the answer of processed work, with whatever is to go wrong with it.
func (c *Cloud) reply(x *exchange, a answer) {
	fault := c.faults.Take(x.kind + ".answer")
	c.mu.Lock()
	late := c.customer != nil && c.customer.trouble == troubleLateApproval && x.kind == "prepay" && a.code == codeSuccess
	c.mu.Unlock()
	if fault != "ok" {
		c.log.Note("The answer to " + x.kind + ": " + fault)
	}
	switch {
	case fault == "lose" || late:
		bench.Cut()
	case fault == "delay":
		if !c.life.Sleep(x.r.Context().Done(), max(c.scaled(delayTakes), shortestLag)) {
			bench.Cut()
		}
	case fault == "after-notice" && x.told != nil:
		select {
		case <-x.told:
		case <-c.life.Ctx.Done():
			bench.Cut()
		}
	}
	if other, replaced := refusals[fault]; replaced {
		c.write(x, other)
		return
	}
	a.result = falsify(a.result, fault)
	raw := encode(a)
	switch fault {
	case "truncate", "slow":
		c.writeSlowly(x, raw, fault == "truncate")
	case "garbage":
		c.writeRaw(x, http.StatusOK, "application/json", []byte("\x00\xff{{not json"))
	case "html":
		c.writeRaw(x, http.StatusInternalServerError, "text/html", []byte("<html><body><h1>500 Internal Server Error</h1></body></html>"))
	case "empty":
		c.writeRaw(x, http.StatusOK, "application/json", nil)
	default:
		if fault == "ok" && x.paid != "" {
			c.mu.Lock()
			c.tellsLocked(x.paid)
			c.mu.Unlock()
		}
		c.write(x, a)
	}
}

// encode renders an answer. Answers are not signed (pockyt.md 3.1).
func encode(a answer) []byte {
	body := map[string]any{"ret_code": a.code, "ret_msg": a.text}
	if a.result != nil {
		body["result"] = a.result
	}
	raw, err := json.Marshal(body)
	if err != nil { // only text, numbers and nil are in it
		panic(err)
	}
	return raw
}

func (c *Cloud) write(x *exchange, a answer) {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	if a.code != codeSuccess {
		c.log.Note(fmt.Sprintf("Refused with %s: %s", a.code, a.text))
		if a.status == 0 && c.faults.Get("error.http") == "400" {
			status = http.StatusBadRequest
		}
	}
	c.writeRaw(x, status, "application/json;charset=UTF-8", encode(a))
}

func (c *Cloud) writeRaw(x *exchange, status int, kind string, raw []byte) {
	x.w.Header().Set("Content-Type", kind)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	x.w.WriteHeader(status)
	if _, err := x.w.Write(raw); err != nil && len(raw) > 0 {
		c.log.Debug("the till left before its answer", "error", err)
	}
}

// writeSlowly sends an answer in pieces; torn, it breaks off in the middle.
func (c *Cloud) writeSlowly(x *exchange, raw []byte, torn bool) {
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	control := http.NewResponseController(x.w)
	for i := range slowPieces {
		if torn && i == slowPieces/2 {
			bench.Cut()
		}
		_, err := x.w.Write(raw[len(raw)*i/slowPieces : len(raw)*(i+1)/slowPieces])
		if err := errors.Join(err, control.Flush()); err != nil {
			bench.Cut()
		}
		if !torn && !c.life.Sleep(x.r.Context().Done(), max(c.scaled(slowTakes), shortestLag)/slowPieces) {
			bench.Cut()
		}
	}
}
