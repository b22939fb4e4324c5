package iotpay

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// always answers create_order with one body after a while, and queries with another.
func always(created, queried reply) func(int, asked) reply {
	return func(_ int, a asked) reply {
		if a.path == createPath {
			return created
		}
		return queried
	}
}

// play runs one sale of 28.00 in virtual time.
func play(t *testing.T, change map[string]string, script func(int, asked) reply, then func(h *house, got payment.Result, err error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, change, script)
		got, err := h.sell(2800)
		then(h, got, err)
	})
}

// 1 and 2: approved by status 2 or 3, also as a text; the expiry is nowhere.
func TestSeq01Seq02Approved(t *testing.T) {
	for _, status := range []any{2, 3, "2", "3", " 2 "} {
		play(t, nil, always(reply{after: 4 * time.Second, body: envelope(orderOf(status, 2800, tapped(nil), nil), "a")}, reply{}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Success || got.Authorised != 2800 || got.Confirm || len(got.Alarms) > 0 {
				t.Fatalf("%v: %+v, %v", status, got, err)
			}
			if got.Card != (payment.Card{Brand: "Mastercard", Masked: "************1166", Entry: payment.EntryContactless, CVM: payment.CVMNone}) {
				t.Errorf("card %+v", got.Card)
			}
			if got.References.Terminal != "CP20261122193314685200722249" || got.References.AuthCode != "01046Z" || got.References.TID != "40880013" || got.References.TerminalTime != "20210120-19402057" {
				t.Errorf("references %+v", got.References)
			}
			if h.count(createPath) != 1 || h.count(queryPath) != 0 {
				t.Errorf("asked %+v", h.asked)
			}
			f := h.asked[0].fields
			for k, want := range map[string]string{"mchId": "10000701", "mchOrderNo": ref, "channelId": "CC_PAX", "currency": "CAD", "amount": "2800", "notifyUrl": "http://localhost", "jobNo": "cashier1", "device": "TILL-01", "clientIp": "192.168.1.20", "extra": "CC_API"} {
				if f[k] != want {
					t.Errorf("%s is %q", k, f[k])
				}
			}
			if len(h.book.prompts) == 0 || !h.book.prompts[0].Narrated || h.book.prompts[0].Waiting != payment.Customer {
				t.Errorf("prompts %+v", h.book.prompts)
			}
			if said := h.book.everything() + asText(got); strings.Contains(said, "1097") || strings.Contains(said, testKey) {
				t.Errorf("the expiry or the key is kept: %s", said)
			}
		})
	}
}

// 10, 12 and the status table: status alone decides.
func TestSeq10Seq12NotPaid(t *testing.T) {
	for name, c := range map[string]struct {
		status  any
		extra   any
		outcome payment.Outcome
		reason  payment.Reason
		text    string
	}{
		"declined":        {9, failing(nil), payment.Refused, payment.ReasonIssuer, "Transaction Not Completed 05"},
		"customer":        {9, failing(map[string]string{"receiptDisp": "Annulée 266"}), payment.Refused, payment.ReasonCustomer, "Annulée 266"},
		"timeout":         {9, failing(map[string]string{"receiptDisp": "Timeout 350"}), payment.Refused, payment.ReasonHost, "Timeout 350"},
		"no extra":        {9, "", payment.Refused, payment.ReasonNone, ""},
		"extra not JSON":  {9, "#broken", payment.Refused, payment.ReasonNone, ""},
		"looks approved":  {9, tapped(nil), payment.Refused, payment.ReasonNone, "000 Approved 00 Thank You"},
		"system cancels":  {4, failing(nil), payment.Stopped, payment.ReasonNetwork, "Transaction Not Completed 05"},
		"cancelled early": {"4", "", payment.Stopped, payment.ReasonNetwork, ""},
	} {
		play(t, nil, always(reply{body: envelope(orderOf(c.status, 2800, c.extra, nil), "b")}, reply{}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != c.outcome || got.Reason != c.reason || got.ReasonText != c.text || h.count(queryPath) != 0 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if len(got.Slips) != 2 || got.References.AuthCode != "" {
				t.Fatalf("%s: %+v", name, got)
			}
			for _, s := range got.Slips {
				if s.AuthCode != "" || s.Signature || s.Text != c.text || s.Outcome != c.outcome {
					t.Errorf("%s: slip %+v", name, s)
				}
			}
		})
	}
}

// 13: approved without card data: a short slip, and a note.
func TestSeq13ApprovedWithoutCardData(t *testing.T) {
	for _, extra := range []string{"", "{", "CC_API", `{"productId":"1"}`, "null", "[]"} {
		play(t, nil, always(reply{body: envelope(orderOf(2, 2800, extra, nil), "a")}, reply{}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Success || got.Authorised != 2800 || len(got.Slips) != 2 || got.Slips[0].Flawed == "" || len(h.book.notes) == 0 {
				t.Errorf("%q: %+v, %v", extra, got, err)
			}
		})
	}
}

// 14, 15 and 26: turned away, and a query does not find it: provably not executed. A
// duplicate order is found, and its own status counts.
func TestSeq14Seq15Seq26TurnedAway(t *testing.T) {
	system := `{"retCode":"SUCCESS","resCode":"FAIL","errCode":"SYSTEMERROR","errCodeDes":"System error"}`
	for name, c := range map[string]struct {
		created, queried string
		code             payment.Code
		says             string
	}{
		"14 signature":  {failure("signature fail"), failure("signature fail"), payment.CodeSettings, "key"},
		"parameter":     {failure("request params[mchId] error."), failure(gone), payment.CodeRejected, "mchId"},
		"15 resCode":    {system, `{"retCode":"SUCCESS","resCode":"FAIL","errCode":"0112","errCodeDes":"no record"}`, payment.CodeRejected, "SYSTEMERROR"},
		"26 busy":       {failure("terminal busy 3667"), failure(gone), payment.CodeBusy, "busy"},
		"markup":        {failure("<b>no</b>\x00 pad"), failure(gone), payment.CodeRejected, "<b>no</b>  pad"},
		"status beside": {sealed(map[string]any{"retCode": "SUCCESS", "resCode": "FAIL", "payOrder": orderOf(2, 2800, "", nil)}, "a"), failure(gone), payment.CodeRejected, ""},
	} {
		play(t, nil, always(reply{body: c.created}, reply{body: c.queried}), func(h *house, got payment.Result, err error) {
			if payment.CodeOf(err) != c.code || payment.SentOf(err) != payment.SentNo || !strings.Contains(payment.TextOf(err), c.says) || h.count(queryPath) != 1 || h.count(createPath) != 1 {
				t.Errorf("%s: %+v, %v, %d queries", name, got, err, h.count(queryPath))
			}
		})
	}
	play(t, nil, always(reply{body: failure("mchOrderNo " + ref + " exists already")}, reply{body: approvedBody(2800)}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success {
			t.Errorf("a duplicate: %+v, %v", got, err)
		}
	})
	// Refused as an order that exists, or for a silence behind IOT Pay: somebody may have
	// it, and what a query does not find proves nothing.
	for _, said := range []string{failure("mchOrderNo " + ref + " exists already"), failure("duplicate mchOrderNo"), failure("terminal timeout"), failure("upstream timed out"),
		`{"retCode":"SUCCESS","resCode":"FAIL","errCode":"0113","errCodeDes":"order paid"}`, `{"retCode":"SUCCESS","resCode":"FAIL","errCode":"0110","errCodeDes":""}`} {
		play(t, nil, always(reply{body: said}, reply{body: failure(gone)}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonRejected || h.count(createPath) != 1 || h.count(queryPath) < 30 {
				t.Errorf("%s, and not found: %+v, %v, %d queries", said, got, err, h.count(queryPath))
			}
		})
	}
	// Nobody confirms the refusal: doubt.
	play(t, nil, always(reply{body: failure("no")}, reply{body: failure("cards are not served here")}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonRejected {
			t.Errorf("unconfirmed: %+v, %v", got, err)
		}
	})
	play(t, nil, always(reply{body: failure("no")}, reply{cut: true}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Unknown {
			t.Errorf("no query came through: %+v, %v", got, err)
		}
	})
}

// 16: a time-out, then 1, then 2: approved once; the interval is two seconds.
func TestSeq16TimeoutThenPaid(t *testing.T) {
	play(t, nil, func(n int, a asked) reply {
		switch {
		case a.path == createPath:
			return reply{after: time.Hour}
		case n < 3:
			return reply{body: envelope(orderOf(1, 2800, "", nil), "a")}
		}
		return reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), "a")}
	}, func(h *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || h.count(queryPath) != 4 || h.count(createPath) != 1 {
			t.Fatalf("%+v, %v, %d queries", got, err, h.count(queryPath))
		}
		if first := h.asked[1].at.Sub(h.asked[0].at); first != answerWithin {
			t.Errorf("the first query after %s", first)
		}
		for i := 2; i < len(h.asked); i++ {
			if gap := h.asked[i].at.Sub(h.asked[i-1].at); gap < 1700*time.Millisecond || gap > 2300*time.Millisecond {
				t.Errorf("an interval of %s", gap)
			}
		}
		if last := h.book.prompts[len(h.book.prompts)-1]; last.Code != payment.PromptAsking || last.Waiting != payment.Bank {
			t.Errorf("prompt %+v", last)
		}
	})
}

// 17, 18 and 19: at least a minute every two seconds, then doubt, which a slower clock
// goes on with; "not found" never becomes "not paid".
func TestSeq17Seq18Seq19Doubt(t *testing.T) {
	for name, queried := range map[string]string{"17 unfinished": envelope(orderOf(1, 2800, "", nil), "a"), "19 not found": failure(gone)} {
		synctest.Test(t, func(t *testing.T) {
			finished := false
			h := newHouse(t, nil, func(_ int, a asked) reply {
				switch {
				case a.path == createPath:
					return reply{cut: true}
				case finished:
					return reply{body: approvedBody(2800)}
				}
				return reply{body: queried}
			})
			begun := time.Now()
			got, err := h.sell(2800)
			if err != nil || got.Outcome != payment.Unknown || time.Since(begun) < time.Minute || h.count(queryPath) < 30 || h.count(createPath) != 1 {
				t.Fatalf("%s: %+v, %v after %s and %d queries", name, got, err, time.Since(begun), h.count(queryPath))
			}
			told, err := h.terminal.Lookup(context.Background(), request1(2800), h.book)
			if _, decides := told.Outcome.Trigger(); err != nil || decides {
				t.Errorf("%s: %+v, %v", name, told, err)
			}
			finished = true // 18
			told, err = h.terminal.Lookup(context.Background(), request1(2800), h.book)
			if err != nil || told.Outcome != payment.Success || told.References.Terminal != "CP20261122193314685200722249" {
				t.Errorf("%s: %+v, %v", name, told, err)
			}
		})
	}
	if c := New().Info().Clocks; c.Again <= askEvery || c.Backoff[len(c.Backoff)-1] <= c.Again {
		t.Errorf("doubt is asked about no slower: %+v", c)
	}
}

// 20: the order's own answer comes while it is asked about.
func TestSeq20LateAnswer(t *testing.T) {
	play(t, nil, always(reply{after: answerWithin + 5*time.Second, body: approvedBody(2800)}, reply{body: envelope(orderOf(0, 2800, "", nil), "a")}), func(h *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || len(got.Slips) != 2 || h.count(queryPath) > 4 {
			t.Errorf("%+v, %v, %d queries", got, err, h.count(queryPath))
		}
	})
}

// Success wins: the approval of the order's own call has arrived when a query says
// otherwise.
func TestSuccessWins(t *testing.T) {
	play(t, nil, always(reply{after: answerWithin + time.Second, body: approvedBody(2800)}, reply{after: 2 * time.Second, body: envelope(orderOf(4, 2800, "", nil), "a")}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// And the other way round: a query finds it paid when the order's own call has just said
// otherwise.
func TestSuccessWinsByTheQuery(t *testing.T) {
	for name, late := range map[string]string{"declined": envelope(orderOf(9, 2800, failing(nil), nil), "a"), "turned away": failure("no")} {
		play(t, nil, always(reply{after: answerWithin + time.Second, body: late}, reply{after: 2 * time.Second, body: approvedBody(2800)}), func(_ *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Success || got.Authorised != 2800 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		})
	}
}

// 21: no connection, so nothing was sent and nothing is asked.
func TestSeq21NoConnection(t *testing.T) {
	play(t, nil, always(reply{refuse: true}, reply{}), func(h *house, got payment.Result, err error) {
		if payment.SentOf(err) != payment.SentNo || payment.CodeOf(err) != payment.CodeUnreachable || h.count(queryPath) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// 22, 23 and bad input: the order may have arrived; it is asked about and never sent again.
func TestSeq22Seq23Unreadable(t *testing.T) {
	for name, created := range map[string]reply{
		"22 cut": {cut: true}, "23 gateway": {status: 502, body: "<html>Bad Gateway</html>"}, "status with a refusal": {status: 500, body: failure("no")},
		"redirect": {status: 302, body: approvedBody(2800)}, "empty": {}, "half": {body: approvedBody(2800)[:200]}, "list": {body: "[]"}, "null": {body: "null"}, "no code": {body: `{"payOrder":{"status":9}}`},
		"one level only": {body: sealed(map[string]any{"retCode": "SUCCESS", "payOrder": orderOf(9, 2800, "", nil)}, "a")},
		"large":          {body: strings.Repeat(" ", maxAnswer+1)}, "other code": {body: `{"retCode":"OK","resCode":"OK","status":9}`},
		"unknown status": {body: envelope(orderOf(7, 2800, "", nil), "a")}, "failed by the ancestor": {body: envelope(orderOf(-1, 2800, "", nil), "a")}, "no status": {body: envelope(orderOf(nil, 2800, "", nil), "a")},
		"no amount": {body: envelope(orderOf(2, 2800, "", map[string]any{"amount": nil}), "a")}, "odd amount": {body: envelope(orderOf(2, 2800, "", map[string]any{"amount": "28.00"}), "a")},
	} {
		play(t, nil, always(created, reply{body: approvedBody(2800)}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Success || h.count(createPath) != 1 || h.count(queryPath) != 1 {
				t.Errorf("%s: %+v, %v, %d queries", name, got, err, h.count(queryPath))
			}
		})
		play(t, nil, always(created, reply{cut: true}), func(h *house, got payment.Result, err error) {
			if _, decides := got.Outcome.Trigger(); decides || payment.SentOf(err) != payment.SentMaybe || h.count(createPath) != 1 {
				t.Errorf("%s, nobody to ask: %+v, %v", name, got, err)
			}
		})
	}
}

// 24: after a restart the open line is asked about by its own number.
func TestSeq24Restart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, always(reply{after: time.Hour}, reply{body: approvedBody(2800)}))
		ctx, kill := context.WithCancel(context.Background())
		go func() { time.Sleep(20 * time.Second); kill() }()
		if _, err := h.terminal.Sale(ctx, request1(2800), h.book); payment.SentOf(err) != payment.SentMaybe {
			t.Fatal(err)
		}
		again := newHouse(t, nil, h.script)
		got, err := again.terminal.Lookup(context.Background(), request1(2800), again.book)
		if err != nil || got.Outcome != payment.Success || again.count(createPath) != 0 || again.asked[0].fields["mchOrderNo"] != ref {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// 25: one transaction per PIN pad at a time; two PIN pads work side by side.
func TestSeq25TwoAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New()
		script := always(reply{after: 10 * time.Second, body: approvedBody(2800)}, reply{body: failure(gone)})
		first, other := newHouseOf(t, p, nil, script), newHouseOf(t, p, map[string]string{"job-no": "cashier2"}, script)
		done := make(chan error, 2)
		for _, h := range []*house{first, other} {
			go func() {
				_, err := h.sell(2800)
				done <- err
			}()
		}
		time.Sleep(time.Second)
		second := newHouseOf(t, p, nil, script)
		if _, err := second.sell(2800); payment.CodeOf(err) != payment.CodeBusy || payment.SentOf(err) != payment.SentNo || second.count(createPath) != 0 {
			t.Errorf("the second sale: %v", err)
		}
		// An order that is still being made is not missing.
		if got, err := first.terminal.Lookup(context.Background(), request1(2800), first.book); err != nil || got.Outcome != payment.Pending {
			t.Errorf("meanwhile: %+v, %v", got, err)
		}
		if a, b := <-done, <-done; a != nil || b != nil {
			t.Errorf("%v, %v", a, b)
		}
		if _, err := first.sell(2800); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// 28: another amount or currency stands as what it is; the engine raises the alarm.
func TestSeq28OtherAmount(t *testing.T) {
	play(t, nil, always(reply{body: envelope(orderOf(2, 1500, tapped(nil), nil), "a")}, reply{}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || got.Authorised != 1500 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	play(t, nil, always(reply{body: envelope(orderOf(2, 2800, tapped(nil), map[string]any{"currency": "USD"}), "a")}, reply{}), func(_ *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || got.Currency != "USD" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// 29: a paid answer for another order, merchant, or with two numbers is no answer.
func TestSeq29AnotherOrder(t *testing.T) {
	two := sealed(map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS", "mchOrderNo": "99", "payOrder": orderOf(2, 2800, tapped(nil), nil)}, "a")
	for name, created := range map[string]string{
		"order":    envelope(orderOf(2, 2800, tapped(nil), map[string]any{"mchOrderNo": "99"}), "a"),
		"none":     envelope(orderOf(2, 2800, tapped(nil), map[string]any{"mchOrderNo": nil}), "a"),
		"merchant": envelope(orderOf(2, 2800, tapped(nil), map[string]any{"mchId": "1"}), "a"),
		"two":      two,
	} {
		play(t, nil, always(reply{body: created}, reply{body: envelope(orderOf(9, 2800, failing(nil), nil), "a")}), func(h *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Refused || h.count(queryPath) != 1 || h.asked[1].fields["mchOrderNo"] != ref {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		})
	}
}

// 30: a signature that does not fit is confirmed by a query: approved with an alarm, else doubt.
func TestSeq30Confirmed(t *testing.T) {
	for _, seal := range []string{"wrong", "absent"} {
		for _, again := range []string{"a", "wrong", "absent"} {
			play(t, nil, always(reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), seal)}, reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), again)}), func(h *house, got payment.Result, err error) {
				if err != nil || got.Outcome != payment.Success || len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmProof || h.count(queryPath) != 1 {
					t.Errorf("%s, then %s: %+v, %v", seal, again, got, err)
				}
			})
		}
		for name, change := range map[string]map[string]any{"amount": {"amount": 2801}, "currency": {"currency": "USD"}, "merchant": {"mchId": nil}, "order": {"mchOrderNo": "99"}} {
			play(t, nil, always(reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), seal)}, reply{body: envelope(orderOf(2, 2800, tapped(nil), change), seal)}), func(_ *house, got payment.Result, err error) {
				if err != nil || got.Outcome != payment.Unknown || got.Reason != payment.ReasonForeign {
					t.Errorf("%s by %s: %+v, %v", seal, name, got, err)
				}
			})
		}
		play(t, nil, always(reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), seal)}, reply{body: failure(gone)}), func(_ *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Unknown {
				t.Errorf("%s, not found: %+v, %v", seal, got, err)
			}
		})
	}
	// Nobody but a query tells, and its signature does not fit: that is an alarm as well.
	play(t, nil, always(reply{cut: true}, reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), "wrong")}), func(h *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || len(got.Alarms) != 1 || got.Alarms[0].Code != payment.AlarmProof {
			t.Errorf("by a query alone: %+v, %v", got, err)
		}
		if got, err = h.terminal.Lookup(context.Background(), request1(2800), h.book); err != nil || got.Outcome != payment.Success || len(got.Alarms) != 1 {
			t.Errorf("after a restart: %+v, %v", got, err)
		}
	})
	// By setting one reading only.
	play(t, map[string]string{"response-signature": "a"}, always(reply{body: envelope(orderOf(2, 2800, tapped(nil), nil), "b")}, reply{body: approvedBody(2800)}), func(h *house, got payment.Result, err error) {
		if err != nil || got.Outcome != payment.Success || len(got.Alarms) != 1 || h.count(queryPath) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// 34: the shapes of a query's answer.
func TestSeq34QueryShapes(t *testing.T) {
	flat := orderOf("2", 2800, tapped(nil), map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"})
	for name, body := range map[string]string{
		"payOrder": approvedBody(2800), "flat": sealed(flat, "a"),
		"result":      sealed(map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS", "result": orderOf(2, 2800, tapped(nil), nil)}, "b"),
		"time as ms":  envelope(orderOf(3, 2800, tapped(nil), map[string]any{"paySuccTime": 1795376594000}), "a"),
		"time text":   envelope(orderOf(2, 2800, tapped(nil), map[string]any{"paySuccTime": "2026-11-22 03:33:16"}), "a"),
		"amount text": envelope(orderOf(2, 2800, tapped(nil), map[string]any{"amount": "2800"}), "a"),
		"with a mark": "\xef\xbb\xbf" + approvedBody(2800),
	} {
		play(t, nil, always(reply{cut: true}, reply{body: body}), func(_ *house, got payment.Result, err error) {
			if err != nil || got.Outcome != payment.Success || got.Authorised != 2800 || got.Card.Masked != "************1166" || len(got.Alarms) > 0 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		})
	}
}

// 42: what is refused before anything is sent.
func TestSeq42Limits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil, func(_ int, a asked) reply {
			return reply{body: envelope(orderOf(2, 1, tapped(nil), map[string]any{"amount": a.fields["amount"]}), "a")}
		})
		for _, good := range []int64{1, maxAmount} {
			if got, err := h.sell(good); err != nil || got.Authorised != good {
				t.Errorf("%d: %+v, %v", good, got, err)
			}
		}
		before := h.count(createPath)
		for _, wrong := range []int64{0, -1, maxAmount + 1} {
			if _, err := h.sell(wrong); payment.CodeOf(err) != payment.CodeInput || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%d: %v", wrong, err)
			}
		}
		for name, change := range map[string]func(*payment.Request){
			"tip": func(r *payment.Request) { r.Tip = 1 }, "cash": func(r *payment.Request) { r.Cashback = 1 }, "reserve": func(r *payment.Request) { r.AuthOnly = true },
			"currency": func(r *payment.Request) { r.Total.Currency = "USD" }, "no reference": func(r *payment.Request) { r.Attempt.Reference = "" },
		} {
			r := request1(100)
			change(&r)
			if _, err := h.terminal.Sale(context.Background(), r, h.book); err == nil || payment.SentOf(err) != payment.SentNo {
				t.Errorf("%s: %v", name, err)
			}
		}
		if h.count(createPath) != before {
			t.Error("something was sent")
		}
	})
}
