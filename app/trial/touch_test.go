package trial

import (
	"strings"
	"testing"
)

// TestSaleByTouch charges by the keypad on the screen, with lines, a reference and
// cash back. What was sold is found again by the reference.
func TestSaleByTouch(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	for _, key := range []string{"1", "2", "00", "5", "Backspace", "0"} {
		p.click(`[data-key="` + key + `"]`)
	}
	p.until(`document.querySelector("[data-label]").textContent === "Charge 120.00\u00a0kr"`)
	p.until(`document.activeElement.matches("[data-amount]")`)
	p.click("[data-lines] summary")
	p.write("[name=line-text]", "Coffee")
	p.write("[name=line-quantity]", "2")
	p.write("[name=line-price]", "34,50")
	p.until(`document.querySelector("[data-label]").textContent === "Charge 69.00\u00a0kr"`) // the total follows
	p.click("[data-add-line]")
	p.write("tr:last-child [name=line-text]", "Bun")
	p.write("tr:last-child [name=line-price]", "25")
	p.until(`document.querySelector("[data-label]").textContent === "Charge 94.00\u00a0kr"`)
	p.write("[name=reference]", "table 7")
	p.look("sale-lines")
	p.click("[data-lines] summary")
	p.click(".extra summary")
	p.write("[name=cashback]", "100")
	p.until(`document.querySelector("[data-label]").textContent === "Charge 194.00\u00a0kr"`)
	p.look("sale-cashback")
	p.click("[data-charge]")
	s.pad.shows("Present card")
	p.until(`document.querySelector(".top").textContent.includes("cash back 100.00\u00a0kr")`)
	s.pad.do("insert", "debit")
	s.pad.shows("Enter PIN")
	s.pad.do("pin", "right")
	p.ends("Approved", "194.00\u00a0kr was charged.")
	p.until(`document.querySelector(".outcome").textContent.includes("cash back 100.00\u00a0kr")`)
	p.look("result-cashback")
	s.pad.ledger("-194.00")
	s.recorded("sale approved")

	p.visit("/history?q=table")
	p.until(`document.querySelectorAll("#rows tbody tr").length === 1`)
	p.click("#rows tbody a")
	p.connected()
	p.sees("table 7")
	if sold := value[string](p, `document.querySelector(".sold").innerText`); !strings.Contains(sold, "2 x Coffee") || !strings.Contains(sold, "1 x Bun") {
		t.Errorf("sold: %q", sold)
	}
	p.quiet()
}
