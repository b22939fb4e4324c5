package frontend_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// givesAway sets the desk's first terminal up for refunds without a sale.
func givesAway(d *desk) { d.terminals[0].Limits.UnlinkedRefund = true }

var keyField = regexp.MustCompile(`name="key" value="([^"]+)"`)

// giveawayForm is the form as a person fills it in.
func giveawayForm(t *testing.T, page string) url.Values {
	t.Helper()
	key := keyField.FindStringSubmatch(page)
	if key == nil || uuid.Validate(key[1]) != nil {
		t.Fatal("the form has no one-time key")
	}
	return url.Values{"key": {key[1]}, "terminal": {"front"}, "amount": {"125,50"}, "operator": {"Ada"}, "why": {"bought before this till"}}
}

// Written down, looked at once more, confirmed: only then it is begun, once, and it says
// what it is wherever it is shown.
func TestRefundWithoutASale(t *testing.T) {
	d := newDesk()
	givesAway(d)
	p := pages(t, d, false)
	shows(t, p, "/history", `href="/refund"`)
	page := get(t, p, "/refund")
	if !strings.Contains(page, "no sale of this till stands behind it") {
		t.Error("nobody is warned")
	}
	form := giveawayForm(t, page)
	w := call(t, p, "POST", "/refund", form, false)
	if sure := w.Body.String(); w.Code != http.StatusOK || d.called("start") != 0 || !strings.Contains(sure, `<span class="sum">125.50`) || !strings.Contains(sure, `id="giveaway-go"`) || !strings.Contains(sure, "Ada") {
		t.Fatalf("%d, started %d\n%s", w.Code, d.called("start"), sure)
	}
	form.Set("change", "yes")
	if w = call(t, p, "POST", "/refund", form, false); w.Code != http.StatusOK || d.called("start") != 0 || !strings.Contains(w.Body.String(), `value="125,50"`) {
		t.Errorf("to change it: %d\n%s", w.Code, w.Body)
	}
	form.Del("change")
	form.Set("sure", "yes")
	for range 2 {
		if w = call(t, p, "POST", "/refund", form, false); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if d.called("start refund without a sale") != 2 || len(d.order) != 1 {
		t.Fatalf("calls %v, %d operations", d.calls, len(d.order))
	}
	op := d.ops[d.order[0]]
	if !op.Unlinked() || op.Requested != 12550 || op.Operator != "Ada" || op.Why != "bought before this till" || op.Terminal != "front" {
		t.Errorf("%+v", op)
	}
	form.Set("amount", "99") // the browser's back, and another amount
	if w = call(t, p, "POST", "/refund", form, false); w.Code != http.StatusConflict || len(d.order) != 1 || !strings.Contains(w.Body.String(), "has been sent before") {
		t.Errorf("%d, %d operations\n%s", w.Code, len(d.order), w.Body)
	}
	s := &script{d, op}
	s.end(payment.Success, "")
	for _, path := range []string{"/history", "/operation/" + op.ID} {
		shows(t, p, path, map[bool]string{true: "without a sale", false: "no sale: nothing here stands behind it"}[path == "/history"])
	}
	if story := get(t, p, "/operation/"+op.ID); strings.Contains(story, `id="form-void"`) || strings.Contains(story, `id="form-refund"`) || !strings.Contains(story, "cannot be taken back from here") {
		t.Error("it is offered to be taken back")
	}
}

func TestRefundWithoutASaleIsRefused(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	if w := call(t, p, "GET", "/refund", nil, false); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "set up for a refund without a sale") {
		t.Errorf("no terminal can: %d", w.Code)
	}
	if strings.Contains(get(t, p, "/history"), `href="/refund"`) {
		t.Error("it is offered where no terminal can")
	}
	givesAway(d)
	whole := giveawayForm(t, get(t, p, "/refund"))
	whole.Set("sure", "yes")
	for name, c := range map[string]struct{ field, value, says string }{
		"no name":           {"operator", " ", "your name and a reason"},
		"no reason":         {"why", "", "your name and a reason"},
		"no amount":         {"amount", "", "no amount yet"},
		"nothing":           {"amount", "0", "is zero"},
		"no key":            {"key", "", "one-time key"},
		"another terminal":  {"terminal", "terrace", "gives no money back without a sale"},
		"a terminal of old": {"terminal", "gone", "is not there any more"},
	} {
		form := url.Values{}
		for key, v := range whole {
			form[key] = v
		}
		form.Set(c.field, c.value)
		w := call(t, p, "POST", "/refund", form, false)
		if w.Code != http.StatusUnprocessableEntity || d.called("start") != 0 || !strings.Contains(w.Body.String(), c.says) || !strings.Contains(w.Body.String(), `role="alert"`) {
			t.Errorf("%s: %d without %q, started %d", name, w.Code, c.says, d.called("start"))
		}
	}
	d.fail = &payment.Error{Code: payment.CodeConflict, Text: "Operation 7 is still open on terminal front."}
	if w := call(t, p, "POST", "/refund", whole, false); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Operation 7 is still open") || !strings.Contains(w.Body.String(), `value="125,50"`) {
		t.Errorf("the engine says no: %d\n%s", w.Code, w.Body)
	}
	d.terminals[1].Limits.UnlinkedRefund, d.terminals[1].CanRefund = true, true
	if page := get(t, p, "/refund"); strings.Count(page, `type="radio" name="terminal"`) != 2 {
		t.Error("nobody can choose the terminal")
	}
}

// By keyboard alone: no Enter too many gives money away.
func TestRefundWithoutASaleByKeyboard(t *testing.T) {
	b := open(t, true)
	givesAway(b.desk)
	b.visit("/history")
	b.check("giveaway-history")
	b.visit("/refund")
	b.until(`document.activeElement.id === "giveaway-amount"`)
	b.check("giveaway-form")
	b.keys("125,50" + kb.Tab + "Ada" + kb.Tab + "bought before this till" + kb.Enter)
	b.sees("leaves the shop")
	b.until(`document.activeElement.matches("h1")`)
	b.check("giveaway-sure")
	b.keys(kb.Enter + kb.Enter)
	b.sees("leaves the shop")
	if n := b.desk.called("start"); n != 0 {
		t.Fatalf("Enter has begun %d", n)
	}
	b.keys(kb.Tab + kb.Enter)
	b.sees("Look at it once more")
	b.until(`document.querySelector("#giveaway-amount").value === "125,50"`)
	b.do("look again", chromedp.Click("#giveaway-look"))
	b.sees("leaves the shop")
	b.until(`document.activeElement.matches("h1")`)
	b.keys(kb.Tab + kb.Tab + kb.Enter)
	op := b.desk.await(t, "a refund", func(o payment.Operation) bool { return o.Kind == payment.Refund })
	if !op.Unlinked() || op.Requested != 12550 {
		t.Errorf("%+v", op)
	}
	b.sees("Connecting to the terminal")
	s := &script{b.desk, op}
	s.end(payment.Success, "")
	b.sees("Refund approved")
	b.check("giveaway-approved")
	b.visit("/operation/" + op.ID)
	b.check("giveaway-operation")
	b.quiet()
}
