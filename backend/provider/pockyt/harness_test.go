package pockyt

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// wire is a network in memory: requests go to the handler, in the bubble's own time.
type wire struct{ serve http.HandlerFunc }

func (n *wire) RoundTrip(r *http.Request) (*http.Response, error) {
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
		n.serve(a.w, r)
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
}

func (i *inbox) Keep(_ context.Context, d payment.Delivery) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keys[d.Key] {
		return false, nil
	}
	i.keys[d.Key] = true
	i.list = append(i.list, d)
	return true, nil
}

func (i *inbox) Kept(_ context.Context, reference string) (list []payment.Delivery, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, d := range i.list {
		if d.Reference == reference {
			list = append(list, d)
		}
	}
	return list, nil
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

// The terminal of all tests.
const (
	token1 = "5cbfb079f15b150122261c8537086d77a" // T1, published
	ref    = "26112200070000000017"
	number = "297553638241892410"
	alipay = "286498530672949108"
)

var given = payment.Settings{"base-url": "https://pockyt.example", "merchant-no": "200043", "store-no": "300014", "token": token1}

// house is a terminal of the till with a scripted platform: say answers a call by its
// last path element and how often it came before. "" is silence, "cut" a cut line, "html" a
// page, and "500 " before an answer its status.
type house struct {
	*Terminal
	t     *testing.T
	book  *book
	inbox *inbox
	post  http.Handler
	say   func(call string, n int, f fields) string

	mu    sync.Mutex
	calls []string
	sent  []fields
}

func newHouse(t *testing.T, change payment.Settings) *house {
	t.Helper()
	settings := payment.Settings{}
	for k, v := range given {
		settings[k] = v
	}
	for k, v := range change {
		settings[k] = v
	}
	h := &house{t: t, book: &book{}, inbox: &inbox{keys: map[string]bool{}}}
	terminal, err := New().Open(context.Background(), "till", settings, payment.Deps{
		Listen: func(_, _ string, handler http.Handler) (string, func(), error) {
			h.post = handler
			return "127.0.0.1:8450", func() {}, nil
		},
		Session: h.book, Inbox: h.inbox, Transport: &wire{h.serve},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Terminal = terminal.(*Terminal)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	var f fields
	if err := json.Unmarshal(body, &f); err != nil {
		h.t.Errorf("%s: %v: %s", r.URL, err, body)
	}
	if sign(f, token1) != f[signatureKey] {
		h.t.Errorf("%s: the signature is wrong: %s", r.URL, body)
	}
	for name, value := range f {
		if value == "" {
			h.t.Errorf("%s: %s is empty", r.URL, name)
		}
	}
	call := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if _, both := f["transactionNo"]; call != "add" && call != "create-trans-qrcode" && both == (f["reference"] != "") {
		h.t.Errorf("%s: not exactly one identifier: %s", r.URL, body)
	}
	h.mu.Lock()
	n := 0
	for _, c := range h.calls {
		if c == call {
			n++
		}
	}
	h.calls, h.sent = append(h.calls, call), append(h.sent, f)
	h.mu.Unlock()
	switch answer := h.say(call, n, f); answer {
	case "":
		<-r.Context().Done()
	case "cut":
		panic("cut")
	case "html":
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<html>500</html>")
	default:
		if rest, failed := strings.CutPrefix(answer, "500 "); failed {
			w.WriteHeader(http.StatusInternalServerError)
			answer = rest
		}
		_, _ = io.WriteString(w, answer)
	}
}

// made are the calls so far, tran-query as a dot.
func (h *house) made() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.ReplaceAll(strings.Join(h.calls, " "), "tran-query", ".")
}

func (h *house) count(call string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (h *house) last(call string) fields {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.calls) - 1; i >= 0; i-- {
		if h.calls[i] == call {
			return h.sent[i]
		}
	}
	h.t.Fatalf("no %s was made", call)
	return nil
}

// says makes an answer about the order of all tests; change alters or, with nil, takes
// out.
func says(code, state string, change ...map[string]any) string {
	result := map[string]any{"amount": "13.00", "createTime": "2026-11-22 18:00:00", "currency": "USD", "merchantNo": "200043", "originalTransactionNo": nil,
		"paymentTime": nil, "reference": ref, "refundAmount": "0.00", "settleCurrency": "USD", "storeAdminNo": nil, "storeNo": "300014", "transactionNo": number,
		"transactionType": "payment", "voidAmount": "0.00", "status": state}
	for _, c := range change {
		for k, v := range c {
			if result[k] = v; v == nil {
				delete(result, k)
			}
		}
	}
	body := map[string]any{"ret_code": code, "ret_msg": "add success "}
	if state != "" {
		body["result"] = result
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// answers is a script: the answers of each call in turn, the last one again and again.
func answers(script map[string][]string) func(string, int, fields) string {
	return func(call string, n int, _ fields) string {
		list := script[call]
		if len(list) == 0 {
			return says("000020", "")
		}
		return list[min(n, len(list)-1)]
	}
}

func request(change ...func(*payment.Request)) payment.Request {
	r := payment.Request{Operation: "op", Kind: payment.Sale, Code: alipay, Total: money.Amount{Minor: 1300, Currency: "USD"},
		Attempt: payment.Attempt{Number: 1, Reference: ref, Serial: 17, At: time.Now()}}
	for _, c := range change {
		c(&r)
	}
	return r
}

func shows(r *payment.Request) { r.Code, r.ShowQR = "", true }

func (h *house) sell(change ...func(*payment.Request)) (payment.Result, error) {
	h.t.Helper()
	return h.Sale(context.Background(), request(change...), h.book)
}

// deliver posts a notification, signed with token, and gives what it is answered.
func (h *house) deliver(f fields, token string) (int, string) {
	h.t.Helper()
	form := url.Values{}
	for k, v := range f {
		form.Set(k, v)
	}
	if token != "" {
		form.Set(signatureKey, sign(f, token))
	}
	r := httptest.NewRequest(http.MethodPost, h.path, strings.NewReader(form.Encode()))
	w := httptest.NewRecorder()
	h.post.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func bubble(t *testing.T, do func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, do)
}

const (
	initial = stateInit
	done    = codeDone
)

// ok are answers with the code of success.
func ok(state string, change ...map[string]any) string { return says(done, state, change...) }
