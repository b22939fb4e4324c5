package trial

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestGiveBack finds sales in the history, voids one, refunds a part of another,
// and hands out a slip twice.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	for _, sale := range [][2]string{{"3100", "31.00"}, {"6400", "64.00"}} {
		p.charge(sale[0], sale[1])
		s.pad.shows("Present card")
		s.pad.do("tap", "contactless")
		p.ends("Approved", sale[1]+"\u00a0kr was charged.")
		p.newSale()
	}

	// The newest is voided.
	p.keys(kb.F3)
	find(p, "64", "64.00")
	p.look("operation")
	p.click("#form-void summary")
	fill(p, "void", "Ann", "typed the wrong amount")
	p.look("operation-void")
	p.click("#void-go")
	p.ends("Void approved", "64.00\u00a0kr goes back to the customer.")
	p.look("result-void")
	s.pad.ledger("-31.00")
	p.newSale()

	// A part of the older one is refunded.
	p.keys(kb.F3)
	find(p, "31", "31.00")
	p.click("#form-refund summary")
	p.write("#refund-amount", "3,10")
	fill(p, "refund", "Ann", "one item came back")
	p.look("operation-refund")
	p.click("#refund-go")
	s.pad.shows("Present card")
	p.until(`document.querySelector("[data-screen^=payment-]") !== null`)
	p.look("payment-refund")
	s.pad.do("tap", "contactless")
	p.ends("Refund approved", "3.10\u00a0kr goes back to the customer.")
	p.look("result-refund")

	// Its slip is handed out twice; the second is marked (F-16).
	p.click("[data-shortcut=F4]")
	p.until(`document.querySelector("#print").textContent.includes("REFUND")`)
	if value[bool](p, `/Copy no/.test(document.querySelector("#print").textContent)`) {
		t.Error("the first print is marked as a copy")
	}
	p.until(`document.querySelector(".htmx-request") === null`) // a second hit meanwhile is the same one
	p.keys(kb.F4)
	p.until(`/COPY[^]*Copy no\. 1/.test(document.querySelector("#print").textContent)`)
	s.pad.ledger("-31.00", "3.10")
	s.recorded("refund approved", "void approved", "sale approved", "sale approved")
	p.quiet()
}

// find searches the history and opens the only operation of an amount.
func find(p *page, text, amount string) {
	p.Helper()
	p.connected()
	p.until(`document.activeElement.id === "q" && document.activeElement.hasAttribute("data-htmx-powered")`)
	if text == "31" {
		p.look("history")
	}
	p.keys("no such thing")
	p.sees("Nothing fits.")
	p.write("#q", text)
	p.until(`document.querySelectorAll("#rows tbody tr").length === 1 && document.querySelector("#rows tbody").textContent.includes("` + amount + `")`)
	p.click("#rows tbody a")
	p.connected()
	p.sees("Timeline")
}

// fill says who does it and why.
func fill(p *page, which, who, why string) {
	p.Helper()
	p.write("#"+which+"-operator", who)
	p.write("#"+which+"-why", why)
}
