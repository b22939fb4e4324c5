package poynt

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// serveEnv makes the test binary a practice cloud of its own, to be killed.
const serveEnv = "POYNT_TEST_LEDGER"

func TestMain(m *testing.M) {
	setup := os.Getenv(serveEnv)
	if setup == "" {
		os.Exit(m.Run())
	}
	customer, file, _ := strings.Cut(setup, ":")
	cloud, err := New(Options{Customer: customer, Ledger: file})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	address, err := cloud.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(address)
	select {}
}

// process starts a cloud as a process of its own and signs in to it with the key
// that was kept beside its ledger.
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
		c.t.Fatal("the cloud's process printed no address")
	}
	c.base = "http://" + lines.Text()
	c.signIn()
	return func() {
		if err := command.Process.Kill(); err != nil {
			c.t.Error(err)
		}
		if err := command.Wait(); err == nil {
			c.t.Error("a killed process ended well")
		}
	}
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
