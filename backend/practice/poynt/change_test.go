package poynt

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// paid makes a payment of 12.56 and returns its transaction's id.
func (c *till) paid(reference string) string {
	c.t.Helper()
	c.quiet(reference)
	settle(30 * time.Second)
	list := transactionsOf(c.get(transactionsPath + "?searchKey=" + reference).body)
	if len(list) != 1 {
		c.t.Fatalf("%s left %d transactions; log:\n%s", reference, len(list), c.log())
	}
	return text(list[0]["id"])
}

func (c *till) status(id string) string {
	c.t.Helper()
	return text(c.get(transactionsPath + "/" + id).body["status"])
}

func refundBody(id, amounts string) string {
	if amounts != "" {
		amounts = `,"amounts":{"transactionAmount":` + amounts + `,"orderAmount":` + amounts + `,"tipAmount":0,"currency":"USD"}`
	}
	return `{"action":"REFUND","parentId":"` + id + `","fundingSource":{"type":"CREDIT_DEBIT"}` + amounts + `}`
}

// poynt.md 23, 41 and 42.
func TestVoid(t *testing.T) {
	for _, purchase := range []string{"sale", "authorize"} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("payment.purchase", purchase)
			id := c.paid("sale-1")
			c.charged("sale-1", 1256, 1)
			path := transactionsPath + "/" + id + "/void"
			a := c.post(path, "{}")
			if a.status != 200 || a.body["status"] != "VOIDED" || a.body["voided"] != true || a.body["id"] != id {
				t.Fatalf("void: %d %s", a.status, a.raw)
			}
			c.charged("sale-1", 0, 0)
			c.refused(c.post(path, ""), 400, "TXN_ALREADY_VOIDED")
			c.refused(c.post(transactionsPath, refundBody(id, "")), 400, "TXN_ALREADY_VOIDED")
			if b := c.cloud.Bookings(); len(b) != 2 || !b[0].Reversed || b[1].Kind != "reversal" || b[1].Original != id || b[1].Charged {
				t.Errorf("bookings %+v", b)
			}
			c.noViolations()
		})
	}
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		id := c.paid("sale-1")
		path := transactionsPath + "/" + id + "/void"
		c.refused(c.post(transactionsPath+"/"+uuid.NewString()+"/void", "{}"), 404, "TRANSACTION_NOT_FOUND")
		c.fault("void.status", "declined")
		if a := c.post(path, "{}"); a.status != 200 || a.body["status"] != "DECLINED" || c.status(id) != "CAPTURED" {
			t.Errorf("declined void: %d %s", a.status, a.raw)
		}
		c.fault("void.captured", "refused")
		c.refused(c.post(path, "{}"), 400, "UNSUPPORTED_TXN_ACTION")
		c.fault("void.captured", "allowed")
		c.fault("change.batch", "settled")
		c.refused(c.post(path, "{}"), 400, "UNSUPPORTED_TXN_ACTION")
		if a := c.get(transactionsPath + "/" + id); a.body["settled"] != true {
			t.Errorf("settled: %s", a.raw)
		}
		c.charged("sale-1", 1256, 1)
		c.fault("change.batch", "open")
		a := c.post(transactionsPath+"/cancel?transaction-id="+id, `{"cancelRequest":{"cancelReason":"MERCHANT_CANCELLED"}}`)
		if a.status != 200 || a.body["status"] != "VOIDED" {
			t.Errorf("cancel: %d %s", a.status, a.raw)
		}
	})
}

// poynt.md 23, 43 and 44.
func TestRefund(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		id := c.paid("sale-1")
		whole := c.post(transactionsPath, refundBody(id, ""))
		if whole.status != 200 || whole.body["action"] != "REFUND" || whole.body["status"] != "REFUNDED" || whole.body["parentId"] != id ||
			minorOf(whole.body, "amounts.transactionAmount") != 1256 || c.status(id) != "REFUNDED" {
			t.Fatalf("refund: %d %s, the parent is %s", whole.status, whole.raw, c.status(id))
		}
		c.refused(c.post(transactionsPath, refundBody(id, "1")), 400, "TXN_ALREADY_REFUNDED")
		c.refused(c.post(transactionsPath+"/"+id+"/void", ""), 400, "TXN_ALREADY_REFUNDED")

		id = c.paid("sale-2")
		for i, part := range []string{"500", "500", "256"} {
			a := c.post(transactionsPath, refundBody(id, part))
			want := "PARTIALLY_REFUNDED"
			if i == 2 {
				want = "REFUNDED"
			}
			if a.status != 200 || c.status(id) != want {
				t.Errorf("part %d: %d %s, the parent is %s", i, a.status, a.raw, c.status(id))
			}
		}
		id = c.paid("sale-3")
		c.post(transactionsPath, refundBody(id, "1000"))
		c.noViolations()
		c.refused(c.post(transactionsPath, refundBody(id, "257")), 400, "INVALID_PARAMETER")
		c.violated("a refund of 257 where 256 are left")
		c.fault("refund.status", "201")
		if a := c.post(transactionsPath, refundBody(id, "256")); a.status != http.StatusCreated {
			t.Errorf("refund: %d", a.status)
		}
		c.charged("sale-3", 1256, 1) // the refund is a booking of its own
		links := c.get(transactionsPath + "/" + id).body["links"].([]any)
		if len(links) != 2 || field(links[0].(map[string]any), "rel") != "REFUND" {
			t.Errorf("links %v", links)
		}
		for body, code := range map[string]string{
			`{"action":"SALE"}`:   "UNSUPPORTED_OPERATION",
			`{"action":"REFUND"}`: "MISSING_PARAMETER",
			`{"action":"REFUND","parentId":"x","amounts":{"transactionAmount":5}}`:                                         "MISSING_PARAMETER",
			`{"action":"REFUND","parentId":"x","amounts":{"currency":"USD"}}`:                                              "INVALID_PARAMETER",
			`{"action":"REFUND","parentId":"` + c.paid("sale-4") + `","amounts":{"transactionAmount":5,"currency":"CAD"}}`: "INVALID_PARAMETER",
			`{"action":"REFUND","parentId":"x","amounts":{"transactionAmount":-5,"currency":"USD"}}`:                       "INVALID_REQUEST",
			`{`: "INVALID_REQUEST",
		} {
			c.refused(c.post(transactionsPath, body), 400, code)
		}
		c.refused(c.post(transactionsPath, refundBody(uuid.NewString(), "")), 404, "TRANSACTION_NOT_FOUND")
	})
}

// poynt.md 23, 3, 4 and 45: authorisation, capture, refund of the capture.
func TestCapture(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("auth-1", 1256, map[string]any{"authzOnly": true, "enableStatusUpdates": false})
		settle(30 * time.Second)
		tx := transactionsOf(c.result())[0]
		if tx["action"] != "AUTHORIZE" || tx["status"] != "AUTHORIZED" || tx["authOnly"] != true {
			t.Fatalf("authorisation %v", tx)
		}
		c.charged("auth-1", 0, 0) // money is held, not moved
		id := text(tx["id"])
		path := transactionsPath + "/" + id + "/capture"
		c.refused(c.post(path, `{"amounts":{"transactionAmount":1257,"currency":"USD"}}`), 400, "CAPTURE_EXCEEDS_PREAUTH_BAL")
		c.violated("a capture of 1257")
		a := c.post(path, `{"amounts":{"transactionAmount":1000,"orderAmount":1000,"currency":"USD"}}`)
		capture := text(a.body["id"])
		if a.status != 200 || a.body["action"] != "CAPTURE" || a.body["status"] != "CAPTURED" || a.body["parentId"] != id || capture == id ||
			minorOf(a.body, "amounts.transactionAmount") != 1000 {
			t.Fatalf("capture: %d %s", a.status, a.raw)
		}
		c.charged("auth-1", 1000, 1)
		if c.status(id) != "PARTIALLY_CAPTURED" {
			t.Errorf("the authorisation is %s", c.status(id))
		}
		c.refused(c.post(path, "{}"), 400, "TXN_ALREADY_CAPTURED")
		c.refused(c.post(transactionsPath+"/"+id+"/void", "{}"), 400, "TXN_ALREADY_CAPTURED")
		c.refused(c.post(transactionsPath, refundBody(id, "")), 400, "UNSUPPORTED_TXN_ACTION")
		if a := c.post(transactionsPath, refundBody(capture, "")); a.status != 200 || minorOf(a.body, "amounts.transactionAmount") != 1000 {
			t.Errorf("refund of the capture: %d %s", a.status, a.raw)
		}
	})
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("payment.purchase", "authorize")
		id := c.paid("sale-1")
		tx := c.get(transactionsPath + "/" + id).body
		if tx["action"] != "AUTHORIZE" || tx["status"] != "AUTHORIZED" || tx["authOnly"] != false {
			t.Errorf("a sale of an AUTHORIZE store is %v", tx)
		}
		c.charged("sale-1", 1256, 1)
		if a := c.post(transactionsPath+"/"+id+"/capture", ""); a.status != 200 || c.status(id) != "CAPTURED" {
			t.Errorf("capture: %d %s", a.status, a.raw)
		}
		c.charged("sale-1", 1256, 1)
		c.fault("payment.purchase", "sale")
		c.refused(c.post(transactionsPath+"/"+c.paid("sale-2")+"/capture", ""), 400, "CAPTURE_NOT_ALLOWED")
	})
}

func TestAdjust(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		id := c.paid("sale-1")
		a := c.do(c.request(http.MethodPatch, transactionsPath+"/"+id, `{"amounts":{"tipAmount":200}}`, uuid.NewString()))
		if a.status != 200 || minorOf(a.body, "amounts.transactionAmount") != 1456 {
			t.Errorf("adjust: %d %s", a.status, a.raw)
		}
		c.charged("sale-1", 1456, 1)
	})
}

// poynt.md 23, 46 and 47: one intent is carried out once, whatever happens to the answers.
func TestIdempotency(t *testing.T) {
	for _, value := range []string{"refused", "replay"} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("change.same-id", value)
			sale := c.paid("sale-1")
			id := uuid.NewString()
			ask := func() reply {
				return c.do(c.request(http.MethodPost, transactionsPath, refundBody(sale, "500"), id))
			}
			c.fault("refund.answer", "lose")
			if a := ask(); a.err == nil {
				t.Fatalf("an answer came: %s", a.raw)
			}
			again := ask()
			if value == "refused" {
				c.refused(again, 400, "REQUEST_ID_DUPLICATE")
			} else if again.status != 200 || again.body["parentId"] != sale {
				t.Errorf("replay: %d %s", again.status, again.raw)
			}
			if b := c.cloud.Bookings(); len(b) != 2 || b[1].RequestID != id {
				t.Errorf("bookings %+v", b)
			}
			c.noViolations()
			c.do(c.request(http.MethodPost, transactionsPath, refundBody(sale, "600"), id))
			c.violated("used again for something else")
		})
	}
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		sale := c.paid("sale-1")
		id := uuid.NewString()
		first := make(chan reply)
		r := c.request(http.MethodPost, transactionsPath, refundBody(sale, ""), id)
		go func() { first <- c.do(r) }()
		synctest.Wait() // the processor is asked
		c.refused(c.do(c.request(http.MethodPost, transactionsPath, refundBody(sale, ""), id)), 400, "REQUEST_IN_PROGRESS")
		if a := <-first; a.status != 200 {
			t.Errorf("the first: %d %s", a.status, a.raw)
		}
	})
}

// poynt.md 23, 48: what the processor says, nothing having moved.
func TestProcessorAnswers(t *testing.T) {
	for fault, code := range map[string]string{"declined": "PROCESSOR_DECLINED", "timeout": "PROCESSOR_TIMEOUT", "duplicate": "PROCESSOR_DETECTED_DUP"} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			sale := c.paid("sale-1")
			c.fault("change.outcome", fault)
			c.refused(c.post(transactionsPath, refundBody(sale, "")), 400, code)
			if len(c.cloud.Bookings()) != 1 || c.status(sale) != "CAPTURED" {
				t.Errorf("%s changed something", fault)
			}
			if a := c.post(transactionsPath, refundBody(sale, "")); a.status != 200 {
				t.Errorf("the switch stayed: %s", a.raw)
			}
		})
	}
}

// poynt.md 23, 63: void and refund on the terminal.
func TestBridgeChanges(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		sale := c.paid("sale-1")
		c.send(c.flat("refund", "refund-1", map[string]any{"transactionId": sale}), nil)
		settle(30 * time.Second)
		tx := transactionsOf(c.result())[0]
		if c.result()["status"] != "PROCESSED" || tx["action"] != "REFUND" || tx["parentId"] != sale || field(tx, "context.storeDeviceId") != DeviceID {
			t.Errorf("refund %v", c.result())
		}
		if refs, _ := tx["references"].([]any); len(refs) != 1 || field(refs[0].(map[string]any), "id") != "refund-1" {
			t.Errorf("references %v", tx["references"])
		}
		c.fault("refund.edit", "half")
		sale = c.paid("sale-2")
		c.send(c.flat("refund", "refund-2", map[string]any{"transactionId": sale}), nil)
		settle(30 * time.Second)
		if tx := transactionsOf(c.result())[0]; minorOf(tx, "amounts.transactionAmount") != 628 || c.status(sale) != "PARTIALLY_REFUNDED" {
			t.Errorf("half %v", tx)
		}
		sale = c.paid("sale-3")
		c.send(c.flat("void", "void-3", map[string]any{"transactionId": sale}), nil)
		settle(30 * time.Second)
		if tx := transactionsOf(c.result())[0]; tx["id"] != sale || tx["status"] != "VOIDED" {
			t.Errorf("void %v", tx)
		}
		c.charged("sale-3", 0, 0)
		c.send(c.flat("void", "void-4", map[string]any{"transactionId": sale}), nil)
		settle(30 * time.Second)
		if c.result()["status"] != "FAILED" {
			t.Errorf("a second void: %v", c.result())
		}
		c.send(c.flat("void", "void-5", map[string]any{"transactionId": uuid.NewString()}), nil)
		settle(30 * time.Second)
		if c.result()["status"] != "FAILED" || c.result()["referenceId"] != "void-5" {
			t.Errorf("a void of nothing: %v", c.result())
		}
		sale = c.paid("sale-6")
		c.customer("cancels")
		c.send(c.flat("refund", "refund-6", map[string]any{"transactionId": sale}), nil)
		settle(30 * time.Second)
		if c.result()["status"] != "CANCELED" || c.status(sale) != "CAPTURED" {
			t.Errorf("cancelled on the terminal: %v", c.result())
		}
		c.noViolations()
	})
}

// Every request can meet every trouble, before or after it is processed.
func TestRequestFaults(t *testing.T) {
	for _, kind := range []string{"token", "message", "lookup", "list", "refund", "void", "capture", "discovery"} {
		request, err := bench.FaultNamed(faultTable, kind+".request")
		if err != nil {
			t.Fatal(err)
		}
		reaction, err := bench.FaultNamed(faultTable, kind+".answer")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []Fault{request, reaction} {
			for _, choice := range f.Choices[1:] {
				t.Run(f.Name+"="+choice, func(t *testing.T) { oneFault(t, kind, f.Name, choice) })
			}
		}
	}
}

// oneFault meets a fault once; the request after it is as ever.
func oneFault(t *testing.T, kind, fault, choice string) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("payment.purchase", "authorize")
		sale := c.paid("sale-1")
		capture := ""
		if kind == "refund" {
			capture = text(c.post(transactionsPath+"/"+sale+"/capture", "").body["id"])
		}
		ask := func() reply {
			switch kind {
			case "token":
				return c.askToken(byAssertion(c.assertion(claims())))
			case "message":
				return c.post("/cloudMessages", c.envelope(c.nested(uuid.NewString(), 100, nil), nil))
			case "lookup":
				return c.get(transactionsPath + "/" + sale)
			case "list":
				return c.get(transactionsPath)
			case "refund":
				return c.post(transactionsPath, refundBody(capture, "1"))
			case "void":
				return c.post(transactionsPath+"/"+sale+"/void", "")
			case "capture":
				return c.post(transactionsPath+"/"+sale+"/capture", "")
			}
			return c.get("/businesses/" + BusinessID)
		}
		before := len(c.cloud.Bookings())
		c.fault(fault, choice)
		first := ask()
		whole := first.err == nil && first.status < 300 && (len(first.raw) > 0 || kind == "message")
		gentle := choice == "delay" || choice == "slow" || choice == "after-callback" || choice == "no-hits" || kind == "message" && choice == "empty"
		if whole != gentle {
			t.Errorf("got %d %q %v", first.status, first.raw, first.err)
		}
		moved := len(c.cloud.Bookings()) > before
		changes := kind == "refund" || kind == "void" || kind == "capture"
		if changes && moved != strings.HasSuffix(fault, ".answer") {
			t.Errorf("processed: %v", moved)
		}
		if moved && kind != "refund" {
			return // it cannot be done twice
		}
		if a := ask(); a.err != nil || a.status >= 300 {
			t.Errorf("the next one: %d %s %v", a.status, a.raw, a.err)
		}
	})
}
