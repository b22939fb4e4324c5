package trial

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// counter is a till with two practice terminals that are programs of their own, as
// real terminals are: they go on when the till is killed.
type counter struct {
	*till
	front, bar *pad
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c, data := &counter{}, t.TempDir()
	for name, pads := range map[string]**pad{"front": &c.front, "bar": &c.bar} {
		listen := freeAddress(t)
		terminal := start(t, program(t), t.TempDir(), nil, "practice", "nexo", "--till", "http://"+listen,
			"--ledger", filepath.Join(data, name+".jsonl"), "--cooldown", "-1s")
		address := terminal.after("terminal http://")
		*pads = newPad(t, terminal.after("pinpad ")+"/0/")
		add := exec.Command(program(t), "terminal", "add", name, "--data", data, "--provider", "nexo", "--set", "address="+address,
			"--set", "poiid=KASSA-01", "--set", "listen="+listen, "--set", "currency=SEK")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("add %s: %v\n%s", name, err, out)
		}
	}
	c.open(t, data)
	return c
}

// open starts the till.
func (c *counter) open(t *testing.T, data string) {
	t.Helper()
	c.till = start(t, program(t), data, nil, "serve", "--listen", "127.0.0.1:0")
	c.address = "http://" + c.after("http://")
}

// The ports that freeAddress gives: below those that the system hands to outgoing
// connections, so that none of these takes one meanwhile.
const (
	lowestPort = 14_000
	ports      = 6_000
)

var portsDrawn atomic.Int64

// freeAddress is one that a terminal can be told before the till listens there.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range ports {
		address := fmt.Sprintf("127.0.0.1:%d", lowestPort+(int64(os.Getpid())*97+portsDrawn.Add(1))%ports)
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close() // it was only tried
			return address
		}
	}
	t.Fatal("no address is free")
	return ""
}

// told asserts the states of all operations, newest first, and an intact chain.
func (c *counter) told(states ...string) {
	c.Helper()
	out, err := exec.Command(c.program, "journal", "list", "--data", c.data).Output()
	if err != nil {
		c.Fatal("journal list:", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(states) {
		c.Fatalf("the journal has\n%swant %v", out, states)
	}
	for i, state := range states {
		if !strings.Contains(lines[i], state) {
			c.Errorf("line %d of the journal is %q, want %s", i+1, lines[i], state)
		}
	}
	if out, err := exec.Command(c.program, "journal", "verify", "--data", c.data).CombinedOutput(); err != nil {
		c.Errorf("journal verify: %v\n%s", err, out)
	}
}

// TestHandOver takes a card to another terminal, with the real program and two
// terminals: the first lets go, the first was faster, and the till is killed while it
// waits. The terminals' own ledgers never have a sale twice.
func TestHandOver(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	p := desk(t, c.till)
	p.visit("/?terminal=front")
	p.charge("5600", "56.00")
	c.front.shows("Present card")
	p.sees("Present card")
	p.click("#elsewhere")
	p.sees("is asked to stop first")
	p.look("elsewhere")
	p.click("#take-bar")
	c.bar.shows("Present card")
	p.until(`document.querySelector("[data-screen^=payment-] .top")?.textContent.includes("bar")`)
	p.look("payment-at-the-bar")
	c.bar.do("tap", "contactless")
	p.ends("Approved", "56.00\u00a0kr was charged.")
	p.sees("An earlier attempt at this sale")
	c.front.ledger()
	c.bar.ledger("-56.00")
	c.told("approved", "cancelled")

	p.visit("/?terminal=front")
	p.newSale()
	c.front.do("fault", "abort.effect=late")
	p.charge("2100", "21.00")
	c.front.shows("Present card")
	c.front.do("insert", "chip-pin")
	c.front.shows("Enter PIN")
	p.click("#elsewhere")
	p.click("#take-bar")
	p.sees("Waiting for front")
	p.look("fence")
	c.front.do("pin", "right")
	p.sees("Paid on front")
	p.sees("Nothing was started here.")
	p.look("fence-paid")
	c.front.ledger("-21.00")
	c.bar.ledger("-56.00")
	c.front.do("fault", "abort.effect=obey")
	c.front.shows("Remove card")
	c.front.do("pull", "")

	p.visit("/?terminal=front")
	p.newSale()
	p.charge("8100", "81.00")
	c.front.shows("Present card")
	c.front.do("fault", "network=unplugged")
	p.click("#elsewhere")
	p.click("#take-bar")
	p.sees("Waiting for front")
	c.signal(syscall.SIGKILL)
	c.wait()
	c.open(t, c.data)
	p = desk(t, c.till)
	p.until(`document.querySelector("#bands .doubt")?.textContent.includes("is in doubt")`)
	p.visit("/?terminal=bar")
	p.until(`document.querySelector("[data-screen^=sale-]") !== null`)
	c.front.do("fault", "network=plugged")
	c.front.do("key", "red")
	p.visit("/?terminal=front")
	p.ends("Cancelled", "Nothing was charged.")
	p.sees("Paydesk was restarted before it was known")
	p.look("after-the-restart")
	p.click("#elsewhere")
	p.click("#take-bar")
	c.bar.shows("Present card")
	c.bar.do("tap", "contactless")
	p.ends("Approved", "81.00\u00a0kr was charged.")
	c.front.ledger("-21.00")
	c.bar.ledger("-56.00", "-81.00")
	c.told("approved", "cancelled", "approved", "approved", "cancelled")
	p.quiet()
}
