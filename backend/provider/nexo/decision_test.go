package nexo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestConditions states nexo-retailer.md 17 a second time, for the answer to the
// PaymentRequest itself, all 17 conditions of the schema (F-26; sequences 4 to 7:
// a refused start provably charged nothing; 17, 18).
func TestConditions(t *testing.T) {
	type want struct {
		outcome payment.Outcome
		reason  payment.Reason
		confirm bool
		code    payment.Code
	}
	cases := map[string]want{
		"Busy":               {code: payment.CodeBusy},
		"NotAllowed":         {code: payment.CodeNotSignedIn},
		"LoggedOut":          {code: payment.CodeNotSignedIn},
		"Refusal":            {payment.Refused, payment.ReasonIssuer, false, ""},
		"Aborted":            {payment.Stopped, payment.ReasonCashier, false, ""},
		"Cancel":             {payment.Stopped, payment.ReasonCustomer, false, ""},
		"PaymentRestriction": {payment.Refused, payment.ReasonRestriction, false, ""},
		"WrongPIN":           {payment.Refused, payment.ReasonWrongPIN, false, ""},
		"InvalidCard":        {payment.Refused, payment.ReasonCard, false, ""},
		"UnreachableHost":    {payment.Refused, payment.ReasonHost, true, ""},
		"DeviceOut":          {payment.NotDone, payment.ReasonUnsupported, false, ""},
		"UnavailableDevice":  {payment.NotDone, payment.ReasonUnsupported, false, ""},
		"UnavailableService": {payment.NotDone, payment.ReasonUnsupported, false, ""},
		"MessageFormat":      {payment.NotDone, payment.ReasonRejected, false, ""},
		"InProgress":         {payment.Refused, payment.ReasonUnknownCode, true, ""},
		"NotFound":           {payment.Refused, payment.ReasonUnknownCode, true, ""},
		"InsertedCard":       {payment.Stopped, payment.ReasonCustomer, false, ""},
		"xy:Strange":         {payment.Refused, payment.ReasonUnknownCode, true, ""}, // sequence 17
		"":                   {payment.Refused, payment.ReasonUnknownCode, true, ""},
	}
	if len(cases) != len(paymentConditions)+2 {
		t.Errorf("%d cases for %d conditions", len(cases), len(paymentConditions))
	}
	for condition, want := range cases {
		f := newFake(t, func(m *message) (int, string) {
			return http.StatusOK, answerTo(m, paid(`Result="Failure" ErrorCondition="`+condition+`"`, ""))
		})
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(100), h.op)
		if want.code != "" {
			if payment.CodeOf(err) != want.code || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%s: %+v, %v", condition, got, err)
			}
			continue
		}
		if err != nil || got.Outcome != want.outcome || got.Reason != want.reason || got.Confirm != want.confirm {
			t.Errorf("%q: %+v, %v", condition, got, err)
		}
		if got.Authorised != 0 || !strings.Contains(got.ReasonText, condition) {
			t.Errorf("%q: authorised %d, text %q", condition, got.Authorised, got.ReasonText)
		}
	}
}

// TestReversalConditions: what a void's refusal means (nexo-retailer.md 13;
// sequences 35, 36, 54, 55).
func TestReversalConditions(t *testing.T) {
	cases := map[string]payment.Result{
		`Result="Failure" ErrorCondition="Busy"`:       {}, // 35: tried again
		`Result="Failure" ErrorCondition="NotFound"`:   {Outcome: payment.Refused, Reason: payment.ReasonNotLast},
		`Result="Failure" ErrorCondition="Refusal"`:    {Outcome: payment.Refused, Reason: payment.ReasonVoidRefused},
		`Result="Failure" ErrorCondition="xy:Strange"`: {Outcome: payment.Refused, Reason: payment.ReasonUnknownCode, Confirm: true},
		`Result="Failure"`:                             {Outcome: payment.Refused, Reason: payment.ReasonUnknownCode, Confirm: true},
	}
	for result, want := range cases {
		f := newFake(t, func(m *message) (int, string) {
			return http.StatusOK, answerTo(m, `<ReversalResponse><Response `+result+`/></ReversalResponse>`)
		})
		h := open(t, f.address(), light)
		got, err := h.Void(t.Context(), void(), h.op)
		if want.Outcome == payment.Unknown {
			if payment.CodeOf(err) != payment.CodeBusy || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%s: %+v, %v", result, got, err)
			}
			continue
		}
		if err != nil || got.Outcome != want.Outcome || got.Reason != want.Reason || got.Confirm != want.Confirm {
			t.Errorf("%s: %+v, %v", result, got, err)
		}
	}
}

// TestUnknownResultIsDoubt (design 10.2).
func TestUnknownResultIsDoubt(t *testing.T) {
	for _, result := range []string{`Result="Partial"`, `Result="Splendid"`, `Result=""`, ``} {
		f := newFake(t, func(m *message) (int, string) { return http.StatusOK, answerTo(m, paid(result, "")) })
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(100), h.op)
		if payment.CodeOf(err) != payment.CodeUnreadable || payment.SentOf(err) != payment.SentMaybe || got.Outcome != payment.Unknown {
			t.Errorf("%q: %+v, %v", result, got, err)
		}
	}
}

// TestAmounts: what was charged is what the terminal says (sequences 59 to 62; F-13).
func TestAmounts(t *testing.T) {
	cases := []struct {
		name, attrs               string
		currency                  string
		authorised, cashback, tip int64
	}{
		{"Seq59Cashback", `Currency="SEK" AuthorizedAmount="300" CashBackAmount="100.00"`, "SEK", 30000, 10000, 0},
		{"Seq60Tip", `Currency="SEK" AuthorizedAmount="110.00" TipAmount="10.0"`, "SEK", 11000, 0, 1000},
		{"Seq61Mismatch", `Currency="SEK" AuthorizedAmount="90"`, "SEK", 9000, 0, 0},
		{"Seq62Currency", `Currency="NOK" AuthorizedAmount="300"`, "NOK", 30000, 0, 0},
		{"six decimals", `Currency="SEK" AuthorizedAmount="41.000000" CashBackAmount="0.00"`, "SEK", 4100, 0, 0},
		{"no currency", `AuthorizedAmount="41.5"`, "SEK", 4150, 0, 0},
	}
	for _, c := range cases {
		f := newFake(t, func(m *message) (int, string) {
			return http.StatusOK, answerTo(m, paid(`Result="Success"`, amounts(c.attrs)))
		})
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(30000), h.op)
		if err != nil || got.Outcome != payment.Success || got.Currency != c.currency ||
			got.Authorised != c.authorised || got.Cashback != c.cashback || got.Tip != c.tip {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// TestUnreadableAmountIsDoubt: an approval of an amount that nobody can read.
func TestUnreadableAmountIsDoubt(t *testing.T) {
	for _, attrs := range []string{`AuthorizedAmount="abc"`, `AuthorizedAmount=""`, `AuthorizedAmount="-5"`, `AuthorizedAmount="1,50"`,
		`AuthorizedAmount="1.005"`, `AuthorizedAmount="999999999"`, `AuthorizedAmount="1" TipAmount="x"`, `Currency="QQQ" AuthorizedAmount="1"`} {
		f := newFake(t, func(m *message) (int, string) {
			return http.StatusOK, answerTo(m, paid(`Result="Success"`, amounts(attrs)))
		})
		h := open(t, f.address(), light)
		if got, err := h.Sale(t.Context(), sale(100), h.op); payment.CodeOf(err) != payment.CodeUnreadable || payment.SentOf(err) != payment.SentMaybe {
			t.Errorf("%s: %+v, %v", attrs, got, err)
		}
	}
}

// TestSeq08Approved reads the whole example of nexo-retailer.md 7.3 (sequences 8, 9).
func TestSeq08Approved(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return http.StatusOK, golden(t, "in-approved") })
	h := open(t, f.address(), light)
	got, err := h.Sale(t.Context(), sale(30000), h.op)
	if err != nil {
		t.Fatal(err)
	}
	want := payment.Card{Brand: "Test Debit", Masked: "************0002", Entry: payment.EntryContactless}
	if got.Outcome != payment.Success || got.Card != want || got.Signature || got.Authorised != 32000 || got.Tip != 2000 || got.Cashback != 10000 {
		t.Errorf("got %+v", got)
	}
	refs := payment.References{Ours: "20260412000123001", Terminal: "9000010042", TerminalTime: "2026-04-12T08:15:31.204Z",
		RRN: "9000010042", AuthCode: "123456", MID: "20009999", TID: "700001"}
	if got.References != refs {
		t.Errorf("references %+v", got.References)
	}
	if len(got.Slips) != 2 || got.Slips[0].Copy != payment.MerchantCopy || got.Slips[1].Masked != "************0002" ||
		got.Slips[1].TipMinor != 2000 || got.Slips[1].CashbackMinor != 10000 {
		t.Errorf("slips %+v", got.Slips)
	}
	for _, secret := range []string{"00112233445566", "PARTEST", "TokenValue"} {
		if strings.Contains(h.op.everything(), secret) {
			t.Errorf("the timeline holds %s", secret)
		}
	}
	if messages := h.op.sent("PaymentResponse"); len(messages) != 1 || !messages[0].In || messages[0].Status != http.StatusOK ||
		messages[0].ID != "1776000010" || !strings.Contains(messages[0].Body, "Godk\u00e4nd") {
		t.Errorf("messages %+v", messages)
	}
	if p := h.op.lastPrompt(); p.Code != payment.PromptPresent || !p.Narrated || p.Waiting != payment.Customer {
		t.Errorf("light mode narrates %+v", p)
	}
}

// TestDeclined: sequences 15, 16, 18 and 64.
func TestDeclined(t *testing.T) {
	cases := []struct {
		name, body string
		want       payment.Outcome
		slips      int
		text       string
	}{
		{"Seq15WithReceipt", golden(t, "in-declined"), payment.Refused, 1, "response code 05"},
		{"Seq16WithoutReceipt", `<SaleToPOIResponse><MessageHeader MessageCategory="Payment" MessageType="Response" ServiceID="1776000010"/><PaymentResponse><Response Result="Failure" ErrorCondition="Refusal"/></PaymentResponse></SaleToPOIResponse>`, payment.Refused, 0, "Refusal"},
		{"Seq64Restriction", golden(t, "in-restriction"), payment.Refused, 0, "24601"},
	}
	for _, c := range cases {
		body := strings.NewReplacer("1776000013", "1776000010", "1776000014", "1776000010", "20260412000126001", "20260412000123001", "20260412000127001", "20260412000123001").Replace(c.body)
		f := newFake(t, func(*message) (int, string) { return http.StatusOK, body })
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(100), h.op)
		if err != nil || got.Outcome != c.want || len(got.Slips) != c.slips || !strings.Contains(got.ReasonText, c.text) || got.Authorised != 0 {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if c.slips == 1 && (got.Slips[0].Outcome != payment.Refused || got.Slips[0].Text == "" || got.Slips[0].AuthCode != "") {
			t.Errorf("%s: slip %+v", c.name, got.Slips[0])
		}
	}
}

// TestSeq58Refund: a refund is a payment of its own.
func TestSeq58Refund(t *testing.T) {
	f := newFake(t, func(m *message) (int, string) {
		return http.StatusOK, answerTo(m, paid(`Result="Success"`, `<PaymentResult PaymentType="Refund"><AmountsResp Currency="SEK" AuthorizedAmount="49.9"/></PaymentResult>`))
	})
	h := open(t, f.address(), light)
	r := sale(4990)
	r.Kind = payment.Refund
	if got, err := h.Refund(t.Context(), r, h.op); err != nil || got.Outcome != payment.Success || got.Authorised != 4990 {
		t.Errorf("%+v, %v", got, err)
	}
	if got := f.all("Payment"); len(got) != 1 || got[0].PaymentRequest.Data.Type != "Refund" {
		t.Errorf("sent %+v", f.raw)
	}
}

// TestSeq53Void: the original's id goes back character by character, with any
// number of fraction digits.
func TestSeq53Void(t *testing.T) {
	for _, stamp := range []string{"2026-04-12T08:15:31.20Z", "2026-04-12T08:15:31.204Z", "2026-04-12T08:15:31.2041234Z", "2026-04-12T10:15:31+02:00"} {
		body := strings.ReplaceAll(golden(t, "in-reversal"), "2026-04-12T08:15:31.204Z", stamp)
		f := newFake(t, func(*message) (int, string) { return http.StatusOK, body })
		h := open(t, f.address(), light)
		r := void()
		r.Original.TerminalTime = stamp
		got, err := h.Void(t.Context(), r, h.op)
		if err != nil || got.Outcome != payment.Success || got.Authorised != 30000 || got.References.TerminalTime != stamp || len(got.Slips) != 2 {
			t.Errorf("%s: %+v, %v", stamp, got, err)
		}
		if sent := f.all("Reversal")[0].ReversalRequest.Original.Transaction; sent.TimeStamp != stamp || sent.TransactionID != "9000010042" {
			t.Errorf("%s: sent %+v", stamp, sent)
		}
		if got.Slips[0].Copy != payment.CustomerCopy || got.Slips[0].Kind != payment.Void || got.Slips[0].Lines[0] != "Makulering" {
			t.Errorf("slip %+v", got.Slips[0])
		}
	}
}

// TestSeq33SignatureFlag: only light mode asks after the approval (sequences 33, 34; 9.2).
func TestSeq33SignatureFlag(t *testing.T) {
	signed := `<PaymentReceipt DocumentQualifier="CashierReceipt"><OutputContent OutputFormat="Text"><OutputText>` + packed(`{"Merchant":{"Mandatory":{"Payment":{"SignatureBlock":true}}}}`) + `</OutputText></OutputContent></PaymentReceipt>`
	flagged := `<PaymentReceipt DocumentQualifier="CashierReceipt" RequiredSignatureFlag="1"><OutputContent OutputFormat="Text"><OutputText>` + packed(`{"Merchant":{}}`) + `</OutputText></OutputContent></PaymentReceipt>`
	lostCopy := `<PaymentReceipt DocumentQualifier="CustomerReceipt"><OutputContent OutputFormat="Text"><OutputText>` + packed(`{"Cardholder":{"Mandatory":{"Payment":{"SignatureBlock":"true"}}}}`) + `</OutputText></OutputContent></PaymentReceipt>`
	unsigned := strings.ReplaceAll(signed, packed(`{"Merchant":{"Mandatory":{"Payment":{"SignatureBlock":true}}}}`), packed(`{"Merchant":{"Mandatory":{"Payment":{"SignatureBlock":false}}}}`))
	cases := []struct {
		name, result, receipt, mode string
		want                        bool
	}{
		{"light", `Result="Success"`, signed, "light", true},
		{"light, flag of the receipt", `Result="Success"`, flagged, "light", true},
		{"light, only the customer's copy", `Result="Success"`, lostCopy, "light", true},
		{"light, no signature", `Result="Success"`, unsigned, "light", false},
		{"light, declined", `Result="Failure" ErrorCondition="Refusal"`, signed, "light", false},
		{"default", `Result="Success"`, signed, "default", false},
	}
	for _, c := range cases {
		f := newFake(t, func(m *message) (int, string) { return http.StatusOK, answerTo(m, paid(c.result, c.receipt)) })
		h := open(t, f.address(), payment.Settings{"mode": c.mode})
		if got, err := h.Sale(t.Context(), sale(100), h.op); err != nil || got.Signature != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// TestImpossibleRequests never reach the terminal.
func TestImpossibleRequests(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return http.StatusOK, "" })
	h := open(t, f.address(), light)
	change := func(do func(*payment.Request)) payment.Request { r := sale(100); do(&r); return r }
	for name, r := range map[string]payment.Request{
		"zero":      change(func(r *payment.Request) { r.Total.Minor = 0 }),
		"negative":  change(func(r *payment.Request) { r.Total.Minor = -5 }),
		"cashback":  change(func(r *payment.Request) { r.Cashback = 101 }),
		"tip":       change(func(r *payment.Request) { r.Tip = 10 }),
		"no serial": change(func(r *payment.Request) { r.Attempt.Serial = 0 }),
		"no id":     change(func(r *payment.Request) { r.Attempt.Reference = "" }),
	} {
		if _, err := h.Sale(t.Context(), r, h.op); err == nil || payment.SentOf(err) != payment.SentNo {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Void(t.Context(), sale(100), h.op); payment.CodeOf(err) != payment.CodeInput {
		t.Errorf("void of nothing: %v", err)
	}
	if len(f.raw) != 0 {
		t.Errorf("sent %q", f.raw)
	}
}

// TestSeq57VoidAfterWallet: old software would reverse another sale.
func TestSeq57VoidAfterWallet(t *testing.T) {
	version := "1.3.0.10"
	f := newFake(t, func(m *message) (int, string) {
		switch m.Header.Category {
		case "Login":
			return http.StatusOK, strings.NewReplacer("1776000001", m.Header.ServiceID, "1.3.0.11", version).Replace(golden(t, "in-login"))
		case "Reversal":
			return http.StatusOK, strings.Replace(golden(t, "in-reversal"), "1776000020", m.Header.ServiceID, 1)
		}
		return http.StatusOK, answerTo(m, paid(`Result="Success"`, `<PaymentResult><PaymentInstrumentData PaymentInstrumentType="Mobile"/><AmountsResp AuthorizedAmount="1"/></PaymentResult>`))
	})
	h := open(t, f.address(), light)
	for _, version = range []string{"1.3.0.10", goodVersion} {
		if err := h.SignIn(t.Context(), h.session); err != nil {
			t.Fatal(err)
		}
		if got, err := h.Sale(t.Context(), sale(100), h.op); err != nil || got.Card.Entry != payment.EntryMobile {
			t.Fatalf("%+v, %v", got, err)
		}
		_, err := h.Void(t.Context(), void(), h.op)
		if old := version != goodVersion; (err != nil) != old || (old && (payment.CodeOf(err) != payment.CodeUnsupported || payment.SentOf(err) != payment.SentNo)) {
			t.Errorf("%s: %v", version, err)
		}
	}
	if len(f.all("Reversal")) != 1 {
		t.Errorf("%d reversals were sent", len(f.all("Reversal")))
	}
}
