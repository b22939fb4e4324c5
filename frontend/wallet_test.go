package frontend_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// shownFor begins a sale by keys on a terminal for wallets and shows a code, for so long.
func shownFor(t *testing.T, b *browser, good time.Duration) *script {
	t.Helper()
	b.desk.wallets()
	b.visit("/")
	b.sees("Customer's code")
	b.keys("12500")
	b.until(`document.querySelector("[data-label]").textContent === "Charge 125.00\u00a0kr"`)
	b.keys(kb.Enter)
	s := &script{b.desk, b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.State == payment.Created })}
	s.op.State = payment.InProgress
	now := time.Now()
	s.op.Prompt = payment.Prompt{Code: payment.PromptScan, Text: "Alipay", Waiting: payment.Customer, Narrated: true, QR: "https://wallet.example/pay?order=202611220000000011",
		Until: now.Add(good), Latest: now.Add(13 * time.Minute), At: now}
	s.op = b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	b.until(`(code => code.complete && code.naturalWidth === 480)(document.querySelector(".mirror img.code"))`)
	return s
}

// wallets makes the first terminal one that takes wallets.
func (d *desk) wallets() {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.terminals[0]
	t.Vendors = []payment.Vendor{{ID: "alipay", Title: "Alipay", Scan: true, Show: true}, {ID: "paypal", Title: "PayPal", Show: true}}
	t.Limits.Mirror, t.Limits.Cashback, t.Title = false, false, "Pockyt in-store wallets"
}

// Extend puts the end off by a minute, as the engine does.
func (d *desk) Extend(_ context.Context, id string) (payment.Operation, error) {
	d.mu.Lock()
	next := d.ops[id].Prompt
	d.mu.Unlock()
	next.Until, next.At = next.Until.Add(time.Minute), time.Now()
	return d.change(id, "extend", payment.EventPrompt, next, func(o *payment.Operation) { o.Prompt = next })
}

// TestShownCode shows a code for the customer's phone, with the time that is left; the
// customer gets more of it by one key; and when it is over the page shows no code any
// more and says what Paydesk does, before the server does.
func TestShownCode(t *testing.T) {
	b := open(t, false)
	s := shownFor(t, b, 9*time.Minute)
	b.check("wallet-code")
	b.until(`/^[78]:\d\d$/.test(document.querySelector("[role=timer]").textContent)`)
	b.until(`document.querySelector("#extend[data-htmx-powered]") !== null`)
	before := value[int64](b, `Number(document.querySelector("[data-until]").dataset.until)`)
	b.keys(kb.F7)
	b.until(fmt.Sprintf(`Number(document.querySelector("[data-until]").dataset.until) === %d`, before+time.Minute.Milliseconds()))
	b.until(`/^More time: \d+ minutes left\.$/.test(document.querySelector("#murmur").textContent)`)
	if n := b.desk.called("extend"); n != 1 {
		t.Errorf("extended %d times", n)
	}

	// A minute before the end it is told; here the end comes nearer at once.
	s.op = b.desk.await(t, "more time", func(o payment.Operation) bool { return o.ID == s.op.ID })
	near := func(left time.Duration) {
		s.op.Prompt.Until, s.op.Prompt.Latest, s.op.Prompt.At = time.Now().Add(left), time.Time{}, time.Now()
		s.op = b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	}
	near(60 * time.Second)
	b.until(`document.querySelector("#murmur").textContent === "1 minute left."`)
	b.until(`document.querySelector("#extend") === null`)
	near(29 * time.Second)
	b.until(`document.querySelector(".time-left.soon") !== null`)
	near(5 * time.Second)
	b.until(`document.querySelector("#murmur").textContent.startsWith("The time is over.")`)
	b.until(`getComputedStyle(document.querySelector("img.code")).display === "none" && document.querySelector(".run-out").checkVisibility()`)

	// The server says the same to whoever comes now.
	b.visit("/")
	b.until(`document.querySelector("#glass-over") !== null && document.querySelector("img.code") === null`)
	b.sees("The customer may have paid in the last second: Paydesk asks.")
	s.op.Prompt = payment.Prompt{Code: payment.PromptAsking, Text: "the time is over; asking Pockyt before the payment is closed", Waiting: payment.Bank, Narrated: true, At: time.Now()}
	s.op = b.desk.put(s.op, payment.EventPrompt, s.op.Prompt)
	b.sees("Asking how it ended")
	b.check("wallet-asking")
	s.end(payment.Success, "")
	b.sees("125.00\u00a0kr was charged.")
	b.quiet()
}
