package pockyt

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

type m = map[string]any

// The sequences of pockyt.md about one sale: the script, how it ends, and the calls
// that were made (a dot is a query).
func TestSequencesOfASale(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*payment.Request)
		script map[string][]string
		want   payment.Outcome
		reason payment.Reason
		calls  string // exact; empty: not looked at
		says   string // in the reason's text
	}{
		"Seq04 add, prepay, success": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess)}}, want: payment.Success, calls: "add prepay"},
		"Seq05 pending twice, then success": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(statePending)}, "tran-query": {ok(statePending), ok(statePending), ok(stateSuccess)}},
			want: payment.Success, calls: "add prepay . . ."},
		"Seq06 pending, then failed": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(statePending)}, "tran-query": {ok(statePending), ok(stateFailed)}},
			want: payment.Refused, reason: payment.ReasonIssuer},
		"Seq07 closed by the customer": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(statePending)}, "tran-query": {ok(statePending), ok(stateClosed)}},
			want: payment.Stopped, reason: payment.ReasonCustomer},
		"Seq16 prepay lost, it succeeded": {script: map[string][]string{"add": {ok(initial)}, "prepay": {"cut"}, "tran-query": {ok(statePending), ok(stateSuccess)}},
			want: payment.Success, calls: "add prepay . ."},
		"Seq16 prepay silent, it succeeded": {script: map[string][]string{"add": {ok(initial)}, "prepay": {""}, "tran-query": {ok(stateSuccess)}},
			want: payment.Success, calls: "add prepay ."},
		"Seq19 expired code, refused with a code": {script: map[string][]string{"add": {ok(initial)}, "prepay": {says("000023", "")}, "tran-query": {ok(initial), ok(stateClosed)}, "cancel": {ok(stateClosed, m{"amount": 13})}},
			want: payment.NotDone, reason: payment.ReasonRejected, calls: "add prepay . cancel .", says: "000023"},
		"Seq19 expired code, failed": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateFailed)}, "tran-query": {ok(stateFailed)}},
			want: payment.Refused, calls: "add prepay ."},
		"Seq30 supplier error is no decline": {script: map[string][]string{"add": {ok(initial)}, "prepay": {says(codeSupplier, "")}, "tran-query": {says(codeSystem, ""), says(codeSupplier, ""), ok(stateSuccess)}},
			want: payment.Success, calls: "add prepay . . ."},
		"Seq30 system error is no decline": {script: map[string][]string{"add": {ok(initial)}, "prepay": {says(codeSystem, "")}, "tran-query": {ok(stateSuccess)}},
			want: payment.Success},
		"Seq32 numbers and texts": {script: map[string][]string{"add": {ok(initial, m{"amount": 13})}, "prepay": {ok(statePending, m{"amount": 13.0})}, "tran-query": {ok(stateSuccess, m{"amount": "13"})}},
			want: payment.Success},
		"Seq34 answers that nobody can read": {script: map[string][]string{"add": {ok(initial)}, "prepay": {"html"}, "tran-query": {"html", " ", "cut", "{}", "[1]", ok(stateSuccess)}},
			want: payment.Success},
		"Seq34 a success with a status of failure": {script: map[string][]string{"add": {ok(initial)}, "prepay": {"500 " + ok(stateSuccess)}, "tran-query": {"500 " + ok(stateSuccess), ok(stateFailed)}},
			want: payment.Refused, calls: "add prepay . ."},
		"Seq13 add lost, the order exists": {script: map[string][]string{"add": {"cut"}, "prepay": {ok(stateSuccess)}, "tran-query": {ok(initial)}},
			want: payment.Success, calls: "add . prepay"},
		"Seq14 add lost, not found twice": {script: map[string][]string{"add": {"cut", ok(initial)}, "prepay": {ok(stateSuccess)}, "tran-query": {says(codeNotFound, "")}},
			want: payment.Success, calls: "add . . add prepay"},
		"add lost, came late": {script: map[string][]string{"add": {"cut", says("000023", "")}, "prepay": {ok(stateSuccess)}, "tran-query": {says(codeNotFound, ""), says(codeNotFound, ""), ok(initial)}},
			want: payment.Success, calls: "add . . add . prepay"},
		"Seq20 Seq21 a code is shown, and paid": {change: shows, script: map[string][]string{"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})}, "tran-query": {ok(initial), ok(statePending), ok(stateSuccess)}},
			want: payment.Success, calls: "create-trans-qrcode . . ."},
		"Seq23 the hosted picture is ignored": {change: shows, script: map[string][]string{"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc", "qrcodeUrl": "https://evil.example/x.png"})}, "tran-query": {ok(stateSuccess)}},
			want: payment.Success},
		"Seq22 a shown code runs out at Pockyt": {change: shows, script: map[string][]string{"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": "x"})}, "tran-query": {ok(initial), ok(stateClosed)}},
			want: payment.Stopped},
		"an answer for another transaction": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"transactionNo": "297553638241892411"})}, "tran-query": {ok(stateSuccess, m{"reference": "26112200070000000018"}), ok(stateFailed)}},
			want: payment.Refused},
		"a refund's answer": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"transactionType": "refund"})}, "tran-query": {ok(stateFailed)}},
			want: payment.Refused},
		"another currency is never believed": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"currency": "CNY"})}, "tran-query": {ok(stateSuccess, m{"currency": "CNY"})}},
			want: payment.Unknown, reason: payment.ReasonForeign},
		"another store is never believed": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, m{"storeNo": "300015"})}, "tran-query": {ok(stateFailed)}},
			want: payment.Refused},
		"Seq31 an unknown status": {script: map[string][]string{"add": {ok(initial)}, "prepay": {ok("successful")}, "tran-query": {ok("successful")}},
			want: payment.Unknown, reason: payment.ReasonUnknownCode},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.say = answers(c.script)
				change := c.change
				if change == nil {
					change = func(*payment.Request) {}
				}
				out, err := h.sell(change)
				if err != nil || out.Outcome != c.want || out.Confirm || c.reason != "" && out.Reason != c.reason || !strings.Contains(out.ReasonText, c.says) {
					t.Errorf("%+v, %v", out, err)
				}
				if c.calls != "" && h.made() != c.calls {
					t.Errorf("calls: %s, want %s", h.made(), c.calls)
				}
				if h.count("prepay") > 1 || c.want == payment.Unknown && h.count("cancel") > 0 {
					t.Errorf("calls: %s", h.made())
				}
				if c.want == payment.Success && (out.Authorised != 1300 || out.References.Terminal != number || len(out.Slips) != 2 || out.Slips[0].Receipt != number || out.Slips[1].Scan != number) {
					t.Errorf("%+v", out)
				}
				if all := h.book.everything(); strings.Contains(all, alipay) || strings.Contains(all, token1) { // 42
					t.Error("a secret is kept: " + all)
				}
			})
		})
	}
}

// 8, 9: at the limit the order is asked about, closed if it is unpaid, and asked about
// again.
func TestSeq08Seq09TimeIsOver(t *testing.T) {
	refunded := m{"refundInfo": m{"refundTransactionId": "297553638241892499", "refundAmount": "13.00", "currency": "USD"}}
	entry := func(state string) m {
		return m{"refundInfo": m{"refundTransactionId": "297553638241892499", "refundAmount": "13.00", "currency": "USD", "status": state}}
	}
	waiting, failing := entry(statePending), entry(stateFailed)
	for name, c := range map[string]struct {
		change     func(*payment.Request)
		after      []string // answers of tran-query once it was cancelled
		cancel     string
		want       payment.Outcome
		reason     payment.Reason
		cancels    int
		least, max time.Duration
	}{
		"Seq08 pending for ever":                        {func(*payment.Request) {}, []string{ok(stateClosed)}, ok(stateClosed), payment.Stopped, payment.ReasonUnpaid, 1, scanFor, scanFor + 5*time.Second},
		"a shown code that nobody scans":                {shows, []string{ok(stateClosed)}, ok(stateClosed), payment.Stopped, payment.ReasonUnpaid, 1, showFor, showFor + 5*time.Second},
		"Seq09 the cancel met the payment":              {func(*payment.Request) {}, []string{ok(stateSuccess), ok(stateSuccess, refunded)}, ok(stateClosed), payment.Stopped, payment.ReasonReversed, 1, scanFor, scanFor + 10*time.Second},
		"Seq09 what went back is pending first":         {func(*payment.Request) {}, []string{ok(stateSuccess, waiting), ok(stateSuccess, waiting), ok(stateSuccess, refunded)}, ok(stateClosed), payment.Stopped, payment.ReasonReversed, 1, scanFor, scanFor + 15*time.Second},
		"Seq09 what was to go back has failed":          {func(*payment.Request) {}, []string{ok(stateSuccess, waiting), ok(stateSuccess, failing)}, ok(stateClosed), payment.Success, "", 1, scanFor, scanFor + settleFor + 5*time.Second},
		"Seq09 it stays pending":                        {func(*payment.Request) {}, []string{ok(stateSuccess, waiting)}, ok(stateClosed), payment.Unknown, payment.ReasonNoAnswer, 1, scanFor + closeFor, scanFor + closeFor + 5*time.Second},
		"Seq12 refused with 000040, it is paid":         {func(*payment.Request) {}, []string{ok(stateSuccess)}, says(codeState, ""), payment.Success, "", 1, scanFor, scanFor + settleFor + 5*time.Second},
		"Seq11 the cancel's answer is lost":             {func(*payment.Request) {}, []string{ok(stateClosed)}, "cut", payment.Stopped, payment.ReasonUnpaid, 1, scanFor, scanFor + 5*time.Second},
		"Seq11 the cancel is lost":                      {func(*payment.Request) {}, []string{ok(statePending), ok(statePending), ok(statePending), ok(statePending), ok(statePending), ok(statePending), ok(statePending), ok(statePending), ok(stateClosed)}, "cut", payment.Stopped, payment.ReasonUnpaid, 2, scanFor, scanFor + 30*time.Second},
		"Seq08 it cannot be closed":                     {func(*payment.Request) {}, []string{ok(statePending)}, says(codeState, ""), payment.Unknown, payment.ReasonNoAnswer, maxCancels, scanFor + closeFor, scanFor + closeFor + 5*time.Second},
		"Seq34 nothing answers any more after a cancel": {func(*payment.Request) {}, []string{"cut"}, "cut", payment.Unknown, payment.ReasonNoAnswer, 1, scanFor + closeFor, scanFor + closeFor + 15*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				past := 0
				h.say = func(call string, n int, _ fields) string {
					switch call {
					case "add":
						return ok(initial)
					case "create-trans-qrcode":
						return ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})
					case "prepay":
						return ok(statePending)
					case "cancel":
						return c.cancel
					}
					if h.count("cancel") == 0 {
						return ok(statePending)
					}
					past++
					return c.after[min(past, len(c.after))-1]
				}
				begun := time.Now()
				out, err := h.sell(c.change)
				if took := time.Since(begun); err != nil || out.Outcome != c.want || out.Reason != c.reason || h.count("cancel") != c.cancels || took < c.least || took > c.max {
					t.Errorf("%+v, %v, %d cancels after %s", out, err, h.count("cancel"), took)
				}
				if n := h.count("tran-query"); n > 120 {
					t.Errorf("%d queries", n)
				}
				if calls := h.made(); !strings.Contains(calls, ". cancel .") {
					t.Errorf("a cancel stands between two queries: %s", calls)
				}
				if c.want == payment.Success && strings.Contains(strings.Join(out.Slips[0].More, "|"), "Refund") {
					t.Errorf("the slip of what stands as paid tells of a refund: %+v", out.Slips[0].More)
				}
				if c.reason == payment.ReasonReversed && (len(out.Slips) != 2 || !strings.Contains(strings.Join(out.Slips[0].More, "|"), "Refund 297553638241892499")) {
					t.Errorf("the refund is not on the slip: %+v", out.Slips)
				}
			})
		})
	}
}

// 10: the cashier gives it up. It is asked first; what is paid stays paid.
func TestSeq10GivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*payment.Request)
		at      time.Duration
		then    []string // answers of tran-query from then on
		prepay  string
		want    payment.Outcome
		reason  payment.Reason
		cancels int
	}{
		"pending":                          {func(*payment.Request) {}, 4500 * time.Millisecond, []string{ok(statePending), ok(stateClosed)}, ok(statePending), payment.Stopped, payment.ReasonCashier, 1},
		"Seq10 it had just been paid":      {func(*payment.Request) {}, 4500 * time.Millisecond, []string{ok(stateSuccess)}, ok(statePending), payment.Success, "", 0},
		"Seq22 it is paid beside a cancel": {shows, 4500 * time.Millisecond, []string{ok(initial), ok(stateSuccess)}, "", payment.Success, "", 1},
		"the charge is still out":          {func(*payment.Request) {}, 4500 * time.Millisecond, []string{ok(statePending), ok(stateClosed)}, "", payment.Stopped, payment.ReasonCashier, 1},
		"a shown code":                     {shows, 4500 * time.Millisecond, []string{ok(initial), ok(stateClosed)}, "", payment.Stopped, payment.ReasonCashier, 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				given, after := false, 0
				h.say = func(call string, _ int, _ fields) string {
					switch call {
					case "add":
						return ok(initial)
					case "create-trans-qrcode":
						return ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc"})
					case "prepay":
						return c.prepay
					case "cancel":
						return ok(stateClosed)
					}
					if !given {
						return ok(statePending)
					}
					after++
					return c.then[min(after, len(c.then))-1]
				}
				go func() {
					time.Sleep(c.at)
					given = true
					for range 2 { // twice the same wish is one
						if err := h.Abort(context.Background(), request(c.change), "", h.book); err != nil {
							t.Error(err)
						}
					}
				}()
				out, err := h.sell(c.change)
				if err != nil || out.Outcome != c.want || out.Reason != c.reason || h.count("cancel") != c.cancels {
					t.Errorf("%+v, %v, %s", out, err, h.made())
				}
			})
		})
	}
}

// Before anybody can pay, a sale that is given up or cannot be prepared is none.
func TestNothingPrepared(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*payment.Request)
		script map[string][]string
		code   payment.Code
		says   string
	}{
		"Seq15 duplicate reference":    {nil, map[string][]string{"add": {says("000023", "")}}, payment.CodeRejected, "used before"},
		"Seq42 wrong token":            {nil, map[string][]string{"add": {says("000022", "")}}, payment.CodeRejected, "token"},
		"no rights":                    {nil, map[string][]string{"add": {says("000030", "")}}, payment.CodeRejected, "permit"},
		"nothing answers":              {nil, map[string][]string{"add": {"cut"}, "tran-query": {"cut"}}, payment.CodeNoAnswer, "Nothing was charged"},
		"another order is found":       {nil, map[string][]string{"add": {"cut"}, "tran-query": {ok(initial, m{"amount": "14.00"})}}, payment.CodeNoAnswer, "Nothing was charged"},
		"another order is made":        {nil, map[string][]string{"add": {ok(initial, m{"reference": "x"})}, "cancel": {ok(stateClosed)}}, payment.CodeForeign, "Nothing was charged"},
		"the code to show is lost":     {shows, map[string][]string{"create-trans-qrcode": {"html"}, "tran-query": {ok(initial)}, "cancel": {ok(stateClosed)}}, payment.CodeUnreadable, "Nothing was charged"},
		"the code to show is missing":  {shows, map[string][]string{"create-trans-qrcode": {ok(initial)}, "cancel": {ok(stateClosed)}}, payment.CodeUnreadable, "Nothing was charged"},
		"the code to show is too long": {shows, map[string][]string{"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": strings.Repeat("x", 5000)})}, "cancel": {"cut"}}, payment.CodeUnreadable, "Nothing was charged"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.say = answers(c.script)
				change := c.change
				if change == nil {
					change = func(*payment.Request) {}
				}
				_, err := h.sell(change)
				if payment.SentOf(err) != payment.SentNo || payment.CodeOf(err) != c.code || !strings.Contains(payment.TextOf(err), c.says) || h.count("prepay") != 0 || h.count("add") > 1 {
					t.Errorf("%v: %s", err, h.made())
				}
				if h.count("create-trans-qrcode") == 1 && h.count("cancel") != 1 {
					t.Errorf("an order nobody can pay stays open: %s", h.made())
				}
			})
		})
	}
}

// 17, 24: what is sent.
func TestSeq17Seq24WhatIsSent(t *testing.T) {
	for vendor, want := range map[string]string{"": "", "wechat": "wechatpay", "alipay": "alipay"} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, payment.Settings{"callback-url": "https://relay.example/x", "store-admin-no": "9"})
			h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess)}})
			code := payment.Scanned(" " + alipay + "\r\n")
			if vendor == "wechat" {
				code = "134567890123456789"
			}
			if out, err := h.sell(func(r *payment.Request) { r.Vendor, r.Code = vendor, code }); err != nil || out.Outcome != payment.Success {
				t.Fatalf("%+v, %v", out, err)
			}
			add, pay := h.last("add"), h.last("prepay")
			if add["amount"] != "13.00" || add["settleCurrency"] != "USD" || add["reference"] != ref || add["timeout"] != "15" || add["ipnUrl"] != "https://relay.example/x" || add["storeAdminNo"] != "9" {
				t.Errorf("add: %v", add)
			}
			if pay["vendor"] != want || pay["paymentBarcode"] != strings.TrimSpace(string(code)) || pay["transactionNo"] != number {
				t.Errorf("prepay: %v", pay)
			}
		})
	}
}

// Another amount counts once it was said twice, with what was really charged.
func TestAnotherAmount(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		other := m{"amount": "14.00"}
		h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {ok(stateSuccess, other)}, "tran-query": {ok(stateSuccess, other)}})
		out, err := h.sell()
		if err != nil || out.Outcome != payment.Success || out.Authorised != 1400 || out.Confirm || h.made() != "add prepay . ." {
			t.Errorf("%+v, %v, %s", out, err, h.made())
		}
		looked, err := h.Lookup(context.Background(), request(), h.book)
		if err != nil || looked.Authorised != 1400 || looked.Confirm || h.made() != "add prepay . . . ." {
			t.Errorf("%+v, %v, %s", looked, err, h.made())
		}
	})
}

// Whoever repeats the customer's code in an answer, in a field or in a sentence, does
// not bring it into the journal or onto the page: it may still be charged. Ids that only
// hold its digits stay what they are.
func TestEchoedCode(t *testing.T) {
	const code = "1234567890" // of a wallet whose codes are short
	for name, c := range map[string]struct {
		prepay string
		want   payment.Outcome
	}{
		"in a sentence": {strings.Replace(says("000023", ""), "add success", "paymentBarcode "+code+" is not valid", 1), payment.NotDone},
		"in a field":    {ok(statePending, m{"paymentBarcode": code, "buyer": m{"code": code}}), payment.Success},
		"as a number":   {strings.Replace(ok(statePending), `"result":{`, `"result":{"barcode":`+code+`,`, 1), payment.Success},
		"on a page":     {"<html>" + code + "</html>", payment.Success},
	} {
		bubble(t, func(t *testing.T) {
			h := newHouse(t, listening)
			const holds = "29" + code + "241892" // Pockyt's number of the order
			h.say = func(call string, _ int, _ fields) string {
				switch {
				case call == "add":
					return ok(initial, m{"transactionNo": holds})
				case call == "prepay":
					return strings.Replace(c.prepay, number, holds, 1)
				case c.want == payment.NotDone && h.count("cancel") == 0:
					return ok(initial, m{"transactionNo": holds})
				case c.want == payment.NotDone:
					return ok(stateClosed, m{"transactionNo": holds})
				}
				return ok(stateSuccess, m{"transactionNo": holds, "paymentBarcode": code})
			}
			out, err := h.sell(func(r *payment.Request) { r.Code, r.Vendor = code, "venmo" })
			if err != nil || out.Outcome != c.want || out.References.Terminal != holds {
				t.Errorf("%s: %+v, %v", name, out, err)
			}
			h.deliver(paidNotice(fields{"transactionNo": holds, "note": "code " + code}), token1)
			kept := fmt.Sprintf("%s %+v %+v", h.book.everything(), out, h.inbox.list)
			if kept = strings.ReplaceAll(kept, holds, ""); strings.Contains(kept, code) {
				t.Errorf("%s: the code is kept: %s", name, kept)
			}
		})
	}
}

// The code that is shown stays on the till with its end, and goes with it.
func TestSeq20ShownCode(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.say = answers(map[string][]string{"create-trans-qrcode": {ok(initial, m{"status": nil, "deepLink": "https://qr.example/abc?x=1&y=2"})}, "tran-query": {ok(initial), ok(stateDealing), ok(stateSuccess)}})
		begun := time.Now()
		if _, err := h.sell(shows); err != nil {
			t.Fatal(err)
		}
		if len(h.book.prompts) != 2 {
			t.Fatalf("%+v", h.book.prompts)
		}
		for _, p := range h.book.prompts {
			if p.QR != "https://qr.example/abc?x=1&y=2" || !p.Until.Equal(begun.Add(showFor)) || !p.Narrated {
				t.Errorf("%+v", p)
			}
		}
		sent := h.last("create-trans-qrcode")
		if sent["needQrcode"] != "false" || sent["vendor"] != "alipay" {
			t.Errorf("%v", sent)
		}
	})
}
