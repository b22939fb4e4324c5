package frontend_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestWallet sells on a terminal for wallets: the till shows a code for the customer's
// phone, large, and no longer than it is good.
func TestWallet(t *testing.T) {
	b := open(t, false)
	b.desk.mu.Lock()
	b.desk.terminals[0].Vendors = []payment.Vendor{{ID: "alipay", Title: "Alipay", Scan: true, Show: true}, {ID: "paypal", Title: "PayPal", Show: true}}
	b.desk.mu.Unlock()
	b.visit("/")
	b.sees("Customer's code")
	b.keys("12500")
	b.check("wallet-sale")
	b.keys(kb.Enter)
	s := &script{b.desk, b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.State == payment.Created })}
	s.op.State = payment.InProgress
	s.op.Prompt = payment.Prompt{Code: payment.PromptScan, Text: "Alipay", Waiting: payment.Customer, Narrated: true, QR: "https://wallet.example/pay?order=202611220000000011",
		Until: time.Now().Add(time.Hour), At: time.Now()}
	b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	b.until(`document.querySelector(".mirror img.code").complete && document.querySelector(".mirror img.code").naturalWidth === 480`)
	b.check("wallet-code")
	b.quiet()
}
