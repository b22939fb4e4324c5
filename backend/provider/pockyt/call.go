package pockyt

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/link"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// The calls of pockyt.md 3. A reverse of its own does not exist: the classes called so
// post to cancel (1.4).
const (
	addPath    = "/app-instore/v3/add"
	prepayPath = "/app-instore/v3/prepay"
	showPath   = "/app-instore/v3/create-trans-qrcode"
	queryPath  = "/app-data-search/v3/tran-query"
	cancelPath = "/app-data-search/v3/cancel"
	refundPath = "/app-data-search/v3/refund"
)

// callLimit bounds one exchange (pockyt.md 3.1).
const callLimit = 30 * time.Second

// The codes of pockyt.md 10.1. Every other one is doubt.
const (
	codeDone     = "000100"
	codeSystem   = "000000"
	codeNotFound = "000021"
	codeState    = "000040"
	codeSupplier = "000080"
)

// refusals are the codes with which a request is turned away as a request: nothing
// was carried out by it. What they mean in detail is partly inferred (pockyt.md 10.1).
var refusals = map[string]string{
	"000010": "Pockyt does not know this version of the call. Look at the setting base-url.",
	"000020": "Pockyt misses a parameter. Look at the terminal's settings.",
	"000021": "Pockyt has no such record. Look at the settings merchant-no and store-no.",
	"000022": "Pockyt does not accept the signature or the identifiers. Look at the settings token, merchant-no and store-no, and at base-url: sandbox and production have tokens of their own.",
	"000023": "Pockyt says that a value is wrong, or that the reference was used before. If this comes again, look at this computer's clock and whether two tills share one journal.",
	"000030": "Pockyt does not permit this to the merchant. Ask Pockyt.",
}

// call makes one signed exchange. An answer with whatever code is no error; the error
// is a *payment.Error whose Sent says whether the call may have arrived.
func (t *Terminal) call(ctx context.Context, path, name, id string, f fields, to payment.Reporter) (order, error) {
	f["merchantNo"], f["storeNo"], f["storeAdminNo"] = t.settings.merchant, t.settings.store, t.settings.admin
	body, err := f.body(t.settings.token)
	if err != nil {
		return order{}, &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: err}
	}
	reply, err := t.client.Do(ctx, link.Call{
		Method: http.MethodPost, URL: t.settings.base + path, Name: name, ID: id, Limit: callLimit, Body: body,
		Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}, "Accept": {"application/json"}},
	}, to.Message)
	if err != nil {
		return order{}, fault(payment.CodeOf(err), payment.SentOf(err), err)
	}
	got, err := decode(t.withoutCodes(reply.Body))
	if err != nil {
		return order{}, fault(payment.CodeUnreadable, payment.SentMaybe, fmt.Errorf("status %d: %w", reply.Status, err))
	}
	// Which status goes with which code is not documented; one that speaks of failure
	// beside a code of success proves nothing.
	if ok := reply.Status >= 200 && reply.Status < 300; !ok && got.code == codeDone {
		return order{}, fault(payment.CodeUnreadable, payment.SentMaybe, fmt.Errorf("status %d with code %s", reply.Status, codeDone))
	}
	return got, nil
}

// hidden are the parameters that the timeline does not keep: the customer's code can
// be charged, and the signature is nobody's business. deepLink lets pay, and nothing
// else; it is shown to everybody.
var hidden = []string{"paymentBarcode", signatureKey}

// maxCodes bounds the customers' codes that are kept out of what is recorded.
const maxCodes = 16

// mind remembers a customer's code in memory, so that nobody's answer brings it back
// into the journal: it may still be charged.
func (t *Terminal) mind(code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.codes = append(t.codes, code)
	t.codes = t.codes[max(0, len(t.codes)-maxCodes):]
}

var digitRun = regexp.MustCompile(`[0-9]+`)

// withoutCodes takes the customers' codes out of a text of others, whichever field or
// sentence repeats one. A 0 stands for it: a number stays a number.
func (t *Terminal) withoutCodes(body []byte) []byte {
	t.mu.Lock()
	codes := slices.Clone(t.codes)
	t.mu.Unlock()
	if len(codes) == 0 {
		return body
	}
	return digitRun.ReplaceAllFunc(body, func(run []byte) []byte {
		if slices.Contains(codes, string(run)) {
			return []byte("0")
		}
		return run
	})
}

// record makes a message of this terminal fit for journal and log.
func (t *Terminal) record(body []byte) string { return record(t.withoutCodes(body)) }

// record makes a body fit for journal and log.
func record(body []byte) string {
	var keys map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil {
		return redact.JSON(body)
	}
	found := false
	for _, name := range hidden {
		if _, there := keys[name]; there {
			keys[name], found = json.RawMessage(`"(removed)"`), true
		}
	}
	if found {
		if again, err := json.Marshal(keys); err == nil {
			body = again
		}
	}
	return redact.JSON(body)
}

// recordNotice is a notification as the timeline keeps it.
func (t *Terminal) recordNotice(f fields) string {
	raw, err := json.Marshal(f)
	if err != nil {
		return ""
	}
	return t.record(raw)
}

// one is a tran-query by exactly one of the two names of an order (pockyt.md 5.4);
// the SDKs refuse none and both.
func one(number, reference string) fields {
	if number != "" {
		return fields{"transactionNo": number}
	}
	return fields{"reference": reference}
}

// query asks what became of an order.
func (t *Terminal) query(ctx context.Context, number, reference string, to payment.Reporter) (order, error) {
	return t.call(ctx, queryPath, "TranQueryRequest", reference, one(number, reference), to)
}

// cancel closes what is unpaid. On a payment that has succeeded it gives everything
// back (pockyt.md 1.3), so it only follows a query that says that nothing is paid.
func (t *Terminal) cancel(ctx context.Context, number, reference string, to payment.Reporter) (order, error) {
	return t.call(ctx, cancelPath, "CancelRequest", reference, one(number, reference), to)
}
