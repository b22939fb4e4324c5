package netpay

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxPost bounds what a terminal may post: a signature can be long (netpay.md 4.5).
const maxPost = 1 << 20

// received is the only answer that a terminal takes for "delivered" (netpay.md 4.2).
const received = `{"code":"00","message":"Recibido"}`

func (t *Terminal) newDoor() *callback.Door {
	return callback.New(callback.Options{
		Name: "ResultPost", Inbox: t.deps.Inbox, Allowed: t.settings.allow, Limit: maxPost, Log: t.deps.Log,
		Known: func(r *http.Request) bool { return callback.Matches(strings.TrimRight(r.URL.Path, "/"), t.path) },
		Read:  t.read,
		Take:  func(_ payment.Delivery, body []byte, _ bool) { t.arrived(body) },
		Answer: func(w http.ResponseWriter, _ payment.Delivery) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Connection", "close")
			_, _ = w.Write([]byte(received)) // a terminal that has left asks its operator
		},
	})
}

// read makes a delivery of a post. What is not ours has no reference: it is kept as a
// stray, acknowledged, and decides nothing.
func (t *Terminal) read(_ *http.Request, body []byte) payment.Delivery {
	got, err := decode(body)
	d := payment.Delivery{Body: record(body)}
	if err != nil {
		d.Fault = redact.Text(shorten("it cannot be read: " + err.Error()))
		return d
	}
	if got.reference() == "" {
		return d // a test post
	}
	d.Reference, d.Key = reference(got.reference()), callback.Fingerprint([]byte(got.key()))
	return d
}

// reference keeps only what our references look like; anything else is nobody's.
func reference(text string) string {
	if len(text) > maxReference || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

// maxReference bounds our own references, in digits (payment.Attempt).
const maxReference = 20

// arrived hands a result to whoever waits for it.
func (t *Terminal) arrived(body []byte) {
	got, err := decode(body)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := got.key()
	for _, w := range t.waiting[got.reference()] {
		if w.had[key] {
			continue // a repetition takes no room
		}
		select {
		case w.results <- got:
			w.had[key] = true
		default: // it has had more than enough; all of them are in the inbox
		}
	}
}

// resultsKept is how many different results may wait for one reader.
const resultsKept = 16

// waiter is somebody who waits for results about an attempt.
type waiter struct {
	results chan result
	had     map[string]bool // by key; guarded by the terminal's mutex
}

// await has results about an attempt handed over, until the returned function is called.
func (t *Terminal) await(ref string) (<-chan result, func()) {
	w := &waiter{make(chan result, resultsKept), map[string]bool{}}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting[ref] = append(t.waiting[ref], w)
	return w.results, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		list := t.waiting[ref]
		for i, one := range list {
			if one == w {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		if t.waiting[ref] = list; len(list) == 0 {
			delete(t.waiting, ref)
		}
	}
}

// Door says where results arrive.
func (t *Terminal) Door() payment.Door {
	d := payment.Door{Listening: t.listening, Without: "the till never hears how a payment ended, since NetPay tells only the terminal's posts: every sale then has to be settled by hand from the terminal's own ticket."}
	if t.door == nil {
		return d
	}
	if d.URL = t.url(); d.URL != "" {
		d.Probe = func(ctx context.Context) error { return t.door.Probe(ctx, t.public, d.URL) }
	}
	return d
}

// url is what has to be typed into the terminal: the public name, or the address that
// is listened on where that says more than "everywhere".
func (t *Terminal) url() string {
	if t.settings.callback != "" {
		return t.settings.callback + t.path
	}
	host, _, err := net.SplitHostPort(t.listening)
	if ip := net.ParseIP(host); err != nil || host == "" || (ip != nil && ip.IsUnspecified()) {
		return ""
	}
	return "http://" + t.listening + t.path
}
