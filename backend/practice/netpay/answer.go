package netpay

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// How long an answer is held back, at pace 1.
const (
	delayTakes  = 6 * time.Second  // seen on a real terminal (netpay.md 3.5)
	lateTakes   = 25 * time.Second // within the 30 s of the field
	holdTakes   = 25 * time.Second // at most, until the terminal has posted
	shortestLag = 50 * time.Millisecond
	slowPieces  = 20
)

// lag holds an answer back, as long as anybody waits for it.
func (t *Terminal) lag(x *exchange, takes time.Duration, until <-chan struct{}) {
	timer := time.NewTimer(max(takes, shortestLag))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-until:
	case <-t.cloudDown.Cut():
		bench.Cut()
	case <-t.life.Ctx.Done():
		bench.Cut()
	case <-x.r.Context().Done():
		bench.Cut()
	}
}

// reply sends an answer with whatever is to go wrong with it.
func (t *Terminal) reply(x *exchange, fault string, status int, body map[string]any) {
	raw := encode(body)
	if t.away() {
		bench.Cut()
	}
	switch fault {
	case "lose":
		bench.Cut()
	case "delay":
		t.lag(x, t.scaled(delayTakes), nil)
	case "late":
		t.lag(x, t.scaled(lateTakes), nil)
	case "after-result":
		t.lag(x, max(t.scaled(holdTakes), holdTakes), x.held)
	case "slow":
		t.dribble(x, status, raw)
		return
	case "duplicate":
		raw = append(raw, raw...)
	case "truncate":
		x.w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
		writeRaw(x.w, status, contentJSON, raw[:len(raw)/2])
		bench.Cut()
	case "garbage":
		writeRaw(x.w, http.StatusOK, "text/html", []byte("<html><body>It works!</body></html>"))
		return
	case "empty-200":
		x.w.WriteHeader(http.StatusOK)
		return
	case "status-500":
		write(x.w, http.StatusInternalServerError, springError(x.r, http.StatusInternalServerError, "Internal Server Error"))
		return
	case "status-502":
		writeRaw(x.w, http.StatusBadGateway, "text/html", []byte("<html><body><h1>502 Bad Gateway</h1></body></html>"))
		return
	case "code-07":
		raw = encode(acknowledgement("07", "Operación no disponible"))
	case "code-number":
		body["code"] = 0
		raw = encode(body)
	case "no-code":
		delete(body, "code")
		raw = encode(body)
	case "no-expiry":
		delete(body, "expires_in")
		raw = encode(body)
	}
	writeRaw(x.w, status, contentJSON, raw)
}

// dribble sends an answer in small pieces.
func (t *Terminal) dribble(x *exchange, status int, raw []byte) {
	x.w.Header().Set("Content-Type", contentJSON)
	x.w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
	x.w.WriteHeader(status)
	piece := len(raw)/slowPieces + 1
	for at := 0; at < len(raw); at += piece {
		if _, err := x.w.Write(raw[at:min(at+piece, len(raw))]); err != nil {
			return // the till has hung up
		}
		if err := http.NewResponseController(x.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return
		}
		t.lag(x, t.scaled(delayTakes)/slowPieces, nil)
	}
}

const contentJSON = "application/json;charset=UTF-8"

// springError is the body of Spring Boot's own errors (netpay.md 2.6).
func springError(r *http.Request, status int, message string) map[string]any {
	return map[string]any{"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000+0000"), "status": status,
		"error": http.StatusText(status), "message": message, "path": r.URL.Path}
}

// oauthError is the body of the token library's errors (netpay.md 2.6).
func oauthError(code, description string) map[string]any {
	return map[string]any{"error": code, "error_description": description}
}

// acknowledgement is what the cloud and the till answer (netpay.md 3.5, 4.2).
func acknowledgement(code, message string) map[string]any {
	return map[string]any{"code": code, "message": message}
}

// encode writes JSON. What it is given consists of strings and numbers, for which
// writing cannot fail.
func encode(body map[string]any) []byte {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a body of our own cannot be written: %v", err))
	}
	return raw
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	writeRaw(w, status, contentJSON, encode(body))
}

func writeRaw(w http.ResponseWriter, status int, contentType string, raw []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a till that has hung up needs no answer
}
