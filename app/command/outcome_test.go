package command

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a committed file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// TestJSONIsTheContract: every field stands there, also without a value, under the
// name and in the unit that others rely on.
func TestJSONIsTheContract(t *testing.T) {
	var out bytes.Buffer
	full := payment.Operation{
		ID: "01890000-0000-7000-8000-000000000001", Number: 7, Kind: payment.Refund, State: payment.Approved, Reason: payment.ReasonOtherAmount,
		Provider: "nexo", Terminal: "till 1", Account: "store", Currency: "SEK", Requested: 1000, Authorised: 11150, Tip: 150, Cashback: 10000,
		Card: payment.Card{Brand: "Visa Test", Masked: "************0002", Entry: payment.EntryChip, CVM: payment.CVMPin},
		References: payment.References{Ours: "202611210000000001", Terminal: "9000010001", TerminalTime: "2026-11-21T10:00:00Z",
			RRN: "000000000012", AuthCode: "525883", MID: "m", TID: "t"},
		Original: "01890000-0000-7000-8000-000000000000",
	}
	for _, op := range []payment.Operation{full, {}} {
		if err := printJSON(&out, outcomeOf(op)); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "outcome.jsonl", out.Bytes())
}

// TestSentences: what happened, what it means for the money, what to do.
func TestSentences(t *testing.T) {
	for state, want := range map[payment.State]string{
		payment.Approved:  "Approved: sale 7, 12.50",
		payment.Declined:  "No money was moved. Try another card",
		payment.Cancelled: "No money was moved.",
		payment.Failed:    "It is safe to try again.",
		payment.InDoubt:   "Do not repeat it",
		payment.Sending:   "Do not repeat it",
	} {
		o := op(state, func(o *payment.Operation) { o.Kind, o.Number = payment.Sale, 7 })
		if got := sentence(o); !strings.Contains(got, want) {
			t.Errorf("%s: %q does not say %q", state, got, want)
		}
	}
	other := op(payment.Approved, func(o *payment.Operation) { o.Authorised = 100 })
	if got := sentence(other); !strings.Contains(got, "another amount") {
		t.Errorf("%q", got)
	}
	for _, state := range []payment.State{payment.Approved, payment.Declined} { // a person's word is none of the bank's
		settled := op(state, func(o *payment.Operation) { o.Reason = payment.ReasonSettled })
		if got := sentence(settled); !strings.HasPrefix(got, "Settled by hand") || strings.Contains(got, "No money was moved") {
			t.Errorf("%s: %q", state, got)
		}
	}
}

func TestPromptLines(t *testing.T) {
	for want, p := range map[string]payment.Prompt{
		"Enter PIN  [customer]":                  {Code: payment.PromptPIN, Text: "Enter PIN", Waiting: payment.Customer},
		"PIN **":                                 {Code: payment.PromptPINDigits, Text: "Enter PIN: **", Digits: 2},
		"Asking the bank: Authorizing  [bank]":   {Code: payment.PromptAuthorise, Text: "Authorizing", Waiting: payment.Bank},
		"Something that no table knows":          {Code: payment.PromptText, Text: "Something that\nno  table knows"},
		"Connecting to the terminal  [terminal]": {Code: payment.PromptConnecting, Waiting: payment.Device},
	} {
		if got := promptLine(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
