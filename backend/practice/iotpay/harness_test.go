package iotpay

import (
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// till is a hand-made sale system with its own signing.
type till struct {
	t      *testing.T
	term   *Terminal
	base   string
	client *http.Client
	orders int
	wait   time.Duration
}

// handSigned sorts whole "name=value" texts, which gives the same order as sorting
// names for all that is sent here.
func handSigned(m map[string]string) map[string]string {
	var parts []string
	out := map[string]string{}
	for name, value := range m {
		out[name] = value
		if value != "" && name != "sign" {
			parts = append(parts, name+"="+value)
		}
	}
	sort.Strings(parts)
	out["sign"] = fmt.Sprintf("%X", md5.Sum([]byte(strings.Join(parts, "&")+"&key="+Key)))
	return out
}

// newTill has a cloud over real sockets.
func newTill(t *testing.T, o Options) *till {
	t.Helper()
	c := &till{t: t, wait: 20 * time.Second, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	term, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	address, err := term.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.term, c.base = term, "http://"+address
	t.Cleanup(func() {
		if err := term.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// memory carries requests to a handler without a socket. A handler that panics is a
// broken connection.
type memory struct{ handler http.Handler }

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	type result struct {
		response *http.Response
		err      error
	}
	results := make(chan result, 1)
	go func() {
		defer func() {
			if recover() != nil {
				results <- result{err: errors.New("connection cut")}
			}
		}()
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, r)
		results <- result{response: w.Result()}
	}()
	select {
	case res := <-results:
		return res.response, res.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// inBubble plays with a cloud in virtual time. Every goroutine must end with Close.
func inBubble(t *testing.T, o Options, play func(t *testing.T, c *till)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		term, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		c := &till{t: t, term: term, wait: 3 * time.Hour, client: &http.Client{Transport: memory{term.Handler()}}, base: "http://cloud.invalid"}
		play(t, c)
		if err := term.Close(); err != nil {
			t.Error(err)
		}
	})
}

// reply is an answer of the cloud.
type reply struct {
	status int
	raw    []byte
	body   map[string]any // nil: no JSON
}

func (r reply) text(name string) string { return fmt.Sprint(r.body[name]) }
func (r reply) nested(name string) map[string]any {
	m, _ := r.body[name].(map[string]any)
	return m
}
func (r reply) order() map[string]any { return r.nested("payOrder") }

// card is the second parse of extra.
func (r reply) card() map[string]any {
	text, _ := r.order()["extra"].(string)
	var m map[string]any
	if json.Unmarshal([]byte(text), &m) != nil {
		return nil
	}
	return m
}

func (c *till) send(ctx context.Context, path, contentType, body string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := c.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	r := reply{status: response.StatusCode, raw: raw}
	if json.Unmarshal(raw, &r.body) != nil {
		r.body = nil
	}
	return r, err
}

const formType = "application/x-www-form-urlencoded"

func wrapped(m map[string]string) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return url.Values{"params": {string(text)}}.Encode()
}

// post signs and sends; the members of more replace those of m, "" leaves one out.
func (c *till) post(path string, m, more map[string]string) (reply, error) {
	all := map[string]string{}
	for _, part := range []map[string]string{m, more} {
		for name, value := range part {
			if all[name] = value; value == "" {
				delete(all, name)
			}
		}
	}
	return c.send(c.t.Context(), path, formType, wrapped(handSigned(all)))
}

func (c *till) number() string {
	c.orders++
	return fmt.Sprintf("T01-20260301-%06d", c.orders)
}

func orderOf(number, amount string) map[string]string {
	return map[string]string{"amount": amount, "body": "Café & crêpe 50% + taxes", "channelId": "CC_PAX", "clientIp": "203.0.113.7", "currency": "CAD", "device": "TILL-01",
		"extra": `{"pos_flag":"yes"}`, "jobNo": JobNo, "mchId": MerchantID, "mchOrderNo": number, "notifyUrl": "http://localhost", "subject": "Ticket 123"}
}

func (c *till) create(amount string, more map[string]string) (string, reply, error) {
	number := c.number()
	r, err := c.post("/v1/create_order", orderOf(number, amount), more)
	return number, r, err
}

// pay is a create_order that must be answered.
func (c *till) pay(amount string, more map[string]string) (string, reply) {
	c.t.Helper()
	number, r, err := c.create(amount, more)
	if err != nil || r.body == nil {
		c.t.Fatalf("no answer: %d %s %v\n%s", r.status, r.raw, err, strings.Join(logOf(c.term), "\n"))
	}
	return number, r
}

func (c *till) query(number string) reply {
	c.t.Helper()
	r, err := c.post("/v1/query_order", map[string]string{"mchId": MerchantID, "mchOrderNo": number}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func logOf(t *Terminal) []string {
	var lines []string
	for _, l := range t.Device().View().Log {
		lines = append(lines, l.At+" "+l.Text)
	}
	return lines
}

// shows waits until the screen shows text.
func (c *till) shows(text string) {
	c.t.Helper()
	device := c.term.Device()
	changed, stop := device.Watch()
	defer stop()
	limit := time.After(c.wait)
	for !strings.Contains(strings.Join(device.View().Screen.Lines, " "), text) {
		select {
		case <-changed:
		case <-limit:
			c.t.Fatalf("the screen never shows %q; it has %q, the log\n%s", text, device.View().Screen.Lines, strings.Join(logOf(c.term), "\n"))
		}
	}
}

func (c *till) do(name pinpad.ActionName, value string) {
	c.t.Helper()
	if err := c.term.Device().Do(pinpad.Action{Name: name, Value: value}); err != nil {
		c.t.Fatalf("%s %s: %v", name, value, err)
	}
}

func (c *till) set(name, value string) {
	c.t.Helper()
	if err := c.term.SetFault(name, value); err != nil {
		c.t.Fatal(err)
	}
}

func (c *till) customer(name string) {
	c.t.Helper()
	if err := c.term.SetCustomer(name); err != nil {
		c.t.Fatal(err)
	}
}

// has compares some members.
func (c *till) has(m map[string]any, want map[string]any) {
	c.t.Helper()
	for name, value := range want {
		if got := m[name]; fmt.Sprint(got) != fmt.Sprint(value) {
			c.t.Errorf("%s is %#v, want %#v", name, got, value)
		}
	}
}

// kept makes sure that the till kept the protocol, but for what is expected.
func (c *till) kept(but ...string) {
	c.t.Helper()
	found := c.term.Violations()
	bad := len(found) != len(but)
	for i := range min(len(found), len(but)) {
		bad = bad || !strings.Contains(found[i], but[i])
	}
	if bad {
		c.t.Errorf("violations %q, expected %q", found, but)
	}
}

func (c *till) charged(number string, want int64) {
	c.t.Helper()
	if got := c.term.Charged()[number]; got != want {
		c.t.Errorf("charged %d for %s, want %d", got, number, want)
	}
}
