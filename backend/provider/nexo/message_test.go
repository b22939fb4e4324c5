package nexo

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestGoldenRequests compares every message that the till sends with the examples
// of nexo-retailer.md (5.2, 5.5, 6.2, 6.3, 11.1, 12.1, 13).
func TestGoldenRequests(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return http.StatusInternalServerError, "" })
	h := open(t, f.address(), nil)
	at := time.Date(2026, 4, 12, 9, 0, 1, 0, h.zone)
	cashback := sale(30000)
	cashback.Cashback = 10000
	refund := sale(4990)
	refund.Attempt = payment.Attempt{Reference: "20260412000124001", Serial: 1776000011, At: time.Date(2026, 4, 12, 8, 40, 0, 0, time.UTC)}
	software := payment.Software{Maker: "Exempel AB", Name: "Cashier", Version: "0.9.3"}
	calls := map[string]func(){
		"payment-cashback": func() { _, _ = h.Sale(t.Context(), cashback, h.op) },
		"refund":           func() { _, _ = h.Refund(t.Context(), refund, h.op) },
		"reversal":         func() { _, _ = h.Void(t.Context(), void(), h.op) },
		"logout":           func() { h.serial.Store(1776000089); _ = h.SignOut(t.Context(), true, h.session) },
		"abort":            func() { h.serial.Store(1776000015); _ = h.Abort(t.Context(), sale(30000), "", h.op) },
		"status-last":      func() { h.serial.Store(1776000016); _ = h.Ping(t.Context(), h.session) },
		"status-reference": func() { h.serial.Store(1776000017); _, _ = h.Lookup(t.Context(), sale(30000), h.op) },
	}
	for name, call := range calls {
		before := len(f.raw)
		call()
		if len(f.raw) != before+1 {
			t.Errorf("%s: %d messages were sent", name, len(f.raw)-before)
			continue
		}
		same(t, name, f.raw[before])
		if f.path[before] != "/EPASSaleToPOI/3.1" {
			t.Errorf("%s: path %s", name, f.path[before])
		}
	}
	for name, light := range map[string]bool{"login-default": false, "login-light": true} {
		m := h.service("Login", 1776000001)
		m.LoginRequest = login(light, "sv", software, at)
		raw, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, string(raw))
	}
}

// TestNoCashbackAttribute: CashBackAmount is sent only when there is cashback.
func TestNoCashbackAttribute(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return http.StatusInternalServerError, "" })
	h := open(t, f.address(), light)
	if _, err := h.Sale(t.Context(), sale(1), h.op); payment.CodeOf(err) != payment.CodeUnreadable {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(f.raw[0], `RequestedAmount="0.01"`) || strings.Contains(f.raw[0], "CashBack") || strings.Contains(f.raw[0], "Token") {
		t.Errorf("sent %s", f.raw[0])
	}
}

// TestSeq92ServiceIDs: every message has a ServiceID of its own, at most ten
// characters long, and the attempt's for the payment itself.
func TestSeq92ServiceIDs(t *testing.T) {
	f := newFake(t, func(m *message) (int, string) {
		if m.Header.Category == "Abort" {
			return http.StatusNoContent, ""
		}
		return http.StatusOK, answerTo(m, statusFailure("Busy"))
	})
	h := open(t, f.address(), light)
	h.serial.Store(9999999000)
	for range 300 {
		if err := h.Ping(t.Context(), h.session); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Abort(t.Context(), sale(100), "", h.op); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range f.got {
		if id := m.Header.ServiceID; seen[id] || len(id) > 10 {
			t.Fatalf("ServiceID %q is repeated or too long", id)
		}
		seen[m.Header.ServiceID] = true
	}
	if len(seen) != 301 {
		t.Errorf("%d ids", len(seen))
	}
}

// TestDecodeUnusual: what is merely unusual is read (sequence 70).
func TestDecodeUnusual(t *testing.T) {
	plain := golden(t, "in-display")
	utf16 := func(little bool, text string) []byte {
		out := []byte{0xfe, 0xff}
		if little {
			out = []byte{0xff, 0xfe}
		}
		for _, r := range text {
			if little {
				out = append(out, byte(r), byte(r>>8))
			} else {
				out = append(out, byte(r>>8), byte(r))
			}
		}
		return out
	}
	cases := map[string][]byte{
		"byte order mark":   []byte("\ufeff" + plain),
		"single quotes":     []byte(`<?xml version='1.0' encoding='utf-8'?>` + plain),
		"UTF-16 LE":         utf16(true, `<?xml version="1.0" encoding="UTF-16"?>`+plain),
		"UTF-16 BE":         utf16(false, plain),
		"UTF-16 unmarked":   utf16(true, plain)[2:],
		"ISO 8859-1":        []byte(`<?xml version="1.0" encoding="ISO-8859-1"?>` + strings.Replace(plain, "Present card", "Present \xe5 card", 1)),
		"comments":          []byte("<!-- a -->" + strings.Replace(plain, "<DisplayRequest>", "<!-- b --><DisplayRequest>", 1) + "<!-- c -->"),
		"CDATA":             []byte(strings.Replace(plain, `101,"Present card"`, `<![CDATA[101,"Present card"]]>`, 1)),
		"unknown element":   []byte(strings.Replace(plain, "<OutputContent", "<New><A b='1'/></New><OutputContent", 1)),
		"unknown attribute": []byte(strings.Replace(plain, "Device=", `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x" New="1" Device=`, 1)),
		"namespace":         []byte(strings.Replace(plain, "<SaleToPOIRequest>", `<SaleToPOIRequest xmlns="urn:x">`, 1)),
	}
	for name, body := range cases {
		m, err := decode(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.name() != "DisplayRequest" || m.DisplayRequest == nil || !strings.Contains(m.DisplayRequest.Outputs[0].Content.text(), "Present") {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestDecodeBroken: what is broken is an error, never a guess.
func TestDecodeBroken(t *testing.T) {
	plain := golden(t, "in-display")
	cases := map[string]string{
		"empty":            "",
		"text":             "hello",
		"truncated":        plain[:len(plain)/2],
		"wrong nesting":    strings.Replace(plain, "</DisplayRequest>", "</Display>", 1),
		"wrong root":       strings.ReplaceAll(plain, "SaleToPOIRequest", "Something"),
		"two roots":        plain + plain,
		"text behind":      plain + "x",
		"document type":    `<!DOCTYPE a [<!ENTITY b "c">]>` + plain,
		"unknown entity":   strings.Replace(plain, "Present card", "&b;", 1),
		"no header":        `<SaleToPOIRequest><DisplayRequest/></SaleToPOIRequest>`,
		"empty header":     `<SaleToPOIRequest><MessageHeader/><DisplayRequest/></SaleToPOIRequest>`,
		"invalid UTF-8":    strings.Replace(plain, "Present", "\xff\xfe", 1),
		"unknown encoding": `<?xml version="1.0" encoding="x-none"?>` + plain,
		"too deep":         strings.Replace(plain, "<DisplayRequest>", "<DisplayRequest>"+strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100), 1),
		"too many":         strings.Replace(plain, "<DisplayRequest>", "<DisplayRequest>"+strings.Repeat("<a/>", maxElements), 1),
		"too large":        plain + strings.Repeat(" ", maxBody),
	}
	for name, body := range cases {
		if m, err := decode([]byte(body)); err == nil {
			t.Errorf("%s: read as %+v", name, m)
		}
	}
}
