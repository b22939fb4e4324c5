package nexo

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// posted is the answer to a question, once it comes.
type posted struct {
	status int
	body   string
	err    error
}

// postAsync posts a question; it is answered when the cashier answered.
func (h *house) postAsync(ctx context.Context, t *testing.T, body string) <-chan posted {
	t.Helper()
	done := make(chan posted, 1)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, servicePath, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	go func() {
		w := httptest.NewRecorder()
		h.board.ServeHTTP(w, r)
		done <- posted{w.Code, w.Body.String(), ctx.Err()}
	}()
	return done
}

// asking runs f in a bubble of virtual time with a terminal whose operation is open.
func asking(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{session: newBook(), op: newBook()}
		h.inbound.Store(h.op)
		deps := h.deps()
		deps.Listen = func(_, _ string, handler http.Handler) (string, func(), error) {
			h.board = handler
			return "in memory", func() {}, nil
		}
		opened, err := New().Open(t.Context(), "t1", payment.Settings{"address": "127.0.0.1", "poiid": "KASSA-01", "saleid": "TILL1"}, deps)
		if err != nil {
			t.Fatal(err)
		}
		h.Terminal = opened.(*Terminal)
		f(t, h)
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

// TestSeq26SignatureAccepted and 27, refused: the request is held open until the
// cashier answers, over a socket.
func TestSeq26SignatureAccepted(t *testing.T) {
	for _, yes := range []bool{true, false} {
		h := paying(t)
		h.op.answers <- yes
		status, body := h.post(t, golden(t, "in-input"))
		if status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		if !yes {
			if !strings.Contains(body, "<ConfirmedFlag>false</ConfirmedFlag>") {
				t.Errorf("refused: %s", body)
			}
			body = strings.Replace(body, "false", "true", 1)
		}
		same(t, "input-confirmed", body)
		q := <-h.op.asked
		if q.Text != "Is the signature OK?" || q.ID != "73" || q.Deadline.Sub(q.At) != 2*time.Minute {
			t.Errorf("question %+v", q)
		}
		if len(h.op.sent("InputRequest")) != 1 || len(h.op.sent("InputResponse")) != 1 {
			t.Errorf("timeline %+v", h.op.messages)
		}
	}
}

// TestSeq28SignatureSlow: past MaxInputTime the question closes itself.
func TestSeq28SignatureSlow(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		begun := time.Now()
		done := <-h.postAsync(t.Context(), t, golden(t, "in-input"))
		same(t, "input-dropped", done.body)
		if waited := time.Since(begun); waited != 2*time.Minute {
			t.Errorf("it stood for %v", waited)
		}
		if err := <-h.op.ended; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended by %v", err)
		}
	})
}

// TestSeq29SignatureHungUp: the terminal closes the connection, over a socket.
func TestSeq29SignatureHungUp(t *testing.T) {
	h := paying(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.listening, strings.NewReader(golden(t, "in-input")))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := http.DefaultClient.Do(r)
		done <- err
	}()
	<-h.op.asked
	cancel()
	if err := <-h.op.ended; !errors.Is(err, errHungUp) {
		t.Errorf("ended by %v", err)
	}
	if err := <-done; err == nil {
		t.Error("the client got an answer")
	}
}

// TestSeq30SignatureGivenUp: event Abort closes the question.
func TestSeq30SignatureGivenUp(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		done := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		if got := <-h.postAsync(t.Context(), t, event(`EventToNotify="Abort"`, "")); got.status != http.StatusNoContent {
			t.Errorf("event: %+v", got)
		}
		same(t, "input-dropped", (<-done).body)
		if err := <-h.op.ended; !errors.Is(err, errGivenUp) || !h.op.noted("gave the payment up") {
			t.Errorf("ended by %v, notes %+v", err, h.op.notes)
		}
	})
}

// TestSeq31SignatureRepeated: one question, both requests get the one answer, and a
// repeat after the answer gets it too. A display meanwhile changes nothing.
func TestSeq31SignatureRepeated(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		first := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		ctx, cancel := context.WithCancel(t.Context())
		gone := h.postAsync(ctx, t, golden(t, "in-input"))
		second := h.postAsync(t.Context(), t, golden(t, "in-input"))
		synctest.Wait()
		cancel() // one of them hangs up: the question stays
		if got := <-gone; got.body != "" {
			t.Errorf("hung up: %+v", got)
		}
		if got := <-h.postAsync(t.Context(), t, display("Please wait", quiet)); got.status != http.StatusNoContent {
			t.Errorf("display: %+v", got)
		}
		h.op.answers <- true
		same(t, "input-confirmed", (<-first).body)
		same(t, "input-confirmed", (<-second).body)
		same(t, "input-confirmed", (<-h.postAsync(t.Context(), t, golden(t, "in-input"))).body)
		if len(h.op.asked) != 0 {
			t.Error("the cashier was asked twice")
		}
	})
}

// TestNewQuestionReplaces: another DeviceID takes the place of the open question.
func TestNewQuestionReplaces(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		first := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		second := h.postAsync(t.Context(), t, strings.Replace(golden(t, "in-input"), `"73"`, `"74"`, 1))
		same(t, "input-dropped", (<-first).body)
		if err := <-h.op.ended; !errors.Is(err, errReplaced) {
			t.Errorf("ended by %v", err)
		}
		if q := <-h.op.asked; q.ID != "74" {
			t.Errorf("question %+v", q)
		}
		h.op.answers <- true
		if got := <-second; !strings.Contains(got.body, "<ConfirmedFlag>true") {
			t.Errorf("second: %+v", got)
		}
	})
}

// TestReconnectAsksAgain: after the terminal hung up, the same question is asked anew.
func TestReconnectAsksAgain(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		ctx, cancel := context.WithCancel(t.Context())
		first := h.postAsync(ctx, t, golden(t, "in-input"))
		<-h.op.asked
		cancel()
		<-first
		second := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		h.op.answers <- true
		same(t, "input-confirmed", (<-second).body)
	})
}

// TestTooManyRepeats are dropped.
func TestTooManyRepeats(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		var held []<-chan posted
		for range maxAttached {
			held = append(held, h.postAsync(t.Context(), t, golden(t, "in-input")))
		}
		synctest.Wait()
		same(t, "input-dropped", (<-h.postAsync(t.Context(), t, golden(t, "in-input"))).body)
		h.op.answers <- true
		for _, one := range held {
			same(t, "input-confirmed", (<-one).body)
		}
	})
}

// TestSeq25AbortDuringSignature: nothing is sent while the question is open.
func TestSeq25AbortDuringSignature(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		done := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		if err := h.Abort(t.Context(), sale(100), "", h.op); payment.CodeOf(err) != payment.CodeConflict || payment.SentOf(err) != payment.SentNo {
			t.Errorf("error %v", err)
		}
		if len(h.op.sent("AbortRequest")) != 0 {
			t.Error("an abort was sent")
		}
		h.op.answers <- false
		<-done
	})
}

// TestAnswerOvertakesQuestion: the payment's own answer closes the question (DM-09).
func TestAnswerOvertakesQuestion(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		h.Terminal.client.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			m, err := read(r)
			if err != nil {
				t.Error(err)
			}
			<-h.op.asked
			w := httptest.NewRecorder()
			_, err = w.WriteString(answerTo(m, paid(`Result="Failure" ErrorCondition="Cancel"`, "")))
			return w.Result(), err
		})
		done := h.postAsync(t.Context(), t, golden(t, "in-input"))
		if got, err := h.Sale(t.Context(), sale(100), h.op); err != nil || got.Outcome != payment.Stopped {
			t.Errorf("%+v, %v", got, err)
		}
		same(t, "input-dropped", (<-done).body)
		if err := <-h.op.ended; !errors.Is(err, errOvertaken) {
			t.Errorf("ended by %v", err)
		}
	})
}

// TestCloseDropsQuestion: a till that closes drops its question.
func TestCloseDropsQuestion(t *testing.T) {
	asking(t, func(t *testing.T, h *house) {
		done := h.postAsync(t.Context(), t, golden(t, "in-input"))
		<-h.op.asked
		if err := h.Terminal.Close(); err != nil {
			t.Error(err)
		}
		same(t, "input-dropped", (<-done).body)
	})
}

// TestOtherInputs: what the till does not offer is refused at once, and so is any
// question outside of a payment (nexo-retailer.md 2.8).
func TestOtherInputs(t *testing.T) {
	h := paying(t)
	for _, command := range []string{"GetAnyKey", "SiteManager", "TextString", "DigitString", "DecimalString", "GetFunctionKey", "GetMenuEntry", "Password", "xy:New", ""} {
		status, body := h.post(t, strings.Replace(golden(t, "in-input"), "GetConfirmation", command, 1))
		if status != http.StatusOK || !strings.Contains(body, `Result="Failure" ErrorCondition="UnavailableService"`) || strings.Contains(body, "<Input ") {
			t.Errorf("%s: %d %s", command, status, body)
		}
	}
	h.inbound.Store(nil)
	status, body := h.post(t, golden(t, "in-input"))
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	same(t, "input-dropped", body)
	if len(h.op.asked)+len(h.session.asked) != 0 {
		t.Error("a dialog was opened")
	}
}
