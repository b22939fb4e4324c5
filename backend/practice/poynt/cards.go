package poynt

import "github.com/paydesk-till/paydesk/backend/practice/pinpad"

// fate is what the issuer of a test card does with it.
type fate int

const (
	fateApproved fate = iota
	fateDeclined
	fateInsufficient
	fateUnreachable
	fatePartial
	fateCash // no card at all: the staff takes notes
)

// card is a test card. All numbers are invented; only the first six and last four
// digits exist at all.
type card struct {
	id, name  string
	scheme    string // as shown
	brand     string // as in fundingSource.card.type (poynt.md 10.4)
	first6    string
	last4     string
	aid       string
	kind      string // "card", "phone" or "watch", as pinpad.Card
	chip, tap bool
	swipe     bool
	pin       string
	signature bool // asks for a signature instead of a PIN
	fate      fate
	does      string // the fate in words, written on the card
}

// noPINLimit is the amount up to which a tapped card needs no PIN, in minor units.
const noPINLimit = 100_00

const (
	aidVisa       = "A0000000031010"
	aidMastercard = "A0000000041010"
)

// wallet is what a practice customer carries. A phone or a watch stands for a card
// of its own, with its own number.
var wallet = []card{
	{id: "chip-pin", name: "Everyday card", scheme: "Visa Test", brand: "VISA", first6: "400000", last4: "0002", aid: aidVisa, kind: "card", chip: true, tap: true, pin: "1234",
		does: "approved with PIN 1234; tapped, no PIN below 100"},
	{id: "contactless", name: "Tap card", scheme: "Mastercard Test", brand: "MASTERCARD", first6: "510000", last4: "0010", aid: aidMastercard, kind: "card", chip: true, tap: true, pin: "1234",
		does: "approved; tapped, no PIN below 100, else PIN 1234"},
	{id: "phone", name: "Phone", scheme: "Visa Test", brand: "VISA", first6: "400000", last4: "0028", aid: aidVisa, kind: "phone", tap: true,
		does: "approved, verified on the phone"},
	{id: "watch", name: "Watch", scheme: "Mastercard Test", brand: "MASTERCARD", first6: "510000", last4: "0036", aid: aidMastercard, kind: "watch", tap: true,
		does: "approved, verified on the watch"},
	{id: "partial", name: "Gift card", scheme: "Discover Test", brand: "DISCOVER", first6: "601100", last4: "0044", aid: "A0000001523010", kind: "card", chip: true, tap: true, fate: fatePartial,
		does: "holds half of what is asked: partial approval"},
	{id: "declined", name: "Blocked by the bank", scheme: "Visa Test", brand: "VISA", first6: "400000", last4: "0051", aid: aidVisa, kind: "card", chip: true, tap: true, pin: "1234", fate: fateDeclined,
		does: "declined by the bank after PIN 1234"},
	{id: "insufficient", name: "Empty account", scheme: "Mastercard Test", brand: "MASTERCARD", first6: "510000", last4: "0069", aid: aidMastercard, kind: "card", chip: true, tap: true, pin: "1234", fate: fateInsufficient,
		does: "declined, not enough money, after PIN 1234"},
	{id: "foreign", name: "Card from abroad", scheme: "Visa Test", brand: "VISA", first6: "400000", last4: "0077", aid: aidVisa, kind: "card", chip: true, signature: true,
		does: "approved; the customer signs on the screen"},
	{id: "stripe", name: "Magnetic stripe", scheme: "Mastercard Test", brand: "MASTERCARD", first6: "510000", last4: "0085", kind: "card", swipe: true, signature: true,
		does: "swipe; approved, the customer signs on the screen"},
	{id: "unreachable", name: "Bank out of reach", scheme: "Visa Test", brand: "VISA", first6: "400000", last4: "0093", aid: aidVisa, kind: "card", chip: true, pin: "1234", fate: fateUnreachable,
		does: "the processor does not answer; the terminal reverses, not charged"},
	{id: "cash", name: "Bank notes", scheme: "Cash", kind: "card", tap: true, fate: fateCash,
		does: "the staff ends the payment as cash on the terminal, unless the till forbids it"},
}

func cardByID(id string) (card, bool) {
	for _, c := range wallet {
		if c.id == id {
			return c, true
		}
	}
	return card{}, false
}

// masked is the number as in fundingSource.card.numberMasked (poynt.md 10.4).
func (c card) masked() string { return c.first6 + "******" + c.last4 }

// lastFour is the number as the ledger keeps it.
func (c card) lastFour() string {
	if c.last4 == "" {
		return ""
	}
	return "************" + c.last4
}

func pinpadCards() []pinpad.Card {
	cards := make([]pinpad.Card, 0, len(wallet))
	for _, c := range wallet {
		cards = append(cards, pinpad.Card{ID: c.id, Name: c.name, Brand: c.scheme, Last4: c.last4, Kind: c.kind,
			Chip: c.chip, Tap: c.tap, Swipe: c.swipe, Fate: c.does, PIN: c.pin})
	}
	return cards
}
