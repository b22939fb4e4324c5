package pockyt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of a notification.
const (
	maxNotice = 64 << 10 // bytes
	maxFields = 64
)

// received is the only answer that ends the repetitions (pockyt.md 6).
const received = "success"

func (t *Terminal) newDoor() *callback.Door {
	return callback.New(callback.Options{
		Name: "Notification", Inbox: t.deps.Inbox, Allowed: t.settings.allow, Limit: maxNotice, Log: t.deps.Log,
		Known: func(r *http.Request) bool { return callback.Matches(strings.TrimRight(r.URL.Path, "/"), t.path) },
		Read:  func(_ *http.Request, body []byte) payment.Delivery { return t.read(body) },
		Take: func(d payment.Delivery, _ []byte, _ bool) {
			if d.Fault == "" {
				t.wake(d.Reference)
			}
		},
		Answer: func(w http.ResponseWriter, d payment.Delivery) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if d.Fault != "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte("not taken")) // whoever sent it gets no more
				return
			}
			_, _ = w.Write([]byte(received)) // one who has left delivers it again
		},
	})
}

// read makes a delivery of a notification. One with a wrong signature is kept as a
// stray, under a key of its own, so that it cannot stand in a right one's way.
func (t *Terminal) read(body []byte) payment.Delivery {
	f, err := notice(body)
	if err != nil {
		return payment.Delivery{Fault: safe("it cannot be read: " + err.Error())}
	}
	d := payment.Delivery{Body: t.recordNotice(f)}
	if !signed(f, t.settings.token) {
		d.Fault = "its signature is wrong"
		return d
	}
	reference := ourReference(f["reference"])
	if reference == "" {
		d.Fault = "its reference is none of this till's"
		return d
	}
	d.Reference = reference
	// Repetitions of one notice are one: by transaction and status (pockyt.md 6).
	d.Key = callback.Fingerprint([]byte(strings.Join([]string{reference, f["transactionNo"], f["status"], f["amount"], f["currency"]}, "|")))
	d.Fault = t.differs(reference, f)
	return d
}

// differs says how a notification differs from the sale that is under way; empty: it
// fits, or nothing with its reference is under way.
func (t *Terminal) differs(reference string, f fields) string {
	v := t.visiting(reference)
	if v == nil {
		return ""
	}
	if f["currency"] != "" && f["currency"] != v.r.Total.Currency {
		return "it names another currency"
	}
	if n, err := text(f["amount"]).minor(v.r.Total.Currency); f["amount"] != "" && (err != nil || n != v.r.Total.Minor) {
		return "it names another amount"
	}
	return ""
}

// noticed tells whether a notification that is kept, also from before a restart, says
// that an order is paid. That does not decide the outcome, but while it stands the order
// is not closed; neither while nobody can tell.
func (t *Terminal) noticed(ctx context.Context, reference string) bool {
	if t.deps.Inbox == nil {
		return false
	}
	list, err := t.deps.Inbox.Kept(ctx, reference)
	return err != nil || slices.ContainsFunc(list, func(d payment.Delivery) bool {
		var f struct {
			Status string `json:"status"`
		}
		return d.Fault == "" && json.Unmarshal([]byte(d.Body), &f) == nil && f.Status == stateSuccess
	})
}

// errTwice is a name that comes more than once: nobody knows which value was signed.
var errTwice = errors.New("a field comes twice")

// notice reads the form of a notification.
func notice(body []byte) (fields, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("no form: %w", err)
	}
	if len(form) > maxFields {
		return nil, fmt.Errorf("more than %d fields", maxFields)
	}
	f := fields{}
	for name, values := range form {
		if len(values) != 1 {
			return nil, errTwice
		}
		f[name] = values[0]
	}
	if f["transactionNo"] == "" || f["status"] == "" {
		return nil, errors.New("transactionNo or status is missing")
	}
	return f, nil
}

// Door says where notifications arrive.
func (t *Terminal) Door() payment.Door {
	d := payment.Door{Listening: t.listening, Without: "the till asks Pockyt for every outcome by itself. Nothing is lost by that; an outcome may show some seconds later."}
	if t.door == nil {
		return d
	}
	if d.URL = t.notify(); d.URL == "" {
		return d
	}
	d.Probe = func(ctx context.Context) error { return t.door.Probe(ctx, t.public, d.URL) }
	return d
}

// notify is the address that Pockyt is told; empty: none. Without a door of the
// till's own it is a relay's, which answers by itself (pockyt.md 6).
func (t *Terminal) notify() string {
	switch {
	case t.settings.callback != "":
		return t.settings.callback + t.path
	case t.door != nil && local(t.settings.base):
		return "http://" + t.listening + t.path // nobody but a practice cloud could reach it
	}
	return ""
}
