package poynt

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The ids of the protocol's synthetic examples (poynt.md 5, 9.4).
const (
	testApp      = "urn:aid:00000000-0000-4000-8000-000000000001"
	testBusiness = "11111111-1111-4111-8111-111111111111"
	testStore    = "22222222-2222-4222-8222-222222222222"
	testDevice   = "urn:tid:33333333-3333-3333-8333-333333333333"
	testTx       = "44444444-4444-4444-8444-444444444444"
	otherTx      = "55555555-5555-4555-8555-555555555555"
	testRef      = "202611220000000018"
	cloudAddress = "127.0.0.1:8001"
	tillAddress  = "127.0.0.1:8002"
)

// testKey is made once for all tests.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, leastKey)
	if err != nil {
		panic(err)
	}
	return key
})

func testPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testKey())}))
}

// book is a reporter that keeps everything.
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
	return payment.Answer{}, fmt.Errorf("nobody is asked")
}

func (b *book) everything() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("%+v %+v %+v", b.prompts, b.messages, b.notes)
}

func (b *book) prompted(code payment.PromptCode) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.prompts, func(p payment.Prompt) bool { return p.Code == code })
}

// box is an inbox in memory.
type box struct {
	mu   sync.Mutex
	kept []payment.Delivery
}

func (b *box) Keep(_ context.Context, d payment.Delivery) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.kept {
		if k.Key == d.Key {
			return false, nil
		}
	}
	b.kept = append(b.kept, d)
	return true, nil
}

func (b *box) Kept(_ context.Context, reference string) (list []payment.Delivery, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.kept {
		if k.Reference == reference {
			list = append(list, k)
		}
	}
	return list, nil
}

func (b *box) all() []payment.Delivery { b.mu.Lock(); defer b.mu.Unlock(); return slices.Clone(b.kept) }

// told are the messages that were told so far.
func (b *book) told() []payment.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// cloud is a small Poynt: what the tests say it is.
type cloud struct {
	t       *testing.T
	network *conform.Network
	tokens  atomic.Int64 // requests for one
	// answer may take a request over: true means that it did.
	answer func(w http.ResponseWriter, r *http.Request, body []byte) bool
	// deliver is called with each cloud message that was taken, after the 202.
	deliver func(m sent)

	mu       sync.Mutex
	list     []string // transactions as JSON, newest last
	messages []sent
	requests []string // "GET /businesses/..." without a query
	ids      []string // their Poynt-Request-Id
	queries  []string
}

// sent is a cloud message as it arrived.
type sent struct {
	cloudMessage
	id   string
	data map[string]any
}

// payment reads the inner document of generation B.
func (m sent) payment() map[string]any {
	var p map[string]any
	text, _ := m.data["payment"].(string)
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return map[string]any{}
	}
	return p
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the till went away
	}
	c.mu.Lock()
	c.requests, c.ids, c.queries = append(c.requests, r.Method+" "+r.URL.Path), append(c.ids, r.Header.Get("Poynt-Request-Id")), append(c.queries, r.URL.RawQuery)
	c.mu.Unlock()
	if c.answer != nil && c.answer(w, r, body) {
		return
	}
	if r.URL.Path == "/token" {
		c.token(w, body)
		return
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", c.tokens.Load()) || r.Header.Get("Api-Version") != apiVersion {
		refuse(w, 401, codeInvalidToken)
		return
	}
	switch {
	case r.URL.Path == "/cloudMessages":
		c.take(w, r, body)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/transactions"):
		fmt.Fprintf(w, `{"transactions":[%s],"count":1}`, strings.Join(c.listed(), ","))
	case r.Method == http.MethodGet:
		c.one(w, r)
	default:
		refuse(w, 404, "RESOURCE_NOT_FOUND")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%q,"httpStatus":%d,"message":"no","developerMessage":"not this way","requestId":"r"}`, code, status)
}

func (c *cloud) token(w http.ResponseWriter, body []byte) {
	form := string(body)
	if !strings.Contains(form, "grantType=urn%3Aietf%3A") {
		c.t.Errorf("token form %q", form)
	}
	_, raw, _ := strings.Cut(form, "assertion=")
	raw, _, _ = strings.Cut(raw, "&")
	if _, err := jwt.Parse(raw, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(testApp), jwt.WithSubject(testApp), jwt.WithAudience("http://"+cloudAddress), jwt.WithIssuedAt(), jwt.WithExpirationRequired()); err != nil {
		c.t.Errorf("the assertion: %v", err)
	}
	fmt.Fprintf(w, `{"expiresIn":86400,"accessToken":"token-%d","refreshToken":"1:1:1:2:c2VjcmV0","scope":"ALL","tokenType":"BEARER"}`, c.tokens.Add(1))
}

func (c *cloud) take(w http.ResponseWriter, r *http.Request, body []byte) {
	m := sent{id: r.Header.Get("Poynt-Request-Id")}
	if err := json.Unmarshal(body, &m.cloudMessage); err != nil {
		c.t.Errorf("cloud message %q: %v", body, err)
	}
	if err := json.Unmarshal([]byte(m.Data), &m.data); err != nil {
		c.t.Errorf("data %q: %v", m.Data, err)
	}
	if m.DeviceID != testDevice || m.StoreID != testStore || m.BusinessID != testBusiness {
		c.t.Errorf("a message for %+v", m)
	}
	c.mu.Lock()
	c.messages = append(c.messages, m)
	c.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	if c.deliver != nil {
		go c.deliver(m)
	}
}

func (c *cloud) one(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	for _, tx := range c.listed() {
		if strings.Contains(tx, `"id":"`+id+`"`) {
			fmt.Fprint(w, tx)
			return
		}
	}
	refuse(w, 404, "TRANSACTION_NOT_FOUND")
}

func (c *cloud) listed() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.list) }

// books puts transactions into the cloud.
func (c *cloud) books(list ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, list...)
}

// sales are the messages that begin a payment.
func (c *cloud) sales() (list []sent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		if a := m.data["action"]; a != "cancelPayment" && a != "setCustomPcmProfile" {
			list = append(list, m)
		}
	}
	return list
}

func (c *cloud) asked(request string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.requests {
		if strings.HasPrefix(r, request) {
			n++
		}
	}
	return n
}

// house is a till around one terminal.
type house struct {
	*Terminal
	*cloud
	session, op *book
	inbox       *box
}

var polling = payment.Settings{"listen": "", "callback-url": ""}

// play runs a test in virtual time with a till and a cloud in memory.
func play(t *testing.T, more payment.Settings, test func(t *testing.T, h *house)) {
	t.Helper()
	testKey()
	synctest.Test(t, func(t *testing.T) {
		network := &conform.Network{}
		defer network.Close()
		h := &house{cloud: &cloud{t: t, network: network}, session: &book{}, op: &book{}, inbox: &box{}}
		if _, _, err := network.Listen(cloudAddress, "/", h.cloud); err != nil {
			t.Fatal(err)
		}
		given := payment.Settings{"base-url": "http://" + cloudAddress, "app-id": testApp, "private-key": testPEM(), "business-id": testBusiness,
			"store-id": testStore, "device-id": testDevice, "listen": tillAddress}
		for k, v := range more {
			given[k] = v
		}
		opened, err := New().Open(t.Context(), "t1", given, payment.Deps{Listen: network.Listen, Session: h.session, Inbox: h.inbox, Transport: network.Transport(),
			Inbound: func() payment.Reporter { return h.session }, Software: payment.Software{Name: "Cashier", Version: "0.9.3"}})
		if err != nil {
			t.Fatal(err)
		}
		h.Terminal = opened.(*Terminal)
		test(t, h)
		synctest.Wait() // a delivery may wake the call before it is acknowledged
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Minute) // virtual: what hangs in the cloud ends
	})
}

func request(kind payment.Kind) payment.Request {
	return payment.Request{Operation: "5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01", Kind: kind, Attempt: payment.Attempt{Number: 1, Reference: testRef, Serial: 18, At: time.Now().Truncate(time.Millisecond)},
		Total: money.Amount{Minor: 1256, Currency: "USD"}, Original: payment.References{Terminal: testTx}}
}

// sell sells for 12.56 and waits for the end.
func (h *house) sell() (payment.Result, error) {
	return h.Sale(context.Background(), request(payment.Sale), h.op)
}

// post delivers as the terminal does, which decodes the address where it is encoded;
// status is the till's answer.
func (h *house) post(m sent, body string) int {
	address := fmt.Sprint(m.data["callbackUrl"])
	if strings.HasPrefix(address, "http%3A") {
		var err error
		if address, err = url.QueryUnescape(address); err != nil {
			h.t.Error(err)
		}
	}
	return h.postTo(address, fmt.Sprint(m.data["custom-http-header"]), body)
}

func (h *house) postTo(url, header, body string) int {
	h.t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		h.t.Error(err)
		return 0
	}
	if name, value, ok := strings.Cut(header, ": "); ok {
		request.Header.Set(name, value)
	}
	answer, err := (&http.Client{Transport: h.network.Transport()}).Do(request)
	if err != nil {
		h.t.Error(err)
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// tx makes a transaction of the protocol's example (poynt.md 9.4) with changes, each
// "path=JSON" with dots in the path; an empty JSON removes the field.
func tx(t *testing.T, changes ...string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(exampleTx), &v); err != nil {
		t.Fatal(err)
	}
	v["createdAt"] = time.Now().UTC().Format(timeForm)
	for _, change := range changes {
		path, raw, _ := strings.Cut(change, "=")
		parts := strings.Split(path, ".")
		at := v
		for _, part := range parts[:len(parts)-1] {
			at = at[part].(map[string]any)
		}
		if raw == "" {
			delete(at, parts[len(parts)-1])
			continue
		}
		var value any
		d := json.NewDecoder(strings.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%s: %v", change, err)
		}
		at[parts[len(parts)-1]] = value
	}
	raw, err := compact(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// exampleTx is the transaction of poynt.md 9.4, with a track, a tag and names that no
// journal may see added; all numbers are invented.
const exampleTx = `{"id":"` + testTx + `","action":"SALE","status":"CAPTURED","authOnly":false,"partiallyApproved":false,
"createdAt":"2026-01-15T10:20:28Z","updatedAt":"2026-01-15T10:20:30Z","customerLanguage":"en","signatureRequired":false,"pinCaptured":false,
"amounts":{"transactionAmount":1256,"orderAmount":1256,"tipAmount":0,"cashbackAmount":0,"currency":"USD"},
"context":{"businessId":"` + testBusiness + `","storeId":"` + testStore + `","storeDeviceId":"` + testDevice + `","businessType":"TEST_MERCHANT","mid":"e10test","tid":"56uw",
"storeAddressCity":"Palo Alto","storeAddressTerritory":"California","storeTimezone":"America/Los_Angeles"},
"fundingSource":{"type":"CREDIT_DEBIT","card":{"type":"VISA","numberFirst6":"476173","numberLast4":"0010","numberMasked":"476173******0010","expirationMonth":12,"expirationYear":2030,
"cardHolderFullName":"TEST/CARDHOLDER","cardHolderFirstName":"CARDHOLDER","serviceCode":"201","track2data":"B64TRACKTWO","numberHashed":"HASHEDPAN","keySerialNumber":"KSN00017"},
"emvData":{"emvTags":{"0x9F06":"A0000000031010","0x50":"5649534120435245444954","0x95":"0000000000","0x9B":"0000","0x9F34":"1F0302","0x57":"4761730000000010D30122010000","0x5F24":"301231","0x1F8103":"343736313733"}},
"entryDetails":{"entryMode":"CONTACTLESS_INTEGRATED_CIRCUIT_CARD"}},
"processorResponse":{"status":"Successful","statusCode":"1","statusMessage":"Successful","approvalCode":"105502","approvedAmount":1256,"acquirer":"CHASE_PAYMENTECH","retrievalRefNum":"9043221","cardToken":"TOKEN77"},
"references":[{"type":"CUSTOM","customType":"referenceId","id":"` + testRef + `"}]}`

// secrets must stand in nothing that is kept.
var secrets = []string{"B64TRACKTWO", "HASHEDPAN", "KSN00017", "CARDHOLDER", "D3012201", "343736313733", "TOKEN77", "token-1", "301231", "c2VjcmV0", "expirationYear"}

// result is the body of a callback.
func result(status string, transactions ...string) string {
	return fmt.Sprintf(`{"referenceId":%q,"status":%q,"amount":1256,"currency":"USD","transactions":[%s],"callerPackageName":"co.poynt.services"}`, testRef, status, strings.Join(transactions, ","))
}

// clean fails if anything that is kept holds a secret.
func (h *house) clean() {
	h.t.Helper()
	kept := h.op.everything() + h.session.everything() + fmt.Sprintf("%+v", h.inbox.all())
	for _, secret := range append(slices.Clone(secrets), h.secret(testRef), h.headerKey()) {
		if strings.Contains(kept, secret) {
			h.t.Errorf("%q was kept", secret)
		}
	}
}

func (b *book) noted(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.notes, func(n payment.Note) bool { return strings.Contains(n.Text, text) })
}
