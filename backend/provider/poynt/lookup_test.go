package poynt

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// lookAt asks for an attempt that began a while ago.
func (h *house) lookAt(ago time.Duration) (payment.Result, error) {
	r := request(payment.Sale)
	r.Attempt.At = r.Attempt.At.Add(-ago)
	return h.Lookup(context.Background(), r, h.op)
}

func TestSeq50_Paging(t *testing.T) {
	for name, host := range map[string]string{"relative": "", "absolute": "http://" + cloudAddress, "absolute under another name": "https://services.poynt.net"} {
		t.Run(name, func(t *testing.T) {
			play(t, polling, func(t *testing.T, h *house) {
				h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					q := r.URL.Query()
					if !strings.HasSuffix(r.URL.Path, "/transactions") {
						return false
					}
					if q.Get("limit") != "100" || q.Get("deviceId") != testDevice || q.Get("timeType") != "createdAt" {
						t.Errorf("asked with %v", q)
					}
					from := 0
					_, _ = fmt.Sscan(q.Get("startOffset"), &from)
					var list []string
					for i := from; i < min(from+100, 250); i++ {
						list = append(list, tx(t, fmt.Sprintf(`id="%08d-4444-4444-8444-444444444444"`, i), fmt.Sprintf(`references=[{"type":"CUSTOM","customType":"referenceId","id":"r%d"}]`, i)))
					}
					if from == 200 {
						fmt.Fprintf(w, `{"transactions":[%s,%s],"links":[],"count":51}`, strings.Join(list, ","), tx(t))
						return true
					}
					q.Set("startOffset", fmt.Sprint(from+100))
					fmt.Fprintf(w, `{"transactions":[%s],"links":[{"href":"%s%s?%s","rel":"next","method":"GET"}],"count":100}`, strings.Join(list, ","), host, r.URL.Path, q.Encode())
					return true
				}
				got, err := h.lookAt(0)
				if err != nil || got.Outcome != payment.Success || h.cloud.asked("GET") != 3 {
					t.Errorf("%+v, %v after %d requests", got, err, h.cloud.asked("GET"))
				}
			})
		})
	}
}

// The computer's clock was hours ahead when the payment began, and was set right while
// the till was off: a decline stands all the same, once it is old enough by Poynt's own
// clock, and so does a cancel that the terminal delivered.
func TestOutcomeOfAnAttemptThatIsYetToCome(t *testing.T) {
	const ahead = -18 * time.Hour
	play(t, polling, func(t *testing.T, h *house) {
		h.books(tx(t, `status="DECLINED"`, `processorResponse.status="Failure"`))
		if got, err := h.lookAt(ahead); err != nil || got.Outcome != payment.Pending {
			t.Errorf("at once: %s, %v", got.Outcome, err)
		}
		time.Sleep(5 * time.Minute)
		if got, err := h.lookAt(ahead); err != nil || got.Outcome != payment.Refused {
			t.Errorf("5 minutes later: %s, %v", got.Outcome, err)
		}
	})
	play(t, nil, func(t *testing.T, h *house) {
		body := fmt.Sprintf(`{"referenceId":%q,"status":"CANCELED"}`, testRef)
		if _, err := h.inbox.Keep(t.Context(), payment.Delivery{Key: "k", Reference: testRef, Body: body, At: time.Now().Add(-ahead)}); err != nil {
			t.Fatal(err)
		}
		if got, err := h.lookAt(ahead); err != nil || got.Outcome != payment.Stopped {
			t.Errorf("cancelled: %s, %v", got.Outcome, err)
		}
	})
}

// Poynt shows a decline minutes late, and the approval of the second card of the same
// session as late: the decline is not the last word until that would show, too.
func TestDeclineThatShowsLate(t *testing.T) {
	for _, second := range []bool{true, false} {
		play(t, polling, func(t *testing.T, h *house) {
			begun := time.Now()
			declined := tx(t, `status="DECLINED"`, `processorResponse.status="Failure"`)
			var approved string
			ask := func() payment.Outcome {
				r := request(payment.Sale)
				r.Attempt.At = begun.Truncate(time.Millisecond)
				got, err := h.Lookup(context.Background(), r, h.op)
				if err != nil {
					t.Fatal(err)
				}
				return got.Outcome
			}
			time.Sleep(25 * time.Second)
			approved = tx(t, `id="`+otherTx+`"`)
			want := payment.Refused
			for at := time.Since(begun); at < 15*time.Minute; at = time.Since(begun) {
				switch outcome := ask(); {
				case outcome == payment.Refused && second && at < 6*time.Minute:
					t.Fatalf("declined after %s", at)
				case outcome == payment.Success || outcome == payment.Refused:
					if second {
						want = payment.Success
					}
					if outcome != want {
						t.Errorf("%s after %s", outcome, at)
					}
					return
				}
				time.Sleep(10 * time.Second)
				if at < 5*time.Minute && time.Since(begun) >= 5*time.Minute {
					h.books(declined)
				}
				if second && at < 325*time.Second && time.Since(begun) >= 325*time.Second {
					h.books(approved)
				}
			}
			t.Errorf("never learnt")
		})
	}
}

func TestEndlessPaging(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/transactions") {
				fmt.Fprintf(w, `{"transactions":[],"links":[{"href":"%s?again=1","rel":"next"}]}`, r.URL.Path)
				return true
			}
			return false
		}
		if got, err := h.lookAt(time.Hour); payment.CodeOf(err) != payment.CodeUnreadable || h.cloud.asked("GET") != maxPages {
			t.Errorf("%+v, %v after %d requests", got, err, h.cloud.asked("GET"))
		}
	})
}

func TestListsThatAreNone(t *testing.T) {
	for name, body := range map[string]string{
		"HTML": "<html>", "truncated": `{"transactions":[`, "ours cannot be read": `{"transactions":[{"id":1,"references":[{"id":"` + testRef + `"}]}]}`,
		"a foreign next page": `{"transactions":[],"links":[{"rel":"next","href":"/businesses/x/transactions?y"}]}`,
	} {
		play(t, polling, func(t *testing.T, h *house) {
			h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if strings.HasSuffix(r.URL.Path, "/transactions") {
					_, _ = w.Write([]byte(body))
					return true
				}
				return false
			}
			if got, err := h.lookAt(time.Hour); payment.CodeOf(err) != payment.CodeUnreadable {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		})
	}
}

// One transaction that nobody can read does not hide the others.
func TestUnreadableNeighbour(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.books(`{"id":7,"amounts":"?"}`, tx(t))
		if got, err := h.lookAt(time.Hour); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
		if kept := h.op.everything(); strings.Contains(kept, `"amounts":"?"`) {
			t.Error("others' payments stand in the timeline")
		}
	})
}

func TestSecondChanceBySearchKey(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/transactions") && r.URL.Query().Get("searchKey") != testRef {
				_, _ = w.Write([]byte(`{"transactions":[]}`))
				return true
			}
			return false
		}
		h.books(tx(t))
		if got, err := h.lookAt(time.Hour); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// A clock that was fast when the attempt was made, and has been set right since, hides
// nothing.
func TestAttemptOfAWrongClock(t *testing.T) {
	for _, fast := range []time.Duration{17 * time.Hour, 20 * time.Minute} {
		play(t, polling, func(t *testing.T, h *house) {
			time.Sleep(time.Hour)
			made := time.Now().Add(-50 * time.Minute).UTC()
			h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if !strings.HasSuffix(r.URL.Path, "/transactions") || r.URL.Query().Get("startAt") <= made.Format(timeForm) {
					return false
				}
				_, _ = w.Write([]byte(`{"transactions":[]}`))
				return true
			}
			h.books(tx(t, `createdAt="`+made.Format(timeForm)+`"`))
			if got, err := h.lookAt(50*time.Minute - fast); err != nil || got.Outcome != payment.Success {
				t.Errorf("%s fast: %+v, %v", fast, got, err)
			}
		})
	}
}

func TestSeq51_NotModified(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/transactions") {
				w.WriteHeader(http.StatusNotModified)
				return true
			}
			return false
		}
		if got, err := h.lookAt(time.Hour); err != nil || got.Outcome != payment.NotFound {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// After a restart what was delivered before counts (53).
func TestSeq53_AfterARestart(t *testing.T) {
	for name, c := range map[string]struct {
		delivered func(t *testing.T) string
		booked    func(t *testing.T) string
		ago       time.Duration
		outcome   payment.Outcome
	}{
		"nothing yet":              {nil, nil, 10 * time.Second, payment.Pending},
		"nothing ever":             {nil, nil, time.Hour, payment.NotFound},
		"cancelled":                {func(*testing.T) string { return result("CANCELED") }, nil, time.Minute, payment.Stopped},
		"cancelled, but charged":   {func(*testing.T) string { return result("CANCELED") }, func(t *testing.T) string { return tx(t) }, time.Minute, payment.Success},
		"approved, not shown yet":  {func(t *testing.T) string { return result("PROCESSED", tx(t)) }, nil, 10 * time.Second, payment.Pending},
		"approved":                 {func(t *testing.T) string { return result("PROCESSED", tx(t)) }, func(t *testing.T) string { return tx(t) }, time.Minute, payment.Success},
		"declined, told":           {func(t *testing.T) string { return result("PROCESSED", tx(t, `status="DECLINED"`)) }, func(t *testing.T) string { return tx(t, `status="DECLINED"`) }, 10 * time.Second, payment.Refused},
		"declined, may go on":      {nil, func(t *testing.T) string { return tx(t, `status="DECLINED"`) }, 10 * time.Second, payment.Pending},
		"declined, long ago":       {nil, func(t *testing.T) string { return tx(t, `status="DECLINED"`) }, 10 * time.Minute, payment.Refused},
		"a callback without sense": {func(*testing.T) string { return `{"status":[]}` }, nil, time.Hour, payment.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				if c.delivered != nil {
					address, header := h.callback(testRef)
					h.postTo(address, header, c.delivered(t))
				}
				if c.booked != nil {
					h.books(c.booked(t))
				}
				time.Sleep(showing)
				got, err := h.lookAt(c.ago - showing)
				if err != nil || got.Outcome != c.outcome {
					t.Errorf("%+v, %v", got, err)
				}
				h.clean()
			})
		})
	}
}

// While the call is open it is the call that asks, at once.
func TestLookupWakesTheOpenCall(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		h.deliver = func(sent) {
			h.books(tx(t))
			if got, err := h.lookAt(0); err != nil || got.Outcome != payment.Pending {
				t.Errorf("%+v, %v", got, err)
			}
		}
		begun := time.Now()
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success || time.Since(begun) > time.Second {
			t.Errorf("%+v, %v after %s", got, err, time.Since(begun))
		}
	})
}

func TestAskingIsRefused(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Method == http.MethodGet {
				refuse(w, 401, codeUnauthorized)
			}
			return r.Method == http.MethodGet
		}
		got, err := h.lookAt(time.Hour)
		if err == nil || payment.SentOf(err) == payment.SentNo || strings.Contains(payment.TextOf(err), moneyNot) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"transactions":[` + exampleTx + `],"links":[{"rel":"next","href":"/x"}]}`))
	f.Add([]byte(`{"transactions":[1,null,{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if kept := excerpt(raw, testRef); len(kept) > maxRecord+len("...") {
			t.Errorf("%d bytes are kept", len(kept))
		}
	})
}
