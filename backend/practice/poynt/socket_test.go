package poynt

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// newSocketTill is newTill over real sockets.
func newSocketTill(t *testing.T, o Options) *till {
	t.Helper()
	c := &till{t: t, news: make(chan struct{}, 1000), http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
	server := httptest.NewServer(http.HandlerFunc(c.listen))
	t.Cleanup(server.Close)
	c.back = server.URL + "/cb/5f0c"
	cloud, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	address, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.cloud, c.base = cloud, "http://"+address
	c.signIn()
	return c
}

// until waits for a number of callbacks.
func (c *till) until(callbacks int) {
	c.t.Helper()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for len(c.got()) < callbacks {
		select {
		case <-c.news:
		case <-limit.C:
			c.t.Fatalf("%d callbacks of %d; log:\n%s", len(c.got()), callbacks, c.log())
		}
	}
}

// The whole way over sockets: settings, token, message, callback, question, refund.
func TestOverSockets(t *testing.T) {
	c := newSocketTill(t, Options{Customer: "chip-pin", Ledger: ledgerFile(t)})
	settings := Settings(strings.TrimPrefix(c.base, "http://"))
	if settings["base-url"] != c.base || settings["device-id"] != DeviceID || !strings.Contains(settings["private-key"], "PRIVATE KEY") {
		t.Errorf("settings %v", settings)
	}
	if a := c.get("/practice/settings.json"); a.status != 200 || a.body["base-url"] != c.base || a.body["private-key"] != settings["private-key"] {
		t.Errorf("the portal says %d %s", a.status, a.raw)
	}
	c.sell("sale-1", 1256, nil)
	c.until(3)
	if got := strings.Join(c.statuses(), " "); got != "RECEIVED STARTED PROCESSED" {
		t.Errorf("callbacks %s", got)
	}
	id := text(transactionsOf(c.result())[0]["id"])
	if c.status(id) != "CAPTURED" {
		t.Errorf("the transaction is %s", c.status(id))
	}
	if a := c.post(transactionsPath, refundBody(id, "")); a.status != 200 {
		t.Errorf("refund: %d %s", a.status, a.raw)
	}
	c.noViolations()

	path := transactionsPath + "/" + id
	c.fault("lookup.request", "refuse")
	if a := c.get(path); !errors.Is(a.err, syscall.ECONNRESET) {
		t.Errorf("refuse: %v", a.err)
	}
	c.fault("lookup.request", "lose")
	if a := c.get(path); a.err == nil || errors.Is(a.err, syscall.ECONNRESET) {
		t.Errorf("lose: %v", a.err)
	}
	c.fault("lookup.answer", "truncate")
	if a := c.get(path); a.status != 200 || a.err == nil || len(a.raw) == 0 {
		t.Errorf("truncate: %d %s %v", a.status, a.raw, a.err)
	}
	c.fault("lookup.answer", "slow")
	if a := c.get(path); a.status != 200 || a.err != nil {
		t.Errorf("slow: %d %v", a.status, a.err)
	}
	c.fault("cloud", "unreachable")
	if a := c.get(path); a.err == nil {
		t.Error("an unreachable cloud answered")
	}
	c.fault("cloud", "reachable")
	if c.status(id) != "REFUNDED" {
		t.Errorf("the transaction is %s", c.status(id))
	}
}

// A till that hangs up does not stop what it asked for.
func TestHangUp(t *testing.T) {
	c := newSocketTill(t, Options{Customer: "contactless", Pace: 0.2})
	c.quiet("sale-1")
	c.until(1)
	id := text(transactionsOf(c.result())[0]["id"])
	changed, stop := c.cloud.Device().Watch()
	defer stop()
	for c.status(id) == "" {
		<-changed // until it shows
	}
	c.http.Timeout = 10 * time.Millisecond
	if a := c.post(transactionsPath, refundBody(id, "")); a.err == nil {
		t.Fatal("the answer was faster than the hang-up")
	}
	c.http.Timeout = time.Minute
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for len(c.cloud.Bookings()) < 2 {
		select {
		case <-changed:
		case <-limit.C:
			t.Fatal("the refund was never made")
		}
	}
}

// Close ends everything at once, also what waits for a customer, a till or an hour.
func TestClose(t *testing.T) {
	bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
		c.fault("callback.progress", "always:late")
		c.fault("network", "unplugged")
		c.sell("sale-1", 100, nil)
		c.fault("network", "plugged")
		settle(time.Second) // somebody is waited for
		c.fault("list.request", "swallow")
		hung := make(chan reply)
		r := c.request(http.MethodGet, transactionsPath, "", "")
		go func() { hung <- c.do(r) }()
		settle(time.Second)
		began := time.Now()
		if err := c.cloud.Close(); err != nil {
			t.Error(err)
		}
		if a := <-hung; a.err == nil {
			t.Error("a request to a closed cloud was answered")
		}
		if d := time.Since(began); d > 0 {
			t.Errorf("closing took %s", d)
		}
		if a := c.get(transactionsPath); a.err == nil {
			t.Error("a closed cloud answered")
		}
		if _, err := c.cloud.Listen("127.0.0.1:0"); !errors.Is(err, bench.ErrEnded) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("a closed cloud listens: %v", err)
		}
	})
	for _, o := range []Options{{Customer: "the pope"}, {Pace: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
