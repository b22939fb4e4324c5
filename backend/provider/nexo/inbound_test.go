package nexo

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// post sends a message to the till as the terminal does, over a socket.
func (h *house) post(t testing.TB, body string) (status int, answer string) {
	t.Helper()
	got, err := http.Post(h.listening, contentTypeXML, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(raw)
}

// paying opens a default-mode terminal with an operation open on it.
func paying(t *testing.T) *house {
	t.Helper()
	h := open(t, "127.0.0.1:9", nil)
	h.inbound.Store(h.op)
	return h
}

func display(text, flags string) string {
	return `<SaleToPOIRequest><MessageHeader MessageClass="Device" MessageCategory="Display" MessageType="Request" ServiceID="1776000010" DeviceID="71" SaleID="TILL1" POIID="KASSA-01"/><DisplayRequest><DisplayOutput ` +
		flags + ` Device="CashierDisplay" InfoQualify="POIReplication"><OutputContent OutputFormat="Text"><OutputText>` + text + `</OutputText></OutputContent></DisplayOutput></DisplayRequest></SaleToPOIRequest>`
}

const quiet = `ResponseRequiredFlag="false"`

// TestSeq12DisplayAnswered: true, or absent, asks for a response with the same ids
// and one result for each output.
func TestSeq12DisplayAnswered(t *testing.T) {
	h := paying(t)
	for _, flags := range []string{`ResponseRequiredFlag="true"`, "", `ResponseRequiredFlag="1"`} {
		status, body := h.post(t, display("x", flags))
		if status != http.StatusOK {
			t.Errorf("%q: status %d", flags, status)
			continue
		}
		same(t, "display-response", body)
	}
	two := strings.Replace(display("x", quiet), "</DisplayRequest>", `<DisplayOutput Device="CustomerDisplay" InfoQualify="Status"><OutputContent OutputFormat="Text"/></DisplayOutput></DisplayRequest>`, 1)
	if _, body := h.post(t, two); strings.Count(body, "<OutputResult ") != 2 || strings.Index(body, "CashierDisplay") > strings.Index(body, "CustomerDisplay") {
		t.Errorf("two outputs: %s", body)
	}
}

// TestSeq13DisplayAcknowledged: false asks for 204 and nothing else.
func TestSeq13DisplayAcknowledged(t *testing.T) {
	h := paying(t)
	for _, path := range []string{"", "/"} { // with and without a final slash
		h.listening += path
		if status, body := h.post(t, golden(t, "in-display")); status != http.StatusNoContent || body != "" {
			t.Errorf("%d %q", status, body)
		}
	}
	if p := h.op.lastPrompt(); p.Code != payment.PromptPresent || p.Text != "Present card" || p.TextID != "101" || p.Waiting != payment.Customer || p.At.IsZero() {
		t.Errorf("prompt %+v", p)
	}
	if got := h.op.sent("DisplayRequest"); len(got) != 2 || !got[0].In || got[0].ID != "71" || got[0].Status != 204 {
		t.Errorf("timeline %+v", got)
	}
}

// TestSeq14TextForms: id and text, and never an approval but as a text.
func TestSeq14TextForms(t *testing.T) {
	h := paying(t)
	cases := []struct {
		text, plain, id string
		code            payment.PromptCode
		waiting         payment.Party
	}{
		{`202,"Approved"`, "Approved", "202", payment.PromptApproved, ""},
		{`Approved`, "Approved", "", payment.PromptApproved, ""},
		{"9202,Godk\u00e4nd, tack", "Godk\u00e4nd, tack", "9202", payment.PromptApproved, ""},
		{`"202",""`, "", "202", payment.PromptApproved, ""},
		{`202,Disapproved`, "Disapproved", "202", payment.PromptDeclined, ""},
		{"Ej godk\u00e4nd", "Ej godk\u00e4nd", "", payment.PromptDeclined, ""},
		{"Ikke godkjent", "Ikke godkjent", "", payment.PromptDeclined, ""},
		{"Hyl\u00e4tty", "Hyl\u00e4tty", "", payment.PromptDeclined, ""},
		{`11,"Enter PIN"`, "Enter PIN", "11", payment.PromptPIN, payment.Customer},
		{"S\u00e4tt i kortet", "S\u00e4tt i kortet", "", payment.PromptPresent, payment.Customer},
		{"Ta ut kortet", "Ta ut kortet", "", payment.PromptRemove, payment.Customer},
		{"Fjern kort", "Fjern kort", "", payment.PromptRemove, payment.Customer},
		{"Authorizing", "Authorizing", "", payment.PromptAuthorise, payment.Bank},
		{"V\u00e4lkommen", "V\u00e4lkommen", "", payment.PromptWelcome, ""},
		{"Odota", "Odota", "", payment.PromptWait, payment.Device},
		{"Configuration cannot be updated", "Configuration cannot be updated", "", payment.PromptText, payment.Device},
		{"123456,Hello there", "123456,Hello there", "", payment.PromptText, payment.Device},
	}
	for _, c := range cases {
		if status, _ := h.post(t, display(strings.ReplaceAll(c.text, "&", "&amp;"), quiet)); status != http.StatusNoContent {
			t.Errorf("%s: status %d", c.text, status)
		}
		if p := h.op.lastPrompt(); p.Text != c.plain || p.TextID != c.id || p.Code != c.code || p.Waiting != c.waiting {
			t.Errorf("%s: %+v", c.text, p)
		}
	}
	before := h.op.promptCount()
	if status, _ := h.post(t, display("", quiet)); status != http.StatusNoContent || h.op.promptCount() != before {
		t.Errorf("empty text: status %d, %d prompts", status, h.op.promptCount()-before)
	}
	several := strings.Replace(display("Amount:", quiet), "</OutputText>", "</OutputText><OutputText>12,50</OutputText>", 1)
	if h.post(t, several); h.op.lastPrompt().Text != "Amount:\n12,50" {
		t.Errorf("several texts: %+v", h.op.lastPrompt())
	}
	reference := strings.Replace(display("", quiet), "<OutputText></OutputText>", `<PredefinedContent ReferenceID="AcceptedAmount"/>`, 1)
	if h.post(t, reference); h.op.lastPrompt().Text != "AcceptedAmount" {
		t.Errorf("reference: %+v", h.op.lastPrompt())
	}
}

// TestPINProgress: shown live, kept once and without the number of digits (design 10.7).
func TestPINProgress(t *testing.T) {
	h := paying(t)
	for _, stars := range []string{"*", "**", "***", "****"} {
		h.post(t, display("12,Enter PIN: "+stars, quiet))
		if p := h.op.lastPrompt(); p.Code != payment.PromptPINDigits || p.Digits != len(stars) {
			t.Errorf("%s: %+v", stars, p)
		}
	}
	h.post(t, display("Authorizing", quiet))
	kept := h.op.sent("DisplayRequest")
	if len(kept) != 2 || strings.Contains(kept[0].Body, "*") {
		t.Errorf("kept %+v", kept)
	}
}

// TestSeq10DisplayLate, and duplicated (11): a display never decides anything, also
// without an open operation and under a foreign ServiceID (design 10.6).
func TestSeq10DisplayLate(t *testing.T) {
	h := paying(t)
	odd := []string{display("Approved", quiet), display("Approved", quiet), strings.Replace(display("Please wait", quiet), ` ServiceID="1776000010"`, "", 1)}
	for _, body := range odd {
		if status, _ := h.post(t, body); status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
	}
	if h.op.promptCount() != 3 {
		t.Errorf("%d prompts", h.op.promptCount())
	}
	h.inbound.Store(nil)
	if h.post(t, display("Welcome", quiet)); h.session.lastPrompt().Code != payment.PromptWelcome {
		t.Errorf("after the payment: %+v", h.session.lastPrompt())
	}
}

// TestSeq26Print: a slip is committed, then acknowledged, as the mode wants it.
func TestSeq26Print(t *testing.T) {
	h := paying(t)
	plain := golden(t, "in-print")
	if status, body := h.post(t, plain); status != http.StatusNoContent || body != "" {
		t.Errorf("NotRequired: %d %s", status, body)
	}
	for _, mode := range []string{"Immediate", "PrintEnd"} {
		status, body := h.post(t, strings.Replace(plain, "NotRequired", mode, 1))
		if status != http.StatusOK {
			t.Errorf("%s: %d", mode, status)
		}
		same(t, "print-response", body)
	}
	if len(h.op.slips) != 3 || h.op.slips[0].Copy != payment.MerchantCopy || !h.op.slips[0].Signature || h.op.slips[0].Outcome != payment.Unknown {
		t.Errorf("slips %+v", h.op.slips)
	}
	h.inbound.Store(nil) // also outside a payment
	if status, _ := h.post(t, strings.Replace(plain, packedIn(plain), "Just a line", 1)); status != http.StatusNoContent || h.session.slips[0].Lines[0] != "Just a line" {
		t.Errorf("outside: %d %+v", status, h.session.slips)
	}
}

func packedIn(body string) string {
	_, rest, _ := strings.Cut(body, "<OutputText>")
	text, _, _ := strings.Cut(rest, "</OutputText>")
	return text
}

// TestSeq32PrintRefused: a slip that cannot be kept is a printer fault.
func TestSeq32PrintRefused(t *testing.T) {
	h := paying(t)
	h.op.slipErr = io.ErrShortWrite
	for _, mode := range []string{"NotRequired", "PrintEnd"} {
		status, body := h.post(t, strings.Replace(golden(t, "in-print"), "NotRequired", mode, 1))
		if status != http.StatusOK || !strings.Contains(body, `ErrorCondition="DeviceOut"`) {
			t.Errorf("%s: %d %s", mode, status, body)
		}
	}
}

// TestSeq67Deaf: a payment without a single call from the terminal is warned about.
func TestSeq67Deaf(t *testing.T) {
	var h *house
	calls := false
	f := newFake(t, func(m *message) (int, string) {
		if calls {
			h.post(t, display("Approved", quiet))
		}
		return http.StatusOK, answerTo(m, paid(`Result="Success"`, amounts(`AuthorizedAmount="1"`)))
	})
	h = open(t, f.address(), nil)
	for _, calls = range []bool{true, false} {
		if _, err := h.Sale(t.Context(), sale(100), h.op); err != nil {
			t.Fatal(err)
		}
		if h.op.noted("cannot reach this till") == calls {
			t.Errorf("calls %v: notes %+v", calls, h.op.notes)
		}
	}
}
