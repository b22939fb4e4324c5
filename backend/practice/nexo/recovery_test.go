package nexo

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func copyFile(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.jsonl")
	if err := os.WriteFile(copied, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// repeated asks for the stored answer of a payment.
func (c *till) repeated(id string) *node {
	c.t.Helper()
	answer, err := c.ask("TransactionStatus", statusBody(id))
	if err != nil {
		c.t.Fatal(err)
	}
	want(c.t, answer, "Success", "")
	return answer.at("RepeatedMessageResponse/PaymentResponse")
}

func TestStatus(t *testing.T) {
	till := newTill(t, Options{Customer: "chip-pin"})
	if answer, err := till.ask("TransactionStatus", statusBody("")); err != nil || answer.child("Response").get("ErrorCondition") != "NotAllowed" {
		t.Errorf("without a session: %v %v", answer, err)
	}
	till.login(lightCapability)
	answer, err := till.ask("TransactionStatus", statusBody(""))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "NotFound")
	id := till.id()
	_, paid, err := till.askWith(id, "Payment", paymentBody("first", "10", "", "Normal"))
	if err != nil {
		t.Fatal(err)
	}
	till.pay("second", "20")
	if got := till.repeated(id).String(); got != paid.String() {
		t.Errorf("repeated\n%s\nanswered\n%s", got, paid)
	}
	if got := till.repeated("").at("SaleData/SaleTransactionID").get("TransactionID"); got != "second" {
		t.Errorf("last is %q", got)
	}
	answer, err = till.ask("TransactionStatus", statusBody("4711"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "NotFound")
}

func TestLateApproval(t *testing.T) {
	till := newTill(t, Options{Customer: "late-approval"})
	till.login(fullCapabilities)
	id := till.id()
	if _, _, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal")); err == nil {
		t.Fatal("the line did not break")
	}
	waitView(t, till.term, "booked", func() bool { return len(till.term.Bookings()) == 1 })
	waitView(t, till.term, "idle", func() bool { return till.term.Device().View().Screen.State == "idle" })
	want(t, till.repeated(id), "Success", "")
	if b := till.term.Bookings(); len(b) != 1 || !b[0].Charged {
		t.Errorf("bookings %+v", b)
	}
}

func TestUnplugged(t *testing.T) {
	till := newTill(t, Options{Customer: "unplugged"})
	till.login(fullCapabilities)
	id := till.id()
	if _, _, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal")); err == nil {
		t.Fatal("the line did not break")
	}
	if _, err := till.ask("TransactionStatus", statusBody(id)); err == nil {
		t.Fatal("an unplugged terminal answered")
	}
	waitView(t, till.term, "settled", func() bool { return len(till.term.Bookings()) == 1 })
	if err := till.term.SetFault("network", "plugged"); err != nil {
		t.Fatal(err)
	}
	waitView(t, till.term, "idle", func() bool { return till.term.Device().View().Screen.State == "idle" })
	want(t, till.repeated(id), "Failure", "Refusal")
	if b := till.term.Bookings(); len(b) != 1 || b[0].Charged {
		t.Errorf("bookings %+v", b)
	}
}

func TestSilent(t *testing.T) {
	till := newTill(t, Options{Customer: "silent"})
	till.login(fullCapabilities)
	id := till.id()
	lost := make(chan error, 2)
	go func() {
		_, _, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
		lost <- err
	}()
	waitView(t, till.term, "silent", func() bool { return strings.Contains(till.logLines(), "Payment request swallowed") })
	go func() {
		_, err := till.ask("TransactionStatus", statusBody(id))
		lost <- err
	}()
	waitView(t, till.term, "silent", func() bool { return strings.Contains(till.logLines(), "TransactionStatus request swallowed") })
	select {
	case err := <-lost:
		t.Fatalf("a silent terminal answered: %v", err)
	default:
	}
	if err := till.term.SetCustomer("chip-pin"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if <-lost == nil {
			t.Error("a swallowed request was answered")
		}
	}
	answer, err := till.ask("TransactionStatus", statusBody(id))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "NotFound")
	if b := till.term.Bookings(); len(b) != 0 {
		t.Errorf("bookings %+v", b)
	}
}

// A till that is killed while the customer enters the PIN finds the approval later.
func TestPaymentGoesOnWithoutTheTill(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	id := till.id()
	ctx, kill := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+till.addr+Path, strings.NewReader(request(id, "Payment", paymentBody("1", "500", "", "Normal"))))
	if err != nil {
		t.Fatal(err)
	}
	lost := make(chan error, 1)
	go func() {
		response, err := till.client.Do(r)
		if err == nil {
			err = response.Body.Close()
		}
		lost <- err
	}()
	till.until("Present card")
	pad := till.term.Device()
	waitView(t, till.term, "asking for a card", func() bool { return pad.Do(pinpad.Action{Name: pinpad.ActionInsert, Value: "chip-pin"}) == nil })
	till.waitScreen("Enter PIN")
	kill()
	if <-lost == nil {
		t.Fatal("the payment was answered")
	}
	waitView(t, till.term, "noticed", func() bool { return strings.Contains(till.logLines(), "hung up") })
	till.server.Close()
	if err := pad.Do(pinpad.Action{Name: pinpad.ActionPIN, Value: "right"}); err != nil {
		t.Fatal(err)
	}
	waitView(t, till.term, "booked", func() bool { return len(till.term.Bookings()) == 1 })
	waitView(t, till.term, "answered", func() bool { return pad.View().Screen.State == "idle" })
	want(t, till.repeated(id), "Success", "")
	if b := till.term.Bookings(); !b[0].Charged || b[0].AmountMinor != 50000 {
		t.Errorf("bookings %+v", b)
	}
}

func TestLedgerSurvivesTheProcess(t *testing.T) {
	file := ledgerFile(t)
	till := newTill(t, Options{Customer: "chip-pin", Ledger: file})
	till.login(lightCapability)
	id := till.id()
	_, paid, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
	if err != nil {
		t.Fatal(err)
	}
	if err := till.term.SetCustomer("walks-away"); err != nil {
		t.Fatal(err)
	}
	lost := make(chan error, 1)
	go func() {
		_, err := till.ask("Payment", paymentBody("2", "20", "", "Normal"))
		lost <- err
	}()
	till.waitScreen("Present card")
	if err := till.term.Close(); err != nil {
		t.Fatal(err)
	}
	if <-lost == nil {
		t.Error("a closed terminal answered")
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"booking":{"id":"torn`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	till.attach(Options{Customer: "chip-pin", Ledger: file, CoolDown: NoCoolDown})
	till.login(lightCapability)
	if got := till.repeated(id).String(); got != paid.String() {
		t.Errorf("repeated\n%s\nanswered\n%s", got, paid)
	}
	if b := till.term.Bookings(); len(b) != 1 || !b[0].Charged {
		t.Errorf("bookings %+v", b)
	}
	poi := paid.at("POIData/POITransactionID")
	answer, err := till.ask("Reversal", reversalBody(poi.get("TransactionID"), poi.get("TimeStamp")))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Success", "")
	third := till.pay("3", "30")
	if got := third.at("POIData/POITransactionID").get("TransactionID"); got <= poi.get("TransactionID") {
		t.Errorf("transaction id %s was used before", got)
	}
	again, err := openLedger(copyFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	if b := again.last(-1); len(b) != 3 || b[0].Charged || !b[0].Reversed || b[1].Kind != "reversal" || !b[2].Charged {
		t.Errorf("bookings %+v", b)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedLedgerIsRefused(t *testing.T) {
	file := ledgerFile(t)
	if err := os.WriteFile(file, []byte("nonsense\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Ledger: file}); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("got %v", err)
	}
}

func TestReversal(t *testing.T) {
	till := newTill(t, Options{Customer: "chip-pin"})
	till.login(fullCapabilities)
	older := till.pay("1", "10").at("POIData/POITransactionID")
	answer, err := till.ask("Payment", paymentBody("2", "20", "", "Refund"))
	if err != nil {
		t.Fatal(err)
	}
	last := answer.at("POIData/POITransactionID")
	for _, c := range []struct {
		name, id, stamp, result, condition string
	}{
		{"older", older.get("TransactionID"), older.get("TimeStamp"), "Failure", "Refusal"},
		{"unknown", "1234567890", last.get("TimeStamp"), "Failure", "NotFound"},
		{"time stamp not copied literally", last.get("TransactionID"), "2026-04-12T08:15:31.2Z", "Failure", "NotFound"},
		{"last", last.get("TransactionID"), last.get("TimeStamp"), "Success", ""},
		{"twice", last.get("TransactionID"), last.get("TimeStamp"), "Failure", "Refusal"},
	} {
		answer, err := till.ask("Reversal", reversalBody(c.id, c.stamp))
		if err != nil {
			t.Fatal(c.name, err)
		}
		want(t, answer, c.result, c.condition)
		if c.result == "Success" {
			for _, qualifier := range []string{"CustomerReceipt", "CashierReceipt"} {
				if r := receiptIn(t, answer, qualifier); r == nil || r.Outcome.DebitStatus != "91" {
					t.Errorf("%s %+v", qualifier, r)
				}
			}
			if answer.kids[2].get("DocumentQualifier") != "CustomerReceipt" {
				t.Error("the customer's receipt comes first in a reversal")
			}
		}
	}
	b := till.term.Bookings()
	if len(b) != 3 || !b[0].Charged || b[1].Charged || !b[1].Reversed || b[2].Kind != "reversal" {
		t.Errorf("bookings %+v", b)
	}
	till.noViolations()
}

// Two tills and a watcher at once: exactly one payment at a time, no data race.
func TestConcurrency(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	till.login(fullCapabilities)
	var all sync.WaitGroup
	approvals := make(chan int, 8)
	for worker := range 8 {
		all.Go(func() {
			n := 0
			for i := range 10 {
				id := string(rune('a'+worker)) + string(rune('0'+i))
				_, answer, err := till.askWith(id, "Payment", paymentBody(id, "10", "", "Normal"))
				if err != nil {
					t.Error(err)
					break
				}
				if answer.child("Response").get("Result") == "Success" {
					n++
				}
				till.term.Device().View()
			}
			approvals <- n
		})
	}
	all.Wait()
	close(approvals)
	total := 0
	for n := range approvals {
		total += n
	}
	charged := 0
	for _, b := range till.term.Bookings() {
		if b.Charged {
			charged++
		}
	}
	if total == 0 || charged != total {
		t.Errorf("%d approvals, %d charged", total, charged)
	}
}
