package netpay

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Whatever NetPay's cloud answers to a push: it counts as taken by the code 00 alone, and
// as never sent only where the answer says so clearly.
func FuzzAck(f *testing.F) {
	for _, seed := range []string{ack00, `{"code":"19","message":"No se encontró la terminal"}`, `{"code":0}`, `{"code":"07"}`, `{"error":"invalid_token"}`, `{"code":{"a":1}}`, `[]`, "", "null", `{"code":"00"} x`} {
		f.Add(200, seed)
		f.Add(500, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		h := newHouse(t, nil)
		h.onPush = func(string, map[string]any) (int, string) { return status, body }
		err := h.push(context.Background(), salePath, "SaleRequest", ref, saleBody{}, true, h.book)
		var got map[string]any
		readable := json.Unmarshal([]byte(body), &got) == nil
		switch {
		case err == nil && !readable:
			t.Errorf("%d %q counts as taken", status, body)
		case err != nil && payment.TextOf(err) == "":
			t.Errorf("%d %q: nobody is told what it means: %v", status, body, err)
		case err != nil && payment.SentOf(err) == payment.SentNo && status != 401 && !strings.Contains(body, "19") && !strings.Contains(body, `\u`) && !strings.Contains(body, "invalid_token") && !strings.Contains(body, "unauthorized"):
			t.Errorf("%d %q counts as never sent: %v", status, body, err)
		}
	})
}

// Whatever the token endpoint answers: a token, or an error that says that nothing was
// sent, and that repeats nothing of the answer.
func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{`{"access_token":"a","expires_in":43199}`, `{"access_token":"a","expires_in":-1e300}`, `{"access_token":1}`, `{"error":"invalid_grant","error_description":"Bad credentials"}`,
		`{"timestamp":"2020","status":401,"error":"Unauthorized"}`, "<html>", "", "null"} {
		f.Add(200, seed)
		f.Add(400, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		h := newHouse(t, nil)
		h.token = func(url.Values) (int, string) { return status, body }
		token, err := h.Terminal.tokens.get(context.Background(), h.book.Message)
		switch {
		case err == nil && (token == "" || status != 200):
			t.Errorf("%d %q gives the token %q", status, body, token)
		case err != nil && (payment.SentOf(err) != payment.SentNo || payment.TextOf(err) == ""):
			t.Errorf("%d %q: %v", status, body, err)
		}
		if kept := h.book.everything(); len(body) > 40 && strings.Contains(kept, body) {
			t.Errorf("the answer is kept: %s", kept)
		}
	})
}

// Times and stores, as terminals and people write them.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"DIC. 03, 19 10:40:46 ", "SEPT. 24, 26 24:40:07", "2019-12-03 10:38:25.CST", "200624084826-0000012345", "700101, Uno, 7000001; 700102", "\n;;,", "FEB. 30, 99 23:59:60"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, ok := ticketTime(text); ok && (at.Year() < 2000 || at.Year() > 2099) {
			t.Errorf("%q is %s", text, at)
		}
		if at, ok := orderTime(text); ok && at.Format("060102150405") != text[:12] {
			t.Errorf("%q is %s", text, at)
		}
		if at, ok := hostTime(text); ok && at.IsZero() {
			t.Errorf("%q is %s", text, at)
		}
		list, err := stores(text, "700101")
		seen := map[string]bool{}
		for _, a := range list {
			if err != nil || seen[a.ID] || !plain(a.ID) {
				t.Errorf("%q gives %+v, %v", text, list, err)
			}
			seen[a.ID] = true
		}
	})
}
