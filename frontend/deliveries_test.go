package frontend_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func (d *desk) Strays(context.Context) ([]payment.Delivery, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]payment.Delivery(nil), d.strays...), nil
}

// TestDeliveries shows what arrived and belongs to no payment: when, at whose door, why,
// and that nothing was done. It draws no markup of a stranger's.
func TestDeliveries(t *testing.T) {
	b := open(t, false)
	b.visit("/deliveries")
	b.sees("There is none.")
	at := time.Date(2026, 11, 21, 14, 5, 0, 0, time.UTC)
	b.desk.mu.Lock()
	b.desk.strays = []payment.Delivery{
		{Terminal: "front", Reference: "9913", Name: "PaymentCallback", Body: "<script>alert(1)</script>", From: "203.0.113.9:5512", At: at},
		{Terminal: "bar", Name: "Notification", Body: strings.Repeat("x", 5000), From: "198.51.100.7:9", Fault: "its signature is wrong", At: at},
		{Terminal: "bar", From: "198.51.100.7:9", At: at},
	}
	b.desk.mu.Unlock()
	b.visit("/deliveries")
	b.sees("No payment of this terminal has the reference 9913")
	b.sees("Its signature is wrong")
	b.sees("It names no payment")
	b.sees("None of it has changed anything.")
	b.sees("3 deliveries, the newest first.")
	if n := value[int](b, `document.querySelectorAll("main script").length + document.querySelectorAll("tbody tr").length * 10`); n != 30 {
		t.Errorf("drawn %d", n)
	}
	if n := value[int](b, `Math.max(...[...document.querySelectorAll("pre")].map(e => e.textContent.length))`); n > 2100 {
		t.Errorf("%d characters are drawn", n)
	}
	b.check("deliveries")
	b.quiet()
}
