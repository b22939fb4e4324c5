package poynt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of asking Poynt (poynt.md 12).
const (
	readLimit = 15 * time.Second // of one request (poynt.md 4)
	margin    = 2 * time.Minute  // before the attempt from which on is asked
	window    = 36 * time.Hour   // after it until when, for an attempt of long ago
	steady    = 3 * time.Minute  // so long a clock is taken to go right
	perPage   = 100
	maxPages  = 20
	maxNamed  = 16 // transactions of one session that are asked for by their ids
)

// sought is what is known of an attempt's transactions when Poynt is asked.
type sought struct {
	ids  []string // that the terminal has named
	tips map[string]int64
	// failed are those of them that it has called declined, and nothing else.
	failed map[string]bool
}

// add takes what a delivery names, once each.
func (s *sought) add(p posted) {
	for _, one := range p.Transactions {
		id, failed := string(one.ID), one.Status == "DECLINED"
		switch known := slices.Contains(s.ids, id); {
		case !known && len(s.ids) >= maxNamed:
			continue
		case !known:
			s.ids = append(s.ids, id)
		default:
			failed = failed && s.failed[id]
		}
		if s.failed == nil {
			s.failed = map[string]bool{}
		}
		s.failed[id] = failed
	}
	for id, tip := range tipsOf(p) {
		if s.tips == nil {
			s.tips = map[string]int64{}
		}
		if len(s.tips) < maxNamed {
			s.tips[id] = tip
		}
	}
}

// byReference finds the transactions that carry the attempt's reference: those that
// the terminal has named by their ids, then the list of what this terminal did since
// shortly before the attempt, then once more by the server's own search. missing
// tells how many of the named ones Poynt does not show yet. One that the terminal itself
// calls declined, as it does offline, may never show: it is not among them.
func (t *Terminal) byReference(ctx context.Context, r payment.Request, s sought, to payment.Reporter) (found []transaction, missing int, err error) {
	ours := r.Attempt.Reference
	known := map[string]bool{}
	for _, id := range s.ids {
		one, ok, err := t.transaction(ctx, id, to)
		switch {
		case err != nil:
			return nil, 0, err
		case !ok && s.failed[id]:
		case !ok:
			missing++
		case one.ours(r) && !known[string(one.ID)]:
			known[string(one.ID)] = true
			found = append(found, one)
		}
	}
	if missing == 0 && len(found) > 0 && t.whole(r, found, s.tips) {
		return found, 0, nil
	}
	listed, err := t.list(ctx, t.since(r, url.Values{"deviceId": {t.settings.device}}), func(one transaction) bool { return one.ours(r) }, ours, to)
	if err == nil && len(listed)+len(found) == 0 {
		listed, err = t.list(ctx, t.since(r, url.Values{"searchKey": {ours}}), func(one transaction) bool { return one.ours(r) }, ours, to)
	}
	if err == nil && len(listed)+len(found) == 0 && clockMayHaveMoved(r) {
		listed, err = t.list(ctx, t.sinceLongBefore(r, url.Values{"deviceId": {t.settings.device}}), func(one transaction) bool { return one.ours(r) }, ours, to)
	}
	for _, one := range listed {
		if !known[string(one.ID)] {
			known[string(one.ID)] = true
			found = append(found, one)
		}
	}
	return found, missing, err
}

// whole tells whether what is found is all that was asked for.
func (t *Terminal) whole(r payment.Request, found []transaction, tips map[string]int64) bool {
	v := t.settings.weigh(r, found, tips)
	return v.Outcome == payment.Success && !v.open
}

// since adds the window in which an attempt's transactions were created (poynt.md 12
// step 1), by Poynt's clock: this computer's may be wrong.
func (t *Terminal) since(r payment.Request, q url.Values) url.Values {
	ahead := t.client.wire.skew()
	q.Set("startAt", r.Attempt.At.Add(-margin-max(ahead, 0)).UTC().Format(timeForm))
	if end := r.Attempt.At.Add(window - min(ahead, 0)); end.Before(time.Now()) {
		q.Set("endAt", end.UTC().Format(timeForm))
	}
	q.Set("timeType", "createdAt")
	q.Set("limit", fmt.Sprint(perPage))
	return q
}

// clockMayHaveMoved tells whether this computer's clock may have been set since the
// attempt was made: its time is yet to come, or so long ago that nobody can tell.
func clockMayHaveMoved(r payment.Request) bool {
	age := time.Since(r.Attempt.At)
	return age < 0 || age > steady
}

// sinceLongBefore looks back far enough for a clock that was fast when the attempt was
// made and has been set right: the attempt's time may lie after everything that came
// of it.
func (t *Terminal) sinceLongBefore(r payment.Request, q url.Values) url.Values {
	q = t.since(payment.Request{Attempt: payment.Attempt{At: longBefore(r)}}, q)
	q.Del("endAt")
	return q
}

func longBefore(r payment.Request) time.Time {
	at := r.Attempt.At
	if now := time.Now(); now.Before(at) {
		at = now
	}
	return at.Add(-window)
}

const timeForm = "2006-01-02T15:04:05Z" // poynt.md 2

// transaction asks for one by its id. ok is false while Poynt does not show it, which
// proves nothing.
func (t *Terminal) transaction(ctx context.Context, id string, to payment.Reporter) (one transaction, ok bool, err error) {
	if !uuidForm.MatchString(id) {
		return one, false, nil // forged, or from a terminal that nobody knows: the list decides
	}
	got, err := t.client.call(ctx, readLimit, exchange{name: "Transaction", method: http.MethodGet, id: t.client.wire.newID(),
		path: t.path("/transactions/" + id)}, to)
	switch {
	case err != nil:
		return one, false, err
	case got.status == http.StatusNotFound:
		return one, false, nil
	case !got.ok():
		return one, false, unasked(got)
	}
	if one, err = readTransaction(got.body); err != nil {
		return one, false, unreadable(err)
	}
	if !strings.EqualFold(string(one.ID), id) {
		return one, false, &payment.Error{Code: payment.CodeForeign, Sent: payment.SentMaybe, Text: "Poynt answered about another transaction. " + moneyOpen,
			Err: fmt.Errorf("asked for %s, told of %s", id, cut(string(one.ID)))}
	}
	return one, true, nil
}

// path is one below the business.
func (t *Terminal) path(rest string) string { return "/businesses/" + t.settings.business + rest }

// unasked makes the error of a question that was not answered: nothing is learnt.
func unasked(r reply) error {
	if r.refused() {
		e := refusal(r)
		e.Sent = payment.SentMaybe // about the payment it says nothing
		e.Text = strings.TrimSuffix(e.Text, moneyNot) + "So Paydesk cannot ask what became of the payment."
		return e
	}
	return unclear(r)
}

// list follows the pages of a list and keeps what is wanted. A transaction that
// cannot be read is an error if it may be ours: then ours stands in it.
func (t *Terminal) list(ctx context.Context, q url.Values, wanted func(transaction) bool, ours string, to payment.Reporter) ([]transaction, error) {
	var found []transaction
	path := t.path("/transactions?" + q.Encode())
	for range maxPages {
		keep := func(body []byte) string { return excerpt(body, ours) }
		got, err := t.client.call(ctx, readLimit, exchange{name: "Transactions", method: http.MethodGet, id: t.client.wire.newID(), path: path, keep: keep}, to)
		if err != nil {
			return nil, err
		}
		if got.status == http.StatusNotModified {
			return found, nil
		}
		if !got.ok() {
			return nil, unasked(got)
		}
		var p page
		if err := json.Unmarshal(got.body, &p); err != nil {
			return nil, unreadable(fmt.Errorf("list of transactions: %w", err))
		}
		for _, raw := range p.Transactions {
			one, err := readTransaction(raw)
			switch {
			case err != nil && bytes.Contains(raw, []byte(ours)):
				return nil, unreadable(err)
			case err == nil && wanted(one):
				found = append(found, one)
			}
		}
		if path, err = t.next(p.Links); err != nil || path == "" {
			return found, err
		}
	}
	return nil, unreadable(fmt.Errorf("a list of more than %d pages", maxPages))
}

// next finds the address of the next page, relative or absolute; empty: there is none.
// It is asked for at base-url, whatever host an absolute one names.
func (t *Terminal) next(links []link) (string, error) {
	for _, l := range links {
		if l.Rel != "next" {
			continue
		}
		u, err := url.Parse(strings.TrimPrefix(string(l.Href), t.settings.base))
		if err != nil || u.Path != t.path("/transactions") {
			return "", unreadable(fmt.Errorf("the next page of a list is %q", cut(string(l.Href))))
		}
		return u.Path + "?" + u.RawQuery, nil
	}
	return "", nil
}

// excerpt is what the timeline keeps of a list: how many there are, and ours.
// Others' payments are none of this payment's business.
func excerpt(body []byte, ours string) string {
	var p page
	if err := json.Unmarshal(body, &p); err != nil {
		return record(body)
	}
	kept := []json.RawMessage{}
	for _, raw := range p.Transactions {
		if bytes.Contains(raw, []byte(ours)) {
			kept = append(kept, raw)
		}
	}
	raw, err := compact(map[string]any{"listed": len(p.Transactions), "ours": kept})
	if err != nil {
		return ""
	}
	return record(raw)
}
