package poynt

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

func TestMain(m *testing.M) {
	benchtest.Main(m, func(setup []string) (benchtest.Listener, error) {
		return New(Options{Customer: setup[0], Ledger: setup[1]})
	})
}

// process starts a cloud as a process of its own and signs in to it with the key
// that was kept beside its ledger.
func (c *till) process(customer, file string) (kill func()) {
	c.t.Helper()
	address, kill := benchtest.Process(c.t, customer, file)
	c.base = "http://" + address
	c.signIn()
	return kill
}

// A killed cloud keeps what it booked and has not booked what was on the screen;
// the till's key stays good.
func TestKilledCloud(t *testing.T) {
	file := ledgerFile(t)
	key, err := encodeKey(practiceKey(t))
	if err != nil {
		t.Fatal(err)
	}
	write(t, file+keySuffix, key)
	c := &till{t: t, news: make(chan struct{}, 100), http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
	server := httptest.NewServer(http.HandlerFunc(c.listen))
	t.Cleanup(server.Close)
	c.back = server.URL + "/cb"

	kill := c.process("contactless", file)
	c.quiet("sale-1")
	<-c.news
	id := text(transactionsOf(c.got()[0].payment)[0]["id"])
	kill()

	kill = c.process("walks-away", file)
	if c.status(id) != "CAPTURED" {
		t.Errorf("after the kill the transaction is %q", c.status(id))
	}
	c.sell("sale-2", 500, nil)
	<-c.news // RECEIVED: it is on the screen
	kill()

	kill = c.process("contactless", file)
	if got := c.listed(""); len(got) != 1 || got[0] != "sale-1" {
		t.Errorf("the cloud lists %q", got)
	}
	kill()
	book, err := openLedger(file, 0)
	if err != nil {
		t.Fatal(err)
	}
	if b := book.last(-1); len(b) != 1 || !b[0].Charged || b[0].AmountMinor != 1256 {
		t.Errorf("bookings %+v", b)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
}
