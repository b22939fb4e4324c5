package nexo

import (
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Codes of the cardholder verification on receipts. The letter for a PIN and the
// stroke for none are seen; those for a signature and for a phone are
// placeholders (nexo-retailer.md 8.2).
const (
	cvmPIN       = "a"
	cvmNone      = "/"
	cvmSignature = "@"
	cvmDevice    = "d"
)

// askForPIN asks for the PIN where the card and the amount want one.
func (t *Terminal) askForPIN(p *payment) (outcome, error) {
	switch {
	case p.card.kind != "card":
		p.detail.CVM = cvmDevice
		return outcome{}, nil
	case p.card.pin == "" || p.refund:
		return outcome{}, nil
	case p.detail.Entry == "Contactless" && p.authorised < noPINLimit:
		return outcome{}, nil
	}
	for try := 1; try <= bench.PINTries; try++ {
		right, o, err := t.enterPIN(p, try)
		if err != nil || o.booking != "" {
			return o, err
		}
		if right {
			p.detail.CVM = cvmPIN
			return outcome{}, nil
		}
		t.log.Note("Wrong PIN")
		t.show(p, textWrongPIN)
		if err := p.pause(800 * time.Millisecond); err != nil {
			return outcome{}, err
		}
	}
	o := pinWrong
	o.condition = t.faults.Get("wrong-pin.condition")
	return o, nil
}

// enterPIN takes one entry key by key. The digits leave the entry only as stars.
func (t *Terminal) enterPIN(p *payment, try int) (right bool, o outcome, err error) {
	entry := bench.PINEntry{}
	a := &asked{kind: askPIN, card: p.card, chip: p.inSlot, try: try}
	t.showPIN(p, a)
	for {
		d, err := p.await(a, presentLimit)
		if err != nil {
			return false, outcome{}, err
		}
		switch state := entry.Take(d, p.card.pin); state {
		case bench.PINPulled:
			t.mu.Lock()
			t.slot, p.inSlot = "", false
			t.mu.Unlock()
			t.event(p.service, "CardRemoved", "")
			return false, cardPulled, nil
		case bench.PINCancelled:
			return false, byCustomer, nil
		case bench.PINRight, bench.PINWrong:
			if d.Kind == bench.DeedPIN {
				t.showPIN(p, a.with(len(p.card.pin)))
			}
			return state == bench.PINRight, outcome{}, nil
		}
		if entry.Digits() != a.digits {
			a = a.with(entry.Digits())
			t.showPIN(p, a)
		}
	}
}

// showPIN shows one star per digit, here and at the till (nexo-retailer.md 10.2).
func (t *Terminal) showPIN(p *payment, a *asked) {
	shown := textPIN
	if a.digits > 0 {
		shown.words += ": " + strings.Repeat("*", a.digits)
	}
	t.showAsking(p.service, shown, a.digits, a)
}

// with is the same question with so many digits entered.
func (a *asked) with(digits int) *asked {
	b := *a
	b.digits = digits
	return &b
}
