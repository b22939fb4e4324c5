package frontend_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// handed has the desk say what became of a handover.
func (s *script) handed(end payment.HandoverEnd, text, started string) {
	h := *s.d.ops[s.op.ID].Handover
	h.End, h.Text, h.Operation = end, text, started
	s.op.Handover = &h
	s.op = s.d.put(s.op, payment.EventHandedOver, payment.HandedOver{End: end, Text: text, Operation: started})
}

// ready makes the second terminal of the desk one that can be used.
func (d *desk) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.terminals[1].State, d.terminals[1].Problem, d.terminals[1].LastSeen = engine.TerminalReady, "", time.Now().Add(-20*time.Second)
}

// TestSameAmountElsewhere: while a sale is in doubt, the same amount on another
// terminal asks first whether it is the same customer (F-07, F-30).
func TestSameAmountElsewhere(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	form := saleForm("125.00")
	form.Set("terminal", "terrace")
	started := d.called("start")
	s.op.State = payment.Aborting
	s.op = d.put(s.op, payment.EventAbort, payment.Note{})
	if w := call(t, p, "POST", "/sale", form, true); w.Code != http.StatusConflict || d.called("start") != started || !strings.Contains(w.Body.String(), "not stopped yet") {
		t.Errorf("while it is being stopped: %d %s", w.Code, w.Body)
	}
	s.doubt(false)
	w := call(t, p, "POST", "/sale", form, true)
	if body := w.Body.String(); w.Code != http.StatusConflict || d.called("start") != started ||
		!strings.Contains(body, "Is this the same customer?") || !strings.Contains(body, "/operation/"+s.op.ID+"/elsewhere") || !strings.Contains(body, s.op.ID+`&#34;}`) {
		t.Fatalf("%d %s", w.Code, body)
	}
	other := saleForm("125.01")
	other.Set("terminal", "terrace")
	if w := call(t, p, "POST", "/sale", other, true); w.Code != http.StatusOK {
		t.Errorf("another amount: %d %s", w.Code, w.Body)
	}
	d.mu.Lock()
	d.terminals[1].Operation = ""
	d.mu.Unlock()
	form.Set("apart", s.op.ID)
	form.Set("key", uuid.NewString())
	if w := call(t, p, "POST", "/sale", form, true); w.Code != http.StatusOK {
		t.Errorf("another customer: %d %s", w.Code, w.Body)
	}
}

// TestInTheWay: a sale that is open or paid already is refused with a way to it.
func TestInTheWay(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	for _, way := range []string{"/?terminal=front", "/operation/" + s.op.ID + `"`} {
		d.fail = &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: "This sale stands.", Operation: s.op.ID}
		w := call(t, p, "POST", "/sale", saleForm("125.00"), true)
		if body := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(body, "This sale stands.") || !strings.Contains(body, way) {
			t.Errorf("%s: %d %s", way, w.Code, body)
		}
		s.end(payment.Success, "")
	}
}

// TestCartOfARepeat: the same amount again is the same sale; a new sale is not.
func TestCartOfARepeat(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	form := saleForm("125.00")
	form.Set("cart", uuid.NewString())
	call(t, p, "POST", "/sale", form, true)
	s := &script{d, d.ops[d.order[0]]}
	if s.op.Cart != form.Get("cart") {
		t.Fatalf("cart %q", s.op.Cart)
	}
	s.end(payment.Refused, payment.ReasonIssuer)
	shows(t, p, "/", `data-screen="result-`)
	cart := `name="cart" value="` + s.op.Cart + `"`
	call(t, p, "POST", "/new", url.Values{"terminal": {"front"}, "again": {s.op.ID}}, true)
	shows(t, p, "/", cart)
	call(t, p, "POST", "/new", url.Values{"terminal": {"front"}}, true)
	if strings.Contains(get(t, p, "/"), cart) {
		t.Error("a new sale has the cart of the last one")
	}
	form.Set("cart", "<script>")
	if w := call(t, p, "POST", "/sale", form, true); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a broken cart: %d", w.Code)
	}
}

// TestElsewhere takes the card on another terminal, page by page: the terminals that
// can take it, the till that waits there, and each way in which it ends.
func TestElsewhere(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.ready()
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	path := "/operation/" + s.op.ID + "/elsewhere"
	shows(t, p, "/", path)
	if page := get(t, p, path); !strings.Contains(page, "is asked to stop first") || !strings.Contains(page, `id="take-terrace"`) || strings.Contains(page, `id="take-front"`) {
		t.Errorf("%s", page)
	}
	w := call(t, p, "POST", path, url.Values{"terminal": {"terrace"}}, false)
	if w.Code != http.StatusSeeOther || d.called("handover terrace") != 1 || !strings.Contains(w.Header().Get("Set-Cookie"), "terrace") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.op = d.ops[s.op.ID]
	shows(t, p, "/?terminal=terrace", "Waiting for front")
	shows(t, p, "/?terminal=terrace", "Keep it on front")
	shows(t, p, "/?terminal=front", "It goes on on terminal terrace")
	s.doubt(false)
	shows(t, p, "/?terminal=terrace", "does not answer at present")
	s.doubt(true)
	s.handed(payment.HandoverParked, "front does not tell.", "")
	shows(t, p, "/?terminal=terrace", "/operation/"+s.op.ID+"/settle")
	if page := get(t, p, path); strings.Contains(page, `id="take-terrace"`) || !strings.Contains(page, "settles it by hand first") {
		t.Error("a parked sale can be taken elsewhere")
	}
	s.end(payment.Success, "")
	shows(t, p, "/?terminal=terrace", "Paid on front")
	if page := get(t, p, path); strings.Contains(page, `id="take-terrace"`) {
		t.Error("a paid sale can be taken elsewhere")
	}
	if w := call(t, p, "POST", "/new", url.Values{"terminal": {"terrace"}}, true); w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
	shows(t, p, "/?terminal=terrace", `data-screen="sale-`)
}

// TestElsewhereAgain: what did not start by itself starts when somebody says so again,
// and the till then shows the payment.
func TestElsewhereAgain(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.ready()
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	path := "/operation/" + s.op.ID + "/elsewhere"
	call(t, p, "POST", path, url.Values{"terminal": {"terrace"}}, false)
	s.op = d.ops[s.op.ID]
	s.end(payment.Stopped, payment.ReasonCashier)
	s.handed(payment.HandoverExpired, "It took long.", "")
	shows(t, p, "/?terminal=terrace", `id="take-here"`)
	if w := call(t, p, "POST", path, url.Values{"terminal": {"terrace"}}, false); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	shows(t, p, "/?terminal=terrace", `data-screen="payment-`)
	last := d.ops[d.order[len(d.order)-1]]
	s.handed(payment.HandoverExpired, "", "") // ended already: nothing changes
	h := *s.op.Handover
	h.End, h.Operation = payment.HandoverStarted, last.ID
	s.op.Handover = &h
	d.put(s.op, payment.EventHandedOver, payment.HandedOver{End: h.End, Operation: last.ID})
	page := shows(t, p, "/?terminal=front", "The same sale went on on terminal terrace.")
	if strings.Contains(page, `id="again"`) {
		t.Error("the same amount is offered again although the sale went on elsewhere")
	}
}

// TestKeepIt takes a handover back.
func TestKeepIt(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	d.ready()
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	call(t, p, "POST", "/operation/"+s.op.ID+"/elsewhere", url.Values{"terminal": {"terrace"}}, false)
	if w := call(t, p, "POST", "/operation/"+s.op.ID+"/keep", nil, false); w.Code != http.StatusSeeOther || d.called("keep") != 1 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	shows(t, p, "/?terminal=terrace", `data-screen="sale-`)
}

// late is a sale that Ada settled as not paid and that the terminal charged after all.
func (d *desk) late() *script {
	s := d.sale(12500)
	s.doubt(true)
	s.op.State, s.op.Reason = payment.Declined, payment.ReasonSettled
	s.op = d.put(s.op, payment.EventSettled, payment.Settlement{Operator: "Ada Lovelace", Why: "no slip came", Code: "X17"})
	s.op.Alarms = []payment.Alarm{{Code: payment.AlarmLateMoney, At: time.Now(), Text: "The terminal now says that this was approved, after it had been taken as declined. The customer has been charged. If the goods were not handed over, void it or refund it."}}
	s.end(payment.Success, "")
	return s
}

// TestAlarmPage sets both stories side by side, and offers the void and the refund
// with the original and the amount filled in (F-25).
func TestAlarmPage(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.late()
	path := "/operation/" + s.op.ID
	for _, on := range []string{"/", "/history", "/terminals", path} {
		shows(t, p, on, path+"/alarm")
	}
	page := get(t, p, path+"/alarm")
	for _, text := range []string{"Ada Lovelace, by hand", "no slip came", "X17", "Not paid", "Charged", "612345", "************1234", `value="125.00"`, `id="alarm-void"`, `id="alarm-refund"`, path + `"`} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	form := url.Values{"from": {"alarm"}, "alarms": {"1"}, "amount": {"125.00"}, "operator": {"Bob"},
		"key-refund": {uuid.NewString()}, "key-void": {uuid.NewString()}}
	w := call(t, p, "POST", path+"/refund", form, false)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || d.called("start refund") != 0 || !strings.Contains(body, "your name and a reason") || !strings.Contains(body, `value="Bob"`) || !strings.Contains(body, "Ada Lovelace") {
		t.Errorf("a refund without a reason: %d %s", w.Code, body)
	}
	form.Set("why", "paid in cash meanwhile")
	if w := call(t, p, "POST", path+"/refund", form, false); w.Code != http.StatusSeeOther || d.called("start refund") != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	back := d.ops[d.order[len(d.order)-1]]
	if back.Original != s.op.ID || back.Requested != 12500 || back.Operator != "Bob" {
		t.Errorf("%+v", back)
	}
	shows(t, p, "/", "Late money") // until it has come through
}

// TestSettlePage shows what the terminal answered beside what was asked of it.
func TestSettlePage(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.prompt(payment.PromptPresent, "", payment.Customer, 0)
	s.doubt(true)
	path := "/operation/" + s.op.ID + "/settle"
	shows(t, p, "/", path)
	page := get(t, p, path)
	for _, text := range []string{"no connection", "4 times", "Present card", "125.00", `id="settle-go"`} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	form := url.Values{"from": {"settle"}, "operator": {"Ada"}, "why": {"its report"}}
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusUnprocessableEntity || d.called("settle") != 0 || !strings.Contains(w.Body.String(), "What the terminal answers") {
		t.Errorf("without paid or not paid: %d", w.Code)
	}
	form.Set("paid", "no")
	if w := call(t, p, "POST", path, form, false); w.Code != http.StatusSeeOther || d.called("settle") != 1 {
		t.Errorf("%d", w.Code)
	}
	if page := get(t, p, path); strings.Contains(page, `id="settle-go"`) {
		t.Error("settling is offered for a known outcome")
	}
}

// TestDoubtDuringTheSignature: after a restart in the middle of a signature the slip
// can be had again (SPI-05).
func TestDoubtDuringTheSignature(t *testing.T) {
	d := newDesk()
	p := pages(t, d, false)
	s := d.sale(12500)
	s.ask()
	s.op.Question, s.op.State = nil, payment.InDoubt
	s.op.Doubt = payment.Doubt{Since: time.Now(), Signature: true}
	s.op = d.put(s.op, payment.EventDoubt, payment.Note{Reason: payment.ReasonRestart})
	page := shows(t, p, "/", "may still wait for a word about the signature")
	if !strings.Contains(page, "Print the slip again") {
		t.Error("the slip cannot be had again")
	}
}

// What a person settled is headed by who said so, never as a word of the bank's.
func TestSettledSaysWho(t *testing.T) {
	for name, c := range map[string]struct {
		by   string
		paid bool
		head string
	}{
		"not paid":    {"Ada Lovelace", false, "Not paid: settled by Ada Lovelace"},
		"paid":        {"Ada Lovelace", true, "Paid: settled by Ada Lovelace"},
		"a long name": {strings.Repeat("Ada ", 10) + "Lovelace", false, "Not paid: settled by hand"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk()
			p := pages(t, d, false)
			s := d.sale(12500)
			s.doubt(true)
			f := url.Values{"operator": {c.by}, "why": {"looked"}, "paid": {map[bool]string{true: "yes", false: "no"}[c.paid]}}
			if w := call(t, p, "POST", "/operation/"+s.op.ID+"/settle", f, false); w.Code != http.StatusSeeOther {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			for _, path := range []string{"/", "/operation/" + s.op.ID} {
				page := shows(t, p, path, c.head+"</span>")
				if strings.Contains(page, ">Declined<") || strings.Contains(page, ">Approved<") || !strings.Contains(page, "Settled by hand by "+strings.TrimSpace(c.by)) {
					t.Errorf("%s: a word of the bank's, or nobody's:\n%s", path, page)
				}
			}
			if _, page, _ := strings.Cut(get(t, p, "/history"), "<tbody>"); strings.Contains(page, ">Declined<") || !strings.Contains(page, "aid, by hand<") {
				t.Error("the history says otherwise")
			}
		})
	}
}
