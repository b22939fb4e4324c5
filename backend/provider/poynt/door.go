package poynt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"github.com/paydesk-till/paydesk/backend/callback"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/redact"
)

// deliveryName is what a delivery is called in the timeline.
const deliveryName = "PaymentCallback"

// keyHeader carries a secret of this installation (poynt.md 16). Whether every
// terminal sends it is not known: a wrong one is turned away, a missing one not.
const keyHeader = "Paydesk-Key"

// Words for a till that nothing reaches (design 10.11).
const without = "Approvals and declines are found by asking Poynt's cloud. A payment that was cancelled on the terminal, or that the terminal never got, leaves no trace there: it stays in doubt until a manager settles it. Set listen and callback-url so that the terminal can tell."

// openDoor begins to listen, if the settings say where.
func (t *Terminal) openDoor() error {
	if t.settings.listen == "" {
		return nil
	}
	t.door = callback.New(callback.Options{Name: deliveryName, Inbox: t.deps.Inbox, Allowed: t.settings.allowed, Log: t.deps.Log,
		Known: t.knows, Read: t.readDelivery, Take: t.take})
	path := "/poynt/" + callback.Secret(callback.Typed, t.doorKey, "door", t.settings.store, t.settings.device) + "/"
	actual, stop, err := t.deps.Listen(t.settings.listen, path, t.door)
	if err != nil {
		return err
	}
	t.listening, t.leave = actual, stop
	t.public = or(t.settings.public, "http://"+actual) + path
	return nil
}

// Door says where results arrive.
func (t *Terminal) Door() payment.Door {
	d := payment.Door{Listening: t.listening, URL: t.public, Without: without}
	if t.door != nil {
		d.Probe = t.probe
	}
	return d
}

// probe tells whether what is sent to the public address arrives here.
func (t *Terminal) probe(ctx context.Context) error {
	client := &http.Client{Transport: t.client.wire.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return t.door.Probe(ctx, client, t.public)
}

// callback gives the address for the result of one attempt, with a secret that only
// its terminal learns, and the header that it is to bring (poynt.md 16).
func (t *Terminal) callback(reference string) (address, header string) {
	if t.door == nil {
		return nowhere, ""
	}
	return t.public + reference + "/" + t.secret(reference), keyHeader + ": " + t.headerKey()
}

func (t *Terminal) secret(reference string) string {
	return callback.Secret(callback.Long, t.doorKey, "attempt", t.settings.device, reference)
}

func (t *Terminal) headerKey() string {
	return callback.Secret(callback.Long, t.doorKey, "header", t.settings.device)
}

// named takes reference and secret from the end of a path.
func named(path string) (reference, secret string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 2 {
		return "", ""
	}
	return parts[len(parts)-2], parts[len(parts)-1]
}

// knows tells whether the sender knows the secret of an attempt of ours.
func (t *Terminal) knows(r *http.Request) bool {
	reference, secret := named(r.URL.Path)
	if given := r.Header.Get(keyHeader); given != "" && !callback.Matches(given, t.headerKey()) {
		return false
	}
	return reference != "" && callback.Matches(secret, t.secret(reference))
}

// readDelivery reads a result. It belongs to the attempt whose secret was used,
// unless it names another one: then it is a stray (poynt.md 23, 28).
func (t *Terminal) readDelivery(r *http.Request, body []byte) payment.Delivery {
	reference, _ := named(r.URL.Path)
	d := payment.Delivery{Reference: reference, Body: record(body)}
	p, err := readPosted(body)
	if err != nil {
		d.Fault = redact.Text(cut(err.Error()))
		d.Key = fingerprint(reference, string(body))
		return d
	}
	if p.Reference != "" && string(p.Reference) != reference {
		d.Reference, d.Fault = "", "it names another payment than the one whose address it came to"
	}
	if len(d.Body) > maxRecord {
		d.Body = brief(p)
	}
	parts := []string{reference, string(p.Reference), string(p.Status)}
	for _, one := range p.Transactions {
		parts = append(parts, string(one.ID), string(one.UpdatedAt))
	}
	d.Key = fingerprint(parts...)
	return d
}

// brief is what a restart needs of a delivery that is too long to be kept.
func brief(p posted) string {
	raw, err := compact(map[string]any{"referenceId": p.Reference, "status": p.Status, "tipAmounts": p.Tips, "transactions": p.Transactions[:min(len(p.Transactions), maxNamed)]})
	if err != nil {
		return ""
	}
	return redact.JSON(raw)
}

// fingerprint is the same for the same result, however often it comes (poynt.md 9.2).
func fingerprint(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = io.WriteString(sum, part+"\x00") // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// take wakes the call that waits for this result.
func (t *Terminal) take(d payment.Delivery, body []byte, _ bool) {
	p, err := readPosted(body)
	if err != nil || d.Fault != "" {
		return
	}
	if v := t.visiting(d.Reference); v != nil {
		v.tell(p)
	}
}
