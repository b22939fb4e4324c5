package poynt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of the link to Poynt.
const (
	connectLimit = 10 * time.Second
	idleLimit    = 60 * time.Second
	maxBody      = 8 << 20 // bytes of an answer: a page of 100 transactions
	apiVersion   = "1.2"   // poynt.md 4
)

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: connectLimit}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: connectLimit,
		IdleConnTimeout: idleLimit, MaxIdleConnsPerHost: 2, DisableCompression: true, ForceAttemptHTTP2: true}
}

// exchange is one request. id is its Poynt-Request-Id.
type exchange struct {
	name, method, path string
	id, kind           string
	body               []byte
	record             string // what the timeline keeps of the body; empty: the body, redacted
	// keep gives what the timeline keeps of the answer; nil: all of it, redacted.
	keep func([]byte) string
}

// reply is what came back, whatever it is.
type reply struct {
	status int
	body   []byte
	fault  apiError // of a refusal; empty where the body tells none
}

// wire carries requests and keeps both directions in the timeline.
type wire struct {
	terminal  string
	base      string
	agent     string
	transport http.RoundTripper
	newID     func() string // of what has no id of its own
	ahead     atomic.Int64  // this computer's clock before Poynt's, as last seen
}

// skew is by how much this computer's clock is ahead of Poynt's.
func (w *wire) skew() time.Duration { return time.Duration(w.ahead.Load()) }

// send carries one request. ctx must have a deadline. Redirects are not followed.
// The error is a *payment.Error: SentNo only with proof that no byte left.
func (w *wire) send(ctx context.Context, x exchange, token string, to payment.Reporter) (reply, error) {
	begun := time.Now()
	out := payment.Message{Terminal: w.terminal, Name: x.name + "Request", ID: x.id, Body: x.record, At: begun.UTC()}
	if out.Body == "" {
		out.Body = record([]byte(x.method + " " + x.path))
		if len(x.body) > 0 {
			out.Body = record(x.body)
		}
	}
	to.Message(out)
	got, err := w.roundTrip(ctx, x, token)
	back := payment.Message{Terminal: w.terminal, In: true, Name: x.name + "Response", ID: x.id, Status: got.status, At: time.Now().UTC(), Took: time.Since(begun)}
	if x.keep != nil && got.ok() {
		back.Body = x.keep(got.body)
	} else {
		back.Body = record(got.body)
	}
	if err != nil {
		back.Fault = err.Error()
	}
	to.Message(back)
	return got, err
}

func (w *wire) roundTrip(ctx context.Context, x exchange, token string) (reply, error) {
	var sought, connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request, err := http.NewRequestWithContext(traced, x.method, w.base+x.path, bytes.NewReader(x.body))
	if err != nil {
		return reply{}, linkFault(payment.SentNo, fmt.Errorf("make the request %s: %w", x.name, err))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Api-Version", apiVersion)
	request.Header.Set("User-Agent", w.agent)
	request.Header.Set("Poynt-Request-Id", x.id)
	if len(x.body) > 0 {
		request.Header.Set("Content-Type", or(x.kind, "application/json"))
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := w.transport.RoundTrip(request)
	if err != nil {
		var op *net.OpError
		dialled := errors.As(err, &op) && op.Op == "dial"
		if (sought.Load() || dialled) && !connected.Load() {
			return reply{}, linkFault(payment.SentNo, fmt.Errorf("connect for %s: %w", x.name, err))
		}
		return reply{}, linkFault(payment.SentMaybe, fmt.Errorf("%s: %w", x.name, err))
	}
	defer func() { _ = answer.Body.Close() }() // only read from: nothing can be lost
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		w.ahead.Store(int64(time.Since(at)))
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	got := reply{status: answer.StatusCode, body: body}
	switch {
	case err != nil:
		return got, linkFault(payment.SentMaybe, fmt.Errorf("read the answer to %s: %w", x.name, err))
	case len(body) > maxBody:
		return got, unreadable(fmt.Errorf("the answer to %s has more than %d bytes", x.name, maxBody))
	}
	if !got.ok() {
		_ = json.Unmarshal(body, &got.fault) // a body may be absent or a proxy's page (poynt.md 3.4)
	}
	return got, nil
}

// client makes calls with an access token.
type client struct {
	wire   *wire
	tokens *tokens
}

// call carries a request with a token. One that Poynt calls invalid is replaced and
// the request repeated once, with the same id; any other 401 is final (poynt.md 3.4).
func (c *client) call(ctx context.Context, limit time.Duration, x exchange, to payment.Reporter) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for tries := 0; ; tries++ {
		token, err := c.tokens.get(ctx, to)
		if err != nil {
			return reply{}, err
		}
		got, err := c.wire.send(ctx, x, token, to)
		if err != nil || got.status != http.StatusUnauthorized || got.fault.Code != codeInvalidToken || tries > 0 {
			return got, err
		}
		c.tokens.drop(token)
	}
}
