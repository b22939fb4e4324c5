package poynt

import (
	"context"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// After a restart only asking is left.
func TestLookupOfChanges(t *testing.T) {
	early := func(ago time.Duration) string {
		return `createdAt="` + time.Now().Add(-ago).UTC().Format(timeForm) + `"`
	}
	another := `references=[{"type":"CUSTOM","customType":"referenceId","id":"202611220000000027"}]`
	sale := `references=[{"type":"CUSTOM","customType":"referenceId","id":"202611220000000034"}]`
	none := `references=`
	for name, c := range map[string]struct {
		kind    payment.Kind
		list    func(t *testing.T) []string
		outcome payment.Outcome
		reason  payment.Reason
	}{
		"void done":     {payment.Void, func(t *testing.T) []string { return []string{tx(t, `voided=true`)} }, payment.Success, ""},
		"void not done": {payment.Void, func(t *testing.T) []string { return []string{tx(t)} }, payment.NotFound, payment.ReasonNotFound},
		"capture done":  {payment.Capture, func(t *testing.T) []string { return []string{tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`)} }, payment.Success, ""},
		"captured, how much is not shown": {payment.Capture, func(t *testing.T) []string {
			return []string{tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`, `amounts.transactionAmount=2000`, `amounts.orderAmount=2000`)}
		}, payment.Unknown, payment.ReasonNoAnswer},
		"captured, and a part is shown": {payment.Capture, func(t *testing.T) []string {
			return []string{tx(t, `action="AUTHORIZE"`, `status="CAPTURED"`, `amounts.transactionAmount=2000`, `amounts.orderAmount=2000`), child(t, "CAPTURE", "CAPTURED", 1256)}
		}, payment.Success, ""},
		"capture done in part": {payment.Capture, func(t *testing.T) []string {
			return []string{tx(t, `action="AUTHORIZE"`, `status="PARTIALLY_CAPTURED"`), child(t, "CAPTURE", "CAPTURED", 1256)}
		}, payment.Success, ""},
		"capture not done":           {payment.Capture, func(t *testing.T) []string { return []string{tx(t, `action="AUTHORIZE"`, `status="AUTHORIZED"`)} }, payment.NotFound, payment.ReasonNotFound},
		"refund with our reference":  {payment.Refund, func(t *testing.T) []string { return []string{tx(t), child(t, "REFUND", "REFUNDED", 1256)} }, payment.Success, ""},
		"refund without a reference": {payment.Refund, func(t *testing.T) []string { return []string{tx(t), child(t, "REFUND", "REFUNDED", 1256, none)} }, payment.Success, ""},
		"another till's refund":      {payment.Refund, func(t *testing.T) []string { return []string{tx(t), child(t, "REFUND", "REFUNDED", 1256, another)} }, payment.NotFound, payment.ReasonNotFound},
		"with the sale's own":        {payment.Refund, func(t *testing.T) []string { return []string{tx(t, sale), child(t, "REFUND", "REFUNDED", 1256, sale)} }, payment.Success, ""},
		"another amount":             {payment.Refund, func(t *testing.T) []string { return []string{tx(t), child(t, "REFUND", "REFUNDED", 300, none)} }, payment.NotFound, payment.ReasonNotFound},
		"an earlier refund": {payment.Refund, func(t *testing.T) []string {
			return []string{tx(t), child(t, "REFUND", "REFUNDED", 1256, none, early(time.Minute))}
		}, payment.NotFound, payment.ReasonNotFound},
		"two that may be it": {payment.Refund, func(t *testing.T) []string {
			return []string{tx(t), child(t, "REFUND", "REFUNDED", 1256, none), child(t, "REFUND", "REFUNDED", 1256, none, `id="`+otherTx+`"`)}
		}, payment.Unknown, payment.ReasonForeign},
		"refund declined": {payment.Refund, func(t *testing.T) []string { return []string{tx(t), child(t, "REFUND", "DECLINED", 1256)} }, payment.Refused, payment.ReasonIssuer},
		"refund of a capture": {payment.Refund, func(t *testing.T) []string {
			return []string{tx(t, `action="AUTHORIZE"`, `status="REFUNDED"`), child(t, "CAPTURE", "REFUNDED", 1256, `id="`+otherTx+`"`), child(t, "REFUND", "REFUNDED", 1256, `parentId="`+otherTx+`"`)}
		}, payment.Success, ""},
		"the original is not found": {payment.Refund, func(*testing.T) []string { return nil }, payment.NotFound, payment.ReasonNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				h.books(c.list(t)...)
				got, err := h.Lookup(context.Background(), request(c.kind), h.op)
				if err != nil || got.Outcome != c.outcome || got.Reason != c.reason || c.outcome == payment.Success && got.Authorised != 1256 {
					t.Errorf("%+v, %v", got, err)
				}
				if h.cloud.asked("POST /businesses") != 0 {
					t.Error("a look-up sent something")
				}
			})
		})
	}
}
