package iotpay

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

const (
	codeSuccess = "SUCCESS"
	codeFail    = "FAIL"
)

// answer is what the till gets.
type answer struct {
	status   int // of HTTP; 0 is 200
	body     object
	unsigned bool
	page     string // HTML in place of the body
}

// fail refuses on the level of communication and parameters. Like the ancestor's,
// such an answer is not signed (iotpay.md 5.2), and has no resCode.
func (t *Terminal) fail(message string) answer {
	return t.failure(object{}.with("retCode", codeFail).with("retMsg", message))
}

// failBusiness refuses on the level of the order.
func (t *Terminal) failBusiness(code, message string) answer {
	return t.failure(object{}.with("retCode", codeSuccess).with("resCode", codeFail).with("errCode", code).with("errCodeDes", message))
}

func (t *Terminal) failure(body object) answer {
	a := answer{body: body, unsigned: t.faults.Get("failures.signature") == "unsigned"}
	if t.faults.Get("failures.status") == "400" {
		a.status = http.StatusBadRequest
	}
	return a
}

// success is the beginning of every good answer.
func success() object { return object{}.with("resCode", codeSuccess).with("retCode", codeSuccess) }

// gateway is what something before the cloud answers.
func gateway(fault string) answer {
	if fault == "status-500" {
		return answer{status: http.StatusInternalServerError, page: "<html><body>Internal Server Error</body></html>"}
	}
	return answer{status: http.StatusBadGateway, page: "<html><body><h1>502 Bad Gateway</h1></body></html>"}
}

// write sends an answer as it is.
func (t *Terminal) write(x *exchange, a answer) { t.send(x, a.status, t.bytes(a), a.page != "") }

// bytes signs and encodes an answer.
func (t *Terminal) bytes(a answer) []byte {
	if a.page != "" {
		return []byte(a.page)
	}
	body := a.body
	if t.faults.Get("answers.numbers") == "strings" {
		body = body.asStrings()
	}
	if !a.unsigned {
		body = body.with("sign", signature(body.members(t.faults.Get("answers.signature")), Key))
	}
	return body.text()
}

func (t *Terminal) send(x *exchange, status int, raw []byte, html bool) {
	media := "application/json;charset=UTF-8"
	if html || t.faults.Get("answers.type") == "text" {
		media = "text/html;charset=UTF-8"
	}
	if status == 0 {
		status = http.StatusOK
	}
	x.w.Header().Set("Content-Type", media)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	x.w.WriteHeader(status)
	if _, err := x.w.Write(raw); err != nil {
		t.log.Debug("writing an answer", "error", err)
	}
}

// How long answers take when a switch holds them back; none is scaled.
const (
	answerDelay = 20 * time.Second
	answerLate  = 200 * time.Second // after any sensible limit of the till
	slowDrops   = 20
	slowDrop    = time.Second
)

// bigAnswer is more than a till should read.
const bigAnswer = 8 << 20

// reply sends the answer about an order, or what the switch makes of it. What is
// changed in the content is signed as if it were the truth.
func (t *Terminal) reply(x *exchange, rec record, render func(record, string) answer) {
	fault := t.faults.Take(x.kind + ".answer")
	if x.kind == "order" && t.troubled(troubleLateApproval) {
		fault = "lose"
	}
	if slices.Contains(contentChoices, fault) {
		t.write(x, render(twisted(rec, fault), fault))
		return
	}
	a := render(rec, "")
	switch fault {
	case "lose":
		t.log.Note("The answer to the " + x.kind + " gets lost")
		bench.Cut()
	case "delay":
		t.pause(x, answerDelay)
	case "late":
		t.pause(x, answerLate)
	case "status-500", "status-502":
		a = gateway(fault)
	case "no-signature":
		a.unsigned = true
	case "fail-system":
		a = t.failBusiness("SYSTEMERROR", "system error")
	}
	raw := t.bytes(a)
	switch fault {
	case "duplicate":
		raw = append(raw, raw...)
	case "truncate":
		raw = raw[:len(raw)/2]
	case "garbage":
		raw = []byte("\x1f\x8b\x00{\"retCode\":")
	case "empty":
		raw = nil
	case "wrong-signature":
		raw = bytes.Replace(raw, []byte(`"sign":"`), []byte(`"sign":"F00D`), 1)
		raw = append(raw[:len(raw)-6], `"}`...)
	case "big":
		raw = append(raw, bytes.Repeat([]byte(" "), bigAnswer)...)
	case "slow":
		t.drip(x, raw)
		return
	}
	t.send(x, a.status, raw, a.page != "")
}

// drip sends an answer a piece at a time.
func (t *Terminal) drip(x *exchange, raw []byte) {
	x.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	control := http.NewResponseController(x.w)
	for piece := range slices.Chunk(raw, len(raw)/slowDrops+1) {
		if _, err := x.w.Write(piece); err != nil {
			return
		}
		if err := control.Flush(); err != nil {
			t.log.Debug("sending a piece", "error", err)
		}
		t.pause(x, slowDrop)
	}
}
