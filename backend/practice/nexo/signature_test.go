package nexo

import (
	"slices"
	"testing"
)

func TestSignatureInDefaultMode(t *testing.T) {
	for _, c := range []struct {
		name, confirm, fault, unanswered, result, condition string
		reversed                                            bool
	}{
		{name: "accepted", confirm: "true", result: "Success"},
		{name: "refused", confirm: "false", result: "Failure", condition: "Refusal", reversed: true},
		{name: "given up", confirm: "abort", result: "Failure", condition: "Refusal", reversed: true},
		{name: "terminal hangs up", confirm: "hang", fault: "close", result: "Failure", condition: "Refusal", reversed: true},
		{name: "question lost", confirm: "true", fault: "lose", result: "Failure", condition: "Refusal", reversed: true},
		{name: "question lost, approved all the same", confirm: "true", fault: "lose", unanswered: "approve", result: "Success"},
		{name: "asked twice", confirm: "true", fault: "duplicate", result: "Success"},
	} {
		t.Run(c.name, func(t *testing.T) {
			till := newTill(t, Options{Customer: "signature"})
			till.login(fullCapabilities)
			till.mu.Lock()
			till.confirm = c.confirm
			till.mu.Unlock()
			for name, value := range map[string]string{"input": c.fault, "signature.unanswered": c.unanswered} {
				if value == "" {
					continue
				}
				if err := till.term.SetFault(name, value); err != nil {
					t.Fatal(err)
				}
			}
			answer := till.pay("1", "300")
			want(t, answer, c.result, c.condition)
			texts := till.texts()
			if print, input := slices.Index(texts, "PrintRequest"), slices.Index(texts, "InputRequest"); print < 0 || (input >= 0 && input < print) {
				t.Errorf("order %q", texts)
			}
			b := till.term.Bookings()
			if len(b) != 1 || b[0].Charged == c.reversed || b[0].Reversed != c.reversed {
				t.Errorf("bookings %+v", b)
			}
			receipt := receiptIn(t, answer, "CustomerReceipt")
			if receipt == nil || (receipt.Outcome.DebitStatus == "91") != c.reversed {
				t.Errorf("receipt %+v", receipt)
			}
			till.noViolations()
		})
	}
}

func TestAbortDuringTheSignatureQuestion(t *testing.T) {
	till := newTill(t, Options{Customer: "signature"})
	till.login(fullCapabilities)
	till.mu.Lock()
	till.confirm = "hang"
	till.mu.Unlock()
	id := till.id()
	answers := make(chan *node, 1)
	go func() {
		_, n, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Error(err)
		}
		answers <- n
	}()
	till.until("InputRequest")
	if status, _, _ := till.askWith(till.id(), "Abort", abortBody(id)); status != 204 {
		t.Errorf("status %d", status)
	}
	till.until("Reject")
	if v := till.term.Violations(); len(v) != 1 {
		t.Errorf("violations %q", v)
	}
	till.server.CloseClientConnections()
	want(t, <-answers, "Failure", "Refusal")
}

func TestUnconfirmedSignatureIsUndoneAtTheNextStart(t *testing.T) {
	file := ledgerFile(t)
	till := newTill(t, Options{Customer: "signature", Ledger: file})
	till.login(fullCapabilities)
	till.mu.Lock()
	till.confirm = "hang"
	till.mu.Unlock()
	lost := make(chan error, 1)
	go func() {
		_, err := till.ask("Payment", paymentBody("1", "10", "", "Normal"))
		lost <- err
	}()
	till.until("InputRequest")
	// A second reader of the file sees what a restart after a kill would see.
	restarted, err := openLedger(copyFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	if b := restarted.last(-1); len(b) != 1 || !b[0].Charged {
		t.Fatalf("authorised and not in the file: %+v", b)
	}
	if n, err := restarted.settlePending(); n != 1 || err != nil {
		t.Fatalf("%d undone, %v", n, err)
	}
	if b := restarted.last(-1); len(b) != 1 || b[0].Charged || !b[0].Reversed {
		t.Errorf("bookings %+v", b)
	}
	if err := restarted.Close(); err != nil {
		t.Fatal(err)
	}
	if err := till.term.Close(); err != nil {
		t.Fatal(err)
	}
	if <-lost == nil {
		t.Error("a closed terminal answered")
	}
}

func TestSignatureInLightModeIsUndoneByAReversal(t *testing.T) {
	till := newTill(t, Options{Customer: "signature"})
	till.login(lightCapability)
	answer := till.pay("1", "300")
	want(t, answer, "Success", "")
	if !receiptIn(t, answer, "CashierReceipt").Payment.SignatureBlock || receiptIn(t, answer, "CustomerReceipt").Payment.SignatureBlock {
		t.Error("the merchant copy alone asks for the signature")
	}
	poi := answer.at("POIData/POITransactionID")
	reversed, err := till.ask("Reversal", reversalBody(poi.get("TransactionID"), poi.get("TimeStamp")))
	if err != nil {
		t.Fatal(err)
	}
	want(t, reversed, "Success", "")
	if b := till.term.Bookings(); b[0].Charged || !b[0].Reversed {
		t.Errorf("bookings %+v", b)
	}
}

func TestPrintThatWantsAnAnswer(t *testing.T) {
	for _, mode := range []string{"immediate", "print-end"} {
		till := newTill(t, Options{Customer: "signature"})
		till.login(fullCapabilities)
		if err := till.term.SetFault("print", mode); err != nil {
			t.Fatal(err)
		}
		want(t, till.pay("1", "300"), "Success", "")
		till.noViolations()
	}
}

func TestUnpluggedDuringTheSignatureQuestion(t *testing.T) {
	till := newTill(t, Options{Customer: "signature"})
	till.login(fullCapabilities)
	till.mu.Lock()
	till.confirm = "hang"
	till.mu.Unlock()
	id := till.id()
	answers := till.start(id, "10")
	till.until("InputRequest")
	if err := till.term.SetFault("network", "unplugged"); err != nil {
		t.Fatal(err)
	}
	if n := <-answers; n != nil {
		t.Errorf("answered %v", n)
	}
	waitView(t, till.term, "undone", func() bool {
		b := till.term.Bookings()
		return len(b) == 1 && b[0].Reversed
	})
	if err := till.term.SetFault("network", "plugged"); err != nil {
		t.Fatal(err)
	}
	waitView(t, till.term, "idle", func() bool { return till.term.Device().View().Screen.State == "idle" })
	want(t, till.repeated(id), "Failure", "Refusal")
}
