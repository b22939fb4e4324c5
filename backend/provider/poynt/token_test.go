package poynt

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestSeq13_OneTokenForAll(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		ask := func() {
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					if _, err := h.Lookup(context.Background(), request(payment.Sale), h.op); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		if ask(); h.tokens.Load() != 1 {
			t.Errorf("%d tokens were asked for", h.tokens.Load())
		}
		time.Sleep(19*time.Hour + 59*time.Minute)
		if ask(); h.tokens.Load() != 1 {
			t.Errorf("%d tokens before 20 hours", h.tokens.Load())
		}
		time.Sleep(2 * time.Minute)
		if ask(); h.tokens.Load() != 2 {
			t.Errorf("%d tokens after 20 hours", h.tokens.Load())
		}
	})
}

func TestWhoAskedFirstMayLeave(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		hold := make(chan struct{})
		h.answer = func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.URL.Path == "/token" {
				<-hold
			}
			return false
		}
		first, leave := context.WithCancel(context.Background())
		gone, got := make(chan error, 1), make(chan error, 1)
		go func() { _, err := h.Terminal.client.tokens.get(first, h.op); gone <- err }()
		synctest.Wait()
		go func() { _, err := h.Terminal.client.tokens.get(context.Background(), h.op); got <- err }()
		synctest.Wait()
		leave()
		if err := <-gone; payment.SentOf(err) != payment.SentNo {
			t.Errorf("the first: %v", err)
		}
		close(hold)
		if err := <-got; err != nil || h.tokens.Load() != 1 {
			t.Errorf("the second: %v, %d tokens", err, h.tokens.Load())
		}
	})
}

// TestNothingIsToldAfterTheEnd: a request that nobody waits for any more ends with the
// terminal, before the journal is closed under it.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.answer = func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
			<-r.Context().Done() // a cloud that says nothing
			return true
		}
		asking, leave := context.WithCancel(context.Background())
		gone := make(chan error, 1)
		go func() { _, err := h.Terminal.client.tokens.get(asking, h.op); gone <- err }()
		synctest.Wait()
		leave()
		<-gone
		if err := h.Terminal.Close(); err != nil {
			t.Fatal(err)
		}
		told := len(h.op.told())
		synctest.Wait()
		time.Sleep(tokenLimit + time.Second)
		if now := len(h.op.told()); now != told || told != 2 {
			t.Errorf("%d messages at the end, %d later, want the request and its fault", told, now)
		}
		if _, err := h.Terminal.client.tokens.get(context.Background(), h.op); payment.SentOf(err) != payment.SentNo {
			t.Errorf("a token after the end: %v", err)
		}
	})
}

func TestSeq14_15_16_KindsOf401(t *testing.T) {
	for _, c := range []struct {
		name          string
		code          string
		times         int // so many refusals
		tokens, posts int
		outcome       payment.Outcome
		err           payment.Code
	}{
		{"14 once invalid", codeInvalidToken, 1, 2, 2, payment.Success, ""},
		{"15 always invalid", codeInvalidToken, 9, 2, 2, "", payment.CodeSettings},
		{"16 no right", codeUnauthorized, 9, 1, 1, "", payment.CodeSettings},
		{"16 no body", "", 9, 1, 1, "", payment.CodeSettings},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, polling, func(t *testing.T, h *house) {
				left := c.times
				h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if r.URL.Path != "/cloudMessages" || left == 0 {
						return false
					}
					if left--; c.code == "" {
						w.WriteHeader(401)
						return true
					}
					refuse(w, 401, c.code)
					return true
				}
				h.deliver = func(sent) { h.books(tx(t)) }
				got, err := h.sell()
				if got.Outcome != c.outcome || (err != nil) != (c.err != "") || err != nil && (payment.CodeOf(err) != c.err || payment.SentOf(err) != payment.SentNo) {
					t.Errorf("%+v, %v", got, err)
				}
				if n := h.cloud.asked("POST /cloudMessages"); n != c.posts || int(h.tokens.Load()) != c.tokens {
					t.Errorf("%d posts, %d tokens", n, h.tokens.Load())
				}
				for i, asked := range h.requests {
					if asked == "POST /cloudMessages" && h.ids[i] != intent(request(payment.Sale), "message") {
						t.Errorf("request id %s", h.ids[i])
					}
				}
			})
		})
	}
}

func TestSeq17_TokenExpiresDuringAPayment(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		h.deliver = func(sent) {
			h.tokens.Add(1) // the cloud has forgotten the till's
			time.Sleep(20 * time.Second)
			h.books(tx(t))
		}
		if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestSeq18_NoToken(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		code   payment.Code
	}{
		{"500", func(w http.ResponseWriter) { refuse(w, 500, "INTERNAL_ERROR") }, payment.CodeUnreachable},
		{"HTML", func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>sign in to the hotel")) }, payment.CodeUnreachable},
		{"refused", func(w http.ResponseWriter) { refuse(w, 401, "LOGIN_FAILED") }, payment.CodeSettings},
		{"hangs", func(http.ResponseWriter) { time.Sleep(time.Minute) }, payment.CodeUnreachable},
		{"cut off", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, payment.CodeUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, polling, func(t *testing.T, h *house) {
				h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
					if r.URL.Path == "/token" {
						c.answer(w)
					}
					return true
				}
				got, err := h.sell()
				if payment.CodeOf(err) != c.code || payment.SentOf(err) != payment.SentNo {
					t.Errorf("%+v, %v", got, err)
				}
				if h.cloud.asked("POST /cloudMessages") != 0 {
					t.Error("it was sent all the same")
				}
				h.clean()
			})
		})
	}
}

func TestSeq58_ClockWrong(t *testing.T) {
	for _, off := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		play(t, polling, func(t *testing.T, h *house) {
			right := func() time.Time { return time.Now().Add(-off) }
			strict := true
			h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				w.Header().Set("Date", right().UTC().Format(http.TimeFormat))
				if r.URL.Path == "/token" && strict {
					refuse(w, 401, "LOGIN_FAILED")
					return true
				}
				if start := r.URL.Query().Get("startAt"); start != "" && start > right().UTC().Format(timeForm) {
					t.Errorf("the window begins at %s, and it is %s at Poynt", start, right())
				}
				return false
			}
			_, err := h.sell()
			word := "10 minutes fast"
			if off < 0 {
				word = "minutes slow"
			}
			if !strings.Contains(payment.TextOf(err), word) {
				t.Errorf("%v", err)
			}
			strict = false
			h.deliver = func(sent) { h.books(tx(t)) }
			if got, err := h.sell(); err != nil || got.Outcome != payment.Success {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A token is opaque: claims beyond what a float holds do not matter (poynt.md 3.2).
func TestSeq57_TokenIsOpaque(t *testing.T) {
	play(t, polling, func(t *testing.T, h *house) {
		const token = "eyJhbGciOiJSUzI1NiJ9.eyJwb3ludC5raWQiOjkwMDcxOTkyNTQ3NDA5OTMxMjN9.c2ln"
		h.answer = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.URL.Path == "/token" {
				_, _ = w.Write([]byte(`{"accessToken":"` + token + `","expiresIn":"soon"}`))
				return true
			}
			if r.Header.Get("Authorization") != "Bearer "+token {
				t.Errorf("%q", r.Header.Get("Authorization"))
			}
			return false
		}
		if token, err := h.Terminal.client.tokens.get(context.Background(), h.op); err != nil || token == "" {
			t.Errorf("%q, %v", token, err)
		}
	})
}
