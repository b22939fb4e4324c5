package iotpay

import (
	"os"
	"path/filepath"
	"testing"

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

// A killed cloud keeps what it charged; what was open is cancelled afterwards.
func TestKilled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	c := newTill(t, Options{})
	kill := c.process("chip-pin", file)
	paid, _ := c.pay("1000", nil)
	kill()
	kill = c.process("walks-away", file)
	open := c.number()
	ended := make(chan error, 1)
	go func() {
		_, err := c.post("/v1/create_order", orderOf(open, "2000"), nil)
		ended <- err
	}()
	for {
		if r := c.query(open); r.text("status") == "1" {
			break
		}
	}
	c.has(c.query(paid).body, map[string]any{"status": 2})
	kill()
	if err := <-ended; err == nil {
		t.Error("a killed cloud answered")
	}
	kill = c.process("chip-pin", file)
	c.has(c.query(open).body, map[string]any{"status": 4})
	c.has(c.query(paid).body, map[string]any{"status": 2, "amount": 1000})
	kill()
}

// A torn last line is cut off; any other damage is an error.
func TestDamagedLedger(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	c := newTill(t, Options{Customer: "contactless", Ledger: file})
	c.pay("1000", nil)
	if err := c.term.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(whole) + `{"booking":{"id"`, string(whole)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		book, err := openLedger(file)
		if err != nil || len(book.last(-1)) != 1 || book.last(-1)[0].Outcome != outcomeApproved {
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
	for name, o := range map[string]Options{"pace": {Pace: -1}, "customer": {Customer: "x"}} {
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
