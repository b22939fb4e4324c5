package app_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = fmt.Fprintf(w, "%s %s", text, body)
	})
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestListenersShareAnAddress(t *testing.T) {
	listeners := app.NewListeners(slog.New(slog.DiscardHandler))
	defer listeners.Close()
	first, stopFirst, err := listeners.Listen("127.0.0.1:0", "/nexo/", says("nexo"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(first, ":0") {
		t.Fatalf("the address %s is not the real one", first)
	}
	second, stopSecond, err := listeners.Listen("127.0.0.1:0", "/nexo/deep", says("deep"))
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Errorf("equal addresses are served at %s and %s", first, second)
	}
	for path, want := range map[string]string{"/nexo": "nexo x", "/nexo/": "nexo x", "/nexo/other": "nexo x", "/nexo/deep/3": "deep x"} {
		if status, text := post(t, "http://"+first+path, "x"); status != 200 || text != want {
			t.Errorf("%s: %d %q, want %q", path, status, text, want)
		}
	}
	for _, path := range []string{"/", "/nexomore", "/other"} {
		if status, _ := post(t, "http://"+first+path, "x"); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if _, _, err := listeners.Listen("127.0.0.1:0", "nexo", says("twice")); payment.CodeOf(err) != payment.CodeSettings {
		t.Errorf("the same path twice: %v", err)
	}
	stopFirst()
	stopFirst()
	if status, _ := post(t, "http://"+first+"/nexo", "x"); status != http.StatusNotFound {
		t.Errorf("after its end the first path gives %d", status)
	}
	stopSecond()
	if status, _ := post(t, "http://"+first+"/nexo/deep", "x"); status != 0 {
		t.Errorf("after the last path the address still answers: %d", status)
	}
}

func TestListenerOfATakenPortSaysWhatToDo(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	listeners := app.NewListeners(slog.New(slog.DiscardHandler))
	defer listeners.Close()
	for _, address := range []string{socket.Addr().String(), "no address", "256.1.1.1:80"} {
		_, _, err := listeners.Listen(address, "/", says("x"))
		if payment.CodeOf(err) != payment.CodeSettings || payment.SentOf(err) != payment.SentNo {
			t.Errorf("%s: %v", address, err)
		}
	}
	_, _, err = listeners.Listen(socket.Addr().String(), "/", says("x"))
	if !strings.Contains(payment.TextOf(err), "light mode, which needs no listener") {
		t.Errorf("%s", payment.TextOf(err))
	}
}

// TestListenerBoundsHeaders: a stranger cannot hold memory with endless headers.
func TestListenerBoundsHeaders(t *testing.T) {
	listeners := app.NewListeners(slog.New(slog.DiscardHandler))
	defer listeners.Close()
	address, _, err := listeners.Listen("127.0.0.1:0", "/", says("x"))
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("a", 64<<10)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// TestAddressIsFreeOnceClosed: what looks at a terminal opens and closes its address at
// once; whoever comes next finds it free.
func TestAddressIsFreeOnceClosed(t *testing.T) {
	address := freeAddress(t)
	for range 200 {
		listeners := app.NewListeners(slog.New(slog.DiscardHandler))
		_, leave, err := listeners.Listen(address, "/", http.NotFoundHandler())
		if err != nil {
			t.Fatal(err)
		}
		leave()
		socket, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := socket.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
