package frontend_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/paydesk-till/paydesk/backend/payment"
)

const aWalletCode = "286498530672949108"

// scan types as a scanner does: keys at their own times, so that a slow machine changes
// nothing, ended by Enter. It begins long after what was typed before.
func (b *browser) scan(text string, gap time.Duration) {
	b.Helper()
	at := later(time.Now(), b.scanned).Add(time.Second)
	defer func() { b.scanned = at }()
	press := func(key, typed string, code int64) {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			p := input.DispatchKeyEventParams{Type: kind, Key: key, WindowsVirtualKeyCode: code}
			p.Timestamp = input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)
			if kind == input.DispatchKeyEventTypeKeyDown {
				p.Text, p.UnmodifiedText = typed, typed
			}
			if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
				b.Fatal("scan:", err)
			}
		}
		at = at.Add(gap)
	}
	for _, r := range text {
		press(string(r), string(r), int64(strings.ToUpper(string(r))[0]))
	}
	press("Enter", "\r", 13)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// TestScanner scans without a click, wherever the focus is: once for a sale, and never
// for what is no wallet's code. Nothing of it ever becomes an amount.
func TestScanner(t *testing.T) {
	b := open(t, false)
	b.desk.wallets()
	b.visit("/")
	b.sees("Customer's code")
	const amount, code = `document.querySelector("[data-amount]").value`, `document.querySelector("[data-code]").value`
	b.until(`document.querySelector("form[data-sale][data-htmx-powered]") !== null`)

	for text, says := range map[string]string{
		"4006381333931":            "product's barcode",
		"WALLET-7731-XYZ":          "digits only",
		strings.Repeat("7", 200):   "it has 200 digits",
		"123456789":                "it has 9 digits",
		aWalletCode + "X" + "1234": "digits only",
	} {
		b.scan(text, 4*time.Millisecond)
		b.until(`document.querySelector("#sale-error").textContent.includes("` + says + `")`)
		b.until(`document.querySelector("#sale-error").textContent.includes("Nothing was sent")`)
		if got := value[string](b, amount+`+"|"+`+code); got != "|" {
			t.Errorf("%.20s: %s stands in the form", text, got)
		}
	}
	b.check("scan-ean")

	// Before there is an amount the code is kept, and the amount is asked for.
	b.scan(aWalletCode, 4*time.Millisecond)
	b.until(`document.querySelector("#murmur").textContent.includes("Type the amount")`)
	b.until(code + ` === "` + aWalletCode + `" && ` + amount + ` === "" && document.querySelector("#sale-error").textContent === ""`)
	b.do("away", chromedp.KeyEvent("\u001b"))
	b.until(code + ` === "" && document.activeElement.matches("[data-amount]")`)

	// Who types into another field is left alone.
	b.do("reference", chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-lines]").open = true, document.querySelector("[name=reference]").focus()`))
	b.scan("4006381333931", 4*time.Millisecond)
	b.until(`document.querySelector("[name=reference]").value === "4006381333931" && ` + amount + ` === "" && ` + code + ` === ""`)
	b.do("back", chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-lines]").open = false, document.querySelector("[data-amount]").focus()`))

	if n := b.desk.called("start"); n != 0 {
		t.Fatalf("%d sales were begun", n)
	}
	// A slow scanner, with the focus on a button; then the same code once more.
	b.keys("12500")
	b.until(`document.querySelector("[data-why]").textContent === "On terminal front: shows a code to scan"`)
	b.do("focus elsewhere", chromedp.Evaluate[chromedp.Void](`document.querySelector("#terminal-card").focus()`))
	b.scan(aWalletCode, 90*time.Millisecond)
	op := b.desk.await(t, "a sale", func(o payment.Operation) bool { return o.State == payment.Created })
	b.until(`document.querySelector("[data-screen^=payment-]") !== null`)
	b.scan(aWalletCode, 4*time.Millisecond)
	b.until(`document.querySelector("#notice").textContent.includes("is not used here")`)
	if n := b.desk.called("start"); n != 1 || op.Requested != 12500 {
		t.Errorf("%d sales of %d", n, op.Requested)
	}
	s := &script{b.desk, op}
	s.end(payment.Success, "")
	b.until(`document.body.dataset.settled?.startsWith("result-")`)
	b.scan(aWalletCode, 4*time.Millisecond) // its Enter does not take the result away
	b.until(`document.querySelector("[data-screen^=result-]") !== null`)
	if n := b.desk.called("start"); n != 1 {
		t.Errorf("%d sales after a scan on the result", n)
	}
	b.quiet()
}

// A scanner at a till for cards types no amount either.
func TestScannerAtCards(t *testing.T) {
	b := open(t, false)
	b.until(`document.querySelector("form[data-sale][data-htmx-powered]") !== null`)
	b.keys("500")
	b.scan("4006381333931", 4*time.Millisecond)
	b.until(`document.querySelector("#sale-error").textContent.includes("takes cards only")`)
	if got := value[string](b, `document.querySelector("[data-amount]").value`); got != "5.00" || b.desk.called("start") != 0 {
		t.Errorf("the amount is %q, %d sales", got, b.desk.called("start"))
	}
	b.quiet()
}
