package conform_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	practice "github.com/paydesk-till/paydesk/backend/practice/nexo"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
	"github.com/paydesk-till/paydesk/backend/receipt"
)

// counter is a till with two practice terminals on one network.
type counter struct {
	*engine.Engine
	t         *testing.T
	mode      string
	network   conform.Network
	path      string
	journal   *journal.Journal
	terminals map[string]*practice.Terminal
}

// counterAddresses are where the two terminals listen.
var counterAddresses = map[string]string{"front": "127.0.0.1:11000", "bar": "127.0.0.1:12000"}

func newCounter(t *testing.T, mode string) *counter {
	t.Helper()
	folder := t.TempDir()
	c := &counter{t: t, mode: mode, path: filepath.Join(folder, "journal.db"), terminals: map[string]*practice.Terminal{}}
	for name, address := range counterAddresses {
		p, err := practice.New(practice.Options{POIID: "KASSA-" + name, Ledger: filepath.Join(folder, name+".jsonl"), Pace: 1,
			Till: "http://127.0.0.1:11001", Client: &http.Client{Transport: c.network.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.network.Listen(address, "/", p.Handler()); err != nil {
			t.Fatal(err)
		}
		c.terminals[name] = p
	}
	c.open()
	return c
}

func (c *counter) open() {
	c.t.Helper()
	var err error
	if c.journal, err = journal.Open(c.t.Context(), c.path, journal.Options{}); err != nil {
		c.t.Fatal(err)
	}
	c.Engine = engine.New(engine.Options{Journal: c.journal})
	provider := nexo.New()
	for _, name := range []string{"front", "bar"} {
		settings := payment.Settings{"address": counterAddresses[name], "poiid": "KASSA-" + name, "mode": c.mode, "listen": "127.0.0.1:11001"}
		err := c.Add(c.t.Context(), engine.Terminal{Name: name, Provider: provider, Settings: settings, Transport: c.network.Transport(), Test: true,
			Software: payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: "test"}}, c.network.Listen)
		if err != nil {
			c.t.Fatal(err)
		}
	}
	synctest.Wait()
}

func (c *counter) stop() {
	c.t.Helper()
	if err := c.Close(c.t.Context()); err != nil {
		c.t.Error(err)
	}
	if err := c.journal.Close(); err != nil {
		c.t.Error(err)
	}
}

func (c *counter) end() {
	c.t.Helper()
	if verdict, err := c.journal.Verify(c.t.Context()); err != nil || !verdict.Sound() {
		c.t.Errorf("the journal: %v, %v", verdict.Faults, err)
	}
	c.stop()
	for name, p := range c.terminals {
		for _, v := range p.Violations() {
			c.t.Errorf("the till broke the protocol of %s: %s", name, v)
		}
		if err := p.Close(); err != nil {
			c.t.Error(err)
		}
	}
	c.network.Close()
}

// plays chooses who stands at a terminal and what goes wrong with it.
func (c *counter) plays(terminal, customer string, faults ...string) {
	c.t.Helper()
	if err := c.terminals[terminal].SetCustomer(customer); err != nil {
		c.t.Fatal(err)
	}
	for _, f := range faults {
		name, value, _ := strings.Cut(f, "=")
		if err := c.terminals[terminal].SetFault(name, value); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *counter) until(id, what string, ok func(payment.Operation) bool) payment.Operation {
	c.t.Helper()
	changes, err := c.Follow(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	late := time.After(2 * time.Hour)
	var last payment.Operation
	for {
		select {
		case last = <-changes:
			if ok(last) {
				return last
			}
		case <-late:
			c.t.Fatalf("never %s: %s (%s)", what, last.State, last.ReasonText)
		}
	}
}

func final(op payment.Operation) bool { return op.State.Final() }

// charged is what both terminals together have booked, in minor units.
func (c *counter) charged() (total int64) {
	for _, p := range c.terminals {
		for _, minor := range (terminal{p}).Charged() {
			total += minor
		}
	}
	return total
}

// begin starts a sale at the front and hands it over to the bar in its middle, after
// the trouble has begun.
func (c *counter) begin(trouble func()) payment.Operation {
	c.t.Helper()
	op, err := c.Start(c.t.Context(), engine.Start{FormKey: "form", Terminal: "front", Amount: 1250})
	if err != nil {
		c.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	trouble()
	if op, err = c.HandOver(c.t.Context(), op.ID, "bar", "ada"); err != nil {
		c.t.Fatal(err)
	}
	return op
}

// TestHandOver takes a card to another terminal: both terminals' ledgers together
// never have the sale twice, whatever the first one does meanwhile.
func TestHandOver(t *testing.T) {
	for name, c := range map[string]struct {
		customer string
		faults   []string
		end      payment.HandoverEnd
		first    payment.State
		charged  int64
	}{
		"the customer has not begun":         {customer: "walks-away", end: payment.HandoverStarted, first: payment.Cancelled, charged: 1250},
		"approved during the fence":          {customer: "chip-pin", faults: []string{"abort.effect=late"}, end: payment.HandoverPaid, first: payment.Approved, charged: 1250},
		"the abort gets lost":                {customer: "walks-away", faults: []string{"abort.request=lose"}, end: payment.HandoverStarted, first: payment.Cancelled, charged: 1250},
		"the answer gets lost":               {customer: "walks-away", faults: []string{"payment.answer=lose"}, end: payment.HandoverStarted, first: payment.Cancelled, charged: 1250},
		"the answer of an approval is lost":  {customer: "chip-pin", faults: []string{"abort.effect=late", "payment.answer=lose"}, end: payment.HandoverPaid, first: payment.Approved, charged: 1250},
		"the terminal is unplugged for good": {customer: "walks-away", faults: []string{"network=unplugged"}, end: payment.HandoverParked, first: payment.InDoubt},
	} {
		for _, mode := range []string{"default", "light"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := newCounter(t, mode)
					defer x.end()
					x.plays("bar", "contactless")
					x.plays("front", c.customer)
					op := x.begin(func() { x.plays("front", c.customer, c.faults...) })
					op = x.until(op.ID, "handed over", func(op payment.Operation) bool { return op.Handover != nil && !op.Handover.Open() })
					if op.Handover.End != c.end || op.State != c.first {
						t.Errorf("%s (%s), handover %+v", op.State, op.ReasonText, op.Handover)
					}
					if c.end == payment.HandoverStarted {
						second := x.until(op.Handover.Operation, "final", final)
						if second.State != payment.Approved || second.Terminal != "bar" || second.Replaces != op.ID {
							t.Errorf("at the bar: %s (%s)", second.State, second.ReasonText)
						}
					}
					time.Sleep(time.Minute)
					if got := x.charged(); got != c.charged {
						t.Errorf("charged %d, want %d", got, c.charged)
					}
				})
			})
		}
	}
}

// TestRestartDuringAHandover: the first terminal approves while the till is off. It is
// paid there, and the bar is never asked.
func TestRestartDuringAHandover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newCounter(t, "default")
		defer x.end()
		x.plays("bar", "contactless")
		x.plays("front", "chip-pin", "abort.effect=late")
		op := x.begin(func() {})
		x.stop()
		time.Sleep(time.Minute)
		x.open()
		op = x.until(op.ID, "final", final)
		if op.State != payment.Approved || op.Handover.End != payment.HandoverRestart {
			t.Errorf("%s, %+v", op.State, op.Handover)
		}
		if _, err := x.HandOver(t.Context(), op.ID, "bar", "ada"); payment.InTheWay(err) != op.ID {
			t.Errorf("handed over although it is paid: %v", err)
		}
		if got := x.charged(); got != 1250 {
			t.Errorf("charged %d", got)
		}
	})
}

// TestLightModeRefusalOnPaper: a signature refused after the payment is voided to the
// proven end, also over a restart, and the customer's copy says that it was taken back.
func TestLightModeRefusalOnPaper(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			x := newCounter(t, "light")
			defer x.end()
			x.plays("front", "signature", "reversal.answer=lose")
			op, err := x.Start(t.Context(), engine.Start{FormKey: "form", Terminal: "front", Amount: 1250})
			if err != nil {
				t.Fatal(err)
			}
			op = x.until(op.ID, "asked", func(op payment.Operation) bool { return op.Question != nil })
			time.Sleep(10 * time.Second) // of signing; right after a payment the terminal is busy
			if x.charged() != 1250 {
				t.Errorf("charged %d before the answer", x.charged())
			}
			if restart {
				x.plays("front", "signature", "status.answer=always:lose")
			}
			if _, err := x.Answer(t.Context(), op.ID, payment.Answer{Question: op.Question.ID, Operator: "ada"}); err != nil {
				t.Fatal(err)
			}
			if restart { // while it is not known what became of the void
				x.until(op.ID, "in doubt", func(op payment.Operation) bool { return op.State == payment.InDoubt })
				x.stop()
				x.plays("front", "signature", "status.answer=ok")
				x.open()
			}
			op = x.until(op.ID, "final", final)
			if op.State != payment.Cancelled || op.Reason != payment.ReasonSignature || x.charged() != 0 {
				t.Errorf("%s (%s), charged %d", op.State, op.Reason, x.charged())
			}
			slip, err := receipt.Render(op, payment.CustomerCopy, receipt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if text := slip.Text(42); !strings.Contains(text, "VOIDED") || strings.Contains(strings.ToUpper(text), "APPROVED") {
				t.Errorf("the customer gets:\n%s", text)
			}
		})
	}
}
