package netpay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// wire is a network in memory: requests go to handlers by their host, in the
// bubble's own time.
type wire struct {
	mu    sync.Mutex
	hosts map[string]http.Handler
}

func (n *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	h := n.hosts[r.URL.Host]
	n.mu.Unlock()
	if h == nil {
		return nil, fmt.Errorf("no host %s", r.URL.Host)
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	type answer struct {
		w     *httptest.ResponseRecorder
		fault any
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{w: httptest.NewRecorder()}
		defer func() {
			a.fault = recover()
			done <- a
		}()
		h.ServeHTTP(a.w, r)
	}()
	select {
	case a := <-done:
		if a.fault != nil {
			return nil, io.ErrUnexpectedEOF
		}
		return a.w.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// inbox keeps deliveries in memory.
type inbox struct {
	mu   sync.Mutex
	keys map[string]bool
	list []payment.Delivery
	fail error
}

func (i *inbox) Keep(_ context.Context, d payment.Delivery) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		return false, i.fail
	}
	if i.keys[d.Key] {
		return false, nil
	}
	i.keys[d.Key] = true
	i.list = append(i.list, d)
	return true, nil
}

func (i *inbox) Kept(_ context.Context, ref string) (found []payment.Delivery, _ error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, d := range i.list {
		if d.Reference == ref {
			found = append(found, d)
		}
	}
	return found, nil
}

// book hears everything.
type book struct {
	mu       sync.Mutex
	prompts  []payment.Prompt
	messages []payment.Message
	notes    []payment.Note
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
func (b *book) Note(n payment.Note)                      { b.mu.Lock(); defer b.mu.Unlock(); b.notes = append(b.notes, n) }
func (b *book) Slip(context.Context, payment.Slip) error { return nil }
func (b *book) Ask(context.Context, payment.Question) (payment.Answer, error) {
	return payment.Answer{}, io.EOF
}

func (b *book) everything() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%+v %+v %+v", b.prompts, b.messages, b.notes)
}

// house is a terminal of the till with a scripted NetPay.
type house struct {
	*Terminal
	t      *testing.T
	wire   *wire
	inbox  *inbox
	book   *book
	serial atomic.Int64
	post   http.Handler // the till's door

	mu      sync.Mutex
	forms   []url.Values     // of token requests
	heads   []http.Header    // of token requests
	pushes  []map[string]any // bodies, with "path"
	tokens  int              // given so far
	token   func(url.Values) (int, string)
	onPush  func(path string, body map[string]any) (int, string)
	revoked map[string]bool
}

const (
	cloudHost = "netpay.example"
	ack00     = `{"code":"00","message":"Mensaje enviado exitosamente"}`
)

var given = payment.Settings{"base-url": "https://" + cloudHost + "/gateway", "auth-string": "dHJ1c3RlZC1hcHA6c2VjcmV0", "username": "Nacional", "password": "netpay-hidden",
	"serial-number": "0000012345", "store-id": "700101", "stores": "700102, Tienda Dos, 7000002\n700101, Tienda Uno, 7000001", "smart-accounts": "string", "listen": "127.0.0.1:8440", "callback-url": "http://till.example"}

func newHouse(t *testing.T, change map[string]string) *house {
	t.Helper()
	settings := payment.Settings{}
	for k, v := range given {
		settings[k] = v
	}
	for k, v := range change {
		settings[k] = v
	}
	h := &house{t: t, wire: &wire{hosts: map[string]http.Handler{}}, inbox: &inbox{keys: map[string]bool{}}, book: &book{}, revoked: map[string]bool{}}
	h.wire.hosts[cloudHost] = http.HandlerFunc(h.cloud)
	terminal, err := New().Open(context.Background(), "till", settings, payment.Deps{
		Listen: func(_, path string, handler http.Handler) (string, func(), error) {
			h.post = handler
			h.wire.mu.Lock()
			defer h.wire.mu.Unlock()
			h.wire.hosts["till.example"] = handler
			return "127.0.0.1:8440", func() {}, nil
		},
		Serial:  func(context.Context) (int64, error) { return h.serial.Add(1), nil },
		Session: h.book, Inbound: func() payment.Reporter { return h.book }, Inbox: h.inbox, Transport: h.wire,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Terminal = terminal.(*Terminal)
	return h
}

func (h *house) cloud(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	status, answer := h.answer(r, body)
	if status == 0 {
		<-r.Context().Done() // silence
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

func (h *house) answer(r *http.Request, body []byte) (int, string) {
	path := strings.TrimPrefix(r.URL.Path, "/gateway")
	h.mu.Lock()
	if path == tokenPath {
		form, err := url.ParseQuery(string(body))
		if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			h.t.Errorf("the token's form: %v, %s", err, r.Header.Get("Content-Type"))
		}
		h.forms, h.heads = append(h.forms, form), append(h.heads, r.Header)
		token := h.token
		if token == nil {
			h.tokens++
			n := h.tokens
			h.mu.Unlock()
			return 200, fmt.Sprintf(`{"access_token":"token-hidden-%d","token_type":"bearer","refresh_token":"refresh-hidden-%d","expires_in":43199,"scope":"read write","jti":"x"}`, n, n)
		}
		h.mu.Unlock()
		return token(form)
	}
	if h.revoked[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
		h.mu.Unlock()
		return 401, `{"error":"invalid_token","error_description":"Cannot convert access token to JSON token-hidden"}`
	}
	var pushed map[string]any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if err := numbers.Decode(&pushed); err != nil {
		h.t.Errorf("%s: %v", path, err)
	}
	pushed["path"] = path
	h.pushes = append(h.pushes, pushed)
	push := h.onPush
	h.mu.Unlock()
	if push == nil {
		return 200, ack00
	}
	return push(path, pushed)
}

func (h *house) count() int { h.mu.Lock(); defer h.mu.Unlock(); return len(h.pushes) }

func (h *house) pushed(n int) map[string]any {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pushes) <= n {
		h.t.Fatalf("only %d pushes", len(h.pushes))
	}
	return h.pushes[n]
}

// ref is the attempt's reference in every test.
const ref = "202611220000000011"

// request is an attempt of a minute ago.
func request(minor int64) payment.Request {
	return payment.Request{Operation: "op", Kind: payment.Sale, Account: "700101", Total: money.Amount{Minor: minor, Currency: "MXN"},
		Attempt: payment.Attempt{Number: 1, Reference: ref, Serial: 11, At: time.Now().Add(-patientUntil)}}
}

// marked is the traceability of a request, as the terminal echoes it.
func marked(ref, op, n string) map[string]any {
	checked, err := check(given)
	if err != nil {
		panic(err)
	}
	t := checked.trace(ref, op, n)
	return map[string]any{"paydesk": t.Ref, "op": t.Op, "n": t.N, "paydesk_mark": t.Proof}
}

// sold is what the terminal posts about an approved sale; change alters it.
func sold(body map[string]any, change map[string]any) map[string]any {
	got := map[string]any{
		"affiliation": "7000001", "aid": "A0000000032010", "amount": "249.9", "applicationLabel": "VISA DEBITO", "arqc": "0F1E2D3C4B5A6978",
		"authCode": "314159", "bankName": "BANCO EJEMPLO", "moduleLote": "1", "bin": "400000", "cardExpDate": "08/29", "cardNumber": "0042",
		"cardType": "D", "cardTypeName": "VISA", "cityName": "Guadalupe NUEVO LEON", "responseCode": "00", "customerName": "PEREZ/ANA   ",
		"folioNumber": ref, "hasPin": true, "hexSign": "", "hostRefNum": "092418400801", "isQps": 0, "isRePrint": false,
		"message": "Transacción exitosa", "moduleCharge": "12", "orderId": "261122124008-0000012345", "promotion": "00", "rePrintDate": "2.6.0.1.p.p",
		"rePrintMark": "VISA", "reprintModule": "C", "rrnNumber": "092418400801", "storeId": "700101", "storeName": "TIENDA UNO ",
		"streetName": "CALLE FALSA 123 ", "terminalId": "0000012345", "ticketDate": "NOV. 22, 26 12:40:07 ", "tipAmount": "0.0",
		"tipLessAmount": "249.9", "transDate": "2026-11-22 12:40:10.CST", "transType": "A", "transactionCertificate": "89ABCDEF01234567",
		"transactionId": "1F0C2D3E-4B5A-6978-8796-A5B4C3D2E1F0", "traceability": marked(ref, opSale, ""),
	}
	if body != nil {
		got["traceability"], got["storeId"] = body["traceability"], body["storeId"]
	}
	for k, v := range change {
		if got[k] = v; v == nil {
			delete(got, k)
		}
	}
	return got
}

// deliver posts a result as the terminal does, and gives what it is answered.
func (h *house) deliver(result any) (int, string) {
	h.t.Helper()
	raw, ok := result.(string)
	if !ok {
		b, err := json.Marshal(result)
		if err != nil {
			h.t.Fatal(err)
		}
		raw = string(b)
	}
	r := httptest.NewRequest(http.MethodPost, h.path, strings.NewReader(raw))
	w := httptest.NewRecorder()
	h.post.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// later has the terminal deliver in a while.
func (h *house) later(after time.Duration, result any) {
	go func() {
		time.Sleep(after)
		h.deliver(result)
	}()
}

func (h *house) sell(minor int64) (payment.Result, error) {
	return h.Sale(context.Background(), request(minor), h.book)
}
