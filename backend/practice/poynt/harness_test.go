package poynt

import (
	"bytes"
	"compress/gzip"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

// arrived is one callback as it arrived.
type arrived struct {
	at      time.Time
	header  http.Header
	raw     []byte
	payment map[string]any
	err     error
}

// till is a hand-made client: hand-written requests out, and a listener that
// answers as it is told.
type till struct {
	t     testing.TB
	cloud *Cloud
	base  string
	back  string // the callback URL
	http  *http.Client
	token string

	mu      sync.Mutex
	inbox   []arrived
	answers []int // status of the next callbacks; then 200
	slow    time.Duration
	news    chan struct{}
}

// newTill sets up a cloud in memory. It must be called in the bubble in which it
// is used.
func newTill(t testing.TB, o Options) *till {
	t.Helper()
	c := &till{t: t, base: "http://cloud.test", back: "http://till.test/cb/5f0c/Zk3q", news: make(chan struct{}, 1000)}
	if o.Client == nil {
		o.Client = &http.Client{Transport: benchtest.Wire{Handler: http.HandlerFunc(c.listen)}}
	}
	cloud, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.cloud = cloud
	c.http = &http.Client{Transport: benchtest.Wire{Handler: cloud.Handler()}, Timeout: time.Minute}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// bubble runs a test of a whole exchange in virtual time.
func bubble(t *testing.T, o Options, test func(*testing.T, *till)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newTill(t, o)
		c.signIn()
		test(t, c)
		if err := c.cloud.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (c *till) listen(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	a := arrived{at: time.Now(), header: r.Header.Clone(), raw: raw, err: err}
	plain := raw
	if r.Header.Get("Content-Encoding") == "gzip" {
		if zip, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
			plain, a.err = io.ReadAll(io.LimitReader(zip, 1<<20))
		}
	}
	if a.err == nil {
		a.err = json.Unmarshal(plain, &a.payment)
	}
	c.mu.Lock()
	c.inbox = append(c.inbox, a)
	status, slow := http.StatusOK, c.slow
	if len(c.answers) > 0 {
		status, c.answers = c.answers[0], c.answers[1:]
	}
	c.mu.Unlock()
	select {
	case c.news <- struct{}{}:
	default:
	}
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(status)
}

// got are the callbacks so far.
func (c *till) got() []arrived {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.inbox)
}

// statuses are the words of the callbacks so far.
func (c *till) statuses() []string {
	var list []string
	for _, a := range c.got() {
		list = append(list, text(a.payment["status"]))
	}
	return list
}

func practiceKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims are those of a correct assertion (poynt.md 3.1).
func claims() jwt.MapClaims {
	now := time.Now().Unix()
	return jwt.MapClaims{"iss": AppID, "sub": AppID, "aud": "https://services.poynt.net", "iat": now, "exp": now + 300, "jti": uuid.NewString()}
}

func (c *till) assertion(with jwt.MapClaims) string {
	c.t.Helper()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, with).SignedString(practiceKey(c.t))
	if err != nil {
		c.t.Fatal(err)
	}
	return signed
}

// reply is what the cloud answered.
type reply struct {
	status int
	raw    []byte
	body   map[string]any
	header http.Header
	err    error
}

func (r reply) code() string { return text(r.body["code"]) }

func (c *till) do(r *http.Request) reply {
	response, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a := reply{status: response.StatusCode, raw: raw, header: response.Header, err: err}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.body); err != nil && a.err == nil {
			a.err = err
		}
	}
	return a
}

func (c *till) askToken(form url.Values) reply {
	r := c.request(http.MethodPost, "/token", form.Encode(), "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Del("Authorization")
	return c.do(r)
}

func (c *till) signIn() {
	c.t.Helper()
	a := c.askToken(url.Values{"grantType": {grantJWT}, "assertion": {c.assertion(claims())}})
	if a.status != http.StatusOK {
		c.t.Fatalf("no token: %+v", a)
	}
	c.token = text(a.body["accessToken"])
}

func (c *till) request(method, path, body, id string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Api-Version", "1.2")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if id != "" {
		r.Header.Set("Poynt-Request-Id", id)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (c *till) get(path string) reply { return c.do(c.request(http.MethodGet, path, "", "")) }

func (c *till) post(path, body string) reply {
	return c.do(c.request(http.MethodPost, path, body, uuid.NewString()))
}

const transactionsPath = "/businesses/" + BusinessID + "/transactions"

func asJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// envelope is the body of a cloud message around a payload.
func (c *till) envelope(data string, more map[string]any) string {
	c.t.Helper()
	body := map[string]any{"ttl": 45, "businessId": BusinessID, "storeId": StoreID, "deviceId": DeviceID, "data": data}
	for k, v := range more {
		if v == nil {
			delete(body, k)
		} else {
			body[k] = v
		}
	}
	return asJSON(c.t, body)
}

// nested is a payload of generation B.
func (c *till) nested(reference string, minor int64, more map[string]any) string {
	c.t.Helper()
	payment := map[string]any{"amount": minor, "currency": "USD", "referenceId": reference, "enableStatusUpdates": true, "disableTip": false}
	for k, v := range more {
		payment[k] = v
	}
	return asJSON(c.t, map[string]any{"callbackUrl": c.back, "payment": asJSON(c.t, payment)})
}

// flat is a payload of generation A.
func (c *till) flat(action, reference string, more map[string]any) string {
	c.t.Helper()
	body := map[string]any{"action": action, "referenceId": reference, "callbackUrl": url.QueryEscape(c.back)}
	for k, v := range more {
		body[k] = v
	}
	return asJSON(c.t, body)
}

// sell sends a sale and expects the 202.
func (c *till) sell(reference string, minor int64, more map[string]any) {
	c.t.Helper()
	c.send(c.nested(reference, minor, more), nil)
}

func (c *till) send(data string, more map[string]any) {
	c.t.Helper()
	if a := c.post("/cloudMessages", c.envelope(data, more)); a.status != http.StatusAccepted || len(a.raw) != 0 {
		c.t.Fatalf("the cloud message was answered with %d %s %v", a.status, a.raw, a.err)
	}
}

// settle lets everything happen that happens by itself within a span.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// result is the last callback that was a result.
func (c *till) result() map[string]any {
	c.t.Helper()
	list := c.got()
	for _, a := range slices.Backward(list) {
		if s := text(a.payment["status"]); s != "RECEIVED" && s != "STARTED" {
			return a.payment
		}
	}
	c.t.Fatalf("no result came; log:\n%s", c.log())
	return nil
}

// transactionsOf are those of a payment or a list.
func transactionsOf(payment map[string]any) []map[string]any {
	var list []map[string]any
	given, _ := payment["transactions"].([]any)
	for _, one := range given {
		if tx, isObject := one.(map[string]any); isObject {
			list = append(list, tx)
		}
	}
	return list
}

func field(tx map[string]any, path string) any {
	var at any = tx
	for part := range strings.SplitSeq(path, ".") {
		m, _ := at.(map[string]any)
		at = m[part]
	}
	return at
}

func minorOf(tx map[string]any, path string) int64 {
	f, _ := field(tx, path).(float64)
	return int64(f)
}

func (c *till) log() string {
	var b strings.Builder
	for _, l := range c.cloud.Device().View().Log {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

func (c *till) fault(name, value string) {
	c.t.Helper()
	if err := c.cloud.SetFault(name, value); err != nil {
		c.t.Fatal(err)
	}
}

func (c *till) customer(name string) {
	c.t.Helper()
	if err := c.cloud.SetCustomer(name); err != nil {
		c.t.Fatal(err)
	}
}

// charged checks what stands charged under a reference.
func (c *till) charged(reference string, minor int64, bookings int) {
	c.t.Helper()
	if m, n := c.cloud.Charged(reference); m != minor || n != bookings {
		c.t.Fatalf("%s: charged %d in %d bookings, want %d in %d; bookings %+v", reference, m, n, minor, bookings, c.cloud.Bookings())
	}
}

func (c *till) noViolations() {
	c.t.Helper()
	if v := c.cloud.Violations(); len(v) > 0 {
		c.t.Fatalf("violations: %q", v)
	}
}

func (c *till) violated(words string) {
	c.t.Helper()
	if v := c.cloud.Violations(); !slices.ContainsFunc(v, func(s string) bool { return strings.Contains(s, words) }) {
		c.t.Fatalf("no violation says %q: %q", words, v)
	}
}

func (c *till) refused(a reply, status int, code string) {
	c.t.Helper()
	if a.status != status || a.code() != code {
		c.t.Fatalf("got %d %s (%v), want %d %s", a.status, a.raw, a.err, status, code)
	}
	if int(a.body["httpStatus"].(float64)) != status || text(a.body["message"]) == "" || text(a.body["requestId"]) == "" {
		c.t.Fatalf("the error body is not whole: %s", a.raw)
	}
}

func ledgerFile(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.jsonl") }

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
