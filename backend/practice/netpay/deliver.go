package netpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits towards the till. The terminal's real time limit is unknown.
const (
	postLimit    = 30 * time.Second
	connectLimit = 5 * time.Second
	maxAnswer    = 64 << 10 // bytes of the till's answer
	maxHeld      = 16       // results that wait for the next one
	resultDelay  = 30 * time.Second
	resultLate   = 10 * time.Minute
)

// parcel is one body on its way to the till.
type parcel struct {
	what string // for the log
	raw  []byte
	odd  bool // falsified on purpose: what the till answers is not judged
}

// deliver posts the result of an operation and deals with a till that does not
// take it: the terminal asks a person whether to try again (netpay.md 4.3).
func (t *Terminal) deliver(op *operation, r result) {
	fault := t.faults.Take(string(op.kind) + ".result")
	t.disguise(r)
	p := &parcel{what: "the result of a " + string(op.kind), raw: encode(r)}
	t.mu.Lock()
	if op.kind == opSale && t.customer != nil && t.customer.trouble == troubleLateApproval {
		fault = "lose"
	}
	held := t.held
	t.held = nil
	t.mu.Unlock()
	failed := false
	switch fault {
	case "lose":
		t.log.Note("The result of the " + string(op.kind) + " gets lost")
		return
	case "delay":
		t.later(max(t.scaled(resultDelay), shortestLag), func() { t.send(p) })
		return
	case "late":
		t.later(max(t.scaled(resultLate), shortestLag), func() { t.send(p) })
		return
	case "hold":
		t.mu.Lock()
		if len(held) < maxHeld {
			held = append(held, p)
		}
		t.held = held
		t.mu.Unlock()
		return
	case "fail":
		failed = true
	case "truncate":
		p.raw, p.odd = p.raw[:len(p.raw)/2], true
	case "garbage":
		p.raw, p.odd = brokenSample(p.raw), true
	case "empty":
		p.raw = nil
	}
	t.insist(op, p, failed)
	if fault == "duplicate" {
		held = append(held, p)
	}
	if len(held) > 0 {
		t.later(shortestLag, func() {
			for _, before := range held {
				_ = t.send(before) // the log tells
			}
		})
	}
}

// brokenSample is the line that is cut off in NetPay's own sample, a body that is
// no JSON (netpay.md 11).
func brokenSample(raw []byte) []byte {
	at := bytes.Index(raw, []byte(`"hexSign"`))
	if at < 0 {
		return raw[:len(raw)-1]
	}
	return slices.Concat(raw[:at], []byte("\"hexSign\n"), raw[at:])
}

// insist posts until the till has taken the result or the clerk gives up. The
// first attempt can be made to fail.
func (t *Terminal) insist(op *operation, p *parcel, failed bool) {
	t.show(op, textSending)
	for try := 1; ; try++ {
		var err error = errUnreachable
		if !failed {
			// A till that has taken the result may push again before the terminal has
			// noticed; such a push waits until it is free.
			t.posting(op, true)
			if err = t.send(p); err != nil {
				t.posting(op, false)
			}
		}
		failed = false
		op.tell()
		if err == nil || !t.askRetry(op, try, err) {
			return
		}
	}
}

func (t *Terminal) posting(op *operation, now bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	op.posting = now
}

// askRetry asks whether to post again.
func (t *Terminal) askRetry(op *operation, try int, cause error) bool {
	if t.faults.Get("retry") == "dismiss" {
		t.log.Note("The clerk gives the result up")
		return false
	}
	question := &asked{kind: askRetry, try: try}
	t.showAsking(op, textNotSent, -1, question)
	t.mu.Lock()
	played := t.customer != nil
	t.mu.Unlock()
	limit := retryLimit
	if played {
		if limit = max(t.scaled(takesRetry), leastRetry); try > maxRetries {
			t.log.Note("The clerk gives the result up after " + fmt.Sprint(maxRetries) + " attempts")
			return false
		}
	}
	for {
		d, err := op.await(question, limit)
		switch {
		case errors.Is(err, bench.ErrTimeout):
			return played
		case err != nil || d.Presses(bench.KeyRed):
			return false
		case d.Presses(bench.KeyGreen):
			return true
		}
		t.showAsking(op, text{textNotSent.icon, []string{"Más detalle", detailOf(cause), "Verde: Reintentar"}}, -1, question)
	}
}

// detailOf is the reason as the terminal words it: connectivity, or the answer.
func detailOf(cause error) string {
	if errors.Is(cause, errNotTaken) {
		return "Respuesta no válida del punto de venta"
	}
	return "Sin conexión con el punto de venta"
}

var (
	errUnreachable = errors.New("the till's listener is not reachable")
	errNotTaken    = errors.New("the till's answer is not the documented one")
)

// send posts one body and says whether the till took it.
func (t *Terminal) send(p *parcel) error {
	err := t.post(p)
	if err != nil {
		t.log.Note("Not delivered to the till: " + p.what + ": " + err.Error())
		return err
	}
	t.log.Note("The till has " + p.what)
	return nil
}

// post sends one body and judges the answer (netpay.md 4.2).
func (t *Terminal) post(p *parcel) error {
	t.mu.Lock()
	till, unplugged := t.till, t.unplugged.Cut()
	reachable := !t.life.Ended() && !t.off && t.unplugged.Whole() && t.faults.Get("listener") == "reachable"
	t.mu.Unlock()
	if till == "" || !reachable {
		return errUnreachable
	}
	ctx, cancel := context.WithTimeout(t.life.Ctx, postLimit)
	defer cancel()
	// The cable may be pulled meanwhile.
	go func() {
		select {
		case <-unplugged:
			cancel()
		case <-ctx.Done():
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, till, bytes.NewReader(p.raw))
	if err != nil {
		return fmt.Errorf("making a post to the till: %w", err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := t.client.Do(r)
	if err != nil {
		return fmt.Errorf("posting to the till: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("reading the till's answer: %w", err)
	}
	return t.judge(p, response.StatusCode, answer)
}

// judge takes 200 and a bare {"code":"00","message":...}. A server error is a till
// that could not store the result and wants it again, 404 a URL that was typed
// wrongly; anything else is against the documents.
func (t *Terminal) judge(p *parcel, status int, answer []byte) error {
	code, problem := ackCode(answer)
	if status == http.StatusOK && problem == "" && code == "00" {
		return nil
	}
	if status < http.StatusInternalServerError && status != http.StatusNotFound && !p.odd {
		if status != http.StatusOK {
			problem = fmt.Sprintf("HTTP %d, documented is 200", status)
		} else if problem == "" {
			problem = "code " + bench.Shorten(code) + `, documented is "00"`
		}
		t.log.Violate("answer to " + p.what + ": " + problem)
	}
	return fmt.Errorf("%w: HTTP %d", errNotTaken, status)
}

// ackCode reads the till's acknowledgement: a bare object with the text "code".
func ackCode(answer []byte) (code, problem string) {
	if len(answer) > maxAnswer {
		return "", "the body is too long"
	}
	fields, err := object(answer)
	if err != nil {
		return "", err.Error()
	}
	var text *string
	if json.Unmarshal(fields["code"], &text) != nil || text == nil {
		return "", "code is " + bench.Shorten(strings.TrimSpace(string(fields["code"]))) + ", documented is a string"
	}
	return *text, ""
}
