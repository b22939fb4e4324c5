package nexo

import (
	"bytes"
	"context"
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

// Limits of the link to a terminal (nexo-retailer.md 2.5, 2.7).
const (
	connectLimit   = 5 * time.Second
	keepAlive      = 15 * time.Second
	maxReplyHeader = 64 << 10
	servicePath    = "/EPASSaleToPOI/3.1"
	contentTypeXML = "application/xml; charset=utf-8"
)

// newTransport makes the transport to a terminal: no connection is used twice, so
// that a stale one cannot blur whether a request was sent, and no proxy.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: connectLimit, KeepAlive: keepAlive}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxReplyHeader}
}

// client posts messages to one terminal.
type client struct {
	url       string
	transport http.RoundTripper
}

// reply is what came back, whatever it is.
type reply struct {
	status int
	body   []byte
}

// post sends one message. written is called once the whole request is on its way;
// it may be nil. The error is an *payment.Error: SentNo only with proof that no
// byte left (no connection was made). Redirects are not followed.
func (c *client) post(ctx context.Context, body []byte, money bool, written func()) (reply, error) {
	var sought, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil && written != nil {
				written()
			}
		},
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return reply{}, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: fmt.Errorf("making the request to %s: %w", c.url, err)}
	}
	request.GetBody = nil // nothing may be sent a second time
	request.Close = true
	request.Header.Set("Accept", "*/*")
	request.Header.Set("Content-Type", contentTypeXML)
	answer, err := c.transport.RoundTrip(request)
	if err != nil {
		if (sought.Load() || dialled(err)) && !connected.Load() {
			return reply{}, fault(payment.CodeUnreachable, payment.SentNo, money, fmt.Errorf("connecting to %s: %w", c.url, err))
		}
		return reply{}, fault(payment.CodeNoAnswer, payment.SentMaybe, money, fmt.Errorf("posting to %s: %w", c.url, err))
	}
	defer func() { _ = answer.Body.Close() }() // only read from: nothing can be lost
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	got := reply{status: answer.StatusCode, body: raw}
	if err != nil {
		return got, fault(payment.CodeNoAnswer, payment.SentMaybe, money, fmt.Errorf("reading the answer of %s: %w", c.url, err))
	}
	return got, nil
}

// dialled tells whether the error came from making the connection.
func dialled(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// read takes the reply apart: only a 200 with a response message is an answer
// (nexo-retailer.md 2.4).
func (r reply) read(money bool) (*message, error) {
	if r.status != http.StatusOK {
		return nil, fault(payment.CodeUnreadable, payment.SentMaybe, money, fmt.Errorf("HTTP status %d", r.status))
	}
	m, err := decode(r.body)
	if err == nil && m.XMLName.Local != rootResponse {
		err = fmt.Errorf("root element is %s", m.XMLName.Local)
	}
	if err != nil {
		return nil, fault(payment.CodeUnreadable, payment.SentMaybe, money, err)
	}
	return m, nil
}
