package netpay

import "github.com/paydesk-till/paydesk/backend/practice/pinpad"

// fate is what the issuer of a test card does with it.
type fate int

const (
	fateApproved fate = iota
	fateDeclined
	fateInsufficient
	fateUnreachable
)

// card is a test card. All numbers and names are invented; only the first six and
// last four digits exist at all.
type card struct {
	id, name   string
	brand      string // cardTypeName
	mark       string // rePrintMark, the brand as the ticket has it
	label      string // applicationLabel
	bank       string
	holder     string // customerName, padded as real ones are (netpay.md 5.1)
	first6     string
	last4      string
	expires    string // MM/YY, invented
	aid        string
	credit     bool
	kind       string // "card" or "phone", as pinpad.Card
	chip, tap  bool
	swipe      bool
	pin        string // empty: signs
	fate       fate
	noDeferred bool   // no months without interest (netpay.md 3.1)
	does       string // the fate in words, written on the card
}

// noPINLimit is up to where a tapped card needs neither PIN nor signature, in
// minor units. The real limit is unknown.
const noPINLimit = 1000_00

// The practice wallet.
var wallet = []card{
	{id: "chip-pin", name: "Everyday card", brand: "VISA", mark: "VISA", label: "VISA DEBITO", bank: "BANCO EJEMPLO", holder: "PRUEBA/ANA                ", first6: "400000", last4: "0042", expires: "08/31",
		aid: "A0000000032010", kind: "card", chip: true, tap: true, pin: "1234", does: "approved with PIN 1234; tapped, no PIN below 1000"},
	{id: "contactless", name: "Tap card", brand: "MASTERCARD", mark: "MASTER", label: "Debit Mastercard", bank: "BANCO PRACTICA", holder: "XXXX              /", first6: "510000", last4: "0010", expires: "05/30",
		aid: "A0000000041010", kind: "card", chip: true, tap: true, pin: "1234", does: "approved; tapped, no PIN below 1000, else PIN 1234"},
	{id: "phone", name: "Phone", brand: "VISA", mark: "VISA", label: "VISA CREDITO", bank: "BANCO EJEMPLO", holder: " ", first6: "400000", last4: "0028", expires: "01/30",
		aid: "A0000000031010", credit: true, kind: "phone", tap: true, does: "approved, verified on the phone"},
	{id: "signature", name: "Credit card", brand: "MASTERCARD", mark: "MASTER", label: "Mastercard", bank: "BANCO PRACTICA", holder: "PRUEBA/LUIS               ", first6: "510000", last4: "0077", expires: "11/29",
		aid: "A0000000041010", credit: true, kind: "card", chip: true, does: "approved with a signature on the screen"},
	{id: "amex", name: "Amex", brand: "AMERICAN EXPRESS", mark: "AMEX", label: "AMERICAN EXPRESS", bank: "BANCO EJEMPLO", holder: "PRUEBA/EVA                ", first6: "370000", last4: "0036", expires: "03/30",
		aid: "A00000002501", credit: true, kind: "card", chip: true, noDeferred: true, does: "approved with a signature; no months without interest"},
	{id: "declined", name: "Blocked by the bank", brand: "VISA", mark: "VISA", label: "VISA DEBITO", bank: "BANCO EJEMPLO", holder: "PRUEBA/JOSE               ", first6: "400000", last4: "0051", expires: "02/30",
		aid: "A0000000032010", kind: "card", chip: true, tap: true, pin: "1234", fate: fateDeclined, does: "declined by the bank (62) after PIN 1234"},
	{id: "insufficient", name: "Empty account", brand: "MASTERCARD", mark: "MASTER", label: "Debit Mastercard", bank: "BANCO PRACTICA", holder: "PRUEBA/MARIA              ", first6: "510000", last4: "0069", expires: "09/30",
		aid: "A0000000041010", kind: "card", chip: true, tap: true, pin: "1234", fate: fateInsufficient, does: "declined, not enough money (51), after PIN 1234"},
	{id: "stripe", name: "Magnetic stripe", brand: "VISA", mark: "VISA", label: "", bank: "BANCO EJEMPLO", holder: "PRUEBA/RAUL               ", first6: "400000", last4: "0085", expires: "04/30",
		credit: true, kind: "card", swipe: true, does: "swipe; approved with a signature"},
	{id: "unreachable", name: "Bank out of reach", brand: "VISA", mark: "VISA", label: "VISA DEBITO", bank: "BANCO EJEMPLO", holder: "PRUEBA/INES               ", first6: "400000", last4: "0093", expires: "06/30",
		aid: "A0000000032010", kind: "card", chip: true, pin: "1234", fate: fateUnreachable, does: "the bank cannot be reached (91); not charged"},
}

func cardByID(id string) (card, bool) {
	for _, c := range wallet {
		if c.id == id {
			return c, true
		}
	}
	return card{}, false
}

// masked is the number as tickets show it (netpay.md 9.3).
func (c card) masked() string { return "************" + c.last4 }

func pinpadCards() []pinpad.Card {
	cards := make([]pinpad.Card, 0, len(wallet))
	for _, c := range wallet {
		cards = append(cards, pinpad.Card{ID: c.id, Name: c.name, Brand: c.brand + " Test", Last4: c.last4, Kind: c.kind,
			Chip: c.chip, Tap: c.tap, Swipe: c.swipe, Fate: c.does, PIN: c.pin})
	}
	return cards
}
