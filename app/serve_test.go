package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// testPages answers everything, and counts posts that reached it.
type testPages struct {
	http.Handler
	posts  int
	closed bool
}

func newTestPages() *testPages {
	p := &testPages{}
	p.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			p.posts++
		}
		_, _ = io.WriteString(w, "the till")
	})
	return p
}

func (p *testPages) Close() { p.closed = true }

// served starts a server and returns the addresses that it has announced.
func served(t *testing.T) (*app.Server, *testPages, *[]string) {
	t.Helper()
	announced := &[]string{}
	pages := newTestPages()
	server, err := app.Serve("127.0.0.1:0", pages, slog.New(slog.DiscardHandler), func(address string) { *announced = append(*announced, address) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if !pages.closed {
			t.Error("the pages' streams were not ended")
		}
	})
	return server, pages, announced
}

func visitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask sends a request, changed by change, and returns answer and body.
func ask(t *testing.T, client *http.Client, method, address string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(request)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestTokenOpensOnce(t *testing.T) {
	server, _, announced := served(t)
	if len(*announced) != 1 || !strings.HasPrefix((*announced)[0], server.Base()+"/enter?token=") {
		t.Fatalf("announced %q", *announced)
	}
	first := (*announced)[0]
	guest := visitor(t)
	if answer, _ := ask(t, guest, "GET", server.Base()+"/", nil); answer.StatusCode != http.StatusForbidden {
		t.Errorf("without a cookie: %d", answer.StatusCode)
	}
	answer, body := ask(t, guest, "GET", first, nil)
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, `http-equiv="refresh" content="0;url=/"`) {
		t.Errorf("the token gives %d %s", answer.StatusCode, body)
	}
	cookies := answer.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || cookies[0].Path != "/" || cookies[0].Domain != "" {
		t.Fatalf("cookies %v", cookies)
	}
	if strings.Contains(first, cookies[0].Value) {
		t.Error("the token is the cookie")
	}
	if answer, body := ask(t, guest, "GET", server.Base()+"/", nil); answer.StatusCode != http.StatusOK || body != "the till" {
		t.Errorf("with the cookie: %d %s", answer.StatusCode, body)
	}
	// The token is used up for a second visitor; the one who is in may load it again.
	if answer, _ := ask(t, visitor(t), "GET", first, nil); answer.StatusCode != http.StatusForbidden || len(answer.Cookies()) != 0 {
		t.Errorf("the token again: %d, cookies %v", answer.StatusCode, answer.Cookies())
	}
	if answer, _ := ask(t, guest, "GET", first, nil); answer.StatusCode != http.StatusOK {
		t.Errorf("the token again with the cookie: %d", answer.StatusCode)
	}
	if len(*announced) != 2 || (*announced)[1] == first || (*announced)[1] != server.Enter() {
		t.Fatalf("announced %q, then Enter is %q", *announced, server.Enter())
	}
	if answer, _ := ask(t, visitor(t), "GET", (*announced)[1], nil); answer.StatusCode != http.StatusOK {
		t.Errorf("the next token: %d", answer.StatusCode)
	}
}

func TestOnlyLoopbackNamesAreServed(t *testing.T) {
	server, _, announced := served(t)
	entry, _ := ask(t, visitor(t), "GET", (*announced)[0], nil)
	for host, want := range map[string]int{
		"127.0.0.1:7331": 200, "localhost": 200, "[::1]:80": 200, "::1": 200,
		"evil.example": 421, "127.0.0.1.evil.example:8420": 421, "192.0.2.1": 421, "0.0.0.0": 421, "localhost.evil.example": 421,
	} {
		answer, _ := ask(t, visitor(t), "GET", server.Base()+"/", func(r *http.Request) {
			r.Host = host
			r.AddCookie(entry.Cookies()[0])
		})
		if answer.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, answer.StatusCode, want)
		}
	}
}

func TestPostsFromElsewhereDoNotArrive(t *testing.T) {
	server, pages, announced := served(t)
	guest := visitor(t)
	ask(t, guest, "GET", (*announced)[0], nil)
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": "null"},
	} {
		answer, _ := ask(t, guest, "POST", server.Base()+"/sale", func(r *http.Request) {
			for name, value := range headers {
				r.Header.Set(name, value)
			}
		})
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d", headers, answer.StatusCode)
		}
	}
	if pages.posts != 0 {
		t.Fatalf("%d posts arrived", pages.posts)
	}
	answer, _ := ask(t, guest, "POST", server.Base()+"/sale", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", server.Base())
	})
	if answer.StatusCode != http.StatusOK || pages.posts != 1 {
		t.Errorf("from our own page: %d, %d posts", answer.StatusCode, pages.posts)
	}
}

func TestTokenIsOnlyLookedAt(t *testing.T) {
	_, _, announced := served(t)
	for _, method := range []string{"POST", "HEAD", "PUT"} {
		if answer, _ := ask(t, visitor(t), method, (*announced)[0], nil); answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, answer.StatusCode)
		}
	}
	for _, token := range []string{"", "x", url.QueryEscape(strings.Repeat("A", 26))} {
		address, _, _ := strings.Cut((*announced)[0], "=")
		if answer, _ := ask(t, visitor(t), "GET", address+"="+token, nil); answer.StatusCode != http.StatusForbidden {
			t.Errorf("token %q: %d", token, answer.StatusCode)
		}
	}
	if answer, _ := ask(t, visitor(t), "GET", (*announced)[0], nil); answer.StatusCode != http.StatusOK {
		t.Errorf("the token itself: %d", answer.StatusCode)
	}
}

func TestPagesAreForThisComputerOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.org:80", "127.0.0.1", "", "127.0.0.1.example:80"} {
		server, err := app.Serve(address, newTestPages(), slog.New(slog.DiscardHandler), nil)
		if err == nil {
			_ = server.Close()
		}
		if payment.CodeOf(err) != payment.CodeInput {
			t.Errorf("%q: %v", address, err)
		}
	}
	server, _, _ := served(t)
	taken := strings.TrimPrefix(server.Base(), "http://")
	if _, err := app.Serve(taken, newTestPages(), slog.New(slog.DiscardHandler), nil); payment.CodeOf(err) != payment.CodeSettings ||
		!strings.Contains(payment.TextOf(err), "in use") {
		t.Errorf("a taken address: %v", err)
	}
}

// TestDisplayIsLetInToItsPageOnly lets a customer's display in by its address, once; it
// sees what is below its path and can do nothing there, and nothing else at all.
func TestDisplayIsLetInToItsPageOnly(t *testing.T) {
	server, pages, _ := served(t)
	display, address := visitor(t), server.Display("/customer/till-1/")
	ask := func(method, path string) int {
		t.Helper()
		request, err := http.NewRequest(method, server.Base()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := display.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		return answer.StatusCode
	}
	enter := strings.TrimPrefix(address, server.Base())
	if got := ask("GET", "/customer/till-1/"); got != http.StatusForbidden {
		t.Errorf("before it was let in: %d", got)
	}
	if got := ask("GET", enter); got != http.StatusOK {
		t.Fatalf("its address: %d", got)
	}
	for path, want := range map[string]int{
		"/customer/till-1/": 200, "/customer/till-1/events": 200, "/customer/till-1/app.js": 200,
		"/": 403, "/events": 403, "/history": 403, "/customer/other/": 403, "/customer/till-1": 403, "/customer/": 403, "/app.js": 403,
		"/customer/till-1/../../history": 403, "/customer/till-1/%2e%2e/%2e%2e/history": 403, "/customer/till-1//x": 403,
	} {
		if got := ask("GET", path); got != want {
			t.Errorf("GET %s: %d, want %d", path, got, want)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "HEAD"} {
		if got := ask(method, "/customer/till-1/"); got != http.StatusForbidden {
			t.Errorf("%s: %d", method, got)
		}
	}
	if pages.posts != 0 {
		t.Errorf("%d posts of a display reached the pages", pages.posts)
	}
	// Its cookie is good nowhere else, also for who sends it without being asked for it.
	request, err := http.NewRequest("GET", server.Base()+"/history", nil)
	if err != nil {
		t.Fatal(err)
	}
	where, err := url.Parse(server.Base() + "/customer/till-1/")
	if err != nil {
		t.Fatal(err)
	}
	cookies := display.Jar.Cookies(where)
	for _, c := range cookies {
		request.AddCookie(c)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if len(cookies) != 1 || answer.StatusCode != http.StatusForbidden {
		t.Errorf("%d cookies, and the history: %d", len(cookies), answer.StatusCode)
	}
	// The address works once, and is none for the till.
	display = visitor(t)
	if got := ask("GET", enter); got != http.StatusForbidden {
		t.Errorf("its address again: %d", got)
	}
	if got := ask("GET", strings.Replace(strings.TrimPrefix(server.Display("/customer/x/"), server.Base()), "display=", "token=", 1)); got != http.StatusForbidden {
		t.Errorf("a display's token as the till's: %d", got)
	}
	// Only the latest displays are remembered.
	first := strings.TrimPrefix(server.Display("/customer/x/"), server.Base())
	for range 16 {
		server.Display("/customer/x/")
	}
	if got := ask("GET", first); got != http.StatusForbidden {
		t.Errorf("a forgotten address: %d", got)
	}
}
