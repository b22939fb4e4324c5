package nexo

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// seeds adds every example and some broken forms of it.
func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*.xml"))
	if err != nil || len(files) == 0 {
		f.Fatal("no examples", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)*2/3])
	}
	f.Add([]byte("\xff\xfe<\x00a\x00/\x00>\x00"))
	f.Add([]byte(`<!DOCTYPE a><SaleToPOIRequest/>`))
}

// mute is a reporter that answers every question with no.
type mute struct{ _ byte } // not empty, so that two have two addresses

func (*mute) Prompt(payment.Prompt)                    {}
func (*mute) Message(payment.Message)                  {}
func (*mute) Slip(context.Context, payment.Slip) error { return nil }
func (*mute) Note(payment.Note)                        {}
func (*mute) Ask(context.Context, payment.Question) (payment.Answer, error) {
	return payment.Answer{}, nil
}

// unheard opens a terminal whose listener is called by hand.
func unheard(tb testing.TB) (*board, *Terminal) {
	tb.Helper()
	var b *board
	deps := payment.Deps{Session: &mute{}, Serial: func(context.Context) (int64, error) { return 1, nil },
		Listen: func(_, _ string, h http.Handler) (string, func(), error) { b = h.(*board); return "", func() {}, nil }}
	open := payment.Reporter(&mute{})
	deps.Inbound = func() payment.Reporter { return open }
	opened, err := New().Open(context.Background(), "t1", payment.Settings{"address": "127.0.0.1", "poiid": "KASSA-01"}, deps)
	if err != nil {
		tb.Fatal(err)
	}
	return b, opened.(*Terminal)
}

// FuzzInbound: whatever is posted to the till, it answers with one of its own
// status codes, and with XML when it answers at all.
func FuzzInbound(f *testing.F) {
	seeds(f)
	b, _ := unheard(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		w := serve(b, string(body))
		switch w.Code {
		case http.StatusNoContent, http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if w.Body.Len() != 0 {
				t.Errorf("%d with %q", w.Code, w.Body)
			}
		case http.StatusOK:
			if m, err := decode(w.Body.Bytes()); err != nil || m.XMLName.Local != rootResponse {
				t.Errorf("answered %q: %v", w.Body, err)
			}
		default:
			t.Errorf("status %d to %q", w.Code, body)
		}
	})
}

// FuzzResponse: whatever a terminal answers, an approval comes only from a Success
// under our own SaleTransactionID, and no card number gets through.
func FuzzResponse(f *testing.F) {
	seeds(f)
	_, terminal := unheard(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := reply{status: http.StatusOK, body: body}.read(true)
		if err != nil {
			return
		}
		request := sale(30000)
		candidates := []*repeated{{Header: m.Header, Payment: m.PaymentResponse, Reversal: m.ReversalResponse}}
		if m.StatusResponse != nil {
			candidates = append(candidates, m.StatusResponse.Repeated)
		}
		for _, c := range candidates {
			got, err := terminal.found(request, c)
			if err != nil {
				t.Fatalf("a repeated answer is an error: %v", err)
			}
			if got.Outcome == payment.Success && (!strings.Contains(string(body), request.Attempt.Reference) || !strings.Contains(string(body), "Success")) && !strings.ContainsAny(string(body), "&\x00") {
				t.Errorf("approved by %q", body)
			}
			if got.Outcome != payment.Success && (got.Authorised != 0 || got.Signature) {
				t.Errorf("%s with money: %+v", got.Outcome, got)
			}
			if digits := strings.Trim(got.Card.Masked, "*"); len(digits) > 4 {
				t.Errorf("card %q", got.Card.Masked)
			}
		}
		record(body)
	})
}

// FuzzReceipt: any text makes a slip, and the customer's shows at most four digits.
func FuzzReceipt(f *testing.F) {
	f.Add("CustomerReceipt", packed(fullReceipt))
	f.Add("CashierReceipt", packed(fullReceipt))
	f.Add("", "hello")
	f.Add("CashierReceipt", packed(`{"Merchant":{"Mandatory":[],"Optional":{"ReceiptString":{}}}}`))
	f.Add("CustomerReceipt", packed(`{"Cardholder":{"Mandatory":{"CardDetails":{"PrimaryAccountNumber":4000001234560002}}}}`))
	f.Fuzz(func(t *testing.T, qualifier, text string) {
		for _, form := range []string{text, packed(text)} {
			got := slipFrom(qualifier, outputContent{Texts: []string{form}}, "", payment.Sale, time.Time{})
			if got.Copy == "" {
				t.Errorf("slip without a copy: %+v", got)
			}
			digits := 0
			for _, r := range got.Masked {
				if r >= '0' && r <= '9' {
					digits++
				}
			}
			if digits > 10 || (got.Copy == payment.CustomerCopy && digits > 4) {
				t.Errorf("%s shows %q", got.Copy, got.Masked)
			}
			if len(got.Lines) > maxLines {
				t.Errorf("%d lines", len(got.Lines))
			}
		}
	})
}

// FuzzDisplayText: any text makes a prompt without panic, and the id is digits.
func FuzzDisplayText(f *testing.F) {
	for _, s := range []string{`202,"Approved"`, "Approved", "9202,Godk\u00e4nd, tack", "", `"1",""`, "12,Enter PIN: ***"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := promptOf(displayOutput{Content: outputContent{Texts: []string{text}}}, time.Time{})
		if !ok {
			return
		}
		if len(p.TextID) > 5 || strings.Trim(p.TextID, "0123456789") != "" || p.Code == "" || (p.Digits > 0) != (p.Code == payment.PromptPINDigits) {
			t.Errorf("%q: %+v", text, p)
		}
	})
}

// BenchmarkDisplayDecode is the till's part of showing a terminal's display: from
// the body of a DisplayRequest to the prompt.
func BenchmarkDisplayDecode(b *testing.B) {
	body := []byte(golden(b, "in-display"))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := decode(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := promptOf(m.DisplayRequest.Outputs[0], time.Time{}); !ok {
			b.Fatal("no prompt")
		}
	}
}

// BenchmarkDisplayServe adds the handler, redaction and the answer to it.
func BenchmarkDisplayServe(b *testing.B) {
	board, _ := unheard(b)
	body := golden(b, "in-display")
	b.ReportAllocs()
	for b.Loop() {
		if w := serve(board, body); w.Code != http.StatusNoContent {
			b.Fatal(w.Code)
		}
	}
}
