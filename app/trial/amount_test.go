package trial

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBadAmounts gives a sentence for each and sends nothing.
func TestBadAmounts(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.until(`document.activeElement.matches("[data-amount]")`)
	for _, keys := range []string{kb.Enter, "0" + kb.Enter, "000" + kb.Enter, "abc" + kb.Enter, kb.Backspace + kb.Enter} {
		p.keys(keys)
		p.until(`document.querySelector("[data-charge]").disabled && document.querySelector("[data-why]").textContent === "Type an amount to charge."`)
	}
	if n := p.posted("/sale"); n != 0 {
		t.Errorf("an empty or zero amount was posted %d times", n)
	}
	typed(p, "12,345", "more decimals than SEK has (2)")
	p.look("sale-bad-amount")
	typed(p, "0,00", "")
	for _, one := range []struct{ text, says string }{
		{"12a", "can only be digits"},
		{"abc", "can only be digits"},
		{"1.2.3", "can only be digits"},
		{"-5", "is negative"},
		{"12.345", "more decimals"},
		{"99999999999", "beyond the limit"},
		{"999999999999999999999999999999", "beyond the limit"},
	} {
		paste(p, one.text)
		p.keys(kb.Enter)
		refused(p, one.text, one.says)
	}
	s.recorded()
	s.pad.ledger()
	// What is not exact but clear is taken.
	paste(p, " 1 234,50 ")
	p.until(`document.querySelector("[data-label]").textContent === "Charge 1,234.50\u00a0kr"`)
	p.quiet("422")
}

// typed types an amount with a decimal sign and presses Enter. Without a sentence
// the button stays closed.
func typed(p *page, keys, says string) {
	p.Helper()
	p.keys(kb.Escape + keys)
	if says == "" {
		p.until(`document.querySelector("[data-charge]").disabled`)
		return
	}
	p.keys(kb.Enter)
	refused(p, keys, says)
}

// paste puts a text into the amount as from the clipboard.
func paste(p *page, text string) {
	p.Helper()
	p.keys(kb.Escape)
	p.do("paste", chromedp.Evaluate[chromedp.Void](`{ const data = new DataTransfer(); data.setData("text", `+strconv.Quote(text)+`);
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }`))
}

// refused waits for the sentence, which says that nothing was sent.
func refused(p *page, what, says string) {
	p.Helper()
	p.until(`(text => text.includes(` + strconv.Quote(says) + `) && text.includes("Nothing was sent"))(document.querySelector("#sale-error").textContent)`)
	if shown := value[bool](p, `document.querySelector("[data-amount]") !== null`); !shown {
		p.Errorf("%q left the sale's page", what)
	}
}
