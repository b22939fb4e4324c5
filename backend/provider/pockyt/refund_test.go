package pockyt

import (
	"context"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/money"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// The refund of all tests: 5.00 of 13.00.
const (
	backRef    = "26112200070000000018"
	backNumber = "297553638301777927"
)

func backRequest() payment.Request {
	r := request()
	r.Kind, r.Code, r.Total, r.Attempt.Reference = payment.Refund, "", money.Amount{Minor: 500, Currency: "USD"}, backRef
	r.Original = payment.References{Terminal: number}
	return r
}

// gave is the answer to refund.
func gave(state string, change ...m) string {
	all := append([]m{{"refundAmount": "5.00", "refundReference": backRef, "refundTransactionNo": backNumber}}, change...)
	return ok(state, all...)
}

// listed is the original with our refund among others.
func listed(change m) string {
	entry := m{"refundTransactionId": backNumber, "refundReference": backRef, "refundAmount": "5.00", "currency": "USD"}
	for k, v := range change {
		entry[k] = v
	}
	return ok(stateSuccess, m{"refundInfo": []m{{"refundTransactionId": "1", "refundReference": "x", "refundAmount": "1.00"}, entry}})
}

// own is the refund's own state, asked about by its number.
func own(state string) string {
	return ok(state, m{"transactionNo": backNumber, "transactionType": "refund", "amount": "5.00", "reference": "x"})
}

// 25 to 29: refunds, each to its own outcome. A query by the refund's number is
// answered from "own".
func TestSequencesOfARefund(t *testing.T) {
	for name, c := range map[string]struct {
		original []string // tran-query of the original, in turn
		refund   []string
		own      []string
		want     payment.Outcome
		sent     payment.Sent // of an error
		says     string
		refunds  int
	}{
		"Seq25 done at once":                 {[]string{ok(stateSuccess)}, []string{gave(stateSuccess)}, nil, payment.Success, "", "", 1},
		"older names":                        {[]string{ok(stateSuccess)}, []string{gave(stateSuccess, m{"refundTransactionNo": nil, "refundTransactionId": backNumber, "transactionNo": nil, "oldTransactionId": number})}, nil, payment.Success, "", "", 1},
		"Seq27 the answer is lost, it ran":   {[]string{ok(stateSuccess), listed(nil)}, []string{"cut"}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"Seq27 lost, no trace of it":         {[]string{ok(stateSuccess)}, []string{"cut"}, nil, payment.Unknown, "", "", 1},
		"tracked: pending, then done":        {[]string{ok(stateSuccess), listed(nil)}, []string{gave(statePending)}, []string{own(statePending), own(statePending), own(stateSuccess)}, payment.Success, "", "", 1},
		"tracked: pending, then failed":      {[]string{ok(stateSuccess), listed(nil)}, []string{gave(statePending)}, []string{own(statePending), own(stateFailed)}, payment.Refused, "", "", 1},
		"tracked: failed, listed no more":    {[]string{ok(stateSuccess), listed(nil), ok(stateSuccess)}, []string{gave(statePending)}, []string{own(statePending), own(stateFailed)}, payment.Refused, "", "", 1},
		"tracked: not listed, but its own":   {[]string{ok(stateSuccess)}, []string{gave(statePending)}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"tracked: pending for ever":          {[]string{ok(stateSuccess), listed(nil)}, []string{gave(statePending)}, []string{own(statePending)}, payment.Unknown, "", "", 1},
		"listed, its own number is unknown":  {[]string{ok(stateSuccess), listed(nil)}, []string{"html"}, []string{says(codeNotFound, "")}, payment.Success, "", "", 1},
		"listed with its state":              {[]string{ok(stateSuccess), listed(m{"status": "failed"})}, []string{"html"}, nil, payment.Refused, "", "", 1},
		"Seq29 refused with a code":          {[]string{ok(stateSuccess)}, []string{says("000023", "")}, nil, payment.Refused, "", "000023", 1},
		"an unknown code is no refusal":      {[]string{ok(stateSuccess)}, []string{says("000101", "")}, nil, payment.Unknown, "", "", 1},
		"an unknown code, listed later":      {[]string{ok(stateSuccess), ok(stateSuccess), ok(stateSuccess), ok(stateSuccess), listed(nil)}, []string{says("000101", "")}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"refused with 000040":                {[]string{ok(stateSuccess)}, []string{says(codeState, "")}, nil, payment.Refused, "", "000040", 1},
		"Seq30 a system error is no refusal": {[]string{ok(stateSuccess)}, []string{says(codeSystem, "")}, nil, payment.Unknown, "", "", 1},
		"an answer to another refund":        {[]string{ok(stateSuccess), listed(nil)}, []string{gave(stateSuccess, m{"refundReference": "x"})}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"another amount, said once":          {[]string{ok(stateSuccess), listed(nil)}, []string{gave(stateSuccess, m{"refundAmount": "999.99"})}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"an answer to another payment":       {[]string{ok(stateSuccess)}, []string{gave(stateSuccess, m{"transactionNo": "1"})}, []string{says(codeNotFound, "")}, payment.Unknown, "", "", 1},
		"another payment lists it":           {[]string{ok(stateSuccess), ok(stateSuccess, m{"transactionNo": "1", "refundInfo": m{"refundTransactionId": backNumber, "refundReference": backRef, "refundAmount": "5.00"}})}, []string{"cut"}, []string{own(stateSuccess)}, payment.Unknown, "", "", 1},
		"refused, but it shows later":        {[]string{ok(stateSuccess), ok(stateSuccess), listed(nil)}, []string{says(codeState, "")}, []string{own(stateSuccess)}, payment.Success, "", "", 1},
		"Seq26 more than is left":            {[]string{ok(stateSuccess, m{"refundInfo": m{"refundAmount": "8.01"}})}, nil, nil, "", payment.SentNo, "less than that", 0},
		"one that failed took nothing":       {[]string{ok(stateSuccess, m{"refundInfo": m{"refundAmount": "13.00", "refundReference": "x", "status": "failed"}})}, []string{gave(stateSuccess)}, nil, payment.Success, "", "", 1},
		"one on its way takes its part":      {[]string{ok(stateSuccess, m{"refundInfo": m{"refundAmount": "13.00", "refundReference": "x", "status": "pending"}})}, nil, nil, "", payment.SentNo, "less than that", 0},
		"Seq28 the payment is pending":       {[]string{ok(statePending)}, nil, nil, "", payment.SentNo, "pending", 0},
		"the original cannot be asked":       {[]string{"cut"}, nil, nil, "", payment.SentNo, "Nothing was refunded", 0},
		"the original is unknown":            {[]string{says(codeNotFound, "")}, nil, nil, "", payment.SentNo, "no such record", 0},
		"another original":                   {[]string{ok(stateSuccess, m{"transactionNo": "1"})}, nil, nil, "", payment.SentNo, "another payment", 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHouse(t, nil)
				asked, askedOwn := 0, 0
				h.say = func(call string, n int, f fields) string {
					switch {
					case call == "refund":
						return c.refund[min(n, len(c.refund)-1)]
					case f["transactionNo"] == backNumber:
						askedOwn++
						return c.own[min(askedOwn, len(c.own))-1]
					}
					asked++
					return c.original[min(asked, len(c.original))-1]
				}
				out, err := h.Refund(context.Background(), backRequest(), h.book)
				if c.sent != "" {
					if payment.SentOf(err) != c.sent || !strings.Contains(payment.TextOf(err), c.says) {
						t.Errorf("%v", err)
					}
				} else if err != nil || out.Outcome != c.want || !strings.Contains(out.ReasonText, c.says) {
					t.Errorf("%+v, %v", out, err)
				}
				if h.count("refund") != c.refunds || h.count("cancel") != 0 {
					t.Errorf("calls: %s", h.made())
				}
				if c.refunds == 1 {
					if sent := h.last("refund"); sent["refundAmount"] != "5.00" || sent["refundReference"] != backRef || sent["transactionNo"] != number || sent["settleCurrency"] != "USD" {
						t.Errorf("%v", sent)
					}
				}
				if c.want == payment.Success && (out.Authorised != 500 || out.References.Terminal != backNumber || len(out.Slips) != 2 || out.Slips[0].Scan != number) {
					t.Errorf("%+v", out)
				}
			})
		})
	}
}

// Another amount that is said twice is what was given back (design 10.8).
func TestRefundOfAnotherAmount(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.say = func(call string, _ int, f fields) string {
			switch {
			case call == "refund":
				return gave(stateSuccess, m{"refundAmount": "4.00"})
			case f["transactionNo"] == backNumber:
				return own(stateSuccess)
			case h.count("refund") == 0:
				return ok(stateSuccess)
			}
			return listed(m{"refundAmount": "4.00"})
		}
		if out, err := h.Refund(context.Background(), backRequest(), h.book); err != nil || out.Outcome != payment.Success || out.Authorised != 400 || out.Confirm {
			t.Errorf("%+v, %v", out, err)
		}
		if out, err := h.Lookup(context.Background(), backRequest(), h.book); err != nil || out.Authorised != 400 || out.Confirm {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// A look-up of a refund after a restart says what the original lists.
func TestLookupOfARefund(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   payment.Outcome
	}{{ok(stateSuccess), payment.NotFound}, {listed(m{"status": stateSuccess}), payment.Success}, {listed(m{"currency": "CNY"}), payment.Unknown}, {listed(m{"status": "pending"}), payment.Pending}} {
		h := newHouse(t, nil)
		h.say = answers(map[string][]string{"tran-query": {c.answer}})
		if out, err := h.Lookup(context.Background(), backRequest(), h.book); err != nil || out.Outcome != c.want {
			t.Errorf("%+v, %v, want %s", out, err, c.want)
		}
	}
}
