package trial

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestSignature answers by F6 and by F9. Enter answers nothing.
func TestSignature(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)

	askToSign(s, p)
	p.look("signature")
	for _, where := range []string{"#answer-yes", "#answer-no", "h1"} {
		p.ready("#answer-yes")
		p.do("focus", chromedp.Evaluate[chromedp.Void](`document.querySelector("main `+where+`").focus()`))
		p.keys(kb.Enter + kb.Enter)
		if n := p.posted("/answer"); n != 0 {
			t.Fatalf("Enter on %s answered %d times", where, n)
		}
	}
	p.sees("Compare the signature")
	p.keys(kb.F6)
	p.ends("Approved", "450.00\u00a0kr was charged.")
	if n := p.posted("/answer"); n != 1 {
		t.Errorf("F6 answered %d times", n)
	}
	p.look("result-signature-yes")
	s.pad.ledger("-450.00")

	p.newSale()
	askToSign(s, p)
	p.keys(kb.F9)
	p.sees("The signature was refused.")
	p.sees("Nothing was charged.")
	p.look("result-signature-no")
	s.pad.ledger("-450.00")
	ops := s.journal()
	if len(ops) != 2 || ops[0].State == "approved" || ops[1].State != "approved" {
		t.Errorf("the journal has %v", ops)
	}
	p.quiet()
}

// askToSign charges 450.00 from a card that is signed for.
func askToSign(s *till, p *page) {
	p.Helper()
	p.charge("45000", "450.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "foreign")
	p.sees("Compare the signature with the card")
	s.pad.do("sign", "well")
	p.until(`document.querySelector(".paper").textContent.includes("450")`)
	p.ready("#answer-yes")
	p.ready("#answer-no")
}

// TestSignatureWithdrawn has the terminal give its question up. The page leaves it
// and says why.
func TestSignatureWithdrawn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	p := desk(t, s)
	s.pad.do("fault", "input=abort-event")
	p.charge("45000", "450.00")
	s.pad.shows("Present card")
	s.pad.do("insert", "foreign")
	p.sees("Nothing was charged.")
	p.sees("The terminal took back its question about the signature")
	p.look("result-signature-withdrawn")
	s.pad.ledger()
	p.quiet()
}
