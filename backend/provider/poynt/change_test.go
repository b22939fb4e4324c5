package poynt

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

const childTx = "99999999-9999-4999-8999-999999999999"

// child makes what a change is answered with (poynt.md 13, the synthetic refund).
func child(t *testing.T, action, status string, minor int64, more ...string) string {
	return tx(t, append([]string{`id="` + childTx + `"`, `parentId="` + testTx + `"`, `action="` + action + `"`, `status="` + status + `"`,
		fmt.Sprintf(`amounts={"transactionAmount":%d,"orderAmount":%d,"tipAmount":0,"currency":"USD"}`, minor, minor),
		`processorResponse.approvalCode="R00001"`, fmt.Sprintf(`processorResponse.approvedAmount=%d`, minor), `fundingSource=`}, more...)...)
}

// changing plays a cloud with one original; turn answers each change, or leaves it.
func changing(t *testing.T, more payment.Settings, original string, turn func(h *house, w http.ResponseWriter, n int, body string)) func(func(h *house)) {
	return func(test func(h *house)) {
		play(t, more, func(t *testing.T, h *house) {
			h.books(original)
			var mu sync.Mutex
			n := 0
			ids := map[string]bool{}
			h.answer = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/businesses/") {
					return false
				}
				mu.Lock()
				n++
				ids[r.Header.Get("Poynt-Request-Id")] = true
				if len(ids) > 1 {
					t.Errorf("request ids %v", ids)
				}
				now := n
				mu.Unlock()
				turn(h, w, now, string(body))
				return true
			}
			test(h)
		})
	}
}

// replace books a new state of the original.
func (h *house) replace(raw string) {
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	h.cloud.list[0] = raw
}

func refund(minor int64) payment.Request {
	r := request(payment.Refund)
	r.Total.Minor = minor
	return r
}

func TestSeq43_44_Refunds(t *testing.T) {
	for _, c := range []struct {
		minor   int64
		amounts string
	}{{1256, "null"}, {500, `{"currency":"USD","orderAmount":500,"tipAmount":0,"transactionAmount":500}`}} {
		changing(t, nil, tx(t), func(h *house, w http.ResponseWriter, _ int, body string) {
			var got map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Error(err)
			}
			amounts, _ := json.Marshal(got["amounts"])
			if got["action"] != "REFUND" || got["parentId"] != testTx || string(amounts) != c.amounts || !strings.Contains(body, `"fundingSource":{"type":"CREDIT_DEBIT"}`) {
				t.Errorf("body %s", body)
			}
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, child(t, "REFUND", "REFUNDED", c.minor))
		})(func(h *house) {
			got, err := h.Refund(context.Background(), refund(c.minor), h.op)
			if err != nil || got.Outcome != payment.Success || got.Authorised != c.minor || got.References.Terminal != childTx || got.Card.Masked != "************0010" {
				t.Errorf("%+v, %v", got, err)
			}
			if len(got.Slips) != 2 || got.Slips[0].Kind != payment.Refund || got.Slips[0].Merchant.MID != "e10test" {
				t.Errorf("%+v", got.Slips)
			}
		})
	}
}

func TestSeq41_42_Voids(t *testing.T) {
	void := func(t *testing.T, h *house) string { return tx(t, `status="VOIDED"`, `voided=true`) }
	for name, c := range map[string]struct {
		original []string
		turn     func(h *house, w http.ResponseWriter, n int, body string)
		outcome  payment.Outcome
		text     string
	}{
		"41 authorised": {[]string{`action="AUTHORIZE"`, `status="AUTHORIZED"`}, func(h *house, w http.ResponseWriter, _ int, _ string) {
			h.replace(void(t, h))
			fmt.Fprint(w, void(t, h))
		}, payment.Success, ""},
		"41 void already, as the cloud shows": {[]string{`status="VOIDED"`}, func(*house, http.ResponseWriter, int, string) { t.Error("it was sent") }, payment.Success, ""},
		"41 void already, as the cloud says":  {nil, func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 400, codeAlreadyVoid) }, payment.Success, "already void"},
		"42 answered DECLINED, is void": {nil, func(h *house, w http.ResponseWriter, _ int, _ string) {
			h.replace(void(t, h))
			fmt.Fprint(w, tx(t, `status="DECLINED"`))
		}, payment.Success, ""},
		"42 answered DECLINED, is not": {nil, func(_ *house, w http.ResponseWriter, _ int, _ string) { fmt.Fprint(w, tx(t, `status="DECLINED"`)) }, payment.Unknown, ""},
		"not supported":                {nil, func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 400, "UNSUPPORTED_TXN_ACTION") }, payment.Refused, "use a refund"},
		"answer lost, carried out": {nil, func(h *house, _ http.ResponseWriter, _ int, _ string) {
			h.replace(void(t, h))
			panic(http.ErrAbortHandler)
		}, payment.Success, ""},
		"answer lost, nothing happened": {nil, func(*house, http.ResponseWriter, int, string) { panic(http.ErrAbortHandler) }, payment.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			changing(t, nil, tx(t, c.original...), c.turn)(func(h *house) {
				got, err := h.Void(context.Background(), request(payment.Void), h.op)
				if err != nil || got.Outcome != c.outcome || !strings.Contains(got.ReasonText, c.text) {
					t.Errorf("%+v, %v", got, err)
				}
				if c.outcome == payment.Unknown && got.Reason == payment.ReasonNone {
					t.Error("doubt without a reason")
				}
			})
		})
	}
}

func TestSeq03_04_CaptureAndRefundOfTheCapture(t *testing.T) {
	for _, minor := range []int64{1256, 1000} {
		original := tx(t, `action="AUTHORIZE"`, `status="AUTHORIZED"`, `authOnly=true`)
		changing(t, nil, original, func(h *house, w http.ResponseWriter, _ int, body string) {
			if (minor == 1256) != (body == "{}") {
				t.Errorf("body %s", body)
			}
			fmt.Fprint(w, child(t, "CAPTURE", "CAPTURED", minor))
		})(func(h *house) {
			r := request(payment.Capture)
			r.Total.Minor = minor
			got, err := h.Capture(context.Background(), r, h.op)
			if err != nil || got.Outcome != payment.Success || got.Authorised != minor || got.References.Terminal != childTx {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	for _, id := range []string{testTx, childTx} { // the till's journal names the capture, an old one the reservation
		refundsTheCapture(t, id)
	}
}

func refundsTheCapture(t *testing.T, original string) {
	play(t, nil, func(t *testing.T, h *house) {
		h.books(tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`), child(t, "CAPTURE", "CAPTURED", 1256))
		h.answer = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if r.Method != http.MethodPost || r.URL.Path == "/token" {
				return false
			}
			if !strings.Contains(string(body), `"parentId":"`+childTx+`"`) {
				t.Errorf("refunds %s", body)
			}
			fmt.Fprint(w, child(t, "REFUND", "REFUNDED", 1256, `parentId="`+childTx+`"`))
			return true
		}
		r := refund(1256)
		r.Original.Terminal = original
		if got, err := h.Refund(context.Background(), r, h.op); err != nil || got.Outcome != payment.Success {
			t.Errorf("of %s: %+v, %v", original, got, err)
		}
	})
}

func TestSeq46_47_48_UnclearRefunds(t *testing.T) {
	booked := func(t *testing.T, h *house) { h.books(child(t, "REFUND", "REFUNDED", 500)) }
	for name, c := range map[string]struct {
		turn    func(h *house, w http.ResponseWriter, n int, body string)
		outcome payment.Outcome
		sent    int
	}{
		"46 answer lost, carried out": {func(h *house, _ http.ResponseWriter, _ int, _ string) { booked(t, h); panic(http.ErrAbortHandler) }, payment.Success, 1},
		"46 hidden first, then a duplicate": {func(h *house, w http.ResponseWriter, n int, _ string) {
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
			booked(t, h)
			refuse(w, 400, codeDuplicate)
		}, payment.Success, 2},
		"46 request lost, then carried out": {func(h *house, w http.ResponseWriter, n int, _ string) {
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, child(t, "REFUND", "REFUNDED", 500))
		}, payment.Success, 2},
		"47 in progress": {func(h *house, w http.ResponseWriter, n int, _ string) {
			if n == 2 {
				booked(t, h)
			}
			refuse(w, 400, codeInProgress)
		}, payment.Success, 2},
		"48 the processor timed out": {func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 400, "PROCESSOR_TIMEOUT") }, payment.Unknown, 1},
		"48 a suspected double":      {func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 400, "PROCESSOR_DETECTED_DUP") }, payment.Unknown, 1},
		"500 throughout":             {func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 500, "INTERNAL_ERROR") }, payment.Unknown, 2},
		"declined by the processor":  {func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, 400, "PROCESSOR_DECLINED") }, payment.Refused, 1},
		"declined as a transaction": {func(_ *house, w http.ResponseWriter, _ int, _ string) {
			fmt.Fprint(w, child(t, "REFUND", "DECLINED", 500))
		}, payment.Refused, 1},
		"a status nobody knows": {func(_ *house, w http.ResponseWriter, _ int, _ string) {
			fmt.Fprint(w, child(t, "REFUND", "FLOATING", 500))
		}, payment.Unknown, 1},
		"garbage": {func(_ *house, w http.ResponseWriter, _ int, _ string) { fmt.Fprint(w, "<html>") }, payment.Unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			changing(t, nil, tx(t), c.turn)(func(h *house) {
				got, err := h.Refund(context.Background(), refund(500), h.op)
				if err != nil || got.Outcome != c.outcome || c.outcome == payment.Success && got.Authorised != 500 {
					t.Errorf("%+v, %v", got, err)
				}
				if n := h.cloud.asked("POST /businesses"); n != c.sent {
					t.Errorf("sent %d times, want %d", n, c.sent)
				}
			})
		})
	}
}

func TestSeq62_NoRightToRefund(t *testing.T) {
	for status, code := range map[int]string{401: codeUnauthorized, 403: "FORBIDDEN"} {
		changing(t, nil, tx(t), func(_ *house, w http.ResponseWriter, _ int, _ string) { refuse(w, status, code) })(func(h *house) {
			got, err := h.Refund(context.Background(), refund(500), h.op)
			if payment.CodeOf(err) != payment.CodeSettings || payment.SentOf(err) != payment.SentNo || !strings.Contains(payment.TextOf(err), "refund-path") {
				t.Errorf("%+v, %v", got, err)
			}
			if h.tokens.Load() != 1 || h.cloud.asked("POST /businesses") != 1 {
				t.Errorf("%d tokens, sent %d times", h.tokens.Load(), h.cloud.asked("POST /businesses"))
			}
		})
	}
}

// A refund on the terminal: its operator changed the amount (63).
func TestSeq63_OnTheTerminal(t *testing.T) {
	bridged := payment.Settings{"refund-path": "terminal"}
	play(t, bridged, func(t *testing.T, h *house) {
		h.books(tx(t))
		h.deliver = func(m sent) {
			if m.data["action"] != "refund" || m.data["transactionId"] != testTx || m.data["referenceId"] != testRef || !strings.HasPrefix(fmt.Sprint(m.data["callbackUrl"]), "http%3A") {
				t.Errorf("%v", m.data)
			}
			one := child(t, "REFUND", "REFUNDED", 300)
			h.books(one)
			h.post(m, result("PROCESSED", one))
		}
		got, err := h.Refund(context.Background(), refund(500), h.op)
		if err != nil || got.Outcome != payment.Success || got.Authorised != 300 || got.References.Terminal != childTx {
			t.Errorf("refund: %+v, %v", got, err)
		}
	})
	play(t, bridged, func(t *testing.T, h *house) {
		h.books(tx(t))
		h.deliver = func(m sent) { h.post(m, result("CANCELED")) }
		if got, err := h.Refund(context.Background(), refund(500), h.op); err != nil || got.Outcome != payment.Stopped {
			t.Errorf("cancelled: %+v, %v", got, err)
		}
	})
	play(t, bridged, func(t *testing.T, h *house) {
		h.books(tx(t))
		h.deliver = func(m sent) {
			h.replace(tx(t, `status="VOIDED"`, `voided=true`))
			h.post(m, result("PROCESSED", tx(t)))
		}
		if got, err := h.Void(context.Background(), request(payment.Void), h.op); err != nil || got.Outcome != payment.Success || got.Authorised != 1256 {
			t.Errorf("void: %+v, %v", got, err)
		}
	})
}

func TestChangesWithoutAnOriginal(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		r := refund(500)
		if got, err := h.Refund(context.Background(), r, h.op); err != nil || got.Outcome != payment.NotDone {
			t.Errorf("not known: %+v, %v", got, err)
		}
		r.Original.Terminal = "8778880381"
		if got, err := h.Refund(context.Background(), r, h.op); payment.SentOf(err) != payment.SentNo {
			t.Errorf("no id: %+v, %v", got, err)
		}
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method == http.MethodGet {
				refuse(w, 500, "DATABASE_ERROR")
			}
			return r.Method == http.MethodGet
		}
		r.Original.Terminal = testTx
		if got, err := h.Refund(context.Background(), r, h.op); payment.SentOf(err) != payment.SentNo {
			t.Errorf("cannot be asked: %+v, %v", got, err)
		}
	})
}

// The batch was quicker than the capture: what Poynt shows was taken, and where it shows
// that alone without the amount, that is doubt, never "nothing was captured".
func TestCapturedMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		minor   int64
		after   func(t *testing.T, h *house)
		outcome payment.Outcome
	}{
		"the whole":           {1256, func(t *testing.T, h *house) { h.replace(tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`)) }, payment.Success},
		"the whole, not half": {628, func(t *testing.T, h *house) { h.replace(tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`)) }, payment.Unknown},
		"its capture shows": {628, func(t *testing.T, h *house) {
			h.replace(tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`))
			h.books(child(t, "CAPTURE", "CAPTURED", 1256))
		}, payment.Success},
		"nothing shows": {1256, func(*testing.T, *house) {}, payment.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			changing(t, nil, tx(t, `action="AUTHORIZE"`, `status="AUTHORIZED"`, `authOnly=true`), func(h *house, w http.ResponseWriter, _ int, _ string) {
				c.after(t, h)
				refuse(w, 400, codeAlreadyCaptured)
			})(func(h *house) {
				r := request(payment.Capture)
				r.Total.Minor = c.minor
				got, err := h.Capture(context.Background(), r, h.op)
				if err != nil || got.Outcome != c.outcome || got.Outcome == payment.Success && got.Authorised != 1256 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}
