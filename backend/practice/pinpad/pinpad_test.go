package pinpad

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// patience bounds what a test awaits.
const patience = 30 * time.Second

func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return taken(t, res)
}

func taken(t *testing.T, res *http.Response) (int, http.Header, string) {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

// post sends a form as a browser does, without following the answer.
func post(t *testing.T, to string, form url.Values, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest("POST", to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return taken(t, res)
}

func wants(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("%q is missing in:\n%s", p, html)
		}
	}
}

func TestPage(t *testing.T) {
	v := rich()
	v.Name = `<b>K & "A"</b>`
	v.Screen.Lines = []string{"<script>alert(1)</script>"}
	v.Cards[0].ID, v.Cards[0].Name = `"><i>`, "<i>Card</i>"
	v.Log = []Line{{"14:00:00", "<img src=x>"}}
	v.Ledger[0].Till = "</td>"
	server := httptest.NewServer(New(newToy(v)))
	defer server.Close()
	for _, path := range []string{"/", "/0/"} {
		status, header, html := get(t, server.URL+path)
		if status != http.StatusOK || header.Get("Content-Security-Policy") != policy || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, headers %v", path, status, header)
		}
		wants(t, html, "<!doctype html>", "&lt;b&gt;K &amp; &#34;A&#34;&lt;/b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;i&gt;Card&lt;/i&gt;",
			`value="&#34;&gt;&lt;i&gt;"`, "&lt;img src=x&gt;", "&lt;/td&gt;", "125.00 SEK", "PIN 1234", "Practice terminal")
		for _, bad := range []string{"<script>", "<i>Card", "<img", " style=", " onclick", "<no value>", "ZgotmplZ"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
	for path, kind := range map[string]string{"/static/pinpad.css": "text/css", "/static/pinpad.js": "javascript", "/static/icon.svg": "image/svg+xml"} {
		status, header, _ := get(t, server.URL+path)
		if status != http.StatusOK || !strings.Contains(header.Get("Content-Type"), kind) {
			t.Errorf("%s: status %d, type %s", path, status, header.Get("Content-Type"))
		}
	}
	if status, _, _ := get(t, server.URL+"/1/"); status != http.StatusNotFound {
		t.Errorf("a second device: status %d", status)
	}
}

func TestEmptyViewIsDrawn(t *testing.T) {
	if html, err := render("page", page{live: draw(0, View{Screen: Screen{Icon: "never heard of", PIN: 400}, Customer: "gone", Slot: "gone"})}); err != nil {
		t.Error(err)
	} else {
		wants(t, string(html), "The wallet is empty", "#i-wait", "Nothing yet")
	}
}

func TestSeveralDevices(t *testing.T) {
	second := rich()
	second.Name = "KASSA-02"
	one, two := newToy(rich()), newToy(second)
	server := httptest.NewServer(New(one, two))
	defer server.Close()
	_, _, html := get(t, server.URL+"/")
	wants(t, html, `href="/0/"`, `href="/1/"`, "KASSA-01", "KASSA-02")
	_, _, html = get(t, server.URL+"/1")
	wants(t, html, `<h1>KASSA-02</h1>`, `action="/1/do"`, `aria-current="page">KASSA-02`)
	post(t, server.URL+"/1/do", url.Values{"name": {"reboot"}})
	if len(one.actions) != 0 || len(two.actions) != 1 {
		t.Errorf("actions reached %v and %v", one.actions, two.actions)
	}
	none := httptest.NewServer(New())
	defer none.Close()
	_, _, html = get(t, none.URL)
	wants(t, html, "No terminal is running")
}

func TestActions(t *testing.T) {
	toy := newToy(rich())
	server := httptest.NewServer(New(toy))
	defer server.Close()
	do := server.URL + "/0/do"
	script := []string{fragmentHeader, "1"}
	tests := []struct {
		about   string
		form    url.Values
		header  []string
		status  int
		says    string
		reaches *Action
	}{
		{"a key too early", url.Values{"name": {"key"}, "value": {"5"}}, nil, 422, "No key is asked for.", &Action{ActionKey, "5"}},
		{"the same for the script", url.Values{"name": {"key"}, "value": {"5"}}, script, 422, "No key is asked for.", &Action{ActionKey, "5"}},
		{"a card", url.Values{"name": {"insert"}, "value": {"chip-pin"}}, nil, 303, "", &Action{ActionInsert, "chip-pin"}},
		{"a card too late", url.Values{"name": {"tap"}, "value": {"phone"}}, script, 422, "No payment is waiting for a card.", &Action{ActionTap, "phone"}},
		{"a key", url.Values{"name": {"key"}, "value": {"1"}}, script, 200, `role="alert"></p>`, &Action{ActionKey, "1"}},
		{"no card chosen", url.Values{"name": {"tap"}}, nil, 422, "Choose a card first.", nil},
		{"an unknown deed", url.Values{"name": {"explode"}}, nil, 400, "The terminal has no such action.", nil},
		{"no form", nil, script, 400, "The terminal has no such action.", nil},
		{"too much", url.Values{"name": {"key"}, "value": {strings.Repeat("1", maxBody)}}, nil, 413, "The form is larger than 4096 bytes.", nil},
	}
	for _, test := range tests {
		before := len(toy.actions)
		status, header, html := post(t, do, test.form, test.header...)
		if status != test.status || !strings.Contains(html, test.says) {
			t.Errorf("%s: status %d, want %d with %q:\n%s", test.about, status, test.status, test.says, html)
		}
		if status == http.StatusSeeOther && header.Get("Location") != "/0/" {
			t.Errorf("%s: goes to %q", test.about, header.Get("Location"))
		}
		if whole := strings.Contains(html, "<!doctype"); whole != (test.header == nil && status != http.StatusSeeOther) {
			t.Errorf("%s: a whole page: %v", test.about, whole)
		}
		reached := toy.actions[before:]
		switch {
		case test.reaches == nil && len(reached) > 0:
			t.Errorf("%s: reached the device as %v", test.about, reached)
		case test.reaches != nil && (len(reached) != 1 || reached[0] != *test.reaches):
			t.Errorf("%s: the device got %v, want %v", test.about, reached, *test.reaches)
		}
	}
}

func TestCrossOriginIsRefused(t *testing.T) {
	toy := newToy(rich())
	server := httptest.NewServer(New(toy))
	defer server.Close()
	form := url.Values{"name": {"reboot"}}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://elsewhere.example"}} {
		for _, path := range []string{"/0/do", "/0/calm"} {
			if status, _, _ := post(t, server.URL+path, form, header...); status != http.StatusForbidden {
				t.Errorf("%s with %v: status %d", path, header, status)
			}
		}
	}
	if len(toy.actions) > 0 {
		t.Errorf("the device got %v", toy.actions)
	}
	if status, _, _ := post(t, server.URL+"/0/do", form, "Origin", server.URL); status != http.StatusSeeOther {
		t.Errorf("the page itself: status %d", status)
	}
}

func TestCalm(t *testing.T) {
	toy := newToy(rich())
	server := httptest.NewServer(New(toy))
	defer server.Close()
	post(t, server.URL+"/0/calm", nil)
	if len(toy.actions) != 1 || toy.actions[0] != (Action{ActionFault, "payment.answer=ok"}) {
		t.Errorf("the device got %v", toy.actions)
	}
}

// messages reads the data of a stream.
func messages(t *testing.T, url string) (next func() string, end func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("status %d, type %q", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func() string {
			var data strings.Builder
			for lines.Scan() {
				if line, found := strings.CutPrefix(lines.Text(), "data: "); found {
					data.WriteString(line + "\n")
				} else if lines.Text() == "" && data.Len() > 0 {
					return data.String()
				}
			}
			if err := lines.Err(); err != nil {
				t.Fatal(err)
			}
			return ""
		}, func() {
			cancel()
			res.Body.Close()
		}
}

func TestStream(t *testing.T) {
	toy := newToy(rich())
	server := httptest.NewServer(New(toy))
	defer server.Close()
	next, end := messages(t, server.URL+"/0/stream")
	defer end()
	wants(t, next(), `id="paper"`, `id="field"`, `id="screen"`, `id="slot"`, `id="reader"`, `id="wallet"`, `id="customer"`, `id="trouble"`,
		`id="ledger"`, `id="log"`, "Present card", `action="/0/do"`)
	toy.change(func(v *View) { v.Screen.Lines = []string{"Line one\rdata: two\r\n\r\nthree"} })
	wants(t, next(), "Line one\ndata: two\n\nthree")
	again, stop := messages(t, server.URL+"/0/stream")
	defer stop()
	wants(t, again(), "Line one")
}

func TestStreamsAreBounded(t *testing.T) {
	p := New(newToy(rich()))
	server := httptest.NewServer(p)
	defer server.Close()
	for range maxStreams {
		next, end := messages(t, server.URL+"/0/stream")
		defer end()
		next()
	}
	if status, _, _ := get(t, server.URL+"/0/stream"); status != http.StatusServiceUnavailable {
		t.Errorf("status %d", status)
	}
}

func TestListen(t *testing.T) {
	toy := newToy(rich())
	addr, stop, err := Listen(":0", New(toy))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(addr, "127.0.0.1:") {
		t.Errorf("without a host it listens on %s", addr)
	}
	next, end := messages(t, "http://"+addr+"/0/stream")
	defer end()
	next()
	if err := stop(); err != nil {
		t.Errorf("stop with an open stream: %v", err)
	}
	if rest := next(); rest != "" {
		t.Errorf("after the end came %q", rest)
	}
	if n := toy.watching(); n != 0 {
		t.Errorf("%d watches are left", n)
	}
	if err := stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
	if _, err := http.Get("http://" + addr); err == nil {
		t.Error("it still answers")
	}
	if _, _, err := Listen("nonsense", nil); err == nil {
		t.Error("an address without a port was taken")
	}
	if _, _, err := Listen("192.0.2.1:0", nil); err == nil {
		t.Error("somebody else's address was taken")
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"no card": "No card.", "": "", "Är det?": "Är det?", " two\n": "Two.", "done!": "Done!"} {
		if got := sentence(in); got != want {
			t.Errorf("sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
