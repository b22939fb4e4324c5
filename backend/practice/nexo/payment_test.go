package nexo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCustomers(t *testing.T) {
	cases := []struct {
		customer, result, condition, code, entry, cvm string
		charged                                       bool
		amount, tip                                   int64
	}{
		{customer: "chip-pin", result: "Success", code: "00", entry: "ICC", cvm: cvmPIN, charged: true, amount: 12550},
		{customer: "contactless", result: "Success", code: "00", entry: "Contactless", cvm: cvmNone, charged: true, amount: 12550},
		{customer: "phone", result: "Success", code: "00", entry: "Contactless", cvm: cvmDevice, charged: true, amount: 12550},
		{customer: "stripe", result: "Success", code: "00", entry: "MagStripe", cvm: cvmPIN, charged: true, amount: 12550},
		{customer: "signature", result: "Success", code: "00", entry: "ICC", cvm: cvmSignature, charged: true, amount: 12550},
		{customer: "tip", result: "Success", code: "00", entry: "ICC", cvm: cvmPIN, charged: true, amount: 13805, tip: 1255},
		{customer: "wrong-then-right", result: "Success", code: "00", entry: "ICC", cvm: cvmPIN, charged: true, amount: 12550},
		{customer: "declined", result: "Failure", condition: "Refusal", code: "05", amount: 12550},
		{customer: "insufficient", result: "Failure", condition: "Refusal", code: "51", amount: 12550},
		{customer: "wrong-pin", result: "Failure", condition: "Refusal", code: "55", amount: 12550},
		{customer: "cancels", result: "Failure", condition: "Cancel", amount: 12550},
		{customer: "pulls-card", result: "Failure", condition: "Cancel", code: "Z3", amount: 12550},
		{customer: "unreachable", result: "Failure", condition: "UnreachableHost", code: "91", amount: 12550},
	}
	for _, mode := range []string{fullCapabilities, lightCapability} {
		for _, c := range cases {
			t.Run(c.customer+"/"+strings.Fields(mode)[0], func(t *testing.T) {
				till := newTill(t, Options{Customer: c.customer})
				till.login(mode)
				answer := till.pay("20260412000123001", "125.50")
				want(t, answer, c.result, c.condition)
				if got := answer.at("SaleData/SaleTransactionID").get("TransactionID"); got != "20260412000123001" {
					t.Errorf("sale transaction id %q", got)
				}
				bookings := till.term.Bookings()
				if len(bookings) != 1 {
					t.Fatalf("bookings: %+v", bookings)
				}
				b := bookings[0]
				if b.Charged != c.charged || b.AmountMinor != c.amount || b.TipMinor != c.tip || b.Kind != "purchase" ||
					b.ID != answer.at("POIData/POITransactionID").get("TransactionID") {
					t.Errorf("booking %+v", b)
				}
				customer := receiptIn(t, answer, "CustomerReceipt")
				if (customer != nil) != (c.code != "") {
					t.Fatalf("customer receipt: %+v", customer)
				}
				if customer != nil && (customer.Outcome.AuthorisationResponseCode != c.code || !strings.HasPrefix(customer.CardDetails.PrimaryAccountNumber, "************") ||
					!strings.Contains(customer.CardAcceptor.Name, "TEST")) {
					t.Errorf("customer receipt: %+v", customer)
				}
				if c.result == "Success" {
					merchant := receiptIn(t, answer, "CashierReceipt")
					if merchant.CardDetails.PrimaryAccountNumber[6:12] != "******" || merchant.Payment.CardholderVerificationMethod != c.cvm {
						t.Errorf("merchant receipt: %+v", merchant)
					}
					if merchant.Payment.SignatureBlock != (c.customer == "signature") {
						t.Errorf("signature block %v", merchant.Payment.SignatureBlock)
					}
					if got := answer.at("PaymentResult/PaymentInstrumentData/CardData").get("EntryMode"); got != c.entry {
						t.Errorf("entry mode %s", got)
					}
				}
				if mode == lightCapability && len(till.texts()) > 0 {
					t.Errorf("a light-mode till was sent %q", till.texts())
				}
				till.noViolations()
			})
		}
	}
}

func TestDisplaysOfAnApprovedChipPayment(t *testing.T) {
	till := newTill(t, Options{Customer: "chip-pin"})
	till.login(fullCapabilities)
	till.until("Welcome")
	want(t, till.pay("1", "38"), "Success", "")
	till.until("Welcome")
	got := till.texts()
	expected := []string{`3,"Please wait"`, `2,"Welcome"`, `101,"Present card"`, "event CardInserted", `110,"Enter PIN"`, `110,"Enter PIN: *"`, `110,"Enter PIN: **"`,
		`110,"Enter PIN: ***"`, `110,"Enter PIN: ****"`, `120,"Authorizing"`, `202,"Approved"`, `210,"Remove card"`, "event CardRemoved", `2,"Welcome"`}
	if !slices.Equal(got, expected) {
		t.Errorf("got  %q\nwant %q", got, expected)
	}
	till.noViolations()
}

func TestTextIDsOff(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	if err := till.term.SetFault("text-ids", "off"); err != nil {
		t.Fatal(err)
	}
	till.login(fullCapabilities)
	till.pay("1", "38")
	if got := till.texts(); !slices.Contains(got, "Present card") || !slices.Contains(got, "Approved") {
		t.Errorf("texts %q", got)
	}
}

func TestContactlessAboveTheFloorAsksForThePIN(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless"})
	till.login(fullCapabilities)
	answer := till.pay("1", "400.00")
	if cvm := receiptIn(t, answer, "CashierReceipt").Payment.CardholderVerificationMethod; cvm != cvmPIN {
		t.Errorf("verified by %q", cvm)
	}
}

func TestCashbackAndRefund(t *testing.T) {
	till := newTill(t, Options{Customer: "chip-pin"})
	till.login(lightCapability)
	answer, err := till.ask("Payment", paymentBody("1", "300.00", "100.00", "Normal"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Success", "")
	if a := answer.at("PaymentResult/AmountsResp"); a.get("AuthorizedAmount") != "300" || a.get("CashBackAmount") != "100.00" {
		t.Errorf("amounts %v", a)
	}
	answer, err = till.ask("Payment", paymentBody("2", "49.90", "", "Refund"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Success", "")
	if answer.child("PaymentResult").get("PaymentType") != "Refund" {
		t.Errorf("refund answer %v", answer)
	}
	b := till.term.Bookings()
	if len(b) != 2 || b[0].CashbackMinor != 10000 || b[1].Kind != "refund" || b[1].AmountMinor != 4990 || !b[1].Charged {
		t.Errorf("bookings %+v", b)
	}
	if err := till.term.SetCustomer("stripe"); err != nil {
		t.Fatal(err)
	}
	answer, err = till.ask("Payment", paymentBody("3", "300.00", "100.00", "Normal"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, answer, "Failure", "Refusal")
}

func TestRefusedAmounts(t *testing.T) {
	till := newTill(t, Options{Customer: "chip-pin"})
	till.login(lightCapability)
	for _, c := range []struct{ amount, cashback, kind, condition string }{
		{"0", "", "Normal", "Refusal"}, {"10.001", "", "Normal", "MessageFormat"}, {"10", "11", "Normal", "MessageFormat"},
		{"10", "5", "Refund", "Refusal"}, {"10", "", "CashAdvance", "UnavailableService"},
	} {
		answer, err := till.ask("Payment", paymentBody("1", c.amount, c.cashback, c.kind))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", c.condition)
	}
	if b := till.term.Bookings(); len(b) != 0 {
		t.Errorf("bookings %+v", b)
	}
}

func TestCoolDown(t *testing.T) {
	till := newTill(t, Options{Customer: "contactless", CoolDown: time.Hour})
	till.login(lightCapability)
	want(t, till.pay("1", "10"), "Success", "")
	want(t, till.pay("2", "10"), "Failure", "Busy")
	if err := till.term.SetFault("cooldown", "off"); err != nil {
		t.Fatal(err)
	}
	if answer, err := till.ask("TransactionStatus", statusBody("")); err != nil || answer.child("Response").get("Result") != "Success" {
		t.Errorf("status in the cool-down: %v %v", answer, err)
	}
	till.login(lightCapability)
	want(t, till.pay("3", "10"), "Success", "")
	if n := len(till.term.Bookings()); n != 2 {
		t.Errorf("%d bookings", n)
	}
}

func TestAbort(t *testing.T) {
	for _, mode := range []string{fullCapabilities, lightCapability} {
		t.Run(strings.Fields(mode)[0], func(t *testing.T) {
			till := newTill(t, Options{Customer: "walks-away"})
			till.login(mode)
			id := till.id()
			answers := make(chan *node, 1)
			go func() {
				_, n, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
				if err != nil {
					t.Error(err)
				}
				answers <- n
			}()
			till.waitScreen("Present card")
			if answer, err := till.ask("TransactionStatus", statusBody(id)); err != nil || answer.child("Response").get("ErrorCondition") != "Busy" {
				t.Errorf("status of a running payment: %v %v", answer, err)
			}
			if status, _, _ := till.askWith(till.id(), "Abort", abortBody("77")); status != 204 {
				t.Errorf("foreign abort answered with %d", status)
			}
			if mode == fullCapabilities {
				till.until("Reject")
			}
			if status, _, _ := till.askWith(till.id(), "Abort", abortBody(id)); status != 204 {
				t.Errorf("abort answered with %d", status)
			}
			answer := <-answers
			want(t, answer, "Failure", "Aborted")
			if receiptIn(t, answer, "CustomerReceipt") != nil {
				t.Error("a receipt without a card")
			}
			till.noViolations()
		})
	}
}

func TestAbortTooLate(t *testing.T) {
	till := newTill(t, Options{})
	till.login(fullCapabilities)
	if err := till.term.SetFault("abort.effect", "late"); err != nil {
		t.Fatal(err)
	}
	id := till.id()
	answers := make(chan *node, 1)
	go func() {
		_, n, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Error(err)
		}
		answers <- n
	}()
	till.until("Present card")
	if status, _, _ := till.askWith(till.id(), "Abort", abortBody(id)); status != 204 {
		t.Errorf("abort answered with %d", status)
	}
	till.until("Completed")
	if err := till.term.SetCustomer("contactless"); err != nil {
		t.Fatal(err)
	}
	want(t, <-answers, "Success", "")
}

func TestOneRequestAtATime(t *testing.T) {
	till := newTill(t, Options{Customer: "walks-away"})
	till.login(fullCapabilities)
	first := make(chan *node, 1)
	id := till.id()
	go func() {
		_, n, err := till.askWith(id, "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Error(err)
		}
		first <- n
	}()
	till.until("Present card")
	want(t, till.pay("2", "10"), "Failure", "Busy")
	if v := till.term.Violations(); len(v) != 1 {
		t.Errorf("violations %q", v)
	}
	till.login(fullCapabilities)
	want(t, <-first, "Failure", "Aborted")
}
