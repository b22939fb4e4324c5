package frontend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// stores makes the desk's first terminal one that charges for several stores, and
// that nothing from outside reaches.
func stores(d *desk, n int) {
	all := []payment.Account{{ID: "700101", Name: "Centro", Affiliation: "7389108"}, {ID: "700102", Name: "Norte"}, {ID: "700103"}, {ID: "700104", Name: "Sur"}, {ID: "700105", Name: "Mercado"}}
	t := &d.terminals[0]
	t.Accounts, t.Limits, t.Receives = all[:n], payment.Limits{Inbound: true}, true
	t.Title = "NetPay Smart PinPad (Mexico)"
	t.Door = payment.Door{Without: "the till never hears how a payment ended, since NetPay tells only the terminal's posts: every sale then has to be settled by hand from the terminal's own ticket."}
}

// window is a browser's: it keeps its cookies.
type window struct {
	*testing.T
	pages http.Handler
	kept  map[string]*http.Cookie
}

func (w window) call(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range w.kept {
		r.AddCookie(c)
	}
	got := httptest.NewRecorder()
	w.pages.ServeHTTP(got, r)
	for _, c := range got.Result().Cookies() {
		w.kept[c.Name] = c
	}
	return got
}

// The page offers the stores of the terminal, and what the form names is what the
// engine is asked for.
func TestAccountBeforeTheSale(t *testing.T) {
	for given, want := range map[string]struct {
		status int
		text   string
	}{
		"700102": {http.StatusSeeOther, ""}, "": {http.StatusUnprocessableEntity, "none is chosen. Nothing was sent."},
		"700199": {http.StatusUnprocessableEntity, "is none of terminal front. Nothing was sent."},
	} {
		d := newDesk()
		stores(d, 3)
		p := pages(t, d, false)
		f := saleForm("125.00")
		f.Set("account", given)
		w := call(t, p, "POST", "/sale", f, false)
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.text) {
			t.Errorf("%q: %d %s", given, w.Code, w.Body)
		}
		if started := d.called("start") == 1; started != (want.status == http.StatusSeeOther) || started && d.ops[d.order[0]].Account != given {
			t.Errorf("%q: the sale is %+v", given, d.ops)
		}
	}
}

// A terminal without accounts takes none from a form.
func TestNoAccountWhereThereIsNone(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	f := saleForm("125.00")
	f.Set("account", "700101")
	if w := call(t, p, "POST", "/sale", f, true); w.Code != http.StatusUnprocessableEntity || d.called("start") != 0 {
		t.Errorf("%d", w.Code)
	}
	if strings.Contains(get(t, p, "/"), `name="account"`) {
		t.Error("an account is offered")
	}
}

// The choice is remembered for the window and the terminal, not for another window.
func TestAccountIsRemembered(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	p := pages(t, d, false)
	one, two := window{t, p, map[string]*http.Cookie{}}, window{t, p, map[string]*http.Cookie{}}
	chosen := func(w window) string {
		page := w.call("GET", "/", nil).Body.String()
		for _, id := range []string{"700101", "700102"} {
			_, after, _ := strings.Cut(page, `value="`+id+`" id="account-`)
			if tag, _, _ := strings.Cut(after, ">"); strings.Contains(tag, "checked") {
				return id
			}
		}
		return ""
	}
	if got := chosen(one) + " " + chosen(two); got != "700101 700101" {
		t.Fatalf("at first: %s", got)
	}
	f := saleForm("125.00")
	f.Set("account", "700102")
	if w := one.call("POST", "/sale", f); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	// The pages hear of the end on a line of their own, and all windows of them.
	sold := d.ops[d.order[0]]
	(&script{d, sold}).end(payment.Success, payment.ReasonNone)
	shows(t, p, "/", "result-"+sold.ID)
	one.call("POST", "/new", url.Values{"terminal": {"front"}})
	shows(t, p, "/", "data-amount")
	if got := chosen(one) + " " + chosen(two); got != "700102 700101" {
		t.Errorf("after a sale for 700102: %s", got)
	}
}

// The same form key for another account is told, not taken for the same sale.
func TestSameKeyForAnotherAccount(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	p := pages(t, d, false)
	f := saleForm("125.00")
	for _, one := range []struct {
		account string
		status  int
	}{{"700101", http.StatusOK}, {"700101", http.StatusOK}, {"700102", http.StatusConflict}} {
		f.Set("account", one.account)
		if w := call(t, p, "POST", "/sale", f, true); w.Code != one.status {
			t.Errorf("%s: %d %s", one.account, w.Code, w.Body)
		}
	}
}

// Every page of the operation names who gets the money.
func TestAccountIsNamed(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	p := pages(t, d, false)
	s := d.sale(12500)
	s.op.Account = "700102"
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	shows(t, p, "/", "for Norte (700102)")
	s.end(payment.Success, payment.ReasonNone)
	for _, path := range []string{"/", "/history", "/operation/" + s.op.ID} {
		shows(t, p, path, "Norte (700102)")
	}
}

// Taking the card elsewhere says who gets the money there.
func TestAccountElsewhere(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	p := pages(t, d, false)
	s := d.saleOn("terrace", 12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	shows(t, p, "/operation/"+s.op.ID+"/elsewhere", "The money goes to Centro (700101)")
}

// An answered alarm says by whom, and what they did.
func TestAnsweredAlarm(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.end(payment.Success, payment.ReasonNone)
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmAccount, Text: "The money went elsewhere."}, {Code: payment.AlarmLateMoney, Text: "It was charged late."}}
	s.op.Answered = []payment.AlarmAnswer{{Operator: "Ada", Why: "settled with the other store", Alarms: 1, At: time.Now()}}
	d.put(s.op, "", nil)
	page := shows(t, p, "/operation/"+s.op.ID, "Answered by <strong>Ada</strong>")
	if strings.Count(page, "Answered by") != 1 || !strings.Contains(page, "settled with the other store") {
		t.Error("the answers are not told apart")
	}
}

// Where nothing from outside arrives, the sale page and the list of terminals say so
// beforehand; else they do not.
func TestNoWayInIsSaidBefore(t *testing.T) {
	d := newDesk()
	stores(d, 1)
	p := pages(t, d, false)
	for _, path := range []string{"/", "/terminals"} {
		shows(t, p, path, "The till never hears how a payment ended")
	}
	shows(t, p, "/", "Centro (700101)")
	d.terminals[0].Door.Listening = "127.0.0.1:8440"
	for _, path := range []string{"/", "/terminals"} {
		if strings.Contains(get(t, p, path), "never hears") {
			t.Errorf("%s warns although there is a way in", path)
		}
	}
}

// An alarm about another account sets the two beside each other.
func TestOtherAccount(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	p := pages(t, d, false)
	s := d.sale(12500)
	s.op.Account = "700101"
	s.end(payment.Success, payment.ReasonNone)
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmAccount, Text: "The money went to 700102.", At: time.Now()}}
	d.put(s.op, payment.EventResult, payment.Result{Outcome: payment.Success, Account: "700102"})
	page := shows(t, p, "/operation/"+s.op.ID+"/alarm", "Norte (700102)")
	if !strings.Contains(page, "Centro (700101)") {
		t.Error("who was to get the money is not said")
	}
}

// Where a void is taken until a cut-off only, its form says until when, and what is left
// to do afterwards stands where a refund would.
func TestCutOff(t *testing.T) {
	d := newDesk()
	stores(d, 2)
	d.terminals[0].CanRefund = false
	d.terminals[0].Limits.VoidUntil, d.terminals[0].Limits.RefundElsewhere = "until 20:00", "Ask NetPay's own service."
	p := pages(t, d, false)
	s := d.sale(12500)
	s.end(payment.Success, payment.ReasonNone)
	page := shows(t, p, "/operation/"+s.op.ID, "goes back to the customer. Voids are taken until 20:00.")
	if !strings.Contains(page, "Ask NetPay&#39;s own service.") {
		t.Errorf("no way to give the money back afterwards:\n%s", page)
	}
}

// An operation that holds the terminal before it is committed is no error: its news
// follow.
func TestNotCommittedYet(t *testing.T) {
	d := newDesk()
	d.terminals[0].Operation, d.terminals[0].State = "00000000-0000-7000-8000-00000000ffff", "busy"
	p := pages(t, d, false)
	shows(t, p, "/", "data-amount")
}

// Without a display channel the page says once that Paydesk tells what it knows.
func TestNarration(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	if page := shows(t, p, "/", "What the terminal showed"); strings.Contains(page, "does not show its display") {
		t.Error("said of a terminal that shows its display")
	}
	d.terminals[0].Limits.Mirror = false
	s.op.Prompt = payment.Prompt{Code: payment.PromptPresent, Waiting: payment.Customer, Narrated: true, At: time.Now()}
	s.op.State = payment.InProgress
	d.put(s.op, payment.EventPrompt, s.op.Prompt)
	page := shows(t, p, "/", "What Paydesk knows")
	if strings.Count(page, "does not show its display here") != 1 || !strings.Contains(page, "as far as Paydesk knows") {
		t.Error("it is not said once, or the prompt seems to be the terminal's own")
	}
}

// TestChooseAccount by mouse and by keyboard, and looks at it.
func TestChooseAccount(t *testing.T) {
	b := open(t, true)
	stores(b.desk, 3)
	b.desk.sale(4900).end(payment.Success, payment.ReasonNone)
	b.visit("/")
	b.keys(kb.Enter)
	b.until(`document.querySelector("[data-amount]") !== null && document.activeElement.matches("[data-amount]")`)
	b.keys("12500")
	b.until(`document.querySelector("[data-why]").textContent === "On terminal front, for Centro (700101)"`)
	b.do("choose", chromedp.Click(`input[value="700102"]`))
	b.until(`document.querySelector("[data-why]").textContent === "On terminal front, for Norte (700102)"`)
	b.check("sale-account")
	b.keys(kb.ArrowDown)
	b.until(`document.querySelector("[data-why]").textContent === "On terminal front, for 700103"`)
	b.keys("5") // goes to the amount
	b.until(`document.querySelector("[data-label]").textContent === "Charge 1,250.05\u00a0kr"`)
	b.do("charge", chromedp.Click("[data-charge]"))
	s := &script{b.desk, b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.Requested == 125005 })}
	if s.op.Account != "700103" {
		t.Errorf("the sale is for %q", s.op.Account)
	}
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	b.sees("for 700103")
	b.check("payment-account")
	s.end(payment.Success, payment.ReasonNone)
	b.sees("Approved")
	b.until(`document.querySelector("#new-sale")?.hasAttribute("data-htmx-powered") || document.querySelector("#new-sale-form")?.hasAttribute("data-htmx-powered")`)
	b.do("next", chromedp.Click("#new-sale"))
	b.until(`document.querySelector("input[name=account]:checked")?.value === "700103"`) // brought by the stream
	stores(b.desk, 5)
	b.visit("/")
	b.until(`document.querySelector("select[name=account]").value === "700103"`)
	b.check("sale-many-accounts")
	b.quiet()
}

// reserves makes the desk's first terminal one that can reserve money.
func reserves(d *desk) {
	t := &d.terminals[0]
	t.Limits.Authorise, t.Limits.VoidLastOnly, t.CanCapture = true, false, true
}

func TestReserveOnly(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	f := saleForm("125.00")
	f.Set("authorise", "yes")
	if strings.Contains(get(t, p, "/"), "Reserve only") {
		t.Error("offered where the terminal cannot")
	}
	if w := call(t, p, "POST", "/sale", f, true); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "cannot reserve") || d.called("start") != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	reserves(d)
	shows(t, p, "/", "Reserve only")
	if w := call(t, p, "POST", "/sale", f, true); w.Code != http.StatusOK || !d.ops[d.order[0]].AuthOnly {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// reserved is an approved sale of 125.00 that has only reserved the money.
func reserved(d *desk) *script {
	s := d.sale(12500)
	s.op.AuthOnly = true
	s.end(payment.Success, payment.ReasonNone)
	return s
}

func captureForm(amount string) url.Values {
	return url.Values{"key": {uuid.NewString()}, "amount": {amount}}
}

// TestCapture goes from reserved to captured and refunded; every page says how it
// stands.
func TestCapture(t *testing.T) {
	d := newDesk()
	reserves(d)
	p := pages(t, d, false)
	s := reserved(d)
	path := "/operation/" + s.op.ID
	page := shows(t, p, path, "is reserved on the card")
	for text, there := range map[string]bool{`id="form-capture"`: true, `id="form-void"`: true, `id="form-refund"`: false, "the money is only reserved": true, `value="125.00"`: true} {
		if strings.Contains(page, text) != there {
			t.Errorf("reserved: %q there: %v", text, !there)
		}
	}
	shows(t, p, "/history", "Reserved")
	shows(t, p, "/", "Capture it when it is to be charged")
	if w := call(t, p, "POST", path+"/capture", captureForm("0"), false); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "is zero") {
		t.Errorf("nothing: %d", w.Code)
	}
	if w := call(t, p, "POST", path+"/capture", url.Values{"amount": {"80.00"}}, false); w.Code != http.StatusUnprocessableEntity || d.called("start capture") != 0 {
		t.Errorf("without a key: %d", w.Code)
	}
	f := captureForm("80.00")
	for range 2 {
		if w := call(t, p, "POST", path+"/capture", f, false); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if len(d.order) != 2 {
		t.Fatalf("%d operations of one key", len(d.order)-1)
	}
	taken := &script{d, d.ops[d.order[1]]}
	page = shows(t, p, path, "capture under way")
	if strings.Contains(page, `id="form-capture"`) || strings.Contains(page, `id="form-void"`) {
		t.Error("a second capture or a void is offered while one runs")
	}
	taken.end(payment.Success, payment.ReasonNone)
	page = shows(t, p, path, "80.00\u00a0kr of the reserved 125.00\u00a0kr was charged")
	for text, there := range map[string]bool{`id="form-capture"`: false, `id="form-void"`: false, `id="form-refund"`: true, `value="80.00"`: true, "Use a refund": true} {
		if strings.Contains(page, text) != there {
			t.Errorf("captured: %q there: %v", text, !there)
		}
	}
	shows(t, p, "/history", "80.00\u00a0kr captured")
	shows(t, p, "/operation/"+taken.op.ID, "Money is given back at that sale")
	back := url.Values{"key": {uuid.NewString()}, "amount": {"80.00"}, "operator": {"Ada"}, "why": {"broken"}}
	if w := call(t, p, "POST", path+"/refund", back, false); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	(&script{d, d.ops[d.order[2]]}).end(payment.Success, payment.ReasonNone)
	shows(t, p, "/history", "all refunded")
}

func TestVoidedReservation(t *testing.T) {
	d := newDesk()
	reserves(d)
	p := pages(t, d, false)
	s := reserved(d)
	f := url.Values{"key": {uuid.NewString()}, "operator": {"Ada"}, "why": {"left"}}
	if w := call(t, p, "POST", "/operation/"+s.op.ID+"/void", f, false); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	(&script{d, d.ops[d.order[1]]}).end(payment.Success, payment.ReasonNone)
	page := shows(t, p, "/operation/"+s.op.ID, "It was voided: nothing of the reserved money is taken.")
	if strings.Contains(page, `id="form-capture"`) || strings.Contains(page, "whole amount goes back") {
		t.Error("a voided reservation is told as a charge, or can be captured")
	}
}

// TestReserveInABrowser reserves, looks at the operation, and captures a part.
func TestReserveInABrowser(t *testing.T) {
	b := open(t, true)
	reserves(b.desk)
	b.visit("/")
	b.keys("12500")
	b.do("reserve", chromedp.Click("[data-reserve]"))
	b.until(`document.querySelector("[data-label]").textContent === "Reserve 125.00\u00a0kr"`)
	b.check("sale-reserve")
	b.keys("0")
	b.until(`document.querySelector("[data-label]").textContent === "Reserve 1,250.00\u00a0kr"`)
	b.do("go", chromedp.Click("[data-charge]"))
	s := &script{b.desk, b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.AuthOnly && o.Requested == 125000 })}
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	b.sees("Reserve")
	s.end(payment.Success, payment.ReasonNone)
	b.sees("Capture it when it is to be charged")
	b.check("result-reserved")
	b.do("capture", chromedp.Click("#capture-now"))
	b.until(`document.querySelector("#capture-amount").value === "1250.00"`)
	b.check("operation-reserved")
	b.do("a part", chromedp.Evaluate[chromedp.Void](`document.querySelector("#capture-amount").value = "80"`), chromedp.Click("#capture-go"))
	c := &script{b.desk, b.desk.await(t, "a capture", func(o payment.Operation) bool { return o.Kind == payment.Capture })}
	if c.op.Requested != 8000 || c.op.Original != s.op.ID || c.op.Operator != "" {
		t.Errorf("the capture is %+v", c.op)
	}
	c.end(payment.Success, payment.ReasonNone)
	b.sees("Capture approved")
	b.visit("/operation/" + s.op.ID)
	b.sees("80.00\u00a0kr captured")
	b.check("operation-captured")
	b.quiet()
}
