package pockyt

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

func TestMain(m *testing.M) {
	benchtest.Main(m, func(setup []string) (benchtest.Listener, error) {
		return New(Options{Customer: setup[0], Ledger: setup[1]})
	})
}

// process starts a cloud as a process of its own.
func (c *till) process(customer, file string) (kill func()) {
	c.t.Helper()
	address, kill := benchtest.Process(c.t, customer, file)
	c.base = "http://" + address
	return kill
}

// A killed cloud knows what it answered, and an open payment stays open.
func TestKilledCloud(t *testing.T) {
	file := ledgerFile(t)
	c := &till{t: t, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
	kill := c.process("contactless", file)
	no, a := c.order("sale-1", "12.56")
	if a.field("transactionStatus") != "success" {
		t.Fatalf("%s %v", a.raw, a.err)
	}
	c.refund("sale-1", "2.56", "r-1")
	kill()

	kill = c.process("abandons", file)
	if q := c.ask("sale-1"); q.field("status") != "success" || q.field("transactionNo") != no || len(infos(q)) != 1 {
		t.Errorf("%s", q.raw)
	}
	c.order("sale-2", "3.00")
	kill()

	kill = c.process("abandons", file)
	if q := c.ask("sale-2"); q.field("status") != "pending" {
		t.Errorf("%s", q.raw)
	}
	kill()
	book, err := openLedger(file)
	if err != nil {
		t.Fatal(err)
	}
	if b := book.last(-1); len(b) != 2 || !b[0].Charged || b[0].AmountMinor != 1256 || b[1].AmountMinor != 256 {
		t.Errorf("bookings %+v", b)
	}
	if err := book.book.Close(); err != nil {
		t.Fatal(err)
	}
}

// The whole way over sockets, with a notice, and the faults that need a socket.
func TestOverSockets(t *testing.T) {
	c := &till{t: t, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
	arrivals := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.listen(w, r)
		arrivals <- struct{}{}
	}))
	t.Cleanup(server.Close)
	cloud, err := New(Options{Customer: "chip-pin"})
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
	c.cloud, c.base = cloud, Settings(address)["base-url"]
	c.order("sale-1", "12.56", "ipnUrl", server.URL+"/ipn")
	select {
	case <-arrivals:
	case <-time.After(10 * time.Second):
		t.Fatal("no notice arrived")
	}
	if got := c.ask("sale-1").field("status"); got != "success" {
		t.Error(got)
	}
	c.fault("query.request", "refuse")
	if a := c.ask("sale-1"); !errors.Is(a.err, syscall.ECONNRESET) {
		t.Errorf("refuse: %v", a.err)
	}
	for _, fault := range []string{"slow", "truncate", "lose", "delay"} {
		c.fault("query.answer", fault)
		if a := c.ask("sale-1"); (a.err != nil) != (fault == "truncate" || fault == "lose") {
			t.Errorf("%s: %s %v", fault, a.raw, a.err)
		}
	}
	c.noViolations()
	response, err := http.Get(c.base + addPath)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("%d, %v", response.StatusCode, err)
	}
	c.violated("GET")
}
