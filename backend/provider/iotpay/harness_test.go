package iotpay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

const (
	testKey = "TEST-KEY-0001-not-a-real-merchant-key"
	ref     = "202611220000000011" // the attempt's in every test
)

var given = payment.Settings{"base-url": "https://iot.example", "card-url": "https://cards.example", "mch-id": "10000701", "job-no": "cashier1",
	"key": testKey, "device": "TILL-01", "client-ip": "192.168.1.20"}

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

// asked is one request that the scripted cloud got.
type asked struct {
	path   string
	fields map[string]string
	kind   string // Content-Type
	at     time.Time
}

// reply is what the scripted cloud does with a request.
type reply struct {
	after  time.Duration
	status int // 0: 200
	body   string
	cut    bool // the connection ends without an answer
	refuse bool // there is no connection
}

// house is a terminal of the till with a scripted IOT Pay, in memory.
type house struct {
	t        *testing.T
	terminal payment.Terminal
	book     *book

	mu     sync.Mutex
	asked  []asked
	script func(n int, a asked) reply // n: how many of this path came before
}

func newHouse(t *testing.T, change map[string]string, script func(n int, a asked) reply) *house {
	t.Helper()
	return newHouseOf(t, New(), change, script)
}

func newHouseOf(t *testing.T, p *Provider, change map[string]string, script func(n int, a asked) reply) *house {
	t.Helper()
	settings := payment.Settings{}
	for k, v := range given {
		settings[k] = v
	}
	for k, v := range change {
		settings[k] = v
	}
	h := &house{t: t, book: &book{}, script: script}
	terminal, err := p.Open(context.Background(), "till", settings, payment.Deps{Transport: h, Session: h.book})
	if err != nil {
		t.Fatal(err)
	}
	h.terminal = terminal
	return h
}

// RoundTrip is the cloud.
func (h *house) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	a := asked{path: r.URL.Path, kind: r.Header.Get("Content-Type"), at: time.Now()}
	if r.URL.Host == "iot.example" {
		values, err := url.ParseQuery(string(raw))
		if err != nil || len(values) != 1 || a.kind != "application/x-www-form-urlencoded" {
			h.t.Errorf("%s is no form with params alone: %s, %v", a.path, a.kind, err)
		}
		raw = []byte(values.Get("params"))
	}
	if err := json.Unmarshal(raw, &a.fields); err != nil {
		h.t.Errorf("%s: %v in %s", a.path, err, raw)
	}
	if a.fields["sign"] != sign(a.fields, testKey) {
		h.t.Errorf("%s: wrong signature", a.path)
	}
	h.mu.Lock()
	n := 0
	for _, before := range h.asked {
		if before.path == a.path {
			n++
		}
	}
	h.asked = append(h.asked, a)
	h.mu.Unlock()
	does := h.script(n, a)
	if does.refuse {
		return nil, &net.OpError{Op: "dial", Err: io.ErrClosedPipe}
	}
	pause := time.NewTimer(does.after)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if does.cut {
		return nil, io.ErrUnexpectedEOF
	}
	w := httptest.NewRecorder()
	w.WriteHeader(max(does.status, 200))
	_, _ = io.WriteString(w, does.body)
	return w.Result(), nil
}

func (h *house) count(path string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.asked {
		if a.path == path {
			n++
		}
	}
	return n
}

func (h *house) sell(minor int64) (payment.Result, error) {
	return h.terminal.Sale(context.Background(), request1(minor), h.book)
}

func request1(minor int64) payment.Request {
	return payment.Request{Operation: "op", Kind: payment.Sale, Total: money.Amount{Minor: minor, Currency: "CAD"},
		Attempt: payment.Attempt{Number: 1, Reference: ref, Serial: 11, At: time.Now()}}
}

// tapped is extra of an approved tap, with invented numbers; change alters it.
func tapped(change map[string]string) map[string]string {
	c := map[string]string{"cardType": "M", "cardNum": "XXXXXXXXXXXX1166", "expireDate": "1097", "emvLabel": "MASTERCARD", "emvAID": "A0000000041010",
		"emvTVR": "0000008000", "emvTSI": "0000", "emvTC": "ARQC: 3D36ACBD44BE512B", "termNum": "25957", "bankTermNum": "40880013",
		"termInvoiceNum": "724172", "seqNum": "000001000061", "authNum": "01046Z", "batchNum": "0008", "trxMethod": "T", "accountType": "",
		"receiptDisp": "000 Approved 00 Thank You", "cashbackAmount": "", "surchargeAmount": "", "timeStamp": "20210120-19402057", "langCode": "E",
		"trxDate": "01202021", "trxTime": "164033", "cvmResults": "1F0302", "trxCode": "00"}
	for k, v := range change {
		c[k] = v
	}
	return c
}

// failing is extra of a payment that was not completed.
func failing(change map[string]string) map[string]string {
	c := tapped(map[string]string{"cardType": " ", "cardNum": "", "expireDate": "    ", "emvLabel": "", "emvAID": "", "emvTVR": "", "emvTSI": "", "emvTC": "",
		"seqNum": "000000000000", "authNum": "", "batchNum": "0000", "trxMethod": "", "receiptDisp": "Transaction Not Completed 05", "timeStamp": "20210922-15231494",
		"trxDate": "", "trxTime": "", "cvmResults": ""})
	for k, v := range change {
		c[k] = v
	}
	return c
}

func asText(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// orderOf is a payOrder of the attempt; change alters it, nil takes a key out.
func orderOf(status any, amount int64, extra any, change map[string]any) map[string]any {
	if c, ok := extra.(map[string]string); ok {
		extra = asText(c)
	}
	o := map[string]any{"userName": "cashier1", "payOrderId": "CP20261122193314685200722249", "mchId": "10000701", "mchOrderNo": ref, "channelId": "CC_PAX",
		"currency": "CAD", "amount": amount, "tip": 0, "payType": "pay", "refundable": 1, "deviceId": "TILL-01", "extra": extra, "status": status,
		"trxAmount": 0, "paySuccTime": "", "createDate": 1795376594000}
	for k, v := range change {
		if o[k] = v; v == nil {
			delete(o, k)
		}
	}
	return o
}

// envelope is a good answer with an order in it, signed by a reading ("a", "b", "wrong", "absent").
func envelope(order map[string]any, reading string) string {
	return sealed(map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS", "retParams": "", "retDetail": "", "payOrderId": order["payOrderId"], "mchOrderNo": order["mchOrderNo"], "payOrder": order}, reading)
}

func sealed(whole map[string]any, reading string) string {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal([]byte(asText(whole)), &keys); err != nil {
		panic(err)
	}
	var nested func([]byte) string
	if reading == "b" {
		nested = func(raw []byte) string { return string(raw) }
	}
	switch made := sign(plainFields(keys, nested), testKey); reading {
	case "a", "b":
		keys[signKey] = json.RawMessage(`"` + made + `"`)
	case "wrong":
		keys[signKey] = json.RawMessage(`"` + strings.Repeat("0", 32) + `"`)
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// approvedBody is a clean approval.
func approvedBody(amount int64) string { return envelope(orderOf(2, amount, tapped(nil), nil), "a") }

func failure(message string) string { return `{"retCode":"FAIL","retMsg":` + asText(message) + `}` }

const gone = "order not exist"
