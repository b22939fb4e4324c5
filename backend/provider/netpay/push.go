package netpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The endpoints of netpay.md 1, and how long a push may take: 5 s are too few in the
// field (netpay.md 3.5).
const (
	salePath    = "/integration-service/transactions/sale"
	reprintPath = "/integration-service/transactions/reprint"
	cancelPath  = "/integration-service/transactions/cancel"
	pushLimit   = 30 * time.Second
)

// The operations in our traceability.
const (
	opSale    = "sale"
	opCancel  = "cancel"
	opInquiry = "inquiry"
)

// trace is what we send along and get back: the first key of correlation (netpay.md
// 4.6). Ref is the attempt's reference, N tells inquiries about it apart. Posts carry
// no signature (netpay.md 4.1): Proof is what a stranger cannot know, since it was
// told to NetPay alone, for this one request.
type trace struct {
	Ref   string `json:"paydesk"`
	Op    string `json:"op"`
	N     string `json:"n,omitempty"`
	Proof string `json:"paydesk_mark"`
}

// trace makes the traceability of a request. It follows from the settings, so that a
// result is still known after a restart.
func (s settings) trace(ref, op, n string) trace {
	return trace{ref, op, n, callback.Secret(callback.Typed, []byte(s.auth+"\x00"+s.password), "request", s.serial, ref, op, n)}
}

// proven tells whether a result brings back what one of our requests of its kind has
// sent along.
func (s settings) proven(got result) bool {
	return got.trace.Op == got.kind() && callback.Matches(got.trace.Proof, s.trace(got.trace.Ref, got.trace.Op, got.trace.N).Proof)
}

// saleBody is netpay.md 3.1.
type saleBody struct {
	Serial         string      `json:"serialNumber"`
	Store          string      `json:"storeId"`
	Amount         json.Number `json:"amount"`
	Traceability   trace       `json:"traceability"`
	Folio          string      `json:"folioNumber"`
	DisablePrint   bool        `json:"disablePrintAnimation"`
	IsSmartAccount any         `json:"isSmartAccounts,omitempty"`
}

// orderBody is a cancel or a reprint by order (netpay.md 3.2, 3.4).
type orderBody struct {
	Serial         string `json:"serialNumber"`
	Order          string `json:"orderId"`
	Store          string `json:"storeId"`
	Traceability   trace  `json:"traceability"`
	DisablePrint   bool   `json:"disablePrintAnimation"`
	IsSmartAccount any    `json:"isSmartAccounts,omitempty"`
}

// folioBody is a reprint by folio (netpay.md 3.3): orderId must be empty.
type folioBody struct {
	orderBody
	Folio string `json:"folioId"`
}

// smart is the flag as its JSON value; nil leaves the key out (netpay.md 6).
func (s settings) smart() any {
	switch s.flag {
	case flagString:
		return "true"
	case flagBool:
		return true
	}
	return nil
}

// pesos writes minor units as NetPay takes them: a number with two decimals.
func pesos(minor int64) json.Number {
	return json.Number(strconv.FormatInt(minor/100, 10) + "." + fmt.Sprintf("%02d", minor%100))
}

// ack is the answer to a push. It says that the terminal was told, never more.
type ack struct {
	Code    text   `json:"code"`
	Message string `json:"message"`
	Error   string `json:"error"`
}

// errToken: the token was refused before the push reached the terminal.
var errToken = errors.New("the token was refused")

// push sends a request to the terminal. A nil error means that it was told to begin.
// The error's Sent says whether it may have been. money tells whether the push can
// move money, for the words.
func (t *Terminal) push(ctx context.Context, path, name, reference string, body any, money bool, to payment.Reporter) error {
	var raw bytes.Buffer
	lines := json.NewEncoder(&raw)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(body); err != nil {
		return &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: err}
	}
	// A refused token is renewed once: the push was turned away before the terminal.
	for range 2 {
		token, err := t.tokens.get(ctx, to.Message)
		if err != nil {
			return err
		}
		err = t.pushOnce(ctx, path, name, reference, bytes.TrimSpace(raw.Bytes()), token, money, to)
		if !errors.Is(err, errToken) {
			return err
		}
		t.tokens.drop(token)
	}
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Err: errToken,
		Text: "NetPay refuses what it has just permitted. Nothing was sent to the terminal, so nothing was charged. Ask NetPay whether the API user may use this terminal."}
}

func (t *Terminal) pushOnce(ctx context.Context, path, name, reference string, raw []byte, token string, money bool, to payment.Reporter) error {
	reply, err := t.client.Do(ctx, link.Call{
		Method: http.MethodPost, URL: t.settings.base + path, Name: name, ID: reference, Limit: pushLimit, Body: raw,
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}, "Accept": {"application/json"}},
	}, to.Message)
	if err != nil {
		return fault(payment.CodeOf(err), payment.SentOf(err), money, err)
	}
	// The body decides, then the status (netpay.md 3.5).
	var got ack
	if err := json.Unmarshal(reply.Body, &got); err != nil {
		if reply.Status == http.StatusUnauthorized {
			return errToken
		}
		return fault(payment.CodeUnreadable, payment.SentMaybe, money, fmt.Errorf("status %d, and an answer that is no JSON: %w", reply.Status, err))
	}
	code := string(got.Code)
	switch {
	case code == "00" || code == "0":
		return nil // whatever the status: a push is never sent again once the terminal may have it
	case got.Error == "invalid_token", got.Error == "unauthorized", reply.Status == http.StatusUnauthorized && code == "":
		return errToken
	case code == "19":
		return &payment.Error{Code: payment.CodeRejected, Sent: payment.SentNo, Err: fmt.Errorf("code 19: %s", redact.Text(shorten(got.Message))),
			Text: "NetPay does not know a terminal with the serial number " + t.settings.serial + ". Nothing was charged. Look at the setting serial-number (leading zeros count), or ask NetPay."}
	}
	return fault(payment.CodeRejected, payment.SentMaybe, money, fmt.Errorf("status %d, code %s: %s", reply.Status, redact.Text(shorten(code)), redact.Text(shorten(got.Message+got.Error))))
}
