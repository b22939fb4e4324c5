package nexo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	fullCapabilities = "CashierStatus CashierError CashierDisplay POIReplication CustomerAssistance CashierInput PrinterReceipt"
	lightCapability  = "PrinterReceipt"
)

// till is a hand-made sale system over real sockets: hand-written XML out, and a
// listener that answers as the protocol says.
type till struct {
	t      *testing.T
	term   *Terminal
	addr   string
	server *httptest.Server
	client *http.Client
	next   int

	mu       sync.Mutex
	inbox    []*node
	arrived  chan *node
	confirm  string // ConfirmedFlag of the answer, or "abort" or "hang"
	released chan struct{}
	wrong    string // "": answers properly; else how it misbehaves
}

func newTill(t *testing.T, o Options) *till {
	t.Helper()
	c := &till{t: t, next: 1776000000, arrived: make(chan *node, 1000), confirm: "true", released: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	c.server = httptest.NewServer(http.HandlerFunc(c.listen))
	if o.CoolDown == 0 {
		o.CoolDown = NoCoolDown
	}
	if o.Till == "" {
		o.Till = c.server.URL
	}
	c.attach(o)
	t.Cleanup(func() {
		close(c.released)
		if err := c.term.Close(); err != nil {
			t.Error(err)
		}
		c.server.Close()
	})
	return c
}

// attach starts a terminal and connects the till with it.
func (c *till) attach(o Options) {
	c.t.Helper()
	term, err := New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	addr, err := term.Listen("127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.term, c.addr = term, addr
}

func (c *till) listen(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	root, err := parse(raw)
	if err != nil {
		http.Error(w, "not XML", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	c.inbox = append(c.inbox, root)
	confirm, wrong := c.confirm, c.wrong
	c.mu.Unlock()
	c.arrived <- root
	header := root.child("MessageHeader").clone()
	header.set("MessageType", "Response")
	if wrong == "status" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	if wrong == "id" {
		header.set("DeviceID", "1")
	}
	success := el("Response", attr{"Result", "Success"})
	var body *node
	switch root.kids[1].name {
	case "DisplayRequest":
		output := root.at("DisplayRequest/DisplayOutput")
		if output.get("ResponseRequiredFlag") == "false" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		body = el("DisplayResponse", el("OutputResult", attr{"Device", "CashierDisplay"}, attr{"InfoQualify", "POIReplication"}, success))
	case "PrintRequest":
		if root.at("PrintRequest/PrintOutput").get("ResponseMode") == "NotRequired" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		body = el("PrintResponse", attr{"DocumentQualifier", "CashierReceipt"}, success)
	case "InputRequest":
		if confirm == "hang" {
			select {
			case <-r.Context().Done():
			case <-c.released:
			}
			return
		}
		result := el("InputResult", attr{"Device", "CashierInput"}, attr{"InfoQualify", "Input"})
		if confirm == "abort" {
			result.kids = append(result.kids, el("Response", attr{"Result", "Failure"}, attr{"ErrorCondition", "Aborted"}))
		} else {
			result.kids = append(result.kids, success, el("Input", attr{"InputCommand", "GetConfirmation"}, el("ConfirmedFlag", confirm)))
		}
		body = el("InputResponse", result)
	default:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	fmt.Fprint(w, el("SaleToPOIResponse", header, body))
}

// post sends any text.
func (c *till) post(text string) (int, []byte, error) {
	response, err := c.client.Post("http://"+c.addr+Path, "application/xml; charset=utf-8", bytes.NewReader([]byte(text)))
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, raw, err
}

// ask posts a request of a category and returns the body of the answer.
func (c *till) ask(category, body string) (*node, error) {
	_, n, err := c.askWith(c.id(), category, body)
	return n, err
}

func (c *till) id() string { c.next++; return fmt.Sprint(c.next) }

func (c *till) askWith(id, category, body string) (int, *node, error) {
	status, raw, err := c.post(request(id, category, body))
	if err != nil {
		return 0, nil, err
	}
	if status != http.StatusOK {
		return status, nil, fmt.Errorf("status %d", status)
	}
	root, err := parse(raw)
	if err != nil {
		return status, nil, err
	}
	if root.name != "SaleToPOIResponse" || len(root.kids) != 2 {
		return status, nil, fmt.Errorf("strange root %s", root.name)
	}
	if got := root.child("MessageHeader").get("ServiceID"); got != id {
		return status, root.kids[1], fmt.Errorf("ServiceID %s, want %s", got, id)
	}
	return status, root.kids[1], nil
}

func request(id, category, body string) string {
	return `<SaleToPOIRequest><MessageHeader ProtocolVersion="3.1" MessageClass="Service" MessageCategory="` + category +
		`" MessageType="Request" ServiceID="` + id + `" SaleID="TILL1" POIID="KASSA-01"/>` + body + `</SaleToPOIRequest>`
}

func loginBody(capabilities string) string {
	return `<LoginRequest OperatorLanguage="sv"><DateTime>2026-04-12T09:00:01+02:00</DateTime><SaleSoftware ProviderIdentification="Exempel" ApplicationName="Cashier" SoftwareVersion="1"/>` +
		`<SaleTerminalData TerminalEnvironment="Attended"><SaleCapabilities>` + capabilities + `</SaleCapabilities><SaleProfile/></SaleTerminalData></LoginRequest>`
}

func paymentBody(saleID, amount, cashback, kind string) string {
	if cashback != "" {
		cashback = ` CashBackAmount="` + cashback + `"`
	}
	return `<PaymentRequest><SaleData TokenRequestedType="Customer"><SaleTransactionID TransactionID="` + saleID + `" TimeStamp="2026-04-12T10:15:30+02:00"/></SaleData>` +
		`<PaymentTransaction><AmountsReq Currency="SEK" RequestedAmount="` + amount + `"` + cashback + `/></PaymentTransaction><PaymentData PaymentType="` + kind + `"/></PaymentRequest>`
}

func abortBody(id string) string {
	return `<AbortRequest><MessageReference MessageCategory="Payment" ServiceID="` + id + `" SaleID="TILL1" POIID="KASSA-01"/><AbortReason>Cancelled by cashier</AbortReason></AbortRequest>`
}

func statusBody(id string) string {
	if id == "" {
		return `<TransactionStatusRequest/>`
	}
	return `<TransactionStatusRequest><MessageReference MessageCategory="Payment" ServiceID="` + id + `" SaleID="TILL1" POIID="KASSA-01"/></TransactionStatusRequest>`
}

func reversalBody(id, stamp string) string {
	return `<ReversalRequest ReversalReason="MerchantCancel"><OriginalPOITransaction SaleID="TILL1" POIID="KASSA-01"><POITransactionID TransactionID="` + id +
		`" TimeStamp="` + stamp + `"/></OriginalPOITransaction></ReversalRequest>`
}

func (c *till) login(capabilities string) {
	c.t.Helper()
	answer, err := c.ask("Login", loginBody(capabilities))
	if err != nil || answer.child("Response").get("Result") != "Success" {
		c.t.Fatalf("login: %v %v", answer, err)
	}
}

func (c *till) pay(saleID, amount string) *node {
	c.t.Helper()
	answer, err := c.ask("Payment", paymentBody(saleID, amount, "0", "Normal"))
	if err != nil {
		c.t.Fatalf("payment: %v", err)
	}
	return answer
}

// want checks Result and ErrorCondition of an answer.
func want(t *testing.T, answer *node, result, condition string) {
	t.Helper()
	if r := answer.child("Response"); r.get("Result") != result || r.get("ErrorCondition") != condition {
		t.Fatalf("got %v, want %s %s", answer, result, condition)
	}
}

// until waits for a message from the terminal whose text contains the words.
func (c *till) until(words string) *node {
	c.t.Helper()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for {
		select {
		case n := <-c.arrived:
			if strings.Contains(n.String(), words) {
				return n
			}
		case <-limit.C:
			c.t.Fatalf("the terminal never sent %q; log:\n%s", words, c.logLines())
		}
	}
}

func (c *till) logLines() string {
	var b strings.Builder
	for _, l := range c.term.Device().View().Log {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// texts are the display texts that arrived so far.
func (c *till) texts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, n := range c.inbox {
		switch body := n.kids[1]; body.name {
		case "DisplayRequest":
			list = append(list, body.at("DisplayOutput/OutputContent/OutputText").value())
		case "EventNotification":
			list = append(list, "event "+body.get("EventToNotify"))
		case "PrintRequest", "InputRequest":
			list = append(list, body.name)
		}
	}
	return list
}

func (c *till) noViolations() {
	c.t.Helper()
	if v := c.term.Violations(); len(v) > 0 {
		c.t.Fatalf("violations: %q", v)
	}
}

// receiptIn decodes one copy of an answer; nil when it is not there.
func receiptIn(t *testing.T, answer *node, qualifier string) *mandatory {
	t.Helper()
	for _, k := range answer.kids {
		if k.name != "PaymentReceipt" || k.get("DocumentQualifier") != qualifier {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(k.at("OutputContent/OutputText").value())
		if err != nil {
			t.Fatal(err)
		}
		var copies map[string]receipt
		if err := json.Unmarshal(raw, &copies); err != nil {
			t.Fatal(err)
		}
		root := map[string]string{"CashierReceipt": "Merchant", "CustomerReceipt": "Cardholder"}[qualifier]
		r, ok := copies[root]
		if !ok {
			t.Fatalf("no %s in %s", root, raw)
		}
		return &r.Mandatory
	}
	return nil
}

// waitView waits until the view is as wanted.
func waitView(t *testing.T, term *Terminal, what string, ok func() bool) {
	t.Helper()
	changed, stop := term.Device().Watch()
	defer stop()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("never %s: %+v", what, term.Device().View().Screen)
		}
	}
}

func (c *till) waitScreen(words string) {
	c.t.Helper()
	waitView(c.t, c.term, words, func() bool {
		lines := c.term.Device().View().Screen.Lines
		return len(lines) > 0 && lines[0] == words
	})
}

func ledgerFile(t *testing.T) string { return filepath.Join(t.TempDir(), "ledger.jsonl") }
