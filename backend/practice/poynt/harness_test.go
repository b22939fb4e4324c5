package poynt

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
