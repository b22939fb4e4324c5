package poynt

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of a list (poynt.md 4).
const (
	maxPage     = 100
	defaultPage = 10
)

// lookup is GET one transaction (poynt.md 12).
func (c *Cloud) lookup(x *exchange) answer {
	if x.r.PathValue("business") != BusinessID {
		return refuse("BUSINESS_NOT_FOUND", "There is no such business.")
	}
	if fault := c.faults.Get("lookup.answer"); fault == "not-found" {
		c.faults.Take("lookup.answer")
		return refuse("TRANSACTION_NOT_FOUND", "There is no such transaction.")
	}
	rec, found := c.original(x.r.PathValue("id"))
	if !found {
		return refuse("TRANSACTION_NOT_FOUND", "There is no such transaction.")
	}
	return ok(c.dressed(*rec.Transaction))
}

// dressed is a transaction as the API shows it at the moment.
func (c *Cloud) dressed(tx transaction) transaction {
	if c.faults.Get("change.batch") == "settled" && tx.Status != statusDeclined && tx.Status != statusAuthorised && !tx.Voided {
		tx.Settled = true
	}
	if c.faults.Get("callback.card-data") == "told" {
		tx = tx.withCardData()
	}
	return tx
}

// page is the answer of a list.
type page struct {
	Transactions []transaction `json:"transactions"`
	Links        []link        `json:"links,omitempty"`
	Count        int           `json:"count"`
}

// list is GET transactions (poynt.md 12).
func (c *Cloud) list(x *exchange) answer {
	if x.r.PathValue("business") != BusinessID {
		return refuse("BUSINESS_NOT_FOUND", "There is no such business.")
	}
	if fault := c.faults.Get("list.answer"); fault == "no-hits" {
		c.faults.Take("list.answer")
		return ok(page{Transactions: []transaction{}})
	}
	q := x.r.URL.Query()
	want, err := c.readFilter(q, x.r.Header.Get("If-Modified-Since"))
	if err != nil {
		c.log.Violate("a search that cannot be read: " + bench.Shorten(err.Error()))
		return refuse("INVALID_PARAMETER", err.Error())
	}
	now := time.Now()
	hits := c.ledger.All(func(r *record) bool { return r.shown(now) && want.takes(r) })
	if want.since != nil && len(hits) == 0 {
		return answer{status: http.StatusNotModified}
	}
	from := min(want.offset, len(hits))
	to := min(from+want.limit, len(hits))
	p := page{Transactions: make([]transaction, 0, to-from), Count: len(hits)}
	for _, r := range hits[from:to] {
		p.Transactions = append(p.Transactions, c.dressed(*r.Transaction))
	}
	if to < len(hits) {
		q.Set("startOffset", strconv.Itoa(to))
		href := x.r.URL.Path + "?" + q.Encode()
		if c.faults.Get("list.links") == "absolute" {
			href = "http://" + x.r.Host + href
		}
		p.Links = []link{{Href: href, Rel: "next", Method: http.MethodGet}}
	}
	return ok(p)
}

// filter is what a list asks for.
type filter struct {
	start, end, since *time.Time
	updated           bool // start and end are about updatedAt
	offset, limit     int
	equals            map[string]string
	ids               []string
	search            string
	inReferences      bool // searchKey looks into references
}

func (c *Cloud) readFilter(q url.Values, since string) (filter, error) {
	f := filter{limit: defaultPage, equals: map[string]string{}, search: q.Get("searchKey"), inReferences: c.faults.Get("list.search-key") == "references"}
	for name, into := range map[string]**time.Time{"startAt": &f.start, "endAt": &f.end} {
		if err := readTime(name, q.Get(name), into); err != nil {
			return f, err
		}
	}
	if err := readTime("If-Modified-Since", since, &f.since); err != nil {
		return f, err
	}
	for name, into := range map[string]*int{"limit": &f.limit, "startOffset": &f.offset} {
		if value := q.Get(name); value != "" {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return f, fmt.Errorf("%s: %q is no number", name, bench.Shorten(value))
			}
			*into = n
		}
	}
	if f.limit < 1 || f.limit > maxPage {
		return f, fmt.Errorf("limit must be 1 to %d", maxPage)
	}
	f.updated = q.Get("timeType") == "updatedAt"
	for _, name := range []string{"storeId", "deviceId", "action", "status", "cardNumberFirst6", "cardNumberLast4", "authOnly"} {
		if value := q.Get(name); value != "" {
			f.equals[name] = value
		}
	}
	if ids := q.Get("transactionIds"); ids != "" {
		f.ids = strings.Split(ids, ",")
	}
	if q.Has("referenceId") {
		c.log.Violate("transactions are searched by referenceId, which is no parameter")
	}
	return f, nil
}

// readTime takes ISO 8601 (poynt.md 4).
func readTime(name, value string, into **time.Time) error {
	if value == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return fmt.Errorf("%s: %q is no ISO 8601 time", name, bench.Shorten(value))
	}
	*into = &at
	return nil
}

func (f filter) takes(r *record) bool {
	tx := r.Transaction
	at := tx.CreatedAt.Time
	if f.updated {
		at = tx.UpdatedAt.Time
	}
	// The cloud keeps whole seconds, so that a bound does too.
	switch {
	case f.start != nil && at.Before(f.start.Truncate(time.Second)), f.end != nil && at.After(*f.end),
		f.since != nil && tx.UpdatedAt.Before(f.since.Truncate(time.Second)),
		len(f.ids) > 0 && !slices.Contains(f.ids, tx.ID), f.search != "" && !f.finds(tx):
		return false
	}
	card := shownCard{}
	if tx.FundingSource.Card != nil {
		card = *tx.FundingSource.Card
	}
	fields := map[string]string{"storeId": tx.Context.StoreID, "deviceId": tx.Context.DeviceID, "action": tx.Action, "status": tx.Status,
		"cardNumberFirst6": card.First6, "cardNumberLast4": card.Last4, "authOnly": strconv.FormatBool(tx.AuthOnly)}
	for name, value := range f.equals {
		if fields[name] != value {
			return false
		}
	}
	return true
}

// finds is searchKey, which looks into various fields (poynt.md 12).
func (f filter) finds(tx *transaction) bool {
	if tx.ID == f.search || tx.Processor != nil && (tx.Processor.RRN == f.search || tx.Processor.Approval == f.search) {
		return true
	}
	return f.inReferences && slices.ContainsFunc(tx.References, func(r reference) bool { return r.ID == f.search })
}
