package nexo

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory carries posts to a handler without a socket. A handler that panics with
// http.ErrAbortHandler is a broken connection.
type memory struct{ handler http.Handler }

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	type result struct {
		response *http.Response
		err      error
	}
	results := make(chan result, 1)
	go func() {
		defer func() {
			if recover() != nil {
				results <- result{err: errors.New("connection cut")}
			}
		}()
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, r)
		results <- result{response: w.Result()}
	}()
	select {
	case res := <-results:
		return res.response, res.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// stage is a terminal and a till in one bubble of virtual time.
type stage struct {
	t     *testing.T
	term  *Terminal
	start time.Time
	mu    sync.Mutex
	seen  []string
	when  map[string]time.Duration
}

func newStage(t *testing.T, o Options) *stage {
	s := &stage{t: t, start: time.Now(), when: map[string]time.Duration{}}
	o.Till = "http://till.invalid"
	o.Client = &http.Client{Transport: memory{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		root, err := parse(raw)
		if err != nil {
			t.Error(err)
			return
		}
		body := root.kids[1]
		words := body.at("DisplayOutput/OutputContent/OutputText").value() + body.get("EventToNotify")
		s.mu.Lock()
		s.seen = append(s.seen, words)
		s.when[words] = time.Since(s.start)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})}}
	term, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.term = term
	return s
}

func (s *stage) post(ctx context.Context, id, category, body string) (*node, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://terminal.invalid"+Path, strings.NewReader(request(id, category, body)))
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := memory{s.term.Handler()}.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	return root.kids[1], nil
}

func TestPaceOfAChipPayment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, Options{Customer: "chip-pin", Pace: 1})
		if _, err := s.post(t.Context(), "1", "Login", loginBody(fullCapabilities)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.start = time.Now()
		answer, err := s.post(t.Context(), "2", "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Success", "")
		took := time.Since(s.start)
		if took < 5*time.Second || took > 7*time.Second {
			t.Errorf("a payment takes %v", took)
		}
		answer, err = s.post(t.Context(), "3", "Payment", paymentBody("2", "10", "", "Normal"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Busy")
		time.Sleep(realCoolDown)
		s.mu.Lock()
		if s.when[`2,"Welcome"`] < s.when[`210,"Remove card"`] || s.when["CardRemoved"] == 0 {
			t.Errorf("seen %q", s.seen)
		}
		s.mu.Unlock()
		answer, err = s.post(t.Context(), "4", "Payment", paymentBody("3", "10", "", "Normal"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Success", "")
		if err := s.term.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPaceOfALateApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, Options{Customer: "late-approval", Pace: 1})
		if _, err := s.post(t.Context(), "1", "Login", loginBody(fullCapabilities)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.post(t.Context(), "2", "Payment", paymentBody("1", "10", "", "Normal")); err == nil {
			t.Fatal("the line did not break")
		}
		answer, err := s.post(t.Context(), "3", "TransactionStatus", statusBody("2"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Busy")
		time.Sleep(lateTakes + time.Second)
		answer, err = s.post(t.Context(), "4", "TransactionStatus", statusBody("2"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer.at("RepeatedMessageResponse/PaymentResponse"), "Success", "")
		if err := s.term.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, Options{Customer: "walks-away", Pace: 1})
		if _, err := s.post(t.Context(), "1", "Login", loginBody(lightCapability)); err != nil {
			t.Fatal(err)
		}
		answer, err := s.post(t.Context(), "2", "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Cancel")
		if took := time.Since(s.start); took < presentLimit {
			t.Errorf("gave up after %v", took)
		}
		if err := s.term.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAbortWhileTheBankIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, Options{Customer: "contactless", Pace: 1})
		if _, err := s.post(t.Context(), "1", "Login", loginBody(fullCapabilities)); err != nil {
			t.Fatal(err)
		}
		answers := make(chan *node, 1)
		go func() {
			answer, err := s.post(t.Context(), "2", "Payment", paymentBody("1", "10", "", "Normal"))
			if err != nil {
				t.Error(err)
			}
			answers <- answer
		}()
		time.Sleep(3 * time.Second) // the bank is being asked from 2.2 to 3.5 s
		if _, err := s.post(t.Context(), "3", "Abort", abortBody("2")); err == nil {
			t.Error("an abort has no answer body")
		}
		want(t, <-answers, "Success", "")
		if s.when["Completed"] == 0 {
			t.Errorf("seen %q", s.seen)
		}
		if err := s.term.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestLoginWhileParametersLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, Options{Customer: "contactless"})
		for name, value := range map[string]string{"new-poiid": "12s", "busy-after-login": "5s"} {
			if err := s.term.SetFault(name, value); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := s.post(t.Context(), "1", "Login", loginBody(fullCapabilities))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Busy")
		time.Sleep(12 * time.Second)
		if answer, err = s.post(t.Context(), "2", "Login", loginBody(fullCapabilities)); err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Success", "")
		if answer, err = s.post(t.Context(), "3", "Payment", paymentBody("1", "10", "", "Normal")); err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Failure", "Busy")
		time.Sleep(5 * time.Second)
		if answer, err = s.post(t.Context(), "4", "Payment", paymentBody("1", "10", "", "Normal")); err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Success", "")
		if err := s.term.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A till that takes messages and never answers them slows no payment down.
func TestHungTill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term, err := New(Options{Customer: "chip-pin", Pace: 1, Till: "http://till.invalid", Client: &http.Client{Transport: memory{http.HandlerFunc(
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}}})
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{t: t, term: term, start: time.Now()}
		if _, err := s.post(t.Context(), "1", "Login", loginBody(fullCapabilities)); err != nil {
			t.Fatal(err)
		}
		answer, err := s.post(t.Context(), "2", "Payment", paymentBody("1", "10", "", "Normal"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, answer, "Success", "")
		if took := time.Since(s.start); took > 20*time.Second {
			t.Errorf("took %v", took)
		}
		if err := term.Close(); err != nil {
			t.Error(err)
		}
	})
}
