package poynt

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSeq20_DuplicatedCallback(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			h.books(tx(t))
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if status := h.post(m, result("PROCESSED", tx(t, `createdAt="2026-01-15T10:20:28Z"`))); status != http.StatusOK {
						t.Errorf("status %d", status)
					}
				})
			}
			all.Wait()
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
		synctest.Wait()
		if list := h.inbox.all(); len(list) != 1 || list[0].Reference != testRef || list[0].Fault != "" {
			t.Errorf("%d are stored", len(list))
		}
		h.clean()
	})
}

func TestSeq21_ResultBeforeItsProgress(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.answer = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if r.URL.Path == "/cloudMessages" { // the callback comes before the answer to the message
				h.cloud.take(w, r, body)
				h.post(h.sales()[0], result("PROCESSED", tx(t)))
				h.post(h.sales()[0], result("STARTED"))
				h.books(tx(t))
				time.Sleep(5 * time.Second)
				return true
			}
			return false
		}
		begun := time.Now()
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success || time.Since(begun) > 3*time.Second {
			t.Errorf("%+v, %v after %s", got, err, time.Since(begun))
		}
	})
}

func TestSeq28_AnotherReference(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			if status := h.post(m, strings.Replace(result("CANCELED"), testRef, "202611220000000027", 1)); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
			time.Sleep(20 * time.Second)
			h.books(tx(t))
		}
		got, err := h.sell()
		if err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
		if list := h.inbox.all(); len(list) != 1 || list[0].Reference != "" || list[0].Fault == "" {
			t.Errorf("stored %+v", list)
		}
	})
}

func TestSeq29_WrongSecret(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		address, header := h.callback(testRef)
		other, _ := h.callback("202611220000000027")
		for _, c := range []struct {
			url, header string
			status      int
		}{
			{address, header, 200},
			{address, "", 200}, // whether every terminal sends it is not known
			{address, keyHeader + ": wrong", 404},
			{address + "x", header, 404},
			{strings.TrimSuffix(address, h.secret(testRef)), header, 404},
			{strings.Replace(other, "202611220000000027", testRef, 1), header, 404},
			{h.public, header, 404},
		} {
			if status := h.postTo(c.url, c.header, result("CANCELED")); status != c.status {
				t.Errorf("%s with %q: status %d, want %d", c.url, c.header, status, c.status)
			}
		}
		if n := len(h.inbox.all()); n != 1 {
			t.Errorf("%d are stored", n)
		}
	})
}

func TestSeq30_31_AnotherAmountOrTerminal(t *testing.T) {
	for _, change := range []string{`amounts.currency="CAD"`, `context.storeDeviceId="urn:tid:` + testStore + `"`, `context.businessId="` + testStore + `"`} {
		play(t, nil, func(t *testing.T, h *house) {
			h.deliver = func(m sent) { h.books(tx(t, change)); h.post(m, result("PROCESSED", tx(t, change))) }
			got, err := h.sell()
			if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonForeign || got.ReasonText == "" {
				t.Errorf("%s: %+v, %v", change, got, err)
			}
		})
	}
}

func TestSeq32_33_Bodies(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(result("STARTED")))
	_ = z.Close()
	var bomb bytes.Buffer
	z = gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 8<<20))
	_ = z.Close()
	for _, c := range []struct {
		name, encoding string
		body           []byte
		status, stored int
		fault          bool
	}{
		{"gzip", "gzip", packed.Bytes(), 200, 1, false},
		{"another encoding", "br", []byte("x"), 415, 1, true},
		{"no JSON", "", []byte(`{"referenceId":`), 200, 1, true},
		{"empty", "", nil, 200, 1, true},
		{"not UTF-8", "", []byte("{\"status\":\"\xff\xfe\"}"), 200, 1, false},
		{"a list", "", []byte(`[1,2]`), 200, 1, true},
		{"too large", "", bytes.Repeat([]byte(" "), 300<<10), 413, 1, true},
		{"a bomb", "gzip", bomb.Bytes(), 413, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				address, _ := h.callback(testRef)
				request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(c.body))
				if err != nil {
					t.Fatal(err)
				}
				if c.encoding != "" {
					request.Header.Set("Content-Encoding", c.encoding)
				}
				answer, err := (&http.Client{Transport: h.network.Transport()}).Do(request)
				if err != nil && c.status == http.StatusRequestEntityTooLarge && len(h.inbox.all()) == c.stored {
					return // the door closed the connection while the rest was on its way
				}
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				list := h.inbox.all()
				if answer.StatusCode != c.status || len(list) != c.stored || list[0].Reference != testRef || (list[0].Fault != "") != c.fault {
					t.Errorf("status %d, stored %+v", answer.StatusCode, list)
				}
			})
		})
	}
}

func TestSeq34_WordsThatNobodyKnows(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) {
			h.post(m, `{"referenceID":"`+testRef+`","status":"LEVITATING","new":{"key":[1]}}`)
			h.books(tx(t))
			h.post(m, result("HOLD"))
		}
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq35_ForgedApproval(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(m sent) { h.post(m, result("PROCESSED", tx(t))) }
		r := request(payment.Sale)
		got, err := h.Sale(context.Background(), r, h.op)
		if err != nil || got.Outcome != payment.Unknown {
			t.Errorf("%+v, %v", got, err)
		}
		time.Sleep(h.Terminal.settings.ttl)
		if got, err = h.Lookup(context.Background(), r, h.op); err != nil || got.Outcome != payment.NotFound {
			t.Errorf("look-up: %+v, %v", got, err)
		}
	})
}

// A result of last week, posted again to an address of today's, names what Poynt
// knows under another reference.
func TestReplayedResult(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		old := tx(t, `references=[{"type":"CUSTOM","customType":"referenceId","id":"202611150000000012"}]`)
		h.books(old)
		h.deliver = func(m sent) { h.post(m, result("PROCESSED", old)) }
		if got, err := h.sell(); err != nil || got.Outcome != payment.Unknown {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestDoor(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		door := h.Door()
		if door.Listening != tillAddress || !strings.HasPrefix(door.URL, "http://"+tillAddress+"/poynt/") || door.Without == "" {
			t.Errorf("%+v", door)
		}
		if err := door.Probe(context.Background()); err != nil {
			t.Errorf("probe: %v", err)
		}
	})
	play(t, polling, func(t *testing.T, h *house) {
		door := h.Door()
		if door.Listening != "" || door.URL != "" || door.Probe != nil || door.Without == "" {
			t.Errorf("%+v", door)
		}
		if address, header := h.callback(testRef); address != nowhere || header != "" {
			t.Errorf("%q, %q", address, header)
		}
	})
}

func TestPublicName(t *testing.T) {
	play(t, payment.Settings{"callback-url": "https://till.example/hook/"}, func(t *testing.T, h *house) {
		address, _ := h.callback(testRef)
		if !strings.HasPrefix(address, "https://till.example/hook/poynt/") || !strings.HasSuffix(address, "/"+testRef+"/"+h.secret(testRef)) {
			t.Errorf("%s", address)
		}
	})
}

func TestLongDeliveryIsKeptBriefly(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		address, header := h.callback(testRef)
		var list []string
		for i := range 60 {
			list = append(list, tx(t, fmt.Sprintf(`id="%08d-4444-4444-8444-444444444444"`, i)))
		}
		if status := h.postTo(address, header, result("PROCESSED", list...)); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		kept, err := h.kept(context.Background(), testRef)
		if err != nil || !kept.over || len(kept.sought.ids) != maxNamed {
			t.Errorf("%+v, %v", kept, err)
		}
	})
}
