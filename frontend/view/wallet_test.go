package view

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestCodesAreDrawn(t *testing.T) {
	if src := qrImage("https://wallet.example/pay?order=1"); !strings.HasPrefix(src, "data:image/png;base64,iVBOR") {
		t.Errorf("%.40s", src)
	}
	if src := qrImage(strings.Repeat("x", 10_000)); src != "" {
		t.Errorf("more than a code can hold is drawn: %.40s", src)
	}
}

func TestCodesRunOut(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		prompt payment.Prompt
		shown  bool
	}{
		"none":     {payment.Prompt{}, false},
		"for good": {payment.Prompt{QR: "x"}, true},
		"good":     {payment.Prompt{QR: "x", Until: now.Add(time.Second)}, true},
		"run out":  {payment.Prompt{QR: "x", Until: now}, false},
	} {
		if got := showsCode(c.prompt, now); got != c.shown {
			t.Errorf("%s: %t", name, got)
		}
	}
}
