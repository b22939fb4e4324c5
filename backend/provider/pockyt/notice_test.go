package pockyt

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// A notification whose fields come in any order, with empty ones that were signed or not
// (pk-27), is the same notification; one with a field twice is none.
func TestNoticeInAnyOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, listening)
		post := func(f fields, twice string) int {
			var parts []string
			for name, value := range f {
				parts = append(parts, url.QueryEscape(name)+"="+url.QueryEscape(value))
			}
			slices.SortFunc(parts, func(a, b string) int { return strings.Compare(b, a) }) // the signature sorts the other way
			w := httptest.NewRecorder()
			h.post.ServeHTTP(w, httptest.NewRequest(http.MethodPost, h.path, strings.NewReader(strings.Join(parts, "&")+twice)))
			return w.Code
		}
		f := paidNotice(nil)
		f[signatureKey] = sign(f, token1)
		empty := paidNotice(fields{"note": "", "vendorId": ""})
		empty[signatureKey] = sign(paidNotice(nil), token1)
		for name, c := range map[string]struct {
			f     fields
			twice string
			want  int
		}{
			"reversed":            {f, "", 200},
			"with empty fields":   {empty, "", 200},
			"a field twice":       {f, "&amount=1.00", 400},
			"the signature twice": {f, "&" + signatureKey + "=x", 400},
		} {
			if got := post(c.f, c.twice); got != c.want {
				t.Errorf("%s: %d", name, got)
			}
		}
		for _, d := range h.inbox.list {
			if d.Fault == "" && d.Reference != ref || d.Name == "" {
				t.Errorf("%+v", d)
			}
		}
	})
}

// Amounts with other decimals are compared as amounts, in answers as in notifications.
func TestAmountsWithOtherDecimals(t *testing.T) {
	for _, amount := range []any{"13", "13.0", "13.00", 13, 13.0} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"amount": amount})}, "tran-query": {ok(stateSuccess, m{"amount": amount})}})
			if out, err := h.sell(); err != nil || out.Outcome != payment.Success || out.Authorised != 1300 {
				t.Errorf("%v: %+v, %v", amount, out, err)
			}
		})
	}
}
