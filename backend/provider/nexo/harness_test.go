package nexo

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// patience ends a test that waits for something that does not come.
const patience = 10 * time.Second

// book is a reporter that keeps everything.
type book struct {
	mu       sync.Mutex
	prompts  []payment.Prompt
	messages []payment.Message
	slips    []payment.Slip
	notes    []payment.Note
	slipErr  error
	asked    chan payment.Question
	ended    chan error // why an Ask ended without an answer
	answers  chan bool
}

func newBook() *book {
	return &book{asked: make(chan payment.Question, 8), ended: make(chan error, 8), answers: make(chan bool, 8)}
}

func (b *book) Prompt(p payment.Prompt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.prompts = append(b.prompts, p)
}
func (b *book) Message(m payment.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
}
func (b *book) Note(n payment.Note) { b.mu.Lock(); defer b.mu.Unlock(); b.notes = append(b.notes, n) }
func (b *book) Slip(_ context.Context, s payment.Slip) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slips = append(b.slips, s)
	return b.slipErr
}

func (b *book) Ask(ctx context.Context, q payment.Question) (payment.Answer, error) {
	b.asked <- q
	select {
	case yes := <-b.answers:
		return payment.Answer{Question: q.ID, Yes: yes}, nil
	case <-ctx.Done():
		b.ended <- context.Cause(ctx)
		return payment.Answer{}, context.Cause(ctx)
	}
}

func (b *book) lastPrompt() payment.Prompt {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.prompts) == 0 {
		return payment.Prompt{}
	}
	return b.prompts[len(b.prompts)-1]
}

func (b *book) promptCount() int { b.mu.Lock(); defer b.mu.Unlock(); return len(b.prompts) }

func (b *book) sent(name string) (found []payment.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.messages {
		if m.Name == name {
			found = append(found, m)
		}
	}
	return found
}

func (b *book) noted(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.notes, func(n payment.Note) bool { return strings.Contains(n.Text, text) })
}

func (b *book) everything() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%+v %+v %+v %+v", b.prompts, b.messages, b.slips, b.notes)
}

// house is a till around one terminal: its reporters, its listener, its counter.
type house struct {
	*Terminal
	session, op *book
	inbound     atomic.Pointer[book] // the reporter of the open operation
	serial      atomic.Int64
	listening   string
	board       http.Handler
}

func (h *house) listen(_, path string, handler http.Handler) (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	go func() { _ = server.Serve(listener) }() // ends with Close
	h.listening = "http://" + listener.Addr().String() + path + "3.1"
	return listener.Addr().String(), func() { _ = server.Close() }, nil
}

func (h *house) deps() payment.Deps {
	return payment.Deps{
		Listen:  h.listen,
		Serial:  func(context.Context) (int64, error) { return h.serial.Add(1), nil },
		Session: h.session,
		Inbound: func() payment.Reporter {
			if b := h.inbound.Load(); b != nil {
				return b
			}
			return h.session
		},
		Software: payment.Software{Maker: "Exempel AB", Name: "Cashier", Version: "0.9.3"},
	}
}

// open makes a terminal that talks to a fake one.
func open(t *testing.T, address string, more payment.Settings) *house {
	t.Helper()
	h := &house{session: newBook(), op: newBook()}
	h.serial.Store(1776000100)
	given := payment.Settings{"address": address, "poiid": "KASSA-01", "saleid": "TILL1", "listen": "127.0.0.1:0", "language": "sv"}
	for k, v := range more {
		given[k] = v
	}
	opened, err := New().Open(t.Context(), "t1", given, h.deps())
	if err != nil {
		t.Fatal(err)
	}
	h.Terminal = opened.(*Terminal)
	h.zone = time.FixedZone("", 2*60*60)
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

var light = payment.Settings{"mode": "light"}

// fake serves as the terminal: answer gives status and body for each request, and
// what was asked is kept.
type fake struct {
	*httptest.Server
	mu   sync.Mutex
	got  []*message
	raw  []string
	path []string
}

func newFake(t *testing.T, answer func(m *message) (int, string)) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		m, err := decode(body)
		if err != nil {
			t.Errorf("the till sent %q: %v", body, err)
			return
		}
		if r.ContentLength != int64(len(body)) || r.Header.Get("Content-Type") != contentTypeXML {
			t.Errorf("length %d of %d, type %q", r.ContentLength, len(body), r.Header.Get("Content-Type"))
		}
		f.mu.Lock()
		f.got, f.raw, f.path = append(f.got, m), append(f.raw, string(body)), append(f.path, r.URL.Path)
		f.mu.Unlock()
		status, text := answer(m)
		if status < 0 { // cut the connection
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
		if _, err := io.WriteString(w, text); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
			t.Error(err)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) address() string { return strings.TrimPrefix(f.URL, "http://") }

func (f *fake) all(category string) (found []*message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.got {
		if m.Header.Category == category {
			found = append(found, m)
		}
	}
	return found
}

// golden reads an example of nexo-retailer.md.
func golden(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "golden", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// canonical writes XML without blanks between elements and with sorted attributes.
func canonical(t testing.TB, text string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var out strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		switch k := token.(type) {
		case xml.StartElement:
			attrs := make([]string, 0, len(k.Attr))
			for _, a := range k.Attr {
				attrs = append(attrs, fmt.Sprintf(" %s=%q", a.Name.Local, a.Value))
			}
			slices.Sort(attrs)
			fmt.Fprintf(&out, "\n<%s%s>", k.Name.Local, strings.Join(attrs, ""))
		case xml.EndElement:
			fmt.Fprintf(&out, "</%s>", k.Name.Local)
		case xml.CharData:
			out.Write(bytes.TrimSpace(k))
		}
	}
}

func same(t testing.TB, name, got string) {
	t.Helper()
	if g, w := canonical(t, got), canonical(t, golden(t, name)); g != w {
		t.Errorf("%s: got%s\nwant%s", name, g, w)
	}
}

var attemptAt = time.Date(2026, 4, 12, 8, 15, 30, 0, time.UTC)

// sale is an attempt of an amount in minor units of SEK.
func sale(minor int64) payment.Request {
	return payment.Request{Operation: "op-1", Kind: payment.Sale,
		Attempt: payment.Attempt{Number: 1, Reference: "20260412000123001", Serial: 1776000010, At: attemptAt},
		Total:   money.Amount{Minor: minor, Currency: "SEK"}}
}

func void() payment.Request {
	r := sale(30000)
	r.Kind = payment.Void
	r.Attempt.Serial = 1776000020
	r.Original = payment.References{Terminal: "9000010042", TerminalTime: "2026-04-12T08:15:31.204Z"}
	return r
}

// answerTo makes a response document for a request's header.
func answerTo(m *message, body string) string {
	return fmt.Sprintf(`<?xml version='1.0' encoding='UTF-8'?><SaleToPOIResponse><MessageHeader MessageClass="Service" MessageCategory="%s" MessageType="Response" ServiceID="%s" SaleID="TILL1" POIID="KASSA-01"/>%s</SaleToPOIResponse>`,
		m.Header.Category, m.Header.ServiceID, body)
}

// paid is the body of a PaymentResponse for the attempt of sale.
func paid(result, more string) string {
	return `<PaymentResponse><Response ` + result + `/><SaleData><SaleTransactionID TransactionID="20260412000123001" TimeStamp="2026-04-12T10:15:30+02:00"/></SaleData>` +
		`<POIData><POITransactionID TransactionID="9000010042" TimeStamp="2026-04-12T08:15:31.204Z"/></POIData>` + more + `</PaymentResponse>`
}

func amounts(attrs string) string {
	return `<PaymentResult PaymentType="Normal"><AmountsResp ` + attrs + `/></PaymentResult>`
}

// statusOf is the body of a TransactionStatusResponse that repeats inner.
func statusOf(category, serviceID, inner string) string {
	return `<TransactionStatusResponse><Response Result="Success"/><RepeatedMessageResponse><MessageHeader MessageClass="Service" MessageCategory="` + category +
		`" MessageType="Response" ServiceID="` + serviceID + `" SaleID="TILL1" POIID="KASSA-01"/>` + inner + `</RepeatedMessageResponse></TransactionStatusResponse>`
}

func statusFailure(condition string) string {
	return `<TransactionStatusResponse><Response Result="Failure" ErrorCondition="` + condition + `"/></TransactionStatusResponse>`
}

// show writes a value out for comparison.
func show(v any) string { return fmt.Sprintf("%+v", v) }
