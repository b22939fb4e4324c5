package netpay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// till is a hand-made sale system over real sockets.
type till struct {
	t      *testing.T
	term   *Terminal
	base   string
	server *httptest.Server
	client *http.Client
	token  string
	folios int
	wait   time.Duration // for what is to come

	mu      sync.Mutex
	inbox   chan posted
	replies []func(http.ResponseWriter) // the next answers that are not "Recibido"
}

// posted is what the terminal posted.
type posted struct {
	raw  []byte
	body map[string]any // nil: no JSON
}

func (p posted) text(name string) string { s, _ := p.body[name].(string); return s }

func newTill(t *testing.T, o Options) *till {
	t.Helper()
	c := &till{t: t, wait: 20 * time.Second, inbox: make(chan posted, 1000), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	c.server = httptest.NewServer(http.HandlerFunc(c.listen))
	if o.Till == "" {
		o.Till = c.server.URL + "/secreto/resultados"
	}
	c.attach(o)
	t.Cleanup(func() {
		if err := c.term.Close(); err != nil {
			t.Error(err)
		}
		c.server.Close()
	})
	return c
}

// attach starts a cloud and connects the till with it.
func (c *till) attach(o Options) {
	c.t.Helper()
	term, err := New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	address, err := term.Listen("127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.term, c.base = term, "http://"+address
}

func (c *till) listen(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p := posted{raw: raw}
	if json.Unmarshal(raw, &p.body) != nil {
		p.body = nil
	}
	c.mu.Lock()
	var reply func(http.ResponseWriter)
	if len(c.replies) > 0 {
		reply, c.replies = c.replies[0], c.replies[1:]
	}
	c.mu.Unlock()
	if reply != nil {
		reply(w)
	} else {
		writeRaw(w, http.StatusOK, "application/json; charset=utf-8", []byte(`{"code":"00","message":"Recibido"}`))
	}
	c.inbox <- p
}

// answer sets how the till answers the next results.
func (c *till) answer(replies ...func(http.ResponseWriter)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replies = append(c.replies, replies...)
}

// result awaits what the terminal posts next.
func (c *till) result() posted {
	c.t.Helper()
	select {
	case p := <-c.inbox:
		return p
	case <-c.t.Context().Done():
		c.t.Fatal("the test ended")
	case <-time.After(c.wait):
		c.t.Fatalf("no result came; the log says\n%s", strings.Join(logOf(c.term), "\n"))
	}
	return posted{}
}

// nothing makes sure that no result has come.
func (c *till) nothing() {
	c.t.Helper()
	select {
	case p := <-c.inbox:
		c.t.Errorf("a result came: %s", p.raw)
	default:
	}
}

func logOf(t *Terminal) []string {
	var lines []string
	for _, l := range t.Device().View().Log {
		lines = append(lines, l.At+" "+l.Text)
	}
	return lines
}

// said waits until the terminal's log has a line that contains text.
func (c *till) said(text string) {
	c.t.Helper()
	c.until(func(v pinpad.View) bool {
		for _, l := range v.Log {
			if strings.Contains(l.Text, text) {
				return true
			}
		}
		return false
	}, "the log says "+text)
}

// shows waits until the screen shows text.
func (c *till) shows(text string) {
	c.t.Helper()
	c.until(func(v pinpad.View) bool { return strings.Contains(strings.Join(v.Screen.Lines, " "), text) }, "the screen shows "+text)
}

func (c *till) until(is func(pinpad.View) bool, what string) {
	c.t.Helper()
	device := c.term.Device()
	changed, stop := device.Watch()
	defer stop()
	limit := time.After(c.wait)
	for !is(device.View()) {
		select {
		case <-changed:
		case <-limit:
			c.t.Fatalf("it never comes true that %s; the screen has %q, the log\n%s", what, device.View().Screen.Lines, strings.Join(logOf(c.term), "\n"))
		}
	}
}

func (c *till) do(name pinpad.ActionName, value string) {
	c.t.Helper()
	if err := c.term.Device().Do(pinpad.Action{Name: name, Value: value}); err != nil {
		c.t.Fatalf("%s %s: %v", name, value, err)
	}
}

// reply is an answer of the cloud.
type reply struct {
	status int
	raw    []byte
	body   map[string]any
}

func (r reply) text(name string) string { s, _ := r.body[name].(string); return s }

// send posts anything to the cloud.
func (c *till) send(path, contentType, authorisation, body string) (reply, error) {
	request, err := http.NewRequest(http.MethodPost, c.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", contentType)
	if authorisation != "" {
		request.Header.Set("Authorization", authorisation)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	r := reply{status: response.StatusCode, raw: raw}
	if json.Unmarshal(raw, &r.body) != nil {
		r.body = nil
	}
	return r, err
}

const formType = "application/x-www-form-urlencoded"

func (c *till) askToken(pairs ...string) (reply, error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.send(pathToken, formType, "Basic "+AuthString, form.Encode())
}

func (c *till) login() {
	c.t.Helper()
	r, err := c.askToken("grant_type", "password", "username", "Nacional", "password", "netpay")
	if err != nil || r.status != http.StatusOK {
		c.t.Fatalf("no token: %d %s %v", r.status, r.raw, err)
	}
	c.token = r.text("access_token")
}

// push asks for an operation with the fields given; a nil value leaves a field out.
func (c *till) push(op opKind, fields map[string]any) (reply, error) {
	c.t.Helper()
	if c.token == "" {
		c.login()
	}
	body := map[string]any{"serialNumber": DefaultSerial, "storeId": "700101", "isSmartAccounts": "true", "traceability": map[string]any{"op": op, "n": c.folios}}
	for name, value := range fields {
		if body[name] = value; value == nil {
			delete(body, name)
		}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(pathPush+string(op), "application/json", "Bearer "+c.token, string(raw))
}

// sent is push that must be acknowledged.
func (c *till) sent(op opKind, fields map[string]any) {
	c.t.Helper()
	r, err := c.push(op, fields)
	if err != nil || r.status != http.StatusOK || r.text("code") != "00" || r.text("message") != "Mensaje enviado exitosamente" {
		c.t.Fatalf("the push was not acknowledged: %d %s %v", r.status, r.raw, err)
	}
}

// folio is a reference that was never used.
func (c *till) folio() string {
	c.folios++
	return fmt.Sprintf("C03-%06d", c.folios)
}

// sell pushes a sale and awaits its result.
func (c *till) sell(amount string, more map[string]any) (folio string, p posted) {
	c.t.Helper()
	folio = c.folio()
	fields := map[string]any{"amount": json.Number(amount), "folioNumber": folio}
	for name, value := range more {
		fields[name] = value
	}
	c.sent(opSale, fields)
	return folio, c.result()
}

// inquire asks for a sale by its folio, as a till does that has lost a result.
func (c *till) inquire(folio string, more map[string]any) {
	c.t.Helper()
	fields := map[string]any{"orderId": "", "folioId": folio, "disablePrintAnimation": true, "traceability": map[string]any{"op": "inquiry", "of": folio}}
	for name, value := range more {
		fields[name] = value
	}
	c.sent(opReprint, fields)
}

func (c *till) set(name, value string) {
	c.t.Helper()
	if err := c.term.SetFault(name, value); err != nil {
		c.t.Fatal(err)
	}
}

func (c *till) customer(name string) {
	c.t.Helper()
	if err := c.term.SetCustomer(name); err != nil {
		c.t.Fatal(err)
	}
}

// fields compares some fields of a result.
func (c *till) fields(p posted, want map[string]any) {
	c.t.Helper()
	for name, value := range want {
		if got := p.body[name]; fmt.Sprint(got) != fmt.Sprint(value) {
			c.t.Errorf("%s is %#v, want %#v", name, got, value)
		}
	}
}

// kept makes sure that the till kept the protocol, but for what is expected.
func (c *till) kept(but ...string) {
	c.t.Helper()
	var odd []string
	for _, v := range c.term.Violations() {
		if len(but) > 0 && strings.Contains(v, but[0]) {
			but = but[1:]
			continue
		}
		odd = append(odd, v)
	}
	if len(odd) > 0 || len(but) > 0 {
		c.t.Errorf("violations %q, and missing %q", odd, but)
	}
}

func (c *till) charged(folio string) int64 { return c.term.Charged()[folio] }

func (c *till) booking(folio string) Booking {
	c.t.Helper()
	for _, b := range c.term.Bookings() {
		if b.Folio == folio {
			return b
		}
	}
	c.t.Fatalf("nothing is booked for %s", folio)
	return Booking{}
}

func compact(raw []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}
