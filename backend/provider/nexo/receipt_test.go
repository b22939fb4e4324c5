package nexo

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func packed(json string) string { return base64.StdEncoding.EncodeToString([]byte(json)) }

// fullReceipt is the synthetic example of nexo-retailer.md 8.2.
const fullReceipt = `{"Merchant":{"Mandatory":{
  "Acquirer":{"CardAcceptorNumber":"20009999","TerminalID":"700001"},
  "CardAcceptor":{"Name":"Exempelbutiken","Address1":"Provgatan 1","PostZipCode":"11122","TownCity":"Provstad","OrganisationNumber":"5560000000","BankAgentName":"Testbanken"},
  "CardDetails":{"ApplicationIdentifier":"A0000000031010","CardSchemeName":{"ApplicationLabel":"Visa Test"},"PrimaryAccountNumber":"400000******0002","TerminalVerificationResult":"0080008000","TransactionStatusInformation":"E800"},
  "Outcome":{"ApprovalCode":"123456","AuthorisationResponder":"3","AuthorisationResponseCode":"00","DebitStatus":"00"},
  "Payment":{"AuthorisationChannel":"1","CardholderVerificationMethod":"/","Currency":"SEK","FinancialInstitution":"SWE","PaymentAmount":"300,00","ReceiptNumber":"9000010042","SignatureBlock":true,"TotalAmount":"300,00","TransactionSource":"C","TransactionType":"00"},
  "TimeStamp":{"DateOfPayment":"2026-04-12","TimeOfPayment":"10:15"}},
 "Optional":{
  "CardAcceptor":{"CountryName":"752","PhoneNumber":"+46800000000"},
  "Payment":{"Reference":"20260412000123001"},
  "ReceiptString":["Exempelbutiken","Provgatan 1","Försäljarens kvitto"]}}}`

func slip(qualifier, text string) payment.Slip {
	return slipFrom(qualifier, outputContent{Format: "Text", Texts: []string{text}}, "", payment.Sale, time.Time{})
}

// TestReceiptFields: every field to its canonical word (receipts.md 3.1, R-130 to R-139).
func TestReceiptFields(t *testing.T) {
	got := slip("CashierReceipt", packed(fullReceipt))
	want := payment.Slip{Copy: payment.MerchantCopy, Kind: payment.Sale, Signature: true, Entry: payment.EntryChip, CVM: payment.CVMSignature,
		Merchant: payment.Merchant{Name: "Exempelbutiken", Address: "Provgatan 1", Postal: "11122", City: "Provstad",
			OrgNo: "5560000000", Phone: "+46800000000", Bank: "Testbanken", MID: "20009999", TID: "700001"},
		LocalDate: "2026-04-12", LocalTime: "10:15", Currency: "SEK", Amount: "300,00", Total: "300,00",
		Label: "Visa Test", Masked: "400000******0002", AID: "A0000000031010", TVR: "0080008000", TSI: "E800",
		AuthCode: "123456", Response: "00", CodeBlock: "C/1 3 00 SWE", Receipt: "9000010042", Till: "20260412000123001"}
	lines, raw := got.Lines, got.Raw
	got.Lines, got.Raw = nil, ""
	if g, w := show(got), show(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	if len(lines) != 3 || lines[2] != "F\u00f6rs\u00e4ljarens kvitto" || !strings.Contains(raw, "DebitStatus") || !strings.Contains(raw, "752") {
		t.Errorf("lines %q, raw %s", lines, raw)
	}
}

// TestSeq65Receipts: odd receipts are read as far as they go (C-60).
func TestSeq65Receipts(t *testing.T) {
	customer := strings.NewReplacer("Merchant\"", "Cardholder\"", "400000******0002", "************0002", "true", "false").Replace(fullReceipt)
	latin := base64.StdEncoding.EncodeToString([]byte("{\"Merchant\":{\"Optional\":{\"ReceiptString\":[\"Godk\xe4nd\"]}}}"))
	cases := []struct {
		name, qualifier, text string
		ok                    func(payment.Slip) bool
		flawed                bool
	}{
		{"customer", "CustomerReceipt", packed(customer), func(s payment.Slip) bool {
			return s.Copy == payment.CustomerCopy && s.Masked == "************0002" && !s.Signature && s.CVM == ""
		}, false},
		{"blanks in Base64", "CashierReceipt", "\n  " + packed(fullReceipt)[:40] + "\r\n" + packed(fullReceipt)[40:] + " ", func(s payment.Slip) bool { return s.Total == "300,00" }, false},
		{"no padding", "CashierReceipt", strings.TrimRight(packed(fullReceipt+" "), "="), func(s payment.Slip) bool { return s.Total == "300,00" }, false},
		{"bad Base64", "CustomerReceipt", "!!! not Base64 !!!", func(s payment.Slip) bool { return s.Lines[0] == "!!! not Base64 !!!" && s.Raw != "" }, true},
		{"not JSON", "CashierReceipt", packed("hello there"), func(s payment.Slip) bool { return s.Copy == payment.MerchantCopy }, true},
		{"broken JSON", "CashierReceipt", packed(fullReceipt[:300]), func(s payment.Slip) bool { return s.Raw != "" }, true},
		{"ISO 8859-1", "CashierReceipt", latin, func(s payment.Slip) bool { return s.Lines[0] == "Godk\u00e4nd" }, true},
		{"escapes", "CashierReceipt", packed(`{"Merchant":{"Optional":{"ReceiptString":["Godk\u00e4nd &amp; klar"]}}}`), func(s payment.Slip) bool { return s.Lines[0] == "Godk\u00e4nd & klar" }, true},
		{"unknown keys", "CashierReceipt", packed(strings.Replace(fullReceipt, `"Payment":{`, `"New":[{"a":1}],"Payment":{"New":{},`, 1)), func(s payment.Slip) bool { return s.Total == "300,00" && strings.Contains(s.Raw, "New") }, false},
		{"no approval code", "CashierReceipt", packed(strings.Replace(fullReceipt, `"ApprovalCode":"123456",`, "", 1)), func(s payment.Slip) bool { return s.AuthCode == "" }, false},
		{"numbers for texts", "CashierReceipt", packed(strings.Replace(fullReceipt, `"300,00","T`, `300,"T`, 1)), func(s payment.Slip) bool { return s.LocalDate == "2026-04-12" && s.Total == "300" }, false},
		{"object for a text", "CashierReceipt", packed(strings.Replace(fullReceipt, `"Exempelbutiken","Address1"`, `{"a":"b"},"Address1"`, 1)), func(s payment.Slip) bool { return s.Total == "300,00" && s.Merchant.Name == "" }, true},
		{"list for a group", "CashierReceipt", packed(strings.Replace(fullReceipt, `"TimeStamp":{"DateOfPayment":"2026-04-12","TimeOfPayment":"10:15"}`, `"TimeStamp":[]`, 1)), func(s payment.Slip) bool { return s.Total == "300,00" && s.LocalDate == "" }, true},
		{"no qualifier", "", packed(customer), func(s payment.Slip) bool { return s.Copy == payment.CustomerCopy }, false},
		{"other qualifier", "SaleReceipt", packed(fullReceipt), func(s payment.Slip) bool { return s.Copy == payment.MerchantCopy }, false},
		{"empty", "CustomerReceipt", "", func(s payment.Slip) bool { return s.Copy == payment.CustomerCopy }, true},
		{"neither root", "CustomerReceipt", packed(`{"a":1}`), func(s payment.Slip) bool { return s.Raw != "" }, true},
		{"control characters", "CashierReceipt", packed(strings.Replace(fullReceipt, "Provgatan 1", `Prov\u001b@gatan 1`, 1)), func(s payment.Slip) bool { return s.Merchant.Address == "Prov@gatan 1" }, false},
	}
	for _, c := range cases {
		got := slip(c.qualifier, c.text)
		if !c.ok(got) || (got.Flawed != "") != c.flawed {
			t.Errorf("%s: %s", c.name, show(got))
		}
	}
}

// TestCustomerCopyHidesCard: whatever the terminal sends, the customer's copy shows
// four digits and the merchant's at most ten.
func TestCustomerCopyHidesCard(t *testing.T) {
	wrong := strings.NewReplacer("Merchant\"", "Cardholder\"").Replace(fullReceipt)
	if got := slip("CustomerReceipt", packed(wrong)); got.Masked != "************0002" {
		t.Errorf("customer copy shows %s", got.Masked)
	}
	bare := strings.Replace(fullReceipt, "400000******0002", "4000001234560002", 1)
	if got := slip("CashierReceipt", packed(bare)); got.Masked != "************0002" || strings.Contains(show(got), "4000001234560002") {
		t.Errorf("merchant copy: %s", show(got))
	}
}

// TestReceiptOrder: copies are told apart by their qualifier (R-130, C-59).
func TestReceiptOrder(t *testing.T) {
	m, err := decode([]byte(golden(t, "in-reversal")))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := answerOf(nil, m.ReversalResponse)
	slips := a.slips(payment.Void, payment.Result{Outcome: payment.Success}, time.Time{})
	if len(slips) != 2 || slipOf(slips, payment.CustomerCopy).Masked != "************0002" || slipOf(slips, payment.MerchantCopy).Masked != "400000******0002" {
		t.Errorf("slips %+v", slips)
	}
}

func TestLastFour(t *testing.T) {
	for masked, want := range map[string]string{"400000******0002": "************0002", "************0002": "************0002", "70000*******0001": "************0001",
		"4000001234560002": "************0002", "": "", "****": "", "XXXX": "", "***123": "", "0002": "************0002"} {
		if got := lastFour(masked); got != want {
			t.Errorf("%q: %q", masked, got)
		}
	}
}
