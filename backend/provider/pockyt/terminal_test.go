package pockyt

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// 41: after a restart nobody's call is open: the reference alone finds out.
func TestSeq41Lookup(t *testing.T) {
	whole := m{"refundInfo": []m{{"refundAmount": "13.00"}}}
	tillsOwn := m{"refundInfo": []m{{"refundAmount": "13.00", "refundReference": backRef}}}
	for name, c := range map[string]struct {
		answer string
		want   payment.Outcome
		reason payment.Reason
		code   payment.Code // of an error
	}{
		"paid":                    {ok(stateSuccess), payment.Success, "", ""},
		"pending":                 {ok(statePending), payment.Pending, "", ""},
		"not scanned":             {ok(initial), payment.Pending, "", ""},
		"failed":                  {ok(stateFailed), payment.Refused, payment.ReasonIssuer, ""},
		"closed":                  {ok(stateClosed), payment.Stopped, payment.ReasonCustomer, ""},
		"not found":               {says(codeNotFound, ""), payment.NotFound, payment.ReasonNotFound, ""},
		"unknown status":          {ok("odd"), payment.Unknown, payment.ReasonUnknownCode, ""},
		"Seq09 given back":        {ok(stateSuccess, whole), payment.Stopped, payment.ReasonReversed, ""},
		"given back, it says so":  {ok(stateSuccess, m{"refundInfo": m{"refundAmount": "13.00", "status": "Success"}}), payment.Stopped, payment.ReasonReversed, ""},
		"giving back has failed":  {ok(stateSuccess, m{"refundInfo": m{"refundAmount": "13.00", "status": "failed"}}), payment.Success, "", ""},
		"giving back is pending":  {ok(stateSuccess, m{"refundInfo": m{"refundAmount": "13.00", "status": "pending"}}), payment.Unknown, payment.ReasonNoAnswer, ""},
		"a part of it is pending": {ok(stateSuccess, m{"refundInfo": m{"refundAmount": "1.00", "status": "pending"}}), payment.Success, "", ""},
		"refunded by the till":    {ok(stateSuccess, tillsOwn), payment.Success, "", ""},
		"part of it given back":   {ok(stateSuccess, m{"refundInfo": m{"refundAmount": "1.00"}}), payment.Success, "", ""},
		"another order":           {ok(stateSuccess, m{"reference": "x"}), payment.Unknown, payment.ReasonForeign, ""},
		"no reference":            {ok(stateSuccess, m{"reference": nil}), payment.Unknown, payment.ReasonForeign, ""},
		"another currency":        {ok(stateSuccess, m{"currency": "GBP"}), payment.Unknown, payment.ReasonForeign, ""},
		"no amount":               {ok(stateSuccess, m{"amount": nil}), payment.Unknown, payment.ReasonUnknownCode, ""},
		"finer than a cent":       {ok(stateSuccess, m{"amount": "13.001"}), payment.Unknown, payment.ReasonUnknownCode, ""},
		"Seq32 without a change":  {ok(stateSuccess, m{"amount": 13.0}), payment.Success, "", ""},
		"Seq42 wrong token":       {says("000022", ""), "", "", payment.CodeNoAnswer},
		"Seq34 no JSON":           {"html", "", "", payment.CodeUnreadable},
		"Seq33 digits, as number": {strings.Replace(ok(stateSuccess), `"`+number+`"`, number, 1), payment.Success, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.say = answers(map[string][]string{"tran-query": {c.answer}})
				out, err := h.Lookup(context.Background(), request(func(r *payment.Request) { r.Code = "" }), h.book)
				if c.code != "" {
					if payment.CodeOf(err) != c.code {
						t.Errorf("%v", err)
					}
					return
				}
				if err != nil || out.Outcome != c.want || out.Reason != c.reason || out.Outcome == payment.Success && (out.References.Terminal != number || out.Authorised != 1300) {
					t.Errorf("%+v, %v", out, err)
				}
			})
		})
	}
}

// After a restart an unpaid order is closed after a question, never without one; a
// payment that came in beside it is not taken for settled at once.
func TestAbortWithoutASale(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		cancels int
		want    payment.Outcome // of a look right after
		later   payment.Outcome // of a look half a minute later
	}{
		"unpaid":              {[]string{ok(initial), ok(stateClosed)}, 1, payment.Stopped, payment.Stopped},
		"paid already":        {[]string{ok(stateSuccess)}, 0, payment.Success, payment.Success},
		"paid beside it":      {[]string{ok(statePending), ok(stateSuccess)}, 1, payment.Pending, payment.Success},
		"another order":       {[]string{ok(initial, m{"reference": "x"})}, 0, payment.Unknown, payment.Unknown},
		"of an unknown state": {[]string{ok("odd")}, 0, payment.Unknown, payment.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				h.say = answers(map[string][]string{"tran-query": c.answers, "cancel": {ok(stateClosed)}})
				if err := h.Abort(context.Background(), request(), "", h.book); err != nil {
					t.Error(err)
				}
				now, err := h.Lookup(context.Background(), request(), h.book)
				if err != nil || now.Outcome != c.want || h.count("cancel") != c.cancels || !strings.HasPrefix(h.made(), ".") {
					t.Errorf("%+v, %v, %s", now, err, h.made())
				}
				time.Sleep(30 * time.Second)
				if later, err := h.Lookup(context.Background(), request(), h.book); err != nil || later.Outcome != c.later {
					t.Errorf("later %+v, %v", later, err)
				}
			})
		})
	}
	h := newHouse(t, nil)
	if err := h.Abort(context.Background(), backRequest(), "", h.book); payment.CodeOf(err) != payment.CodeUnsupported {
		t.Error(err)
	}
}

func TestPing(t *testing.T) {
	for answer, want := range map[string]payment.Code{says(codeNotFound, ""): "", says("000022", ""): payment.CodeSettings, says(codeSystem, ""): payment.CodeSettings, "html": payment.CodeUnreadable} {
		h := newHouse(t, nil)
		h.say = answers(map[string][]string{"tran-query": {answer}})
		err := h.Ping(context.Background(), h.book)
		if (err == nil) != (want == "") || err != nil && payment.CodeOf(err) != want {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// A till that closes leaves the outcome open, and no call behind.
func TestSaleEndsWithTheTill(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.say = answers(map[string][]string{"add": {ok(initial)}, "prepay": {""}, "tran-query": {ok(statePending)}})
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := h.Sale(ctx, request(), h.book); payment.SentOf(err) != payment.SentMaybe || payment.CodeOf(err) != payment.CodeNoAnswer {
			t.Error(err)
		}
		if len(h.visits) != 0 || h.count("cancel") != 0 {
			t.Errorf("%s", h.made())
		}
	})
}
