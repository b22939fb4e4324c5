package command_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
)

// paidOrders sums what Pockyt's practice cloud took and did not give back: its ledger
// has a line for each state of an order, and the newest counts.
func paidOrders(t testing.TB, ledger string) (sum int64) {
	t.Helper()
	text, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	type order struct {
		No, Status string
		Minor      int64
		Refunds    []struct {
			Minor  int64
			Status string
		}
	}
	newest := map[string]order{}
	for line := range strings.Lines(string(text)) {
		var o order
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		newest[o.No] = o
	}
	for _, o := range newest {
		if o.Status == "success" {
			sum += o.Minor
		}
		for _, back := range o.Refunds {
			if back.Status == "success" {
				sum -= back.Minor
			}
		}
	}
	return sum
}

// interrupted starts a sale and interrupts it when a line holds moment and then is over:
// the terminal is asked to stop. With leaves it is interrupted once more, and ends
// without an outcome.
func interrupted(t *testing.T, leaves bool, moment string, then func(), args ...string) (status int, a answer, said string) {
	t.Helper()
	r := start(t, append([]string{"sale", "--amount", "12.50", "--json"}, args...)...)
	var lines strings.Builder
	until := func(text string) {
		for r.said.Scan() {
			lines.WriteString(r.said.Text() + "\n")
			if text != "" && strings.Contains(r.said.Text(), text) {
				return
			}
		}
		if text != "" {
			t.Fatalf("%v: no line says %q: %v\n%s", args, text, r.said.Err(), lines.String())
		}
	}
	interrupt := func() {
		if err := r.command.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	until(moment)
	then()
	interrupt()
	if leaves {
		until("interrupt again to leave")
		interrupt()
	}
	until("")
	for r.out.Scan() {
		if err := json.Unmarshal(r.out.Bytes(), &a); err != nil {
			t.Errorf("%v in %q", err, r.out.Text())
		}
	}
	_ = r.command.Wait() // its status is looked at by who asked
	return r.command.ProcessState.ExitCode(), a, lines.String()
}

// The line after which a customer can be left standing.
const (
	codeShown   = "Have the customer scan this code"
	codeCharged = "the customer confirms in the wallet"
	cardAwaited = "Present card"
)

// TestAbandonedWallet: a sale that the cashier gives up ends with 3 when nothing was
// taken, and what a cancel met as paid goes back.
func TestAbandonedWallet(t *testing.T) {
	t.Parallel()
	const code = "286498530672949108"
	for _, c := range []struct{ customer, moment, reason, flag string }{
		{"walks-away", codeShown, "cancelled_by_cashier", "--qr"},
		{"abandons", codeCharged, "cancelled_by_cashier", "--code=" + code},
		{"pays-at-cancel", codeCharged, "reversed", "--code=" + code},
	} {
		t.Run(c.customer, func(t *testing.T) {
			t.Parallel()
			till := newCloud(t, "pockyt", c.customer, nil)
			status, a, said := interrupted(t, false, c.moment, func() {}, "--data", till.data, c.flag)
			if status != 3 || a.Reason != c.reason || a.Authorised != 0 {
				t.Errorf("%d %+v\n%s", status, a, said)
			}
			if sum := paidOrders(t, till.ledger); sum != 0 {
				t.Errorf("the customer paid %d", sum)
			}
		})
	}
}

// TestNobodyTells: who stays with a terminal that says nothing, or leaves it, gets 5 and
// the next step; a later run says the same, and never that nothing was charged.
func TestNobodyTells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ provider, customer, moment, booked string }{
		{"iotpay", "silent", cardAwaited, ""},
		{"iotpay", "unplugged", cardAwaited, ""},
		{"poynt", "offline", cardAwaited, ""}, // nothing arrives: that it was never delivered cannot be told
		{"poynt", "unplugged", cardAwaited, ""},
		{"netpay", "silent", cardAwaited, ""},
		{"netpay", "unplugged", cardAwaited, ""},
		{"pockyt", "unplugged", codeCharged, `"success"`}, // paid, and the till cannot ask
	} {
		t.Run(c.provider+" "+c.customer, func(t *testing.T) {
			t.Parallel()
			var listen []string
			if c.provider == "netpay" { // without a way in it does not even wait
				listen = append(listen, "listen="+freePort(t))
			}
			till := newCloud(t, c.provider, c.customer, nil, listen...)
			args := []string{"--data", till.data}
			if c.provider == "pockyt" {
				args = append(args, "--code", "286498530672949108")
			}
			status, a, said := interrupted(t, true, c.moment, func() { written(t, till.ledger, c.booked) }, args...)
			if status != 5 || a.Authorised != 0 {
				t.Errorf("%d %+v\n%s", status, a, said)
			}
			status, out, said := run(t, "recover", "--data", till.data, "--wait", "1s")
			if status != 5 || !strings.Contains(said, "In doubt: sale 1") || !strings.Contains(said, "Do not repeat it") {
				t.Errorf("recover: %d %s%s", status, out, said)
			}
		})
	}
}

// written waits until a practice cloud has put something on the disk; an empty text is
// there at once.
func written(t *testing.T, ledger, text string) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for range again.C {
		if lines, err := os.ReadFile(ledger); text == "" || err == nil && strings.Contains(string(lines), text) {
			return
		}
		if t.Context().Err() != nil {
			return
		}
	}
}

// TestIOTPayPaidMeanwhile: the till dies while the call is open, the customer pays, and
// the order's query tells the next run.
func TestIOTPayPaidMeanwhile(t *testing.T) {
	t.Parallel()
	till := newCloud(t, "iotpay", "", nil)
	r := start(t, "sale", "--amount", "12.50", "--data", till.data)
	await(t, r.said, cardAwaited)
	written(t, till.ledger, `"booking"`)
	if err := r.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = r.command.Wait() // the folder is free then
	press(t, till.pinpad, "tap", "contactless")
	if status, out, said := run(t, "recover", "--data", till.data); status != 0 || !strings.Contains(said, "Approved: sale 1") {
		t.Errorf("%d %s%s", status, out, said)
	}
	if got := charged(t, till.ledger); len(got) != 1 {
		t.Errorf("the PIN pad charged %v", got)
	}
}

// TestNetPayToldElsewhere: the terminal posts to another address than the one that the
// till listens on. It is warned of before anything is sent, and the payment stays in
// doubt, also when the reprint's answer goes there too: never "not paid".
func TestNetPayToldElsewhere(t *testing.T) {
	t.Parallel()
	till := newCloudAt(t, "netpay", "contactless", "http://"+freePort(t)+"/", nil, "listen="+freePort(t))
	status, a, said := interrupted(t, true, cardAwaited, func() { written(t, till.ledger, `"charged":true`) }, "--data", till.data)
	warned, sent := strings.Index(said, "ATTENTION: nothing has ever arrived from terminal desk"), strings.Index(said, cardAwaited)
	if status != 5 || a.Authorised != 0 || warned < 0 || sent < warned {
		t.Errorf("%d %+v\n%s", status, a, said)
	}
	status, out, said := run(t, "recover", "--data", till.data, "--wait", "2s")
	if status != 5 || !strings.Contains(said, "In doubt: sale 1") {
		t.Errorf("recover: %d %s%s", status, out, said)
	}
	var sum int64
	for _, minor := range charged(t, till.ledger) {
		sum += minor
	}
	if sum != 1250 {
		t.Errorf("the terminal charged %d", sum)
	}
}

// TestPaidAfterItWasAbandoned: the sale ended with 3, and the customer pays all the same
// some seconds later. The next run of the till hears of it: the sale is paid, with an
// alarm that lookup shows, and can be refunded.
func TestPaidAfterItWasAbandoned(t *testing.T) {
	t.Parallel()
	till := newCloud(t, "pockyt", "pays-after-cancel", nil, "listen="+freePort(t))
	status, a, said := interrupted(t, false, codeShown, func() {}, "--data", till.data, "--qr")
	if status != 3 || a.Reason != "cancelled_by_cashier" || a.Authorised != 0 {
		t.Fatalf("%d %+v\n%s", status, a, said)
	}
	till.paidAfterAll(t, a)
}

// TestCodeExpiresWhileTheCustomerPays: the time of the code that the till shows is over
// while the customer, who has scanned it, is still about to pay. The sale ends with 3 and
// nothing charged; the wallet pays all the same, and the next run of the till hears of it.
func TestCodeExpiresWhileTheCustomerPays(t *testing.T) {
	t.Parallel()
	till := newCloud(t, "pockyt", "pays-after-cancel", []string{"order.timeout=10s"}, "listen="+freePort(t))
	status, out, said := run(t, "sale", "--data", till.data, "--amount", "12.50", "--qr", "--json")
	var a answer
	if err := json.Unmarshal([]byte(out), &a); err != nil || status != 3 || a.State != "cancelled" || a.Authorised != 0 || !strings.Contains(said, codeShown) {
		t.Fatalf("%d %v %+v\n%s", status, err, a, said)
	}
	till.paidAfterAll(t, a)
}

// paidAfterAll has the next run of the till hear of a sale that ended without a charge
// and was paid all the same: an alarm that lookup shows, and money that can be given back.
func (c cloud) paidAfterAll(t *testing.T, a answer) {
	t.Helper()
	server := start(t, "serve", "--data", c.data, "--listen", "127.0.0.1:0")
	await(t, server.out, "http://")
	patience, cancel := context.WithTimeout(t.Context(), processLimit)
	defer cancel()
	j, err := journal.Open(patience, filepath.Join(c.data, "journal.db"), journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for range again.C {
		if op, err := j.Find(patience, a.Operation); err != nil || len(op.Alarms) > 0 {
			break
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if err := server.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = server.command.Wait() // the folder is free then
	if status, out, said := run(t, "lookup", a.Operation, "--data", c.data); status != 0 || !strings.Contains(said, "ATTENTION: ") || !strings.Contains(said, "Approved: sale 1") {
		t.Errorf("%d %s%s", status, out, said)
	}
	if got := money(t, 0, "refund", a.Operation, "--data", c.data); got.Authorised != 1250 {
		t.Errorf("%+v", got)
	}
	if sum := paidOrders(t, c.ledger); sum != 0 {
		t.Errorf("the customer paid %d", sum)
	}
}
