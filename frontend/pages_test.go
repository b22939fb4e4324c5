package frontend_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

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

func saleForm(amount string) url.Values {
	return url.Values{"key": {uuid.NewString()}, "terminal": {"front"}, "amount": {amount}}
}

func TestBadAmounts(t *testing.T) {
	for amount, says := range map[string]string{
		"": "There is no amount yet", "   ": "There is no amount yet", "0": "is zero", "0,00": "is zero", "-5": "is negative", "\u22125": "is negative",
		"1.234": "more decimals", "12.345": "more decimals", "100000000.00": "beyond the limit", "99999999999999999999": "beyond the limit",
		"abc": "only be digits", "12a": "only be digits", "1,2,3": "only be digits", "1e3": "only be digits", ",": "only be digits", strings.Repeat("9", 300): "only be digits",
	} {
		d := newDesk()
		p := pages(t, d, false)
		w := call(t, p, "POST", "/sale", saleForm(amount), true)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), says) || !strings.Contains(w.Body.String(), `hx-target="#sale-error"`) {
			t.Errorf("%q: %d %s, want %q", amount, w.Code, w.Body, says)
		}
		if d.called("start") != 0 {
			t.Errorf("%q reached the engine", amount)
		}
	}
}

func TestGoodAmounts(t *testing.T) {
	for amount, want := range map[string]int64{"125": 12500, "125.5": 12550, "125,50": 12550, " 1 250,00 ": 125000, "1\u00a0250.00": 125000, "99999999.99": 9_999_999_999} {
		d := newDesk()
		p := pages(t, d, false)
		if w := call(t, p, "POST", "/sale", saleForm(amount), true); w.Code != http.StatusOK {
			t.Errorf("%q: %d %s", amount, w.Code, w.Body)
			continue
		}
		if op := d.ops[d.order[0]]; op.Requested != want {
			t.Errorf("%q gives %d, want %d", amount, op.Requested, want)
		}
	}
}

func TestBadForms(t *testing.T) {
	with := func(pairs ...string) url.Values {
		f := saleForm("125.00")
		for i := 0; i+1 < len(pairs); i += 2 {
			f[pairs[i]] = strings.Split(pairs[i+1], "|")
		}
		return f
	}
	for name, c := range map[string]struct {
		form url.Values
		says string
	}{
		"no key":             {with("key", ""), "one-time key"},
		"foreign key":        {with("key", "abc"), "one-time key"},
		"terminal gone":      {with("terminal", "cellar"), "not there any more"},
		"tip not allowed":    {with("tip", "5"), "takes no tip"},
		"bad cash back":      {with("cashback", "x"), "cash back can only"},
		"long reference":     {with("reference", strings.Repeat("x", 101)), "longer than 100"},
		"lines do not add":   {with("line-text", "tea", "line-quantity", "2", "line-price", "50"), "add up to 100.00"},
		"quantity zero":      {with("line-text", "tea", "line-quantity", "0", "line-price", "125"), "quantity of line 1"},
		"quantity huge":      {with("line-text", "tea", "line-quantity", "99999999999", "line-price", "125"), "quantity of line 1"},
		"price missing":      {with("line-text", "tea", "line-quantity", "1", "line-price", ""), "price of line 1"},
		"line beyond limit":  {with("line-text", "tea", "line-quantity", "9999", "line-price", "99999999"), "beyond the limit"},
		"lines out of shape": {with("line-text", "a|b", "line-quantity", "1", "line-price", "125"), "50 lines"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			w := call(t, pages(t, d, false), "POST", "/sale", c.form, true)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %q", w.Code, w.Body, c.says)
			}
			if d.called("start") != 0 {
				t.Error("it reached the engine")
			}
		})
	}
}

// TestSameKeySameSale is F-15: a double click is one sale.
func TestSameKeySameSale(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	form := saleForm("125.00")
	for range 2 {
		if w := call(t, p, "POST", "/sale", form, true); w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if len(d.order) != 1 {
		t.Errorf("%d operations", len(d.order))
	}
	form.Set("amount", "50.00") // another window with the same key: F-30
	if w := call(t, p, "POST", "/sale", form, true); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Yours was not sent") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEachSaleHasItsOwnKey(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	key := regexp.MustCompile(`name="key" value="([^"]+)"`)
	first := key.FindStringSubmatch(get(t, p, "/"))[1]
	if again := key.FindStringSubmatch(get(t, p, "/"))[1]; again != first {
		t.Error("a reload changes the key, so what was typed would be lost")
	}
	form := saleForm("125.00")
	form.Set("key", first)
	call(t, p, "POST", "/sale", form, true)
	s := &script{d, d.ops[d.order[0]]}
	s.end(payment.Success, payment.ReasonNone)
	if w := call(t, p, "POST", "/new", url.Values{"terminal": {"front"}}, true); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if next := key.FindStringSubmatch(get(t, p, "/"))[1]; next == first {
		t.Error("the next sale has the key of the last one")
	}
}

func TestNewSaleWaitsForTheOutcome(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.sale(12500)
	w := call(t, p, "POST", "/new", url.Values{"terminal": {"front"}}, true)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "not known yet") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestErrorsOfTheEngineAreSentences(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.fail = &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo, Text: "The disk is full. No sale was started. Free some space.", Err: io.ErrShortWrite}
	w := call(t, p, "POST", "/sale", saleForm("125.00"), true)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "The disk is full") || strings.Contains(w.Body.String(), "short write") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAnswerNeedsAWord(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.ask()
	for _, word := range []string{"", "YES", "on"} {
		w := call(t, p, "POST", "/operation/"+s.op.ID+"/answer", url.Values{"question": {"q1"}, "answer": {word}}, true)
		if w.Code != http.StatusUnprocessableEntity || d.called("answer") != 0 {
			t.Errorf("%q: %d, answers %d", word, w.Code, d.called("answer"))
		}
	}
}

// TestRefusalOnly is SPI-05: without a slip only "it does not match" is offered.
func TestRefusalOnly(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.ask()
	s.op.Question.RefuseOnly = true
	d.put(s.op, "", nil)
	page := get(t, p, "/")
	yes := regexp.MustCompile(`(?s)id="answer-yes"[^>]*disabled`)
	no := regexp.MustCompile(`(?s)id="answer-no"[^>]*disabled`)
	if !yes.MatchString(page) || no.MatchString(page) {
		t.Error("the wrong answers are offered")
	}
}

// TestReprintIsCounted is F-43: each copy has its own count, journaled first.
func TestReprintIsCounted(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.end(payment.Success, payment.ReasonNone)
	path := "/operation/" + s.op.ID + "/printed"
	for i, want := range []string{"printed customer 0", "printed customer 1", "printed merchant 0"} {
		which := []string{"customer", "customer", "merchant"}[i]
		w := call(t, p, "POST", path, url.Values{"copy": {which}}, true)
		if w.Code != http.StatusOK || w.Header().Get("HX-Trigger") != "print-slip" || d.called(want) != 1 {
			t.Errorf("%s: %d, calls %v", want, w.Code, d.calls)
		}
		if marked := strings.Contains(w.Body.String(), "Copy no. 1"); marked != (i == 1) {
			t.Errorf("%s: marked as a reprint: %v", want, marked)
		}
	}
	d.fail = &payment.Error{Code: payment.CodeJournal, Text: "The disk is full."}
	if w := call(t, p, "POST", path, url.Values{"copy": {"customer"}}, true); w.Header().Get("HX-Trigger") != "" || strings.Contains(w.Body.String(), "receipt") {
		t.Error("it is printed although it could not be journaled")
	}
	if w := call(t, p, "POST", path, url.Values{"copy": {"other"}}, true); w.Code != http.StatusNotFound {
		t.Errorf("another copy: %d", w.Code)
	}
	if w := call(t, p, "GET", "/operation/"+s.op.ID+"/slip/customer", nil, false); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Rosengård") {
		t.Errorf("as text: %d %s", w.Code, w.Body)
	}
}

func TestMoneyGoesBackOnlyWithNameAndReason(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.end(payment.Success, payment.ReasonNone)
	for _, which := range []string{"void", "refund"} {
		form := url.Values{"key": {uuid.NewString()}, "amount": {"25.00"}, "operator": {"Ada"}, "why": {" "}}
		w := call(t, p, "POST", "/operation/"+s.op.ID+"/"+which, form, false)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "your name and a reason") || !strings.Contains(w.Body.String(), `value="Ada"`) {
			t.Errorf("%s: %d", which, w.Code)
		}
	}
	form := url.Values{"key": {uuid.NewString()}, "amount": {"25.00"}, "operator": {"Ada"}, "why": {"broken"}}
	if w := call(t, p, "POST", "/operation/"+s.op.ID+"/refund", form, false); w.Code != http.StatusSeeOther {
		t.Fatalf("refund: %d %s", w.Code, w.Body)
	}
	refund := d.ops[d.order[1]]
	if refund.Kind != payment.Refund || refund.Requested != 2500 || refund.Original != s.op.ID || refund.Operator != "Ada" || refund.Why != "broken" {
		t.Errorf("the refund is %+v", refund)
	}
	(&script{d, refund}).end(payment.Success, payment.ReasonNone)
	page := get(t, p, "/operation/"+s.op.ID)
	if !strings.Contains(page, `value="100.00"`) { // F-40: what is left
		t.Error("the refund does not default to what is left")
	}
	if strings.Contains(page, `id="form-void"`) {
		t.Error("a void is offered after a refund")
	}
}

// TestOnlyWhatTheTerminalCan is F-18.
func TestOnlyWhatTheTerminalCan(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	first := d.sale(12500)
	first.end(payment.Success, payment.ReasonNone)
	offered := func(id string) (void, refund bool) {
		page := get(t, p, "/operation/"+id)
		return strings.Contains(page, `id="form-void"`), strings.Contains(page, `id="form-refund"`)
	}
	if void, refund := offered(first.op.ID); !void || !refund {
		t.Errorf("the latest sale: void %v, refund %v", void, refund)
	}
	d.sale(900).end(payment.Success, payment.ReasonNone)
	if void, refund := offered(first.op.ID); void || !refund {
		t.Errorf("not the latest any more: void %v, refund %v", void, refund)
	}
	d.terminals[0].CanRefund = false
	if _, refund := offered(first.op.ID); refund {
		t.Error("a refund is offered by a terminal that has none")
	}
	if page := get(t, p, "/"); strings.Contains(page, `name="tip"`) {
		t.Error("a tip is asked for on a terminal that asks itself")
	}
	if page := get(t, p, "/?terminal=terrace"); strings.Contains(page, `name="cashback"`) {
		t.Error("cash back is offered by a terminal that has none")
	}
}

func TestSettleByHand(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.doubt(false)
	if strings.Contains(get(t, p, "/operation/"+s.op.ID), `id="settle-go"`) {
		t.Error("settling is offered while the terminal is still asked (F-02)")
	}
	s.doubt(true)
	path := "/operation/" + s.op.ID + "/settle"
	form := url.Values{"operator": {"Ada"}, "why": {"the terminal's report"}, "code": {"17"}}
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusUnprocessableEntity || d.called("settle") != 0 {
		t.Errorf("without paid or not paid: %d", w.Code)
	}
	form.Set("paid", "yes")
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusSeeOther || d.called("settle") != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestDoubtAndAlarmStandOnEveryScreen(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.doubt(true)
	for _, path := range []string{"/", "/?terminal=terrace", "/history", "/terminals"} {
		if page := get(t, p, path); !strings.Contains(page, "is in doubt") || !strings.Contains(page, "Settle by hand") {
			t.Errorf("%s hides the doubt", path)
		}
	}
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, Text: "It was charged after all.", At: time.Now()}}
	s.end(payment.Success, payment.ReasonNone)
	fresh := pages(t, d, false) // also after a restart
	for name, h := range map[string]http.Handler{"running": p, "restarted": fresh} {
		get(t, h, "/")
		if !strings.Contains(get(t, h, "/history"), "It was charged after all.") {
			t.Errorf("%s: the alarm is not shown", name)
		}
	}
	call(t, p, "POST", "/operation/"+s.op.ID+"/seen", nil, true)
	if strings.Contains(get(t, p, "/"), "It was charged after all.") {
		t.Error("the alarm stays after it was seen")
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
