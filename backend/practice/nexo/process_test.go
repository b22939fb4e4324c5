package nexo

import (
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/bench/benchtest"
)

func TestMain(m *testing.M) {
	benchtest.Main(m, func(setup []string) (benchtest.Listener, error) {
		return New(Options{Customer: setup[0], Ledger: setup[1], CoolDown: NoCoolDown})
	})
}

// process starts a terminal as a process of its own.
func (c *till) process(customer, file string) (kill func()) {
	c.t.Helper()
	address, kill := benchtest.Process(c.t, customer, file)
	c.addr = address
	return kill
}

// A killed terminal keeps what it booked and has not booked what was running.
func TestKilledTerminal(t *testing.T) {
	file := ledgerFile(t)
	till := newTill(t, Options{})
	kill := till.process("chip-pin", file)
	till.login(lightCapability)
	paid := till.id()
	if _, answer, err := till.askWith(paid, "Payment", paymentBody("1", "10", "", "Normal")); err != nil || answer.child("Response").get("Result") != "Success" {
		t.Fatal(answer, err)
	}
	kill()

	kill = till.process("walks-away", file)
	till.login(lightCapability)
	want(t, till.repeated(paid), "Success", "")
	running := till.id()
	answers := till.start(running, "20")
	// The terminal says Busy as soon as the payment runs.
	for {
		answer, err := till.ask("TransactionStatus", statusBody(running))
		if err != nil {
			t.Fatal(err)
		}
		if answer.child("Response").get("ErrorCondition") == "Busy" {
			break
		}
	}
	kill()
	if n := <-answers; n != nil {
		t.Errorf("a killed terminal answered %v", n)
	}

	kill = till.process("chip-pin", file)
	till.login(lightCapability)
	answer, err := till.ask("TransactionStatus", statusBody(running))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "NotFound")
	want(t, till.repeated(paid), "Success", "")
	kill()
	book, err := openLedger(file)
	if err != nil {
		t.Fatal(err)
	}
	if b := book.last(-1); len(b) != 1 || !b[0].Charged || b[0].AmountMinor != 1000 {
		t.Errorf("bookings %+v", b)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
}
