package link

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

type heard []payment.Message

func (h *heard) tell(m payment.Message) { *h = append(*h, m) }

func try(t *testing.T, handler http.HandlerFunc, call Call) (Reply, heard, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	call.Method, call.URL = http.MethodPost, server.URL
	c := &Client{Terminal: "one", Transport: NewTransport(), MaxBody: 1000}
	var told heard
	got, err := c.Do(context.Background(), call, told.tell)
	return got, told, err
}

func TestExchange(t *testing.T) {
	got, told, err := try(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Test") != "yes" {
			t.Error("a header is missing")
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(`{"pan":"4929000000000000"}`))
	}, Call{Name: "SaleRequest", ID: "r1", Body: []byte(`{"a":1}`), Header: http.Header{"X-Test": {"yes"}}})
	if err != nil || got.Status != http.StatusTeapot || len(told) != 2 {
		t.Fatalf("%+v, %v, %d messages", got, err, len(told))
	}
	if told[0].In || told[0].Name != "SaleRequest" || told[1].Name != "SaleResponse" || !told[1].In || told[1].Status != http.StatusTeapot || told[1].ID != "r1" || told[1].Took <= 0 {
		t.Errorf("told %+v", told)
	}
	if strings.Contains(told[1].Body, "4929000000000000") {
		t.Error("a card number is kept")
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	_, told, _ := try(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("token-abc")) },
		Call{Name: "TokenRequest", Body: []byte("password=hidden"), Secret: true})
	for _, m := range told {
		if strings.Contains(m.Body, "hidden") || strings.Contains(m.Body, "abc") {
			t.Errorf("kept: %q", m.Body)
		}
	}
}

func TestWhatIsProvable(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		limit   time.Duration
		code    payment.Code
	}{
		"link cut": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, payment.CodeNoAnswer},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
		}, 0, payment.CodeNoAnswer},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) }, 0, payment.CodeUnreadable},
		"silence":   {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, time.Millisecond * 50, payment.CodeNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			_, told, err := try(t, c.handler, Call{Name: "X", Limit: c.limit})
			if payment.CodeOf(err) != c.code || payment.SentOf(err) != payment.SentMaybe {
				t.Errorf("%v: %s, sent %q", err, payment.CodeOf(err), payment.SentOf(err))
			}
			if len(told) != 2 || told[1].Fault == "" {
				t.Errorf("told %+v", told)
			}
		})
	}
}

// Nobody there: provably not sent.
func TestNoConnection(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	c := &Client{Transport: NewTransport()}
	_, err = c.Do(context.Background(), Call{Method: http.MethodGet, URL: "http://" + address, Name: "X"}, func(payment.Message) {})
	if payment.CodeOf(err) != payment.CodeUnreachable || payment.SentOf(err) != payment.SentNo {
		t.Errorf("%v, sent %q", err, payment.SentOf(err))
	}
	if _, err = c.Do(context.Background(), Call{Method: "?", URL: "://", Name: "X"}, func(payment.Message) {}); payment.SentOf(err) != payment.SentNo {
		t.Errorf("%v, sent %q", err, payment.SentOf(err))
	}
}

// Redirects are answers, not orders.
func TestRedirectIsNotFollowed(t *testing.T) {
	asked := 0
	got, _, err := try(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}, Call{Name: "X", Body: []byte("x")})
	if err != nil || got.Status != http.StatusTemporaryRedirect || asked != 1 {
		t.Errorf("%d, %v, asked %d times", got.Status, err, asked)
	}
}
