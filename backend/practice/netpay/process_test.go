package netpay

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

func TestMain(m *testing.M) {
	benchtest.Main(m, func(setup []string) (benchtest.Listener, error) {
		return New(Options{Customer: setup[0], Till: setup[1], Ledger: setup[2]})
	})
}

// process starts a cloud as a process of its own.
func (c *till) process(customer, file string) (kill func()) {
	c.t.Helper()
	address, kill := benchtest.Process(c.t, customer, c.server.URL, file)
	c.base = "http://" + address
	return kill
}

// A killed terminal keeps what it booked and has not booked what was running. The
// token outlives it.
func TestKilled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	c := newTill(t, Options{})
	kill := c.process("chip-pin", file)
	folio, sale := c.sell("10", nil)
	kill()
	kill = c.process("walks-away", file)
	c.inquire(folio, nil)
	c.fields(c.result(), map[string]any{"reprintModule": "C", "orderId": sale.text("orderId")})
	running := c.folio()
	c.sent(opSale, map[string]any{"amount": 20, "folioNumber": running})
	kill()
	book, err := openLedger(file)
	if err != nil {
		t.Fatal(err)
	}
	if b := book.last(-1); len(b) != 1 || !b[0].Charged || b[0].AmountMinor != 1000 || b[0].Folio != folio {
		t.Errorf("bookings %+v", b)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
}

// A torn last line is cut off; any other damage is an error.
func TestDamagedLedger(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	c := newTill(t, Options{Customer: "contactless", Ledger: file})
	c.sell("10", nil)
	if err := c.term.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{string(whole) + `{"booking":{"id"`: 1, string(whole): 1} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		book, err := openLedger(file)
		if err != nil || len(book.last(-1)) != want {
			t.Fatalf("%v", err)
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, append([]byte("rubbish\n"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Ledger: file}); err == nil {
		t.Error("a damaged ledger was taken")
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{"pace": {Pace: -1}, "customer": {Customer: "x"}, "till": {Till: "nowhere"}, "stores": {Stores: []Store{}}} {
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
