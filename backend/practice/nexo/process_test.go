package nexo

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// serveEnv makes the test binary a practice terminal of its own, to be killed.
const serveEnv = "NEXO_TEST_LEDGER"

func TestMain(m *testing.M) {
	file := os.Getenv(serveEnv)
	if file == "" {
		os.Exit(m.Run())
	}
	customer, file, _ := strings.Cut(file, ":")
	term, err := New(Options{Customer: customer, Ledger: file, CoolDown: NoCoolDown})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	addr, err := term.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(addr)
	select {}
}

// process starts a terminal as a process of its own.
func (c *till) process(customer, file string) (kill func()) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), os.Args[0])
	command.Env = append(os.Environ(), serveEnv+"="+customer+":"+file)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		c.t.Fatal("the terminal's process printed no address")
	}
	c.addr = lines.Text()
	return func() {
		if err := command.Process.Kill(); err != nil {
			c.t.Error(err)
		}
		if err := command.Wait(); err == nil {
			c.t.Error("a killed process ended well")
		}
	}
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
