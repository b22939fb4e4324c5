package frontend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func call(t testing.TB, h http.Handler, method, path string, form url.Values, htmx bool) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if htmx {
		r.Header.Set("HX-Request", "true")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(t testing.TB, h http.Handler, path string) string {
	t.Helper()
	w := call(t, h, "GET", path, nil, false)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, w.Code)
	}
	return w.Body.String()
}

// shows asks for a page until it has a text: news reach the pages a moment after
// the engine told them.
func shows(t testing.TB, h http.Handler, path, text string) string {
	t.Helper()
	for late := time.Now().Add(30 * time.Second); ; runtime.Gosched() {
		page := get(t, h, path)
		if strings.Contains(page, text) {
			return page
		}
		if time.Now().After(late) {
			t.Fatalf("%s does not show %q within 30 s", path, text)
		}
	}
}

func TestHeaders(t *testing.T) {
	p := pages(t, newDesk(), false)
	for _, path := range []string{"/", "/history", "/terminals", "/nothing", "/icons.svg"} {
		h := call(t, p, "GET", path, nil, false).Header()
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		if c := h.Get("Cache-Control"); c != "no-store" && path != "/icons.svg" {
			t.Errorf("%s may be cached: %q", path, c)
		}
	}
}

func TestNoInlineStyleOrScript(t *testing.T) {
	d := newDesk()
	p := pages(t, d, true)
	s := d.sale(12500)
	story(s)
	inline := regexp.MustCompile(`\sstyle=|\son[a-z]+=|<script>|hx-on`)
	for _, path := range []string{"/", "/history", "/terminals", "/operation/" + s.op.ID} {
		if found := inline.FindString(get(t, p, path)); found != "" {
			t.Errorf("%s has %q, which the policy blocks", path, found)
		}
	}
}

func TestPracticeIsMarkedEverywhere(t *testing.T) {
	d := newDesk()
	p, real := pages(t, d, true), pages(t, d, false)
	for _, path := range []string{"/", "/history", "/terminals"} {
		if !strings.Contains(get(t, p, path), "<strong>TEST</strong>") {
			t.Errorf("%s does not say TEST", path)
		}
		if strings.Contains(get(t, real, path), "TEST") {
			t.Errorf("%s says TEST outside practice", path)
		}
	}
}

// TestEveryStateIsDrawn is F-14: whatever the state, a reload shows it.
func TestEveryStateIsDrawn(t *testing.T) {
	for _, state := range payment.States {
		for _, kind := range []payment.Kind{payment.Sale, payment.Refund, payment.Void} {
			t.Run(fmt.Sprintf("%s %s", kind, state), func(t *testing.T) {
				d := newDesk()
				p := pages(t, d, false)
				op := d.sale(12500).op
				get(t, p, "/")
				op.Kind, op.State, op.Reason = kind, state, payment.ReasonLinkLost
				if state == payment.Approved {
					op.Authorised = 12500
				}
				d.put(op, "", nil)
				screen := `data-screen="payment-`
				if state.Final() {
					screen = `data-screen="result-`
				}
				shows(t, p, "/", screen)
				for _, path := range []string{"/", "/operation/" + op.ID, "/history"} {
					if page := get(t, p, path); !strings.Contains(page, "125.00\u00a0kr") {
						t.Errorf("%s does not show the amount", path)
					}
				}
			})
		}
	}
}

func TestHostileTextIsEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.op.Reference, s.op.Operator, s.op.ReasonText, s.op.Why = evil, evil, evil, evil
	s.op.Lines = []payment.Line{{Text: evil, Quantity: 1, Price: 12500}}
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmAmount, Text: evil, At: time.Now()}}
	s.prompt(payment.PromptText, evil, payment.Customer, 0)
	d.put(s.op, payment.EventMessage, payment.Message{Name: evil, Body: evil})
	paths := []string{"/", "/operation/" + s.op.ID, "/history?q=" + url.QueryEscape(evil) + "&on=" + url.QueryEscape(evil)}
	for _, path := range paths {
		if page := get(t, p, path); strings.Contains(page, "<script>alert") {
			t.Errorf("%s does not escape", path)
		}
	}
	s.end(payment.Refused, payment.ReasonIssuer)
	for _, path := range paths {
		if page := get(t, p, path); strings.Contains(page, "<script>alert") {
			t.Errorf("%s does not escape after the end", path)
		}
	}
}

func TestDoubtAndAlarmStandOnEveryScreen(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.doubt(true)
	for _, path := range []string{"/", "/?terminal=terrace", "/history", "/terminals"} {
		shows(t, p, path, "is in doubt")
		shows(t, p, path, "Settle by hand")
		shows(t, p, path, "Last try: no connection")
	}
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, Text: "It was charged after all.", At: time.Now()}}
	s.end(payment.Success, payment.ReasonNone)
	fresh := pages(t, d, false) // also after a restart
	for _, h := range []http.Handler{p, fresh} {
		shows(t, h, "/", "It was charged after all.")
		shows(t, h, "/history", "It was charged after all.")
	}
	form := url.Values{"operator": {"Ada"}, "why": {"the goods were handed over"}, "alarms": {"1"}}
	for _, missing := range []string{"operator", "why"} {
		bad := url.Values{"alarms": {"1"}, "operator": form["operator"], "why": form["why"]}
		bad.Del(missing)
		if w := call(t, p, "POST", "/operation/"+s.op.ID+"/alarm", bad, false); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "your name and a reason") {
			t.Errorf("answered without %s: %d", missing, w.Code)
		}
	}
	shows(t, p, "/", "It was charged after all.")
	if w := call(t, p, "POST", "/operation/"+s.op.ID+"/alarm", form, false); w.Code != http.StatusSeeOther {
		t.Errorf("answered: %d %s", w.Code, w.Body)
	}
	for _, h := range []http.Handler{p, fresh} {
		if strings.Contains(get(t, h, "/"), "It was charged after all.") {
			t.Error("the alarm stays after a named person has answered it")
		}
	}
}

func TestHistoryPages(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	for range 60 {
		d.sale(100).end(payment.Success, payment.ReasonNone)
	}
	page := get(t, p, "/history")
	if n := strings.Count(page, "<tr id="); n != 50 {
		t.Errorf("%d rows on the first page", n)
	}
	older := regexp.MustCompile(`href="(/history\?before=\d+)"`).FindStringSubmatch(page)
	if older == nil {
		t.Fatal("there is no way to older ones")
	}
	if n := strings.Count(get(t, p, older[1]), "<tr id="); n != 10 {
		t.Errorf("%d rows on the second page", n)
	}
	for _, path := range []string{"/history?before=x", "/history?before=-1", "/history?state=nonsense", "/history?q=%00%ff"} {
		get(t, p, path)
	}
}

// TestALateWalletIsTold: what was closed unpaid says until when it is asked whether the
// wallet paid it after all, and not longer.
func TestALateWalletIsTold(t *testing.T) {
	d := newDesk()
	d.terminals[0].ReopenFor = time.Hour
	p := pages(t, d, false)
	for _, one := range []struct {
		state  payment.State
		since  time.Duration
		closed bool
		told   bool
	}{{payment.Cancelled, time.Minute, true, true}, {payment.Cancelled, 2 * time.Hour, true, false},
		{payment.Cancelled, time.Minute, false, false}, {payment.Approved, time.Minute, true, false}} {
		s := d.sale(100)
		s.op.State, s.op.Reopens, s.op.EndedAt = one.state, one.closed, time.Now().Add(-one.since)
		s.op = d.put(s.op, "", nil)
		if told := strings.Contains(get(t, p, "/operation/"+s.op.ID), "A wallet may still pay it late"); told != one.told {
			t.Errorf("%+v: told %v", one, told)
		}
	}
}

func TestUnknownThings(t *testing.T) {
	p := pages(t, newDesk(), false)
	for _, path := range []string{"/operation/nothing", "/operation/nothing/slip/customer", "/nothing"} {
		if w := call(t, p, "GET", path, nil, false); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "<main") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	big := url.Values{"key": {strings.Repeat("x", 70_000)}}
	if w := call(t, p, "POST", "/sale", big, true); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a form that is too large: %d", w.Code)
	}
	d := newDesk()
	d.terminals = nil
	if page := get(t, pages(t, d, false), "/"); !strings.Contains(page, "No terminal yet") {
		t.Error("without a terminal the page does not say so")
	}
}
