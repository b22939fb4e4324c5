package pockyt

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

// arrived is one notice as it arrived.
type arrived struct {
	at   time.Time
	raw  string
	form url.Values
}

// till is a hand-made client with a listener that answers as it is told.
type till struct {
	t     testing.TB
	cloud *Cloud
	base  string
	back  string
	http  *http.Client

	mu      sync.Mutex
	inbox   []arrived
	answers []string // of the next notices, then "success"
}

func newTill(t testing.TB, o Options) *till {
	t.Helper()
	c := &till{t: t, base: "http://cloud.test", back: "http://till.test/ipn"}
	if o.Client == nil {
		o.Client = &http.Client{Transport: benchtest.Wire{Handler: http.HandlerFunc(c.listen)}}
	}
	c.restart(o)
	return c
}

// restart sets up a cloud over the same wires.
func (c *till) restart(o Options) {
	c.t.Helper()
	if o.Client == nil {
		o.Client = &http.Client{Transport: benchtest.Wire{Handler: http.HandlerFunc(c.listen)}}
	}
	cloud, err := New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.cloud = cloud
	c.http = &http.Client{Transport: benchtest.Wire{Handler: cloud.Handler()}, Timeout: time.Minute}
	c.t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			c.t.Error(err)
		}
	})
}

// bubble runs a test in virtual time; every goroutine must end with Close.
func bubble(t *testing.T, o Options, test func(*testing.T, *till)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newTill(t, o)
		test(t, c)
		if err := c.cloud.Close(); err != nil {
			t.Error(err)
		}
	})
}

// settle lets virtual time pass.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (c *till) listen(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		form = nil
	}
	c.mu.Lock()
	c.inbox = append(c.inbox, arrived{time.Now(), string(raw), form})
	answer := "success"
	if len(c.answers) > 0 {
		answer, c.answers = c.answers[0], c.answers[1:]
	}
	c.mu.Unlock()
	if _, err := io.WriteString(w, answer); err != nil {
		c.t.Error(err)
	}
}

func (c *till) got() []arrived {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.inbox)
}

// autograph is the test's own reading of verifySign, written apart from the cloud's.
func autograph(f map[string]string) string {
	lines := []string{}
	for name, value := range f {
		lines = append(lines, name+"\x00"+value)
	}
	sort.Strings(lines)
	text := strings.ReplaceAll(strings.Join(lines, "&"), "\x00", "=")
	if text != "" {
		text += "&"
	}
	return fmt.Sprintf("%x", md5.Sum(fmt.Appendf(nil, "%s%x", text, md5.Sum([]byte(Token)))))
}

// reply is what the cloud answered.
type reply struct {
	status int
	raw    []byte
	body   map[string]any
	err    error
}

func (r reply) code() string { return text(r.body["ret_code"]) }

func (r reply) result() map[string]any {
	m, _ := r.body["result"].(map[string]any)
	return m
}

func (r reply) field(name string) string { return text(r.result()[name]) }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

type f = map[string]string

// signed adds merchant, store and signature.
func signed(f map[string]string) map[string]string {
	all := map[string]string{"merchantNo": "200043", "storeNo": "300014"}
	maps.Copy(all, f)
	all["verifySign"] = autograph(all)
	return all
}

func (c *till) post(path string, f map[string]string) reply {
	raw, err := json.Marshal(signed(f))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(path, "application/json; charset=UTF-8", raw)
}

func (c *till) send(path, kind string, raw []byte) reply {
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	response, err := c.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	a := reply{status: response.StatusCode}
	if a.raw, a.err = io.ReadAll(response.Body); a.err != nil {
		return a
	}
	d := json.NewDecoder(bytes.NewReader(a.raw))
	d.UseNumber()
	a.err = d.Decode(&a.body)
	return a
}

const aliCode = "286498530672949108"

func (c *till) add(reference, amount string, more ...string) reply {
	return c.post("/app-instore/v3/add", plus(f{"amount": amount, "currency": "USD", "settleCurrency": "USD", "reference": reference}, more))
}

func (c *till) qr(reference, amount string, more ...string) reply {
	return c.post("/app-instore/v3/create-trans-qrcode", plus(f{"amount": amount, "currency": "USD", "settleCurrency": "USD", "reference": reference,
		"vendor": "alipay", "needQrcode": "false", "timeout": "5"}, more))
}

// plus adds names and values in turn.
func plus(m map[string]string, more []string) map[string]string {
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

func (c *till) prepay(no string, more ...string) reply {
	return c.post("/app-instore/v3/prepay", plus(f{"transactionNo": no, "paymentBarcode": aliCode, "vendor": "alipay"}, more))
}

func (c *till) ask(reference string) reply {
	return c.post("/app-data-search/v3/tran-query", f{"reference": reference})
}

func (c *till) cancel(reference string) reply {
	return c.post("/app-data-search/v3/cancel", f{"reference": reference})
}

func (c *till) refund(reference, amount, own string) reply {
	return c.post("/app-data-search/v3/refund", f{"reference": reference, "refundAmount": amount, "currency": "USD", "settleCurrency": "USD", "refundReference": own})
}

// order adds and lets the customer's code pay.
func (c *till) order(reference, amount string, more ...string) (no string, prepaid reply) {
	c.t.Helper()
	a := c.add(reference, amount, more...)
	if a.code() != "000100" || a.field("transactionStatus") != "init" {
		c.t.Fatalf("add: %s %v", a.raw, a.err)
	}
	return a.field("transactionNo"), c.prepay(a.field("transactionNo"))
}

// ends asks until the order is final, or for five minutes.
func (c *till) ends(reference string) string {
	c.t.Helper()
	var status string
	for range 150 {
		settle(2 * time.Second)
		status = c.ask(reference).field("status")
		if status == "success" || status == "failed" || status == "closed" {
			break
		}
	}
	return status
}

func (c *till) fault(name, value string) {
	c.t.Helper()
	if err := c.cloud.SetFault(name, value); err != nil {
		c.t.Fatal(err)
	}
}

func (c *till) charged(reference string, minor int64) {
	c.t.Helper()
	got, n := c.cloud.Charged(reference)
	if got != minor || n > 1 {
		c.t.Errorf("%s: charged %d in %d bookings, want %d", reference, got, n, minor)
	}
}

func (c *till) noViolations() {
	c.t.Helper()
	if v := c.cloud.Violations(); len(v) > 0 {
		c.t.Errorf("violations: %q", v)
	}
}

// violated wants one violation that says so.
func (c *till) violated(part string) {
	c.t.Helper()
	if v := c.cloud.Violations(); !slices.ContainsFunc(v, func(s string) bool { return strings.Contains(s, part) }) {
		c.t.Errorf("no violation says %q: %q", part, v)
	}
}

func ledgerFile(t testing.TB) string { return filepath.Join(t.TempDir(), "pockyt.jsonl") }
