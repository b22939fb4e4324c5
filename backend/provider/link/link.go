package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The limits of an exchange.
const (
	connectLimit   = 10 * time.Second
	keepAlive      = 15 * time.Second
	maxReplyHeader = 64 << 10
	// MaxBody is the size of an answer where Client gives none.
	MaxBody = 1 << 20 // bytes
	// maxRecord bounds what the timeline keeps of one message.
	maxRecord = 32 << 10
)

// NewTransport makes a transport of which no connection is used twice, so that a
// stale one cannot blur whether a request was sent.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: connectLimit, KeepAlive: keepAlive}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableKeepAlives: true,
		TLSHandshakeTimeout: connectLimit, MaxResponseHeaderBytes: maxReplyHeader}
}

// Client makes exchanges for one terminal.
type Client struct {
	Terminal  string
	Transport http.RoundTripper
	MaxBody   int64 // bytes; 0: MaxBody
	// Record makes a body fit for the timeline; nil: redact.JSON.
	Record func([]byte) string
}

// Call is one request.
type Call struct {
	Method, URL string
	Header      http.Header
	Body        []byte
	Name        string        // in the timeline: "SaleRequest"
	ID          string        // the reference, in the timeline
	Limit       time.Duration // of the whole exchange; 0: that of the context alone
	// Secret: neither body is kept, as with tokens.
	Secret bool
}

// Reply is what came back, whatever it is.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes the exchange and reports both directions to tell. The error is a
// *payment.Error with CodeUnreachable and SentNo when no connection was made, else
// CodeNoAnswer and SentMaybe; its Text is empty: the provider words it. An answer
// with any status is no error; a body that is too large or cut off is CodeUnreadable
// or CodeNoAnswer, and the reply then has its status.
func (c *Client) Do(ctx context.Context, call Call, tell func(payment.Message)) (Reply, error) {
	if call.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, call.Limit)
		defer cancel()
	}
	begun := time.Now()
	tell(payment.Message{Terminal: c.Terminal, Name: call.Name, ID: call.ID, Body: c.record(call, call.Body), At: begun.UTC()})
	got, err := c.exchange(ctx, call)
	back := payment.Message{Terminal: c.Terminal, In: true, Name: answerName(call.Name), ID: call.ID, Status: got.Status,
		Body: c.record(call, got.Body), At: time.Now().UTC(), Took: time.Since(begun)}
	if err != nil {
		back.Fault = redact.Text(err.Error())
	}
	tell(back)
	return got, err
}

// answerName turns SaleRequest into SaleResponse.
func answerName(name string) string {
	if bare, ok := strings.CutSuffix(name, "Request"); ok {
		return bare + "Response"
	}
	return name + "Response"
}

func (c *Client) record(call Call, body []byte) string {
	switch {
	case len(body) == 0:
		return ""
	case call.Secret:
		return "(not kept: it holds secrets)"
	}
	record := c.Record
	if record == nil {
		record = redact.JSON
	}
	text := record(body)
	if len(text) > maxRecord {
		text = strings.ToValidUTF8(text[:maxRecord], "") + "..."
	}
	return text
}

func (c *Client) exchange(ctx context.Context, call Call) (Reply, error) {
	var sought, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	var body io.Reader = http.NoBody
	if call.Body != nil {
		body = bytes.NewReader(call.Body)
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, call.URL, body)
	if err != nil {
		return Reply{}, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: fmt.Errorf("making the request %s: %w", call.Name, err)}
	}
	for name, values := range call.Header {
		request.Header[name] = values
	}
	request.GetBody = nil // nothing may be sent a second time
	request.Close = true
	answer, err := c.Transport.RoundTrip(request)
	if err != nil {
		if (sought.Load() || dialled(err)) && !connected.Load() {
			return Reply{}, &payment.Error{Code: payment.CodeUnreachable, Sent: payment.SentNo, Err: fmt.Errorf("connecting for %s: %w", call.Name, err)}
		}
		return Reply{}, &payment.Error{Code: payment.CodeNoAnswer, Sent: payment.SentMaybe, Err: fmt.Errorf("%s: %w", call.Name, err)}
	}
	defer func() { _ = answer.Body.Close() }() // only read from: nothing can be lost
	limit := c.MaxBody
	if limit == 0 {
		limit = MaxBody
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	got := Reply{Status: answer.StatusCode, Header: answer.Header, Body: raw}
	switch {
	case err != nil:
		return got, &payment.Error{Code: payment.CodeNoAnswer, Sent: payment.SentMaybe, Err: fmt.Errorf("reading the answer to %s: %w", call.Name, err)}
	case int64(len(raw)) > limit:
		return got, &payment.Error{Code: payment.CodeUnreadable, Sent: payment.SentMaybe, Err: fmt.Errorf("the answer to %s has more than %d bytes", call.Name, limit)}
	}
	return got, nil
}

// dialled tells whether the error came from making the connection.
func dialled(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
