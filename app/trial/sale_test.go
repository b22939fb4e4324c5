package trial

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSaleByKeyboardAlone charges, watches the customer pay, and begins the next
// sale, without a mouse.
func TestSaleByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.look("sale")
	p.charge("1250", "12.50")
	s.pad.shows("Present card")
	p.sees("Present card")
	p.sees("Waiting for: the customer")
	p.look("payment-card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	p.sees("Customer enters PIN")
	s.pad.do("key", "1")
	s.pad.do("key", "2")
	p.until(`document.querySelectorAll(".dots .on").length === 2`)
	p.look("payment-pin")
	s.pad.do("pin", "right")
	p.ends("Approved", "12.50\u00a0kr was charged.")
	p.until(`/TEST/.test(document.querySelector(".paper").textContent) && /12[.,]50/.test(document.querySelector(".paper").textContent)`)
	p.until(`document.activeElement.id === "new-sale"`)
	p.look("result-approved")
	s.pad.shows("Remove card")
	s.pad.do("pull", "")
	p.newSale()
	s.pad.ledger("-12.50")
	s.recorded("sale approved")
	p.quiet()
}

// TestDecline offers the same amount again, for another card.
func TestDecline(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.charge("9900", "99.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "declined")
	s.pad.shows("Enter PIN")
	s.pad.do("pin", "right")
	p.sees("Declined by the bank.")
	p.sees("Nothing was charged.")
	p.look("result-declined")
	s.pad.ledger()
	p.click("#again")
	p.until(`document.querySelector("[data-label]")?.textContent === "Charge 99.00\u00a0kr"`)
	p.click("[data-charge]")
	s.pad.shows("Present card")
	s.pad.do("tap", "contactless")
	p.ends("Approved", "99.00\u00a0kr was charged.")
	s.pad.ledger("-99.00")
	s.recorded("sale approved", "sale declined")
	p.quiet()
}

// TestReload shows that a page which was left comes back to the true state, and
// that a second one shows the same (F-14).
func TestReload(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.charge("4200", "42.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	s.pad.do("key", "1")
	p.until(`document.querySelectorAll(".dots .on").length === 1`)
	p.do("reload", chromedp.Reload())
	p.connected()
	p.sees("Customer enters PIN")
	p.until(`document.querySelectorAll(".dots .on").length === 1`)
	other := p.second()
	other.sees("Customer enters PIN")
	other.until(`document.querySelector(".top .sum").textContent === "42.00\u00a0kr"`)
	s.pad.do("pin", "right")
	for _, one := range []*page{p, other} {
		one.ends("Approved", "42.00\u00a0kr was charged.")
	}
	p.do("reload", chromedp.Reload())
	p.connected()
	p.ends("Approved", "42.00\u00a0kr was charged.")
	s.pad.ledger("-42.00")
	s.recorded("sale approved")
	p.quiet()
	other.quiet()
}

// TestDoubleClick charges once, whatever is hit how often.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	other := p.second()
	for _, one := range []*page{p, other} {
		one.keys("700")
		one.ready("[data-charge]")
	}
	p.do("double click", chromedp.DoubleClick(chromedp.CSS("[data-charge]")))
	// The other tab may have followed to the payment by now; its form is gone then.
	other.do("the other tab", chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-charge]")?.click()`))
	p.sees("Present card")
	other.sees("Present card")
	s.pad.do("tap", "contactless")
	p.ends("Approved", "7.00\u00a0kr was charged.")
	other.ends("Approved", "7.00\u00a0kr was charged.")
	s.pad.ledger("-7.00")
	s.recorded("sale approved")
	p.quiet()
}
