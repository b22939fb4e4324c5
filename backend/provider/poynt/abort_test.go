package poynt

import (
	"context"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestAbort(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  string // that the terminal has told before
		known   bool   // that it tells
		actions []string
		reason  payment.Reason
	}{
		{"on the terminal", "STARTED", true, []string{actionStop}, payment.ReasonCashier},
		{"only queued", "", true, []string{actionProfile, actionStop}, payment.ReasonNotFound}, // at the end it is taken back
		{"nobody knows", "", false, []string{actionProfile, actionStop}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, nil, func(t *testing.T, h *house) {
				h.updates.Store(c.known)
				h.deliver = func(m sent) {
					if m.data["action"] != nil {
						return
					}
					if c.status != "" {
						h.post(m, result(c.status))
					}
					if err := h.Abort(context.Background(), request(payment.Sale), "", h.op); err != nil {
						t.Error(err)
					}
					if c.status != "" {
						h.post(m, result("CANCELED"))
					}
				}
				got, err := h.sell()
				want := payment.Stopped
				if !c.known {
					want = payment.Unknown
				}
				if err != nil || got.Outcome != want || want == payment.Stopped && got.Reason != c.reason {
					t.Errorf("%+v, %v", got, err)
				}
				var actions []string
				for _, m := range h.messages {
					if a, ok := m.data["action"].(string); ok {
						actions = append(actions, a)
						if a == actionProfile && m.CollapseKey != collapse(request(payment.Sale)) || a == actionStop && m.TTL != 15 && (c.name != "only queued" || m.TTL != 60) {
							t.Errorf("%+v", m)
						}
					}
				}
				if strings.Join(actions, " ") != strings.Join(c.actions, " ") {
					t.Errorf("sent %v, want %v", actions, c.actions)
				}
			})
		})
	}
}

func TestAbortOfWhatTheCloudDoes(t *testing.T) {
	play(t, nil, func(t *testing.T, h *house) {
		if err := h.Abort(context.Background(), request(payment.Refund), "", h.op); payment.CodeOf(err) != payment.CodeUnsupported {
			t.Errorf("%v", err)
		}
	})
}
