package command

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Every kind of event is told in words, and what cannot be read is shown as it is.
func TestTold(t *testing.T) {
	for _, c := range []struct {
		kind payment.EventKind
		data any
		want string
	}{
		{payment.EventMessage, payment.Message{In: true, Name: "PaymentResponse", ID: "7", Body: "<a/>", Status: 200, Took: 1500 * time.Millisecond}, "terminal -> till, PaymentResponse, 7, HTTP 200, took 1.5s"},
		{payment.EventPrompt, payment.Prompt{Code: payment.PromptPIN, Text: "Enter PIN", Waiting: payment.Customer}, `pin "Enter PIN", waiting for the customer`},
		{payment.EventAttempt, payment.Attempt{Number: 1, Reference: "20260412", Serial: 9}, "number 1, reference 20260412, id 9"},
		{payment.EventResult, payment.Result{Outcome: payment.Refused, Reason: payment.ReasonIssuer}, "declined, declined_by_issuer"},
		{payment.EventSlip, payment.Slip{Copy: payment.MerchantCopy, Receipt: "42"}, "merchant copy, 42"},
		{payment.EventAnswer, payment.Answer{Yes: false, Operator: "anna"}, "it does not match, anna"},
		{payment.EventQuestion, payment.Question{Text: "OK?"}, "does the signature match?, OK?"},
		{payment.EventSettled, payment.Settlement{Paid: true, Why: "report", Operator: "boss"}, "paid, report, boss"},
		{payment.EventAlarm, payment.Alarm{Code: "amount", Text: "look"}, "amount, look"},
		{payment.EventPrinted, payment.Print{Copy: payment.CustomerCopy, Where: "text", Number: 1}, "customer copy, number 1, text"},
		{payment.EventCreated, payment.Operation{Kind: payment.Sale, Number: 3, Currency: "SEK", Requested: 1250, Terminal: "one"}, "sale 3 of 12.50 SEK on one"},
		{payment.EventDoubt, payment.Note{Reason: payment.ReasonLinkLost, Text: "gone"}, "link_lost, gone"},
	} {
		e, err := payment.NewEvent("op", time.Now(), c.kind, c.data)
		if err != nil {
			t.Fatal(err)
		}
		line, body := told(e)
		if line != c.want {
			t.Errorf("%s: %q, want %q", c.kind, line, c.want)
		}
		if c.kind == payment.EventMessage && !strings.Contains(indented(body), "<a/>") {
			t.Errorf("the message is not shown: %q", body)
		}
	}
	if got := indented("a\x1b[2Jb\nc"); strings.Contains(got, "\x1b") || !strings.Contains(got, "\n") {
		t.Errorf("%q can steer the screen", got)
	}
	if line, _ := told(payment.Event{Kind: payment.EventResult, Data: []byte("{")}); line != "{" {
		t.Errorf("unreadable: %q", line)
	}
}
