package nexo

import "github.com/paydesk-till/paydesk/backend/practice/pinpad"

// fate is what the issuer of a test card does with it.
type fate int

const (
	fateApproved fate = iota
	fateDeclined
	fateInsufficient
	fateUnreachable
)

// card is a test card. All numbers are invented; only the first six and last four
// digits exist at all.
type card struct {
	id, name   string
	scheme     string // the application label on receipts
	first6     string
	last4      string
	aid        string
	kind       string // "card", "phone" or "watch", as pinpad.Card
	chip, tap  bool
	swipe      bool
	pin        string
	signature  bool // asks for a signature instead of a PIN
	noCashback bool
	fate       fate
	does       string // the fate in words, written on the card
}

// The floor up to which a tapped card needs no PIN, in minor units.
const noPINLimit = 400_00

// The practice wallet. A phone or a watch stands for a card of its own, with its
// own number, as device numbers do (nexo-retailer.md 7.5).
var wallet = []card{
	{id: "chip-pin", name: "Everyday card", scheme: "Visa Test", first6: "400000", last4: "0002", aid: "A0000000031010", kind: "card", chip: true, tap: true, pin: "1234",
		does: "approved with PIN 1234; tapped, no PIN below 400"},
	{id: "contactless", name: "Tap card", scheme: "Mastercard Test", first6: "510000", last4: "0010", aid: "A0000000041010", kind: "card", chip: true, tap: true, pin: "1234",
		does: "approved; tapped, no PIN below 400, else PIN 1234"},
	{id: "phone", name: "Phone", scheme: "Visa Test", first6: "400000", last4: "0028", aid: "A0000000031010", kind: "phone", tap: true,
		does: "approved, verified on the phone"},
	{id: "watch", name: "Watch", scheme: "Mastercard Test", first6: "510000", last4: "0036", aid: "A0000000041010", kind: "watch", tap: true,
		does: "approved, verified on the watch"},
	{id: "debit", name: "Debit with cash back", scheme: "Debit Test", first6: "400000", last4: "0044", aid: "A0000000031010", kind: "card", chip: true, tap: true, pin: "1234",
		does: "approved with PIN 1234, cash back allowed"},
	{id: "declined", name: "Blocked by the bank", scheme: "Visa Test", first6: "400000", last4: "0051", aid: "A0000000031010", kind: "card", chip: true, tap: true, pin: "1234", fate: fateDeclined,
		does: "declined by the bank (05) after PIN 1234"},
	{id: "insufficient", name: "Empty account", scheme: "Mastercard Test", first6: "510000", last4: "0069", aid: "A0000000041010", kind: "card", chip: true, tap: true, pin: "1234", fate: fateInsufficient,
		does: "declined, not enough money (51), after PIN 1234"},
	{id: "foreign", name: "Card from abroad", scheme: "Visa Test", first6: "400000", last4: "0077", aid: "A0000000031010", kind: "card", chip: true, signature: true, noCashback: true,
		does: "approved with a signature"},
	{id: "stripe", name: "Magnetic stripe", scheme: "Mastercard Test", first6: "510000", last4: "0085", kind: "card", swipe: true, pin: "1234", noCashback: true,
		does: "swipe; approved with PIN 1234, no cash back"},
	{id: "unreachable", name: "Bank out of reach", scheme: "Visa Test", first6: "400000", last4: "0093", aid: "A0000000031010", kind: "card", chip: true, pin: "1234", fate: fateUnreachable,
		does: "the bank cannot be reached; not charged"},
}

func cardByID(id string) (card, bool) {
	for _, c := range wallet {
		if c.id == id {
			return c, true
		}
	}
	return card{}, false
}

// forMerchant is the masked number of the merchant copy and of CardData (nexo-retailer.md 7.1, 8.3).
func (c card) forMerchant() string { return c.first6 + "******" + c.last4 }

// forCustomer is the masked number of the customer copy (nexo-retailer.md 8.3).
func (c card) forCustomer() string { return "************" + c.last4 }

func pinpadCards() []pinpad.Card {
	cards := make([]pinpad.Card, 0, len(wallet))
	for _, c := range wallet {
		cards = append(cards, pinpad.Card{ID: c.id, Name: c.name, Brand: c.scheme, Last4: c.last4, Kind: c.kind,
			Chip: c.chip, Tap: c.tap, Swipe: c.swipe, Fate: c.does, PIN: c.pin})
	}
	return cards
}
