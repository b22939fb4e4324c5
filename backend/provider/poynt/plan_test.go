package poynt

import (
	"context"
	"net/http"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// What Poynt's own record rules out is not even sent.
func TestWhatIsNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		kind     payment.Kind
		original []string
		minor    int64
		reason   payment.Reason
	}{
		"44 more than was paid":    {payment.Refund, nil, 1300, payment.ReasonRejected},
		"refunded already":         {payment.Refund, []string{`status="REFUNDED"`}, 1256, payment.ReasonRejected},
		"refund of a void":         {payment.Refund, []string{`status="VOIDED"`}, 1256, payment.ReasonReversed},
		"refund of a decline":      {payment.Refund, []string{`status="DECLINED"`}, 1256, payment.ReasonRejected},
		"45 only reserved":         {payment.Refund, []string{`action="AUTHORIZE"`, `status="AUTHORIZED"`}, 1256, payment.ReasonRejected},
		"void of what is settled":  {payment.Void, []string{`settled=true`}, 1256, payment.ReasonVoidRefused},
		"void of a partial refund": {payment.Void, []string{`status="PARTIALLY_REFUNDED"`}, 1256, payment.ReasonVoidRefused},
		"capture of a sale":        {payment.Capture, nil, 1256, payment.ReasonRejected},
		"capture of a void":        {payment.Capture, []string{`action="AUTHORIZE"`, `status="VOIDED"`}, 1256, payment.ReasonReversed},
	} {
		t.Run(name, func(t *testing.T) {
			changing(t, nil, tx(t, c.original...), func(_ *house, _ http.ResponseWriter, _ int, body string) { t.Errorf("sent %s", body) })(func(h *house) {
				r := request(c.kind)
				r.Total.Minor = c.minor
				got, err := h.change(context.Background(), r, false, h.op)
				if err != nil || got.Outcome != payment.Refused || got.Reason != c.reason || got.ReasonText == "" {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}
