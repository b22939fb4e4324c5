package iotpay

import (
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// FuzzRead: whatever comes, it is read without panic, pays only what is ours and
// positive, and shows no more than four digits of a card.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{approvedBody(2800), envelope(orderOf(9, 2800, failing(nil), nil), "b"), failure("signature fail"), v3Answer(2, nil), "", "[]", "null",
		sealed(orderOf("2", 2800, "{", map[string]any{"retCode": "SUCCESS", "resCode": "SUCCESS"}), "a")} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := read(body, testKey, readingAuto)
		if err != nil {
			return
		}
		out := shop.verdict(request1(2800), got)
		if out.Outcome == payment.Success && (out.Authorised <= 0 || got.order.MchOrderNo.trimmed() != ref) {
			t.Errorf("%+v", out)
		}
		if bare := strings.TrimLeft(out.Card.Masked, "*"); len(bare) > 4 {
			t.Errorf("card %q", out.Card.Masked)
		}
		_ = shop.given(back(payment.Refund, 700), got, true)
	})
}

// FuzzRecord: no card number survives in the timeline.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(approvedBody(2800)))
	f.Add([]byte("params=%7B%22extra%22%3A%22x%22%7D"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = record(body)
		kept := record([]byte(`{"payOrder":{"extra":` + asText(string(body)+` 4929000000001164 `) + `}}`))
		if strings.Contains(kept, "4929000000001164") {
			t.Errorf("kept: %s", kept)
		}
	})
}

// FuzzCard: extra of any shape is read without panic.
func FuzzCard(f *testing.F) {
	f.Add(asText(tapped(nil)), "00000000429")
	f.Add(`{"cardNum":5,"cvmResults":null}`, "4.29")
	f.Fuzz(func(t *testing.T, extra, amount string) {
		c := readCard(extra)
		_, _ = c.verified()
		_, _ = c.local()
		_, _ = c.hostStamp(), c.known()
		if n, err := text(amount).padded(currency); err == nil && n < 0 {
			t.Errorf("%q is %d", amount, n)
		}
	})
}
