package nexo

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestSeq71UnusableAnswers: an answer that nobody can read leaves the outcome open;
// no redirect is followed (sequence 71).
func TestSeq71UnusableAnswers(t *testing.T) {
	good := func(m *message) string { return answerTo(m, paid(`Result="Success"`, amounts(`AuthorizedAmount="1"`))) }
	elsewhere := newFake(t, func(*message) (int, string) { t.Error("a redirect was followed"); return 200, "" })
	cases := map[string]func(m *message) (int, string){
		"malformed":        func(m *message) (int, string) { return 200, strings.Replace(good(m), "</Pay", "<Pay", 1) },
		"truncated":        func(m *message) (int, string) { return 200, good(m)[:200] },
		"empty 200":        func(*message) (int, string) { return 200, "" },
		"204 to a payment": func(*message) (int, string) { return 204, "" },
		"500":              func(m *message) (int, string) { return 500, good(m) },
		"404":              func(*message) (int, string) { return 404, "" },
		"redirect":         func(*message) (int, string) { return 307, elsewhere.URL },
		"HTML page":        func(*message) (int, string) { return 200, "<html><body>Welcome</body></html>" },
		"a request": func(m *message) (int, string) {
			return 200, strings.ReplaceAll(good(m), "SaleToPOIResponse", "SaleToPOIRequest")
		},
		"no header":     func(*message) (int, string) { return 200, "<SaleToPOIResponse><PaymentResponse/></SaleToPOIResponse>" },
		"no body":       func(m *message) (int, string) { return 200, answerTo(m, "") },
		"document type": func(m *message) (int, string) { return 200, `<!DOCTYPE a SYSTEM "file:///etc/passwd">` + good(m)[38:] },
		"5 MB":          func(m *message) (int, string) { return 200, good(m) + strings.Repeat(" ", 5<<20) },
	}
	for name, answer := range cases {
		f := newFake(t, func(m *message) (int, string) { return answer(m) })
		if name == "redirect" {
			f.Config.Handler = http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect)
		}
		if name == "5 MB" { // the till hangs up before the end
			f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for range 5 << 10 {
					if _, err := w.Write(make([]byte, 1<<10)); err != nil {
						return
					}
				}
			})
		}
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(100), h.op)
		if payment.CodeOf(err) != payment.CodeUnreadable || payment.SentOf(err) != payment.SentMaybe || got.Outcome != payment.Unknown {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if n := len(h.op.sent("PaymentRequest")); n != 1 {
			t.Errorf("%s: %d requests in the timeline", name, n)
		}
	}
}

// TestSeq72ForeignAnswers: another ServiceID or another sale is not ours (DM-11).
func TestSeq72ForeignAnswers(t *testing.T) {
	good := func(m *message) string { return answerTo(m, paid(`Result="Success"`, amounts(`AuthorizedAmount="1"`))) }
	cases := map[string]func(m *message) string{
		"other ServiceID": func(m *message) string { return strings.Replace(good(m), "1776000010", "1776000009", 1) },
		"other sale":      func(m *message) string { return strings.Replace(good(m), "20260412000123001", "20260412000123000", 1) },
		"both": func(m *message) string {
			return strings.NewReplacer("1776000010", "7", "20260412000123001", "8").Replace(good(m))
		},
		"other POIID":    func(m *message) string { return strings.Replace(good(m), "KASSA-01", "KASSA-02", 1) },
		"other category": func(m *message) string { return strings.Replace(good(m), `"Payment"`, `"Login"`, 1) },
		"approval, no sale": func(m *message) string {
			return answerTo(m, `<PaymentResponse><Response Result="Success"/></PaymentResponse>`)
		},
	}
	for name, answer := range cases {
		f := newFake(t, func(m *message) (int, string) { return 200, answer(m) })
		h := open(t, f.address(), light)
		got, err := h.Sale(t.Context(), sale(100), h.op)
		if payment.CodeOf(err) != payment.CodeForeign || payment.SentOf(err) != payment.SentMaybe || got.Outcome != payment.Unknown {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	f := newFake(t, func(m *message) (int, string) {
		return 200, strings.Replace(golden(t, "in-reversal"), `"9000010042"`, `"9000010041"`, 1)
	})
	h := open(t, f.address(), light)
	if got, err := h.Void(t.Context(), void(), h.op); payment.CodeOf(err) != payment.CodeForeign {
		t.Errorf("void of another: %+v, %v", got, err)
	}
}

// TestSeq38CutConnection: the link breaks after the request was written.
func TestSeq38CutConnection(t *testing.T) {
	f := newFake(t, func(*message) (int, string) { return -1, "" })
	h := open(t, f.address(), light)
	if got, err := h.Sale(t.Context(), sale(100), h.op); payment.CodeOf(err) != payment.CodeNoAnswer || payment.SentOf(err) != payment.SentMaybe {
		t.Errorf("%+v, %v", got, err)
	}
	if len(f.all("Payment")) != 1 {
		t.Errorf("the payment was sent %d times", len(f.all("Payment")))
	}
	if back := h.op.sent("PaymentResponse"); len(back) != 1 || back[0].Fault == "" {
		t.Errorf("timeline %+v", back)
	}
}

// TestNotReached: only a connection that was never made proves that nothing was sent.
func TestNotReached(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	h := open(t, address, light)
	if _, err := h.Sale(t.Context(), sale(100), h.op); payment.CodeOf(err) != payment.CodeUnreachable || payment.SentOf(err) != payment.SentNo {
		t.Errorf("refused connection: %v", err)
	}
	if h.op.promptCount() != 0 {
		t.Error("light mode narrates a request that never left")
	}
	h.client.transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("lost somewhere") })
	if _, err := h.Sale(t.Context(), sale(100), h.op); payment.CodeOf(err) != payment.CodeNoAnswer || payment.SentOf(err) != payment.SentMaybe {
		t.Errorf("unexplained fault: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestEndOfContext: a payment that is given up by the till is not known.
func TestEndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	f := newFake(t, func(*message) (int, string) { cancel(); <-release; return 200, "" })
	h := open(t, f.address(), light)
	_, err := h.Sale(ctx, sale(100), h.op)
	close(release)
	if payment.CodeOf(err) != payment.CodeNoAnswer || payment.SentOf(err) != payment.SentMaybe || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestSeq19Abort: sequences 19, 20 and 23. 204 is all that an abort is answered with.
func TestSeq19Abort(t *testing.T) {
	status, body := http.StatusNoContent, ""
	f := newFake(t, func(*message) (int, string) { return status, body })
	h := open(t, f.address(), nil)
	if err := h.Abort(t.Context(), sale(100), "No money left", h.op); err != nil {
		t.Error(err)
	}
	sent := f.all("Abort")
	if len(sent) != 1 || sent[0].AbortRequest.Reason != "No money left" || sent[0].Header.ServiceID == "1776000010" ||
		sent[0].AbortRequest.Reference != (messageReference{Category: "Payment", ServiceID: "1776000010", SaleID: "TILL1", POIID: "KASSA-01"}) {
		t.Errorf("sent %q", f.raw)
	}
	for status, body = range map[int]string{200: "", 404: "", 500: "x"} {
		if err := h.Abort(t.Context(), sale(100), "", h.op); payment.CodeOf(err) != payment.CodeUnreadable {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestSeq22AbortLost: an abort that gets no answer is repeated twice with new ids.
func TestSeq22AbortLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := map[string]bool{}
		h := &house{session: newBook(), op: newBook()}
		deps := h.deps()
		deps.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			m, err := read(r)
			if err != nil {
				t.Error(err)
			}
			ids[m.Header.ServiceID] = true
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		opened, err := New().Open(t.Context(), "t1", payment.Settings{"address": "192.0.2.15", "poiid": "KASSA-01", "mode": "light"}, deps)
		if err != nil {
			t.Fatal(err)
		}
		if err := opened.(payment.Aborter).Abort(t.Context(), sale(100), "", h.op); payment.CodeOf(err) != payment.CodeNoAnswer {
			t.Errorf("error %v", err)
		}
		if len(ids) != abortTries {
			t.Errorf("ids %v", ids)
		}
	})
}

func read(r *http.Request) (*message, error) {
	raw := make([]byte, r.ContentLength)
	if _, err := r.Body.Read(raw); err != nil {
		return nil, err
	}
	return decode(raw)
}

// TestSeq20AbortTooLate and 21: the wish never decides, the payment's own answer
// does, whichever of the two comes first.
func TestSeq20AbortTooLate(t *testing.T) {
	for _, name := range []string{"Seq20AbortTooLate", "Seq21AnswerBeforeThe204"} {
		paying, aborting, answered := make(chan struct{}), make(chan struct{}), make(chan struct{})
		f := newFake(t, func(m *message) (int, string) {
			if m.Header.Category == "Abort" {
				close(aborting)
				if name == "Seq21AnswerBeforeThe204" {
					<-answered
				}
				return http.StatusNoContent, ""
			}
			close(paying)
			<-aborting
			return http.StatusOK, answerTo(m, paid(`Result="Success"`, amounts(`AuthorizedAmount="1"`)))
		})
		h := open(t, f.address(), light)
		type end struct {
			result payment.Result
			err    error
		}
		done, aborted := make(chan end, 1), make(chan error, 1)
		go func() {
			r, err := h.Sale(t.Context(), sale(100), h.op)
			done <- end{r, err}
		}()
		<-paying
		go func() { aborted <- h.Abort(t.Context(), sale(100), "", h.op) }()
		if got := <-done; got.err != nil || got.result.Outcome != payment.Success {
			t.Errorf("%s: %+v", name, got)
		}
		close(answered)
		if err := <-aborted; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
