package poynt

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of cloud messages.
const (
	maxData      = 4096             // bytes of data (poynt.md 6)
	messageLimit = 15 * time.Second // of one request (poynt.md 4)
	// stopTTL drops a wish to stop that the terminal does not get at once: it must not
	// hit a later payment.
	stopTTL = 15 * time.Second
	// fenceTTL is for a terminal whose line is down when a payment is taken back of which
	// it told nothing: it may hit the next try, which is then cancelled and not charged.
	fenceTTL = 60 * time.Second
	// profileTTL is that of the connectivity profile (poynt.md 6.1).
	profileTTL = 24 * time.Hour
)

// nowhere takes the results of a till without a door: the name never resolves
// (RFC 2606), so that no card data goes anywhere.
const nowhere = "https://callback.invalid/"

// cloudMessage is the body of POST /cloudMessages (poynt.md 6), in the order of the
// test vector (22.3). DeviceID is never empty: a message without it goes to every
// terminal of the store.
type cloudMessage struct {
	TTL         int64  `json:"ttl"` // seconds
	BusinessID  string `json:"businessId"`
	StoreID     string `json:"storeId"`
	DeviceID    string `json:"deviceId"`
	CollapseKey string `json:"collapseKey,omitempty"`
	Data        string `json:"data"`
}

// flat is a payload of generation A (poynt.md 7.1), also of void and refund on the
// terminal in both generations (7.3).
type flat struct {
	Action        string      `json:"action"`
	TransactionID string      `json:"transactionId,omitempty"`
	Purchase      *int64      `json:"purchaseAmount,omitempty"`
	Tip           *int64      `json:"tipAmount,omitempty"`
	Currency      string      `json:"currency,omitempty"`
	ReferenceID   string      `json:"referenceId,omitempty"`
	References    []reference `json:"references,omitempty"`
	CallbackURL   string      `json:"callbackUrl,omitempty"`
	Header        string      `json:"custom-http-header,omitempty"`
	*options
}

// nested is a payload of generation B (poynt.md 7.2); Payment is a document in a
// string.
type nested struct {
	CallbackURL string `json:"callbackUrl"`
	Header      string `json:"custom-http-header,omitempty"`
	Payment     string `json:"payment"`
}

type bridgePayment struct {
	Amount      int64       `json:"amount"` // without the tip
	Currency    string      `json:"currency"`
	ReferenceID string      `json:"referenceId"`
	DisableTip  bool        `json:"disableTip"`
	MultiTender bool        `json:"multiTender"`
	Tip         int64       `json:"tipAmount,omitempty"`
	AuthOnly    bool        `json:"authzOnly,omitempty"`
	Credit      bool        `json:"nonReferencedCredit,omitempty"`
	References  []reference `json:"references,omitempty"`
	*options
}

// options are those of poynt.md 7.4 that stand in both generations. Without them the
// terminal would let its operator take cash and report success.
type options struct {
	MultiTender   *bool `json:"multiTender,omitempty"` // generation A; B has it by itself
	DisableTip    *bool `json:"disableTip,omitempty"`
	DisableCash   bool  `json:"disableCash"`
	DisableCheck  bool  `json:"disableCheck"`
	DisableOther  bool  `json:"disableOther"`
	SkipReceipt   bool  `json:"skipReceiptScreen"`
	StatusUpdates bool  `json:"enableStatusUpdates,omitempty"`
	FixedAmount   bool  `json:"disableChangeAmount,omitempty"` // of a credit
}

// payload makes the data of a sale, or of a credit (poynt.md 7.3).
func (t *Terminal) payload(r payment.Request) (string, error) {
	s := t.settings
	callback, header := t.callback(r.Attempt.Reference)
	more := &options{DisableCash: true, DisableCheck: true, DisableOther: true, SkipReceipt: !s.receipts, StatusUpdates: s.updates && header != "",
		FixedAmount: r.Unlinked}
	goods, noTip := r.Total.Minor-r.Tip-r.Cashback, r.Unlinked || !s.tips && r.Tip == 0
	if s.flat {
		single := false
		more.MultiTender, more.DisableTip = &single, &noTip
		action := "sale"
		switch {
		case r.Unlinked:
			action = s.creditAction
		case r.AuthOnly:
			action = "authorize"
		}
		return inline(flat{Action: action, Purchase: &goods, Tip: &r.Tip, Currency: r.Total.Currency, ReferenceID: r.Attempt.Reference,
			References: signature(r), CallbackURL: url.QueryEscape(callback), Header: header, options: more})
	}
	inner, err := inline(bridgePayment{Amount: goods, Currency: r.Total.Currency, ReferenceID: r.Attempt.Reference, DisableTip: noTip,
		Tip: r.Tip, AuthOnly: r.AuthOnly, Credit: r.Unlinked, References: signature(r), options: more})
	if err != nil {
		return "", err
	}
	return inline(nested{CallbackURL: callback, Header: header, Payment: inner})
}

// action makes the data of a void or refund on the terminal (poynt.md 7.3). An amount
// is not part of it: the terminal's operator confirms or changes it. This document
// exists in the flat form only, whose callbackUrl is encoded (poynt.md 7.1), whatever
// the form of a sale is.
func (t *Terminal) action(r payment.Request) (string, error) {
	callback, header := t.callback(r.Attempt.Reference)
	return inline(flat{Action: string(r.Kind), TransactionID: r.Original.Terminal, ReferenceID: r.Attempt.Reference, References: signature(r),
		CallbackURL: url.QueryEscape(callback), Header: header})
}

// inline writes a document that stands in a string.
func inline(value any) (string, error) {
	raw, err := compact(value)
	if err != nil {
		return "", &payment.Error{Code: payment.CodeInternal, Sent: payment.SentNo, Err: err}
	}
	return string(raw), nil
}

// message addresses data to the one terminal.
func (t *Terminal) message(data, collapse string, ttl time.Duration) ([]byte, error) {
	s := t.settings
	switch {
	case s.device == "":
		return nil, badRequest(payment.CodeSettings, "device-id is missing, and the payment would go to every terminal of the store")
	case len(data) > maxData:
		return nil, badRequest(payment.CodeInput, fmt.Sprintf("the request has %d bytes, and Poynt takes %d; use a shorter reference", len(data), maxData))
	}
	return compact(cloudMessage{TTL: int64(ttl / time.Second), BusinessID: s.business, StoreID: s.store, DeviceID: s.device, CollapseKey: collapse, Data: data})
}

// post queues a message for the terminal. nil: Poynt has taken it, or had it already.
func (t *Terminal) post(ctx context.Context, name, id string, body []byte, to payment.Reporter) error {
	got, err := t.client.call(ctx, messageLimit, exchange{name: name, method: http.MethodPost, path: "/cloudMessages", id: id, body: body}, to)
	switch {
	case err != nil:
		return err
	case got.ok(), string(got.fault.Code) == codeDuplicate, string(got.fault.Code) == codeInProgress:
		return nil
	case got.refused():
		return refusal(got)
	}
	return unclear(got)
}

// collapse is the key under which an undelivered payment request is replaced. Another
// till may have drawn the same reference in the same second, so the operation, which
// nobody shares, is part of it.
func collapse(r payment.Request) string {
	return "pay-" + r.Attempt.Reference + "-" + r.Operation[max(0, len(r.Operation)-12):]
}

// signature are the references by which an attempt is known: the cashier's own where
// there is one, which merchants find in the dashboard, and the operation.
func signature(r payment.Request) []reference {
	var list []reference
	if r.Reference != "" {
		list = append(list, reference{Type: "CUSTOM", CustomType: typedReference, ID: text(cut(r.Reference))})
	}
	if r.Operation != "" {
		list = append(list, reference{Type: "CUSTOM", CustomType: operationReference, ID: text(r.Operation)})
	}
	return list
}

// command sends a message that moves no money.
func (t *Terminal) command(ctx context.Context, name, action, collapse string, ttl time.Duration, to payment.Reporter) error {
	data, err := inline(flat{Action: action})
	if err != nil {
		return err
	}
	body, err := t.message(data, collapse, ttl)
	if err != nil {
		return err
	}
	return t.post(ctx, name, t.client.wire.newID(), body, to)
}
