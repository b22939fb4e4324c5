package trial

import (
	"syscall"
	"testing"
)

// TestUnplugged loses the terminal while the customer enters the PIN. The till says
// what that means on every screen, and finds the outcome when it is back.
func TestUnplugged(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.charge("5600", "56.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	p.sees("Customer enters PIN")
	s.pad.do("fault", "network=unplugged")
	p.until(`document.querySelector("#bands .doubt")?.textContent.includes("is in doubt")`)
	p.sees("The customer may have been charged.")
	p.sees("Do not take the payment again.")
	p.until(`document.querySelector("#bands .doubt button").textContent.includes("Look now")`)
	p.look("doubt")
	p.visit("/history")
	p.until(`document.querySelector("#bands .doubt")?.textContent.includes("Do not take it again")`)
	p.sees("In doubt")
	p.look("doubt-history")
	p.visit("/")
	p.sees("The customer may have been charged.")

	s.pad.do("fault", "network=plugged")
	s.pad.do("pin", "right")
	s.pad.shows("Remove card")
	p.click("#bands .doubt button")
	p.ends("Approved", "56.00\u00a0kr was charged.")
	p.until(`document.querySelector("#bands .doubt") === null`)
	p.look("result-after-doubt")
	s.pad.ledger("-56.00")
	s.recorded("sale approved")
	p.quiet()
}

// TestLostAnswer charges a card and loses the answer. It is found by asking, and
// nothing is charged twice.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	s.pad.do("fault", "payment.answer=lose")
	p.charge("2100", "21.00")
	s.pad.shows("Present card")
	s.pad.do("tap", "contactless")
	p.ends("Approved", "21.00\u00a0kr was charged.")
	s.pad.ledger("-21.00")
	s.recorded("sale approved")
	p.quiet()
}

// TestKilled kills the program while the customer enters the PIN. The open page says
// that it is cut off; the next start says what may have happened and takes no new
// sale on that terminal.
func TestKilled(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	p.charge("8100", "81.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "chip-pin")
	s.pad.shows("Enter PIN")
	p.sees("Customer enters PIN")
	s.signal(syscall.SIGKILL)
	s.wait()
	p.until(`document.querySelector("#offline").textContent.includes("This screen has lost Paydesk")`)
	p.look("killed")

	s = serveOn(t, s.data)
	p = desk(t, s)
	p.until(`document.querySelector("#bands .doubt")?.textContent.includes("Do not take it again")`)
	p.sees("Paydesk was closed during this payment.")
	p.until(`document.querySelector("[data-charge]") === null`)
	p.look("doubt-after-kill")
	s.pad.ledger()
	s.recorded("sale in_doubt")
	p.quiet()
}
