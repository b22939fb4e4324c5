package trial

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestAbort stops a sale before the card, with the card inside, and too late.
func TestAbort(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)

	p.charge("9900", "99.00")
	s.pad.shows("Present card")
	p.sees("Present card")
	p.ready("#abort")
	p.keys(kb.Escape) // goes to the button
	p.until(`document.activeElement.id === "abort"`)
	if n := p.posted("/abort"); n != 0 {
		t.Fatalf("the first Esc asked to stop %d times", n)
	}
	p.keys(kb.Escape)
	p.sees("Stopped from this till.")
	p.sees("Nothing was charged.")
	p.look("result-aborted")
	p.newSale()

	p.charge("8800", "88.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	p.sees("Customer enters PIN")
	p.click("#abort")
	p.sees("Stopped from this till.")
	p.sees("Nothing was charged.")
	s.pad.shows("Remove card")
	s.pad.do("pull", "")
	p.newSale()
	s.pad.ledger()

	// The terminal has gone too far already: the payment wins, and can be voided.
	s.pad.do("fault", "abort.effect=late")
	p.charge("7700", "77.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	p.sees("Customer enters PIN")
	p.click("#abort")
	p.sees("it may still be approved")
	p.look("payment-aborting")
	s.pad.do("pin", "right")
	p.sees("The payment was faster than the request to stop it.")
	p.ends("Approved", "77.00\u00a0kr was charged.")
	p.ready("#void-now")
	p.look("result-after-abort")
	s.pad.ledger("-77.00")
	s.recorded("sale approved", "sale cancelled", "sale cancelled")
	p.quiet()
}
