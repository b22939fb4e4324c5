package bench

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadBody(t *testing.T) {
	for body, want := range map[string]string{"": "", "short": "short", strings.Repeat("x", 11): "error"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := ReadBody(w, r, 10)
			if err != nil {
				raw = []byte("error")
			}
			if _, err := w.Write(raw); err != nil {
				t.Error(err)
			}
		}))
		r, err := NewClient(time.Second, false).Post(server.URL, "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(r.Body); err != nil || string(raw) != want {
			t.Errorf("%q, %v", raw, err)
		}
		closes(t, r.Body)
		server.Close()
	}
}

func TestCutAndReset(t *testing.T) {
	for path, want := range map[string]error{"/cut": io.EOF, "/reset": syscall.ECONNRESET} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/cut" {
				Cut()
			}
			Reset(w, quiet())
		}))
		if r, err := NewClient(time.Second, false).Post(server.URL+path, "text/plain", nil); !errors.Is(err, want) {
			t.Errorf("%s: %v, %v", path, r, err)
		}
		server.Close()
	}
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("in memory: %v", p)
			}
		}()
		Reset(httptest.NewRecorder(), quiet())
	}()
}

func TestNoRedirects(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
	defer server.Close()
	client := NewClient(time.Second, true)
	defer client.CloseIdleConnections()
	r, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	closes(t, r.Body)
	if r.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestHold(t *testing.T) {
	l, r := NewLife(), httptest.NewRequest(http.MethodPost, "/", nil)
	closed := make(chan struct{})
	close(closed)
	if !l.Hold(r, nil, closed) || l.Hold(r, closed, nil) {
		t.Error("what is done and what is cut are confused")
	}
	closes(t, ender{l})
	if l.Hold(r, nil, nil) {
		t.Error("it is held after the end")
	}
}
