package pinpad

import "strings"

// Phone is a customer's phone with wallets. A View that has one is drawn as a phone,
// with the View's Screen on it, and has no slot, field, cards and paper.
//
// The phone's keys are ActionKey: "green" pays or confirms with the right passcode,
// "red" refuses, "yellow" shows a new code. ActionPIN "wrong" is a wrong passcode.
type Phone struct {
	Online bool
	Apps   []App   // the wallets on it
	Code   string  // digits that the open wallet shows to a till, drawn as a bar code; empty: none
	Offers []Offer // QR codes that can be scanned now
	Asks   bool    // a payment waits to be confirmed
}

// App is one wallet on the phone.
type App struct {
	ID, Name string
	Open     bool // it is the one on the screen
}

// Offer is a QR that somebody shows to the phone.
type Offer struct{ ID, Label string }

// handset is a Phone with what its drawing needs.
type handset struct {
	Phone
	Bars   barcode
	Groups []string // the code in groups of four digits
}

func drawPhone(p *Phone) *handset {
	if p == nil {
		return nil
	}
	h := &handset{Phone: *p, Bars: drawBarcode(p.Code)}
	for rest := strings.TrimSpace(p.Code); rest != ""; {
		n := min(4, len(rest))
		h.Groups = append(h.Groups, rest[:n])
		rest = rest[n:]
	}
	return h
}
