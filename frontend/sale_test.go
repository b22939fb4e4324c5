package frontend_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

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
	shows(t, p, "/", `data-screen="result-`)
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
