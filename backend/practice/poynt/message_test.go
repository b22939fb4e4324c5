package poynt

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The published bodies of poynt.md 22.3.
func TestPublishedPayloads(t *testing.T) {
	b := `{"callbackUrl":"https://till.example/cb/5f0c1a52/Zk3q","payment":"{\"amount\":1256,\"currency\":\"USD\",\"referenceId\":\"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01\",\"disableTip\":true,\"multiTender\":false}"}`
	a := `{"action":"sale","purchaseAmount":1256,"tipAmount":0,"currency":"USD","referenceId":"5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01","callbackUrl":"https%3A%2F%2Ftill.example%2Fcb%2F5f0c1a52%2FZk3q"}`
	if len(b) != 205 || len(a) != 189 {
		t.Fatalf("the vectors have %d and %d bytes", len(b), len(a))
	}
	for _, data := range []string{a, b} {
		o, err := decodeOrder(data)
		if err != nil || len(o.faults) > 0 {
			t.Fatal(err, o.faults)
		}
		if o.kind != orderSale || o.amount != 1256 || o.currency != "USD" || o.reference != "5f0c1a52-7d1f-4a43-9a55-0c5b1f3f9d01" ||
			o.callback != "https://till.example/cb/5f0c1a52/Zk3q" {
			t.Errorf("read %+v", o)
		}
	}
}

func TestPayloads(t *testing.T) {
	good := map[string]orderKind{
		`{"action":"authorize","purchaseAmount":1,"currency":"USD","referenceId":"r","callbackUrl":"http%3A%2F%2Fa%2F"}`: orderAuthorise,
		`{"action":"SALE","purchaseAmount":1,"currency":"USD"}`:                                                          orderSale,
		`{"action":"void","transactionId":"x","referenceId":"r","callbackUrl":"http%3A%2F%2Fa%2F"}`:                      orderVoid,
		`{"action":"refund","transactionId":"x"}`:                                                                        orderRefund,
		`{"action":"cancelPayment"}`:                                                                                     orderCancel,
		`{"action":"setCustomPcmProfile"}`:                                                                               orderProfile,
		`{"payment":"{\"amount\":1,\"currency\":\"USD\",\"authzOnly\":true}"}`:                                           orderAuthorise,
		`{"payment":{"amount":1,"currency":"USD"}}`:                                                                      orderSale,
		`{"action":"non-referenced-credit","purchaseAmount":9999999999,"currency":"A"}`:                                  "",
	}
	for data, kind := range good {
		o, err := decodeOrder(data)
		if kind == "" != (err != nil) || o.kind != kind && err == nil {
			t.Errorf("%s: %q, %v", data, o.kind, err)
		}
	}
	for _, data := range []string{``, `null`, `[]`, `{}`, `{"action":"dance"}`, `{'action':'sale'}`, `{"action":"sale","currency":"USD"}`,
		`{"action":"sale","purchaseAmount":"5.00","currency":"USD"}`, `{"action":"sale","purchaseAmount":12.5,"currency":"USD"}`,
		`{"action":"sale","purchaseAmount":-1,"currency":"USD"}`, `{"action":"sale","purchaseAmount":1e99,"currency":"USD"}`,
		`{"action":"sale","purchaseAmount":1,"currency":"usd"}`, `{"action":"void"}`, `{"payment":7}`, `{"payment":"{"}`,
		`{"action":"sale","purchaseAmount":1,"currency":"USD"} {}`, `{"action":"sale","purchaseAmount":1,"currency":"USD","callbackUrl":"ftp://x"}`,
		`{"action":"sale","purchaseAmount":1,"currency":"USD","callbackUrl":"http%3A%2F%2"}`} {
		if _, err := decodeOrder(data); err == nil {
			t.Errorf("%s was taken", data)
		}
	}
}

// What the cloud refuses at once, and what it puts down about it.
func TestEnvelope(t *testing.T) {
	cases := map[string]struct {
		more      map[string]any
		status    int
		code      string
		violation string
	}{
		"no business":        {map[string]any{"businessId": nil}, 400, "MISSING_PARAMETER", "without businessId"},
		"another business":   {map[string]any{"businessId": StoreID}, 404, "BUSINESS_NOT_FOUND", "unknown business"},
		"another store":      {map[string]any{"storeId": BusinessID}, 404, "RESOURCE_NOT_FOUND", "unknown store"},
		"unknown terminal":   {map[string]any{"deviceId": "P61SWPRACTICE1"}, 404, "STORE_DEVICE_NOT_FOUND", "unknown terminal"},
		"terminal given up":  {map[string]any{"deviceId": deactivatedDeviceID}, 403, "STORE_DEVICE_NOT_ACTIVATED", "not an activated terminal"},
		"a sensor":           {map[string]any{"deviceId": sensorDeviceID}, 403, "STORE_DEVICE_NOT_ACTIVATED", "not an activated terminal"},
		"no ttl":             {map[string]any{"ttl": nil}, 400, "MISSING_PARAMETER", "without ttl"},
		"ttl of 0":           {map[string]any{"ttl": 0}, 400, "INVALID_PARAMETER", "ttl of 0"},
		"ttl above 4 weeks":  {map[string]any{"ttl": 2_419_201}, 400, "INVALID_PARAMETER", "ttl of 2419201"},
		"ttl with a point":   {map[string]any{"ttl": 4.5}, 400, "INVALID_PARAMETER", "ttl of 4.5"},
		"no data":            {map[string]any{"data": nil}, 400, "MISSING_PARAMETER", "without data"},
		"data as an object":  {map[string]any{"data": map[string]any{"action": "sale"}}, 400, "INVALID_REQUEST", "cannot be read"},
		"4097 bytes of data": {map[string]any{"data": strings.Repeat("x", 4097)}, 400, "INVALID_PARAMETER", "4097 bytes"},
		"a recipient":        {map[string]any{"recipient": map[string]string{"packageName": "co.poynt.x"}}, 401, "UNAUTHORIZED_ACCESS", "recipient"},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
				c.refused(c.post("/cloudMessages", c.envelope(c.nested("sale-1", 100, nil), one.more)), one.status, one.code)
				c.violated(one.violation)
				settle(time.Minute)
				if b := c.cloud.Bookings(); len(b) > 0 {
					t.Errorf("booked %+v", b)
				}
			})
		})
	}
}

// What is taken, and noted as wrong all the same.
func TestViolations(t *testing.T) {
	sale := func(more map[string]any) func(*till) reply {
		return func(c *till) reply { return c.post("/cloudMessages", c.envelope(c.nested("sale-1", 100, nil), more)) }
	}
	cases := map[string]struct {
		ask       func(*till) reply
		violation string
	}{
		"no store":     {sale(map[string]any{"storeId": nil}), "without storeId"},
		"no device":    {sale(map[string]any{"deviceId": nil}), "goes to every terminal"},
		"an old name":  {sale(map[string]any{"deviceId": nil, "storeDeviceId": DeviceID}), "goes to every terminal"},
		"not readable": {sale(map[string]any{"data": "{'action':'sale'}"}), "no terminal can read"},
		"device inside data": {func(c *till) reply {
			return c.post("/cloudMessages", c.envelope(c.flat("sale", "r", map[string]any{"purchaseAmount": 1, "currency": "USD", "deviceId": DeviceID}), nil))
		}, "inside data"},
		"no reference": {func(c *till) reply {
			return c.post("/cloudMessages", c.envelope(c.nested("", 100, nil), nil))
		}, "no referenceId"},
		"plain URL in the flat generation": {func(c *till) reply {
			return c.post("/cloudMessages", c.envelope(c.flat("sale", "r", map[string]any{"purchaseAmount": 1, "currency": "USD", "callbackUrl": c.back}), nil))
		}, "not URL-encoded"},
		"no request id": {func(c *till) reply {
			return c.do(c.request(http.MethodPost, "/cloudMessages", c.envelope(c.nested("sale-1", 100, nil), nil), ""))
		}, "without Poynt-Request-Id"},
		"no version": {func(c *till) reply {
			r := c.request(http.MethodGet, "/businesses/"+BusinessID, "", "")
			r.Header.Del("Api-Version")
			return c.do(r)
		}, "without Api-Version"},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
				if a := one.ask(c); a.err != nil || a.status >= 300 {
					t.Fatalf("answered %+v", a)
				}
				c.violated(one.violation)
			})
		})
	}
	bubble(t, Options{}, func(t *testing.T, c *till) {
		c.refused(c.do(c.request(http.MethodPost, "/cloudMessages", c.envelope("x", nil), "not-a-uuid")), 400, "INVALID_PARAMETER")
		c.fault("access.api-version", "checked")
		r := c.request(http.MethodGet, "/businesses/"+BusinessID, "", "")
		r.Header.Set("Api-Version", "api-version:1.2")
		c.refused(c.do(r), 400, "INVALID_PARAMETER")
		c.refused(c.get("/no/such/place"), 404, "INVALID_URL_PATTERN")
	})
}

// poynt.md 23, 27: without a deviceId every terminal asks for the money.
func TestBroadcast(t *testing.T) {
	bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("second", "on")
		c.send(c.nested("sale-1", 1256, nil), map[string]any{"deviceId": nil})
		settle(time.Minute)
		c.charged("sale-1", 2512, 2)
		devices := map[any]bool{}
		for _, a := range c.got() {
			for _, tx := range transactionsOf(a.payment) {
				devices[field(tx, "context.storeDeviceId")] = true
			}
		}
		if len(devices) != 2 {
			t.Errorf("results of %v", devices)
		}
		c.send(c.nested("sale-2", 1256, nil), map[string]any{"deviceId": nil, "serialNum": "P61SWPRACTICE2"})
		settle(time.Minute)
		c.charged("sale-2", 1256, 1)
	})
}

// poynt.md 23, 24 and 25: an offline terminal is no error; a message waits for it
// until its ttl and not a moment longer.
func TestOffline(t *testing.T) {
	for name, one := range map[string]struct {
		back     time.Duration
		bookings int
	}{"comes back in time": {44 * time.Second, 1}, "comes back too late": {46 * time.Second, 0}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
				c.fault("network", "unplugged")
				c.sell("sale-1", 1256, nil)
				settle(one.back)
				if len(c.got()) > 0 {
					t.Fatalf("an offline terminal told %q", c.statuses())
				}
				c.fault("network", "plugged")
				settle(time.Minute)
				if b := c.cloud.Bookings(); len(b) != one.bookings {
					t.Errorf("bookings %+v", b)
				}
				if (len(c.got()) > 0) != (one.bookings > 0) {
					t.Errorf("callbacks %q", c.statuses())
				}
			})
		})
	}
}

// poynt.md 23, 36: a newer message with the same key takes the place of one that
// was not delivered yet, also to overwrite a sale with something harmless.
func TestCollapse(t *testing.T) {
	bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("network", "unplugged")
		for range 3 {
			c.send(c.nested("sale-1", 1256, nil), map[string]any{"collapseKey": "pay-sale-1"})
		}
		c.send(c.nested("sale-2", 1256, nil), map[string]any{"collapseKey": "pay-sale-2"})
		c.send(`{"action":"setCustomPcmProfile"}`, map[string]any{"collapseKey": "pay-sale-2"})
		c.fault("busy", "queue") // or a second copy would be ignored for another reason
		c.fault("network", "plugged")
		settle(time.Minute)
		c.charged("sale-1", 1256, 1)
		c.charged("sale-2", 0, 0)
		c.noViolations() // a re-send of what was not delivered is allowed
	})
}

// poynt.md 23, 37: what happens to a message for a busy terminal.
func TestBusy(t *testing.T) {
	for policy, want := range map[string]struct{ first, second int }{"ignore": {1, 0}, "queue": {1, 1}, "replace": {0, 1}} {
		t.Run(policy, func(t *testing.T) {
			bubble(t, Options{Customer: "chip-pin", Pace: 1}, func(t *testing.T, c *till) {
				c.fault("busy", policy)
				c.sell("sale-1", 100, nil)
				settle(time.Second) // the card is not read yet
				c.sell("sale-2", 200, nil)
				settle(time.Minute)
				c.charged("sale-1", int64(100*want.first), want.first)
				c.charged("sale-2", int64(200*want.second), want.second)
				if policy == "replace" && !slices.Contains(c.statuses(), "CANCELED") {
					t.Errorf("callbacks %q", c.statuses())
				}
			})
		})
	}
}

// A reference is used once; what was acknowledged is not sent again.
func TestReusedReference(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.sell("sale-1", 100, nil)
		settle(time.Minute)
		c.noViolations()
		c.sell("sale-1", 100, nil)
		c.violated("after its result was acknowledged")
		c.sell("sale-1", 200, nil)
		c.violated("for something else")
	})
}

// poynt.md 23, 39 and 40: a cancel is a request.
func TestCancel(t *testing.T) {
	cancel := `{"action":"cancelPayment"}`
	t.Run("before the card", func(t *testing.T) {
		bubble(t, Options{Pace: 1}, func(t *testing.T, c *till) {
			c.sell("sale-1", 100, nil)
			settle(5 * time.Second)
			c.send(cancel, nil)
			settle(time.Second)
			if got := c.statuses(); !slices.Equal(got, []string{"RECEIVED", "STARTED", "CANCELED"}) {
				t.Errorf("callbacks %q", got)
			}
			if b := c.cloud.Bookings(); len(b) != 1 || b[0].Outcome != "cancelled" {
				t.Errorf("bookings %+v", b)
			}
		})
	})
	t.Run("too late", func(t *testing.T) {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.sell("sale-1", 100, nil)
			settle(1700 * time.Millisecond) // 200 on the way, 350 to the screen, 1000 for the card: the bank is asked
			c.send(cancel, nil)
			settle(time.Minute)
			c.charged("sale-1", 100, 1)
		})
	})
	t.Run("ignored", func(t *testing.T) {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("till-cancel", "ignored")
			c.sell("sale-1", 100, nil)
			settle(time.Second)
			c.send(cancel, nil)
			settle(time.Minute)
			c.charged("sale-1", 100, 1)
		})
	})
	t.Run("overtakes the sale", func(t *testing.T) {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("message.delivery", "reorder")
			c.sell("sale-1", 100, nil)
			settle(time.Second)
			c.send(cancel, nil)
			settle(time.Minute)
			c.charged("sale-1", 100, 1)
		})
	})
}

// What becomes of a message after its 202.
func TestDelivery(t *testing.T) {
	for fault, bookings := range map[string]int{"ok": 1, "lose": 0, "late": 1, "duplicate": 2} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("busy", "queue")
			c.fault("message.delivery", fault)
			c.send(c.nested("sale-1", 100, nil), map[string]any{"collapseKey": "k"})
			settle(15 * time.Second)
			if fault == "late" && len(c.got()) > 0 {
				t.Error("the message was not late")
			}
			settle(time.Minute)
			c.charged("sale-1", int64(100*bookings), bookings)
		})
	}
}

// poynt.md 23, 38: whether a request id counts for cloud messages is unknown.
func TestSameRequestID(t *testing.T) {
	for value, bookings := range map[string]int{"again": 2, "once": 1} {
		bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
			c.fault("busy", "queue")
			c.fault("message.same-id", value)
			id := uuid.NewString()
			for range 2 {
				if a := c.do(c.request(http.MethodPost, "/cloudMessages", c.envelope(c.nested("sale-1", 100, nil), nil), id)); a.status != 202 {
					t.Fatal(a)
				}
			}
			settle(time.Minute)
			c.charged("sale-1", int64(100*bookings), bookings)
		})
	}
}

func TestAcceptedBodies(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, c *till) {
		for value, want := range map[string]string{"object": "{}", "id": `{"id":"`} {
			c.fault("message.body", value)
			if a := c.post("/cloudMessages", c.envelope(`{"action":"setCustomPcmProfile"}`, nil)); a.status != 202 || !strings.HasPrefix(string(a.raw), want) {
				t.Errorf("%s: %d %s", value, a.status, a.raw)
			}
		}
		c.fault("message.unknown-device", "accepted")
		c.fault("message.body", "empty")
		c.send(c.nested("sale-1", 100, nil), map[string]any{"deviceId": "urn:tid:" + uuid.NewString()})
	})
}

// The answer to the push may come after the callback.
func TestCallbackBeforeTheAnswer(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.fault("message.answer", "after-callback")
		c.sell("sale-1", 100, nil) // returns with the 202
		if got := c.statuses(); !slices.Contains(got, "PROCESSED") {
			t.Errorf("the answer came before the callback: %q", got)
		}
		if c.cloud.faults.Get("message.answer") != "ok" {
			t.Error("the switch stayed")
		}
	})
}

// poynt.md 23, 60: a connectivity profile is taken and nothing is told about it.
func TestProfile(t *testing.T) {
	bubble(t, Options{Customer: "contactless", Pace: 1}, func(t *testing.T, c *till) {
		c.send(`{"action":"setCustomPcmProfile"}`, map[string]any{"ttl": 86400})
		settle(time.Minute)
		if len(c.got()) > 0 || len(c.cloud.Bookings()) > 0 || !strings.Contains(c.log(), "connectivity profile") {
			t.Errorf("callbacks %q, log:\n%s", c.statuses(), c.log())
		}
		c.noViolations()
	})
}
