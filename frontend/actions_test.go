package frontend_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/frontend"
)

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
	page := shows(t, p, "/", "only a refusal is possible")
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
	told := payment.Result{Outcome: payment.Success, Authorised: 14000, Tip: 1500}
	if _, err := d.change(s.op.ID, "adjusted", payment.EventAdjusted, told, func(o *payment.Operation) {
		o.Adjusted = &payment.Adjustment{From: o.Authorised, Prints: o.Prints}
		o.Authorised, o.Tip = told.Authorised, told.Tip
	}); err != nil {
		t.Fatal(err)
	}
	if w := call(t, p, "POST", path, url.Values{"copy": {"customer"}}, true); d.called("printed customer 0") != 2 || !strings.Contains(w.Body.String(), "CORRECTED") || strings.Contains(w.Body.String(), "Copy no.") {
		t.Errorf("after a tip: calls %v", d.calls)
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
	for _, path := range []string{"/history", "/operation/" + s.op.ID} {
		if !strings.Contains(get(t, p, path), "25.00\u00a0kr refunded") {
			t.Errorf("%s does not say that a part was refunded", path)
		}
	}
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
	path := "/operation/" + s.op.ID + "/settle"
	form := url.Values{"operator": {"Ada"}, "why": {"the terminal's report"}, "code": {"17"}, "paid": {"no"}}
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusConflict || d.called("settle") != 0 {
		t.Errorf("settled while the terminal is still asked: %d", w.Code)
	}
	form.Del("paid")
	s.doubt(true)
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusUnprocessableEntity || d.called("settle") != 0 {
		t.Errorf("without paid or not paid: %d", w.Code)
	}
	form.Set("paid", "yes")
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusSeeOther || d.called("settle") != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestOpenPad: only the pages of the terminals that there are get opened, and a
// browser that does not open is told.
func TestOpenPad(t *testing.T) {
	d := newDesk()
	var opened []string
	var fails error
	p := frontend.New(frontend.Deps{Engine: d, Journal: d, Practice: true, PinPads: []frontend.PinPad{{Name: "front", URL: "http://127.0.0.1:8431/"}},
		OpenPad: func(url string) error { opened = append(opened, url); return fails }, OpenCustomer: func(string) error { return nil }})
	t.Cleanup(p.Close)
	if page := get(t, p, "/"); !strings.Contains(page, `action="/pinpad"`) || strings.Contains(page, "_blank") {
		t.Error("there is no button for the pin pad, or a link beside it")
	}
	if page := get(t, pages(t, d, true), "/"); strings.Contains(page, "/pinpad") || !strings.Contains(page, "_blank") {
		t.Error("in a browser the link has gone")
	}
	for _, name := range []string{"", "http://127.0.0.1:8431/", "terrace"} {
		if w := call(t, p, "POST", "/pinpad", url.Values{"pad": {name}}, true); w.Code != http.StatusNotFound || len(opened) != 0 {
			t.Errorf("%q: %d, opened %q", name, w.Code, opened)
		}
	}
	if w := call(t, p, "POST", "/pinpad", url.Values{"pad": {"front"}}, true); w.Code != http.StatusOK || len(opened) != 1 || opened[0] != "http://127.0.0.1:8431/" {
		t.Errorf("%d, opened %q", w.Code, opened)
	}
	fails = errors.New("no browser")
	w := call(t, p, "POST", "/pinpad", url.Values{"pad": {"front"}}, true)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "could not be opened. The page is at http://127.0.0.1:8431/") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
