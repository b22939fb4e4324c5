package netpay

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// bubble runs a test in virtual time, at noon in Mexico City.
func bubble(t *testing.T, do func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// A bubble begins at midnight UTC of 1 January 2000: 18:00 the day before in
		// Mexico City.
		time.Sleep(18 * time.Hour)
		do(t)
	})
}

// The sequences of netpay.md 14 about tokens.
func TestSeq01To06Tokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.onPush = func(_ string, body map[string]any) (int, string) {
			h.later(time.Second, sold(body, nil))
			return 200, ack00
		}
		for range 2 { // 1, 2: one password grant for both
			if out, err := h.sell(24990); err != nil || out.Outcome != payment.Success || out.Confirm {
				t.Fatalf("%+v, %v", out, err)
			}
		}
		if len(h.forms) != 1 || h.forms[0].Get("grant_type") != "password" || h.forms[0].Get("username") != "Nacional" || h.heads[0].Get("Authorization") != "Basic dHJ1c3RlZC1hcHA6c2VjcmV0" {
			t.Errorf("token requests %v", h.forms)
		}
		time.Sleep(43000 * time.Second) // 3: one renewal for five at once
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if err := h.Ping(context.Background(), h.book); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(h.forms) != 2 {
			t.Errorf("%d token requests", len(h.forms))
		}
	})
	bubble(t, func(t *testing.T) { // 4: a refused refresh falls back to the password once
		h := newHouse(t, map[string]string{"token-renewal": "refresh"})
		if err := h.Ping(context.Background(), h.book); err != nil {
			t.Fatal(err)
		}
		time.Sleep(12 * time.Hour)
		h.token = func(f url.Values) (int, string) {
			if f.Get("grant_type") == "refresh_token" {
				return 400, `{"error":"invalid_grant","error_description":"Invalid refresh token: refresh-hidden-1"}`
			}
			return 200, `{"access_token":"new","expires_in":"soon"}`
		}
		err := h.Ping(context.Background(), h.book)
		if len(h.forms) != 3 || h.forms[1].Get("refresh_token") != "refresh-hidden-1" || h.forms[2].Get("grant_type") != "password" {
			t.Errorf("%v, %v", h.forms, err)
		}
	})
}

// 5, 6, 68: the documented errors are told apart; nothing is pushed; no text of
// NetPay's that may hold a token is shown or kept.
func TestSeq05Seq06Seq68TokenErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, says string
		code       payment.Code
	}{
		"client unknown":   {401, `{"timestamp":"2020-02-19T15:21:21.347+0000","status":401,"error":"Unauthorized","message":"token-hidden","path":"/x"}`, "auth-string", payment.CodeSettings},
		"grant missing":    {400, `{"error":"invalid_request","error_description":"Missing grant type"}`, "incomplete", payment.CodeRejected},
		"grant unknown":    {400, `{"error":"unsupported_grant_type","error_description":"Unsupported grant type: x"}`, "token-renewal", payment.CodeRejected},
		"password wrong":   {400, `{"error":"invalid_grant","error_description":"Bad credentials token-hidden"}`, "password", payment.CodeSettings},
		"no json":          {200, `<html>`, "base-url", payment.CodeUnreadable},
		"server fault":     {503, `busy`, "Try again", payment.CodeNoAnswer},
		"silence":          {0, ``, "internet", payment.CodeNoAnswer},
		"nothing about it": {404, `{}`, "base-url", payment.CodeRejected},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.token = func(url.Values) (int, string) { return c.status, c.body }
				_, err := h.sell(100)
				if payment.CodeOf(err) != c.code || payment.SentOf(err) != payment.SentNo || !strings.Contains(payment.TextOf(err), c.says) || h.count() != 0 || len(h.forms) != 1 {
					t.Errorf("%v, %d pushes, %d token requests", err, h.count(), len(h.forms))
				}
				if all := h.book.everything() + err.Error(); strings.Contains(all, "hidden") || strings.Contains(all, "dHJ1c3Rl") {
					t.Error("a secret is kept: " + all)
				}
			})
		})
	}
}

// 7: a refused token is renewed and the push repeated once; a second refusal stops.
func TestSeq07TokenRefusedByPush(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.revoked["token-hidden-1"] = true
		h.onPush = func(_ string, body map[string]any) (int, string) {
			h.later(time.Second, sold(body, nil))
			return 200, ack00
		}
		if out, err := h.sell(24990); err != nil || out.Outcome != payment.Success || h.count() != 1 || len(h.forms) != 2 {
			t.Errorf("%+v, %v, %d pushes", out, err, h.count())
		}
		h.revoked["token-hidden-2"], h.revoked["token-hidden-3"], h.revoked["token-hidden-4"] = true, true, true
		if _, err := h.sell(24990); payment.SentOf(err) != payment.SentNo || h.count() != 1 || len(h.forms) != 3 {
			t.Errorf("%v, %d pushes, %d token requests", err, h.count(), len(h.forms))
		}
	})
}

// What is pushed: 9, 12 to 15, 54, 65, 69.
func TestSeq12To15Push(t *testing.T) {
	for name, c := range map[string]struct {
		set     map[string]string
		account string
		minor   int64
		flag    any // nil: absent
		store   string
		amount  string
	}{
		"string flag":   {nil, "700101", 24990, "true", "700101", "249.90"},
		"boolean flag":  {map[string]string{"smart-accounts": "bool"}, "700102", 30, true, "700102", "0.30"},
		"no flag":       {map[string]string{"smart-accounts": "off", "stores": ""}, "", 1, nil, "700101", "0.01"},
		"large":         {nil, "700102", 99999999, "true", "700102", "999999.99"},
		"other address": {map[string]string{"base-url": "https://" + cloudHost + "/"}, "700101", 100, "true", "700101", "1.00"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, c.set)
				h.onPush = func(_ string, body map[string]any) (int, string) {
					h.later(time.Second, sold(body, map[string]any{"amount": c.amount, "affiliation": ""}))
					return 200, ack00
				}
				r := request(c.minor)
				r.Account = c.account
				out, err := h.Sale(context.Background(), r, h.book)
				if err != nil || out.Outcome != payment.Success || out.Authorised != c.minor || out.Confirm {
					t.Fatalf("%+v, %v", out, err)
				}
				got := h.pushed(0)
				flag, there := got["isSmartAccounts"]
				if flag != c.flag || there != (c.flag != nil) {
					t.Errorf("flag %v (%T), there %t", flag, flag, there)
				}
				if got["path"] != salePath || got["serialNumber"] != "0000012345" || got["storeId"] != c.store || got["folioNumber"] != ref || got["amount"] != json.Number(c.amount) || got["disablePrintAnimation"] != false {
					t.Errorf("pushed %v", got)
				}
			})
		})
	}
}

// Results of a sale: 9 to 11, 16, 24 to 28, 58, 59, 61 to 64.
func TestSaleResults(t *testing.T) {
	for name, c := range map[string]struct {
		change  map[string]any
		again   map[string]any // of the reprint; nil: none comes
		outcome payment.Outcome
		reason  payment.Reason
		minor   int64
		confirm bool
	}{
		"16 amount as short text":    {nil, nil, payment.Success, "", 24990, false},
		"9 amount as number":         {map[string]any{"amount": 249.9}, nil, payment.Success, "", 24990, false},
		"a tip on the terminal":      {map[string]any{"amount": "274.9", "tipAmount": "25.0"}, nil, payment.Success, "", 27490, false},
		"17 another amount":          {map[string]any{"amount": "150.0"}, nil, payment.Success, "", 15000, false},
		"53 another store":           {map[string]any{"storeId": "700102"}, nil, payment.Success, "", 24990, false},
		"53 another merchant number": {map[string]any{"affiliation": "9999999"}, nil, payment.Success, "", 24990, false},
		"64 loyalty":                 {map[string]any{"amount": "200.0", "summary": map[string]any{"amount": "200.0", "spinPremia": "49.9", "sum": "249.9"}}, nil, payment.Success, "", 24990, false},
		"61 payload of 2019":         {map[string]any{"isQps": 0.0, "preStatus": 0.0, "isRePrint": nil, "folioNumber": nil, "storeId": nil, "bin": nil}, nil, payment.Success, "", 24990, false},
		"62 63 odd dates":            {map[string]any{"ticketDate": "31 de junio", "transDate": ""}, nil, payment.Success, "", 24990, false},
		"summary of an odd type":     {map[string]any{"summary": "none"}, nil, payment.Success, "", 24990, false},
		"24 the customer cancels":    {map[string]any{"responseCode": "02", "amount": "0.00", "orderId": "", "affiliation": "700101", "transType": "", "reprintModule": ""}, nil, payment.Stopped, payment.ReasonCustomer, 0, false},
		"26 cancels, shape of 2022":  {map[string]any{"responseCode": "02", "amount": "0.00", "orderId": nil, "terminalId": nil, "transType": ""}, nil, payment.Stopped, payment.ReasonCustomer, 0, false},
		"27 declined":                {map[string]any{"responseCode": "51", "message": "Fondos insuficientes"}, map[string]any{"responseCode": "51", "reprintModule": "D", "isRePrint": true}, payment.Refused, payment.ReasonIssuer, 0, false},
		"27 declined, no more said":  {map[string]any{"responseCode": "51", "message": "Fondos insuficientes"}, nil, payment.Refused, payment.ReasonIssuer, 0, false},
		"28 read error, reversed":    {map[string]any{"responseCode": "05", "message": "Error al leer tarjeta"}, map[string]any{"responseCode": "05", "reprintModule": "RV", "isRePrint": true, "orderId": ""}, payment.Refused, payment.ReasonReversed, 0, false},
		"29 pending reversal":        {map[string]any{"responseCode": "05"}, map[string]any{"responseCode": "05", "reprintModule": "PRV", "isRePrint": "true"}, payment.Refused, payment.ReasonPendingReversal, 0, false},
		"refused, but it stands":     {map[string]any{"responseCode": "05"}, map[string]any{"reprintModule": "C", "isRePrint": true}, payment.Success, "", 24990, false},
		"it contradicts itself":      {map[string]any{"reprintModule": "RV"}, nil, payment.Unknown, payment.ReasonUnknownCode, 0, true},
		"17 a stranger's amount":     {map[string]any{"amount": "150.0", "traceability": nil}, nil, payment.Success, "", 15000, true},
		"a stranger's decline":       {map[string]any{"responseCode": "51", "traceability": nil}, nil, payment.Refused, payment.ReasonIssuer, 0, true},
		"no code":                    {map[string]any{"responseCode": ""}, nil, payment.Unknown, payment.ReasonUnknownCode, 0, true},
		"approved without amount":    {map[string]any{"amount": ""}, nil, payment.Unknown, payment.ReasonUnknownCode, 0, true},
		"cancelled, with money":      {map[string]any{"responseCode": "02"}, map[string]any{"reprintModule": "C", "isRePrint": true}, payment.Success, "", 24990, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.onPush = func(path string, body map[string]any) (int, string) {
					switch {
					case path == salePath:
						h.later(time.Second, sold(body, c.change))
					case c.again != nil:
						h.later(time.Second, sold(body, c.again))
					}
					return 200, ack00
				}
				out, err := h.sell(24990)
				if err != nil || out.Outcome != c.outcome || out.Reason != c.reason || out.Authorised != c.minor || out.Confirm != c.confirm {
					t.Errorf("%+v, %v", out, err)
				}
				if out.Confirm && len(out.Slips) > 0 && out.Outcome == payment.Success {
					t.Error("a slip of what is only claimed")
				}
				if out.Outcome == payment.Success && !out.Confirm && (out.References.Terminal == "" && c.change["orderId"] == nil || out.References.AuthCode != "314159" || out.Card.Masked != "************0042" || len(out.Slips) != 2) {
					t.Errorf("%+v", out)
				}
				if all := h.book.everything(); strings.Contains(all, marked(ref, opSale, "")["paydesk_mark"].(string)) || !strings.Contains(all, `"paydesk":"`+ref) {
					t.Error("who reads the timeline of an open sale could answer for the terminal: " + all)
				}
				if all := h.book.everything(); strings.Contains(all, "PEREZ") || strings.Contains(all, "08/29") || strings.Contains(all, "400000") || strings.Contains(all, "hidden") {
					t.Error("what may not be kept is kept: " + all)
				}
			})
		})
	}
}

// Acknowledgements: 18 to 20.
func TestSeq18To20Acknowledgements(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		result bool // the terminal delivers all the same
		sent   payment.Sent
		ok     bool
	}{
		"18 unknown terminal":         {200, `{"code":"19","message":"No se encontró la terminal"}`, false, payment.SentNo, false},
		"18 with another status":      {400, `{"code":19,"message":"No se encontró la terminal"}`, false, payment.SentNo, false},
		"19 unknown code":             {200, `{"code":"07","message":"?"}`, false, payment.SentMaybe, false},
		"server fault":                {500, `oops`, false, payment.SentMaybe, false},
		"no code":                     {200, `{}`, false, payment.SentMaybe, false},
		"20 silence":                  {0, ``, false, payment.SentMaybe, false},
		"20 silence, but a result":    {0, ``, true, "", true},
		"code as a number":            {200, `{"code":0}`, true, "", true},
		"32 a result before the ack":  {200, ack00, true, "", true},
		"unknown code, but a result":  {200, `{"code":"07"}`, true, "", true},
		"server fault, but a result ": {502, `oops`, true, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.onPush = func(_ string, body map[string]any) (int, string) {
					if c.result {
						h.deliver(sold(body, nil))
					}
					return c.status, c.body
				}
				out, err := h.sell(24990)
				if c.ok && (err != nil || out.Outcome != payment.Success) {
					t.Errorf("%+v, %v", out, err)
				}
				if !c.ok && (err == nil || payment.SentOf(err) != c.sent) {
					t.Errorf("%v, sent %q", err, payment.SentOf(err))
				}
				if h.count() != 1 {
					t.Errorf("%d pushes", h.count())
				}
			})
		})
	}
}

// Recovery by reprint: 21 to 23, 33, 39, 41, 42, 52.
func TestSeq21To23Lookup(t *testing.T) {
	for name, c := range map[string]struct {
		again   map[string]any
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"21 it stands":           {map[string]any{"reprintModule": "C"}, payment.Success, ""},
		"21 with another amount": {map[string]any{"reprintModule": "C", "amount": "99.0"}, payment.Success, ""},
		"22 declined":            {map[string]any{"reprintModule": "D", "responseCode": "51"}, payment.Refused, payment.ReasonIssuer},
		"reversed":               {map[string]any{"reprintModule": "RV", "responseCode": "05"}, payment.Refused, payment.ReasonReversed},
		"pending":                {map[string]any{"reprintModule": "PRV", "responseCode": "05"}, payment.Refused, payment.ReasonPendingReversal},
		"40 cancelled meanwhile": {map[string]any{"reprintModule": "V", "transType": "V"}, payment.Stopped, payment.ReasonCashier},
		"41 without a folio":     {map[string]any{"reprintModule": "C", "folioNumber": ""}, payment.Success, ""},
		"the customer cancelled": {map[string]any{"reprintModule": "", "responseCode": "02", "amount": "0.00"}, payment.Stopped, payment.ReasonCustomer},
		"C of a declined sale":   {map[string]any{"reprintModule": "C", "responseCode": "51"}, payment.Unknown, payment.ReasonUnknownCode},
		"C of a cancelled sale":  {map[string]any{"reprintModule": "C", "transType": "V"}, payment.Unknown, payment.ReasonUnknownCode},
		"D of an approved sale":  {map[string]any{"reprintModule": "D"}, payment.Unknown, payment.ReasonUnknownCode},
		"RV of an approved sale": {map[string]any{"reprintModule": "RV"}, payment.Unknown, payment.ReasonUnknownCode},
		"V of a sale":            {map[string]any{"reprintModule": "V"}, payment.Unknown, payment.ReasonUnknownCode},
		"an unknown state":       {map[string]any{"reprintModule": "ZZ"}, payment.Unknown, payment.ReasonUnknownCode},
		"a folio not found":      {map[string]any{"reprintModule": "", "responseCode": "25", "amount": ""}, payment.Unknown, payment.ReasonUnknownCode},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				c.again["isRePrint"] = true
				h.onPush = func(_ string, body map[string]any) (int, string) {
					h.later(3*time.Second, sold(body, c.again))
					return 200, ack00
				}
				out, err := h.Lookup(context.Background(), request(24990), h.book)
				if err != nil || out.Outcome != c.outcome || out.Reason != c.reason || out.Confirm {
					t.Errorf("%+v, %v", out, err)
				}
				if got := h.pushed(0); got["path"] != reprintPath || got["folioId"] != ref || got["orderId"] != "" || got["disablePrintAnimation"] != true || got["isSmartAccounts"] != "true" || got["storeId"] != "700101" {
					t.Errorf("pushed %v", got)
				}
			})
		})
	}
	bubble(t, func(t *testing.T) { // 23: no answer is no outcome
		h := newHouse(t, nil)
		if out, err := h.Lookup(context.Background(), request(24990), h.book); payment.CodeOf(err) != payment.CodeNoAnswer || !errors.Is(err, errSilent) {
			t.Errorf("%+v, %v", out, err)
		}
	})
	bubble(t, func(t *testing.T) { // 33: a result that came before is enough
		h := newHouse(t, nil)
		h.deliver(sold(nil, nil))
		if out, err := h.Lookup(context.Background(), request(24990), h.book); err != nil || out.Outcome != payment.Success || h.count() != 0 {
			t.Errorf("%+v, %v, %d pushes", out, err, h.count())
		}
	})
	bubble(t, func(t *testing.T) { // a forged amount is looked into
		h := newHouse(t, nil)
		h.onPush = func(_ string, body map[string]any) (int, string) {
			h.later(time.Second, sold(body, map[string]any{"isRePrint": true, "reprintModule": "D", "responseCode": "51"}))
			return 200, ack00
		}
		h.deliver(sold(nil, map[string]any{"amount": "1.0"}))
		if out, err := h.Lookup(context.Background(), request(24990), h.book); err != nil || out.Outcome != payment.Refused || h.count() != 1 {
			t.Errorf("%+v, %v, %d pushes", out, err, h.count())
		}
	})
}

// 29, 30: a pending reversal is asked about after the next approved sale, not before.
func TestSeq29PendingReversal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		module := "PRV"
		h.onPush = func(path string, body map[string]any) (int, string) {
			if path == salePath {
				h.later(time.Second, sold(body, map[string]any{"folioNumber": body["folioNumber"]}))
			} else {
				h.later(time.Second, sold(body, map[string]any{"isRePrint": true, "reprintModule": module, "responseCode": "05"}))
			}
			return 200, ack00
		}
		first := request(24990)
		for range 3 {
			out, err := h.Lookup(context.Background(), first, h.book)
			if err != nil || out.Reason != payment.ReasonPendingReversal {
				t.Fatalf("%+v, %v", out, err)
			}
			time.Sleep(time.Minute)
		}
		if h.count() != 1 {
			t.Errorf("asked %d times before anything could have changed", h.count())
		}
		second := request(24990)
		second.Attempt.Reference = "202611220000000022"
		if out, err := h.Sale(context.Background(), second, h.book); err != nil || out.Outcome != payment.Success {
			t.Fatalf("%+v, %v", out, err)
		}
		module = "RV"
		if out, err := h.Lookup(context.Background(), first, h.book); err != nil || out.Reason != payment.ReasonReversed {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// 66: one push at a time; the terminal is left alone while the customer is at it.
func TestSeq66OneAtATime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		var all sync.WaitGroup
		all.Go(func() {
			if out, err := h.sell(24990); err != nil || out.Outcome != payment.Success {
				t.Errorf("%+v, %v", out, err)
			}
		})
		synctest.Wait()
		other := request(100)
		other.Attempt.Reference = "202611220000000022"
		if _, err := h.Sale(context.Background(), other, h.book); payment.CodeOf(err) != payment.CodeBusy || payment.SentOf(err) != payment.SentNo {
			t.Errorf("%v", err)
		}
		if out, err := h.Lookup(context.Background(), request(24990), h.book); err != nil || out.Outcome != payment.Pending || h.count() != 1 {
			t.Errorf("%+v, %v, %d pushes", out, err, h.count())
		}
		h.deliver(sold(nil, nil))
		all.Wait()
		if _, err := h.Sale(canceled(), other, h.book); payment.CodeOf(err) == payment.CodeBusy {
			t.Error("the terminal is still taken")
		}
	})
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// Cancels: 43 to 50.
func TestSeq43To50Void(t *testing.T) {
	void := func() payment.Request {
		r := request(24990)
		r.Kind, r.Original = payment.Void, payment.References{Ours: "202611220000000001", Terminal: time.Now().In(zone).Format("060102150405") + "-0000012345"}
		return r
	}
	for name, c := range map[string]struct {
		wait    time.Duration
		order   string
		change  map[string]any
		outcome payment.Outcome
		reason  payment.Reason
		refused bool
		warned  bool
	}{
		"43 the same day":       {0, "", map[string]any{"transType": "V", "authCode": "271828", "bin": "", "cardExpDate": "29/08", "customerName": "null"}, payment.Success, "", false, false},
		"43 a second before":    {8*time.Hour - time.Second, "", map[string]any{"transType": "V"}, payment.Success, "", false, false},
		"44 at the cut-off":     {8 * time.Hour, "", map[string]any{"transType": "V"}, payment.Success, "", false, true},
		"44 past the cut-off":   {8*time.Hour + 30*time.Minute, "", map[string]any{"transType": "V"}, payment.Success, "", false, true},
		"44 NetPay refuses":     {9 * time.Hour, "", map[string]any{"transType": "V", "responseCode": "77"}, payment.Refused, payment.ReasonVoidRefused, false, true},
		"45 the next day":       {0, "991230120000-0000012345", nil, "", "", true, false},
		"50 without an order":   {0, "none", nil, "", "", true, false},
		"points-only order":     {0, "700101-0b7b6a1e-6d52-4a39-9d0c-6f5f3e0f7a11-R", map[string]any{"transType": "V"}, payment.Success, "", false, false},
		"46 just past midnight": {12*time.Hour + time.Minute, "", map[string]any{"transType": "V"}, payment.Success, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				time.Sleep(c.wait)
				r := void()
				if c.order != "" {
					r.Original.Terminal = strings.TrimPrefix(c.order, "none")
				}
				h.onPush = func(_ string, body map[string]any) (int, string) {
					h.later(time.Second, sold(body, c.change))
					return 200, ack00
				}
				out, err := h.Void(context.Background(), r, h.book)
				if c.refused {
					if payment.SentOf(err) != payment.SentNo || h.count() != 0 {
						t.Errorf("%v, %d pushes", err, h.count())
					}
					return
				}
				if err != nil || out.Outcome != c.outcome || out.Reason != c.reason {
					t.Errorf("%+v, %v", out, err)
				}
				if got := h.pushed(0); got["path"] != cancelPath || got["orderId"] != r.Original.Terminal || got["storeId"] != "700101" || got["isSmartAccounts"] != "true" {
					t.Errorf("pushed %v", got)
				}
				if warned := strings.Contains(h.book.everything(), "past 20:00"); warned != c.warned {
					t.Errorf("warned %t", warned)
				}
			})
		})
	}
	for module, want := range map[string]payment.Outcome{"V": payment.Success, "C": payment.Refused, "?": payment.Unknown} { // 48
		bubble(t, func(t *testing.T) {
			h := newHouse(t, nil)
			h.onPush = func(_ string, body map[string]any) (int, string) {
				h.later(time.Second, sold(body, map[string]any{"isRePrint": true, "reprintModule": module, "transType": "V", "folioNumber": "202611220000000001"}))
				return 200, ack00
			}
			r := void()
			if out, err := h.Lookup(context.Background(), r, h.book); err != nil || out.Outcome != want {
				t.Errorf("%s: %+v, %v", module, out, err)
			}
			if got := h.pushed(0); got["orderId"] != r.Original.Terminal || got["folioId"] != nil {
				t.Errorf("pushed %v", got)
			}
		})
	}
}

// The door: 31, 34 to 38, 51, 55 to 57, 67, and forged deliveries.
func TestSeq31To38Door(t *testing.T) {
	const took = `{"code":"00","message":"Recibido"}`
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		for name, body := range map[string]any{
			"35 empty":                   "",
			"36 test post":               map[string]any{"folioNumber": "", "internalNumber": "1", "tableId": "2", "listOfPays": []any{}, "tipTotalAmount": 0, "totalAmount": 0},
			"37 broken":                  `{"amount":"249.9","hexSign` + "\n",
			"no object":                  `[1,2]`,
			"38 unknown attempt":         sold(nil, map[string]any{"folioNumber": "X-1", "traceability": map[string]any{"other": "system"}}),
			"odd traceability":           sold(nil, map[string]any{"traceability": "text", "amount": "3.0"}),
			"a folio beyond all measure": sold(nil, map[string]any{"folioNumber": strings.Repeat("9", 300), "traceability": nil}),
			"invalid UTF-8":              "{\"message\":\"\xff\xfe\"}",
		} {
			if code, answer := h.deliver(body); code != 200 || answer != took {
				t.Errorf("%s: %d %s", name, code, answer)
			}
		}
		for _, d := range h.inbox.list {
			if d.Reference != "" && d.Reference != ref {
				t.Errorf("a reference of a stray: %q", d.Reference)
			}
		}
		kept := len(h.inbox.list)
		h.deliver(sold(nil, nil))
		h.deliver(sold(nil, map[string]any{"rePrintDate": "2.7"})) // 31: the same result once more
		if len(h.inbox.list) != kept+1 {
			t.Errorf("%d results were kept", len(h.inbox.list)-kept)
		}
		h.inbox.fail = errors.New("the disk is full") // 34
		if code, answer := h.deliver(sold(nil, map[string]any{"amount": "5.0"})); code < 500 || strings.Contains(answer, `"00"`) {
			t.Errorf("a result that cannot be stored is answered %d %s", code, answer)
		}
	})
	for name, change := range map[string]map[string]any{
		"another device":  {"terminalId": "0000099999"},
		"last week's":     {"folioNumber": "202611150000000007", "traceability": map[string]any{"paydesk": "202611150000000007", "op": "sale"}},
		"another folio":   {"folioNumber": "202611150000000007"},
		"another attempt": {"traceability": map[string]any{"paydesk": "202611150000000007", "op": "sale"}},
	} {
		t.Run("forged: "+name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.onPush = func(_ string, body map[string]any) (int, string) {
					h.later(time.Second, sold(nil, change))
					h.later(time.Minute, sold(body, map[string]any{"responseCode": "02", "amount": "0.00", "orderId": ""}))
					return 200, ack00
				}
				if out, err := h.sell(24990); err != nil || out.Outcome != payment.Stopped {
					t.Errorf("%+v, %v", out, err)
				}
			})
		})
	}
}

func TestWithoutAWayIn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, map[string]string{"listen": ""})
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		if _, err := h.Sale(ctx, request(100), h.book); payment.SentOf(err) != payment.SentMaybe {
			t.Errorf("%v", err)
		}
		if !strings.Contains(h.book.everything(), "settled by hand") && !strings.Contains(h.book.everything(), "Settle it by hand") {
			t.Error("nobody was warned")
		}
		if out, err := h.Lookup(context.Background(), request(100), h.book); err != nil || out.Outcome != payment.Unknown || h.count() != 1 {
			t.Errorf("%+v, %v, %d pushes", out, err, h.count())
		}
		if d := h.Door(); d.Listening != "" || d.URL != "" || d.Without == "" || d.Probe != nil {
			t.Errorf("%+v", d)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		d := h.Door()
		if !strings.HasPrefix(d.URL, "http://till.example/netpay/") || len(d.URL) != len("http://till.example/netpay/")+16 {
			t.Errorf("%+v", d)
		}
		if err := d.Probe(context.Background()); err != nil {
			t.Error(err)
		}
		if len(h.inbox.list) != 0 {
			t.Error("a probe was kept")
		}
	})
}

// Who waits for somebody else's request for a token waits no longer than they may.
func TestTokenIsNotWaitedForWithoutEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.token = func(url.Values) (int, string) { return 0, "" } // silence
		var first sync.WaitGroup
		first.Go(func() { _ = h.Ping(context.Background(), h.book) })
		time.Sleep(time.Second)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		err := h.Ping(ctx, h.book)
		if waited := time.Since(begun); waited != 2*time.Second || payment.SentOf(err) != payment.SentNo {
			t.Errorf("after %s: %v", waited, err)
		}
		first.Wait()
	})
}

// What an earlier run of the till has pushed may still be on the terminal: it is left
// alone until nobody takes so long to pay, whatever it answered to a question meanwhile.
func TestAttemptOfAnEarlierRunIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.onPush = func(_ string, body map[string]any) (int, string) {
			h.later(time.Second, sold(body, map[string]any{"isRePrint": true}))
			return 200, ack00
		}
		r := request(24990)
		r.Attempt.At = time.Now().Add(-settleIn)
		for range 7 {
			if out, err := h.Lookup(context.Background(), r, h.book); err != nil || out.Outcome != payment.Pending {
				t.Fatalf("%s after the push: %+v, %v", time.Since(r.Attempt.At), out, err)
			}
			time.Sleep(settleIn)
		}
		if out, err := h.Lookup(context.Background(), r, h.book); err != nil || out.Outcome != payment.Success {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// A clock that was fast when the attempt was made, and has been set right since, makes
// the terminal look busy only while this run of the till is young, not until the clock is
// there again.
func TestAttemptOfAFastClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.onPush = func(_ string, body map[string]any) (int, string) {
			h.later(time.Second, sold(body, map[string]any{"isRePrint": true}))
			return 200, ack00
		}
		r := request(24990)
		r.Attempt.At = time.Now().Add(17 * time.Hour)
		if out, err := h.Lookup(context.Background(), r, h.book); err != nil || out.Outcome != payment.Pending {
			t.Errorf("at once: %+v, %v", out, err)
		}
		time.Sleep(patientUntil)
		if out, err := h.Lookup(context.Background(), r, h.book); err != nil || out.Outcome != payment.Success {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
