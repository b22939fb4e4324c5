package iotpay

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
)

// The endpoints of iotpay.md 4. Those of the card API take plain JSON.
const (
	createPath     = "/v1/create_order"
	queryPath      = "/v1/query_order"
	refundPath     = "/v1/refund_order"
	cardQueryPath  = "/v3/cc_query"
	cardVoidPath   = "/v3/cc_void"
	cardRefundPath = "/v3/cc_refund"
)

// The bounds of an exchange.
const (
	queryLimit  = 10 * time.Second
	refundLimit = 60 * time.Second
	maxAnswer   = 256 << 10 // bytes
)

// request is one question to IOT Pay.
type request struct {
	path, name string
	reference  string
	fields     []field
	limit      time.Duration
	money      bool // it can move money, for the words
	cards      bool // to the card API, which takes plain JSON
}

// call makes one exchange. The error's Sent says whether the request may have arrived;
// an answer of any kind is no error. A status other than 2xx, or a body that is no
// answer of IOT Pay, tells nothing about the outcome (iotpay.md 4.1).
func (t *Terminal) call(ctx context.Context, q request, to payment.Reporter) (answer, error) {
	base, kind, write := t.settings.base, "application/x-www-form-urlencoded", form
	if q.cards {
		base, kind, write = t.settings.cards, "application/json;charset=UTF-8", signed
	}
	body, err := write(q.fields, t.settings.key)
	if err != nil {
		return answer{}, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: fmt.Errorf("writing the request %s: %w", q.name, err)}
	}
	reply, err := t.client.Do(ctx, link.Call{Method: http.MethodPost, URL: base + q.path, Name: q.name, ID: q.reference, Limit: q.limit, Body: body,
		Header: http.Header{"Content-Type": {kind}, "Accept": {"application/json"}}}, to.Message)
	if err != nil {
		return answer{}, fault(payment.CodeOf(err), payment.SentOf(err), q.money, err)
	}
	if reply.Status < 200 || reply.Status > 299 {
		return answer{}, fault(payment.CodeUnreadable, payment.SentMaybe, q.money, fmt.Errorf("the answer to %s has the status %d", q.name, reply.Status))
	}
	got, err := read(reply.Body, t.settings.key, t.settings.reading)
	if err != nil {
		return answer{}, fault(payment.CodeUnreadable, payment.SentMaybe, q.money, fmt.Errorf("the answer to %s: %w", q.name, err))
	}
	return got, nil
}
