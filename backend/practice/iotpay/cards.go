package iotpay

import (
	"slices"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

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
	id, name  string
	letter    string // cardType (iotpay.md 8)
	brand     string
	label     string // emvLabel
	aid       string
	first6    string
	last4     string
	expires   string // MMYY, invented: a till must drop it
	kind      string // "card" or "phone", as pinpad.Card
	chip, tap bool
	swipe     bool
	pin       string // empty: signs
	french    bool   // the cardholder's language
	fate      fate
	does      string // the fate in words, written on the card
}

// noPINLimit is up to where a tapped card needs no PIN, in minor units. The real
// limit is the issuer's.
const noPINLimit = 250_00

const letterInterac = "D"

// The practice wallet.
var wallet = []card{
	{id: "chip-pin", name: "Everyday card", letter: "V", brand: "Visa", label: "VISA CREDIT", aid: "A0000000031010", first6: "400000", last4: "0042", expires: "0831",
		kind: "card", chip: true, tap: true, pin: "1234", does: "approved with PIN 1234; tapped, no PIN below 250"},
	{id: "contactless", name: "Tap card", letter: "M", brand: "Mastercard", label: "MASTERCARD", aid: "A0000000041010", first6: "510000", last4: "0010", expires: "0530",
		kind: "card", chip: true, tap: true, pin: "1234", does: "approved; tapped, no PIN below 250, else PIN 1234"},
	{id: "interac", name: "Interac card", letter: letterInterac, brand: "Interac", label: "Interac", aid: "A0000002771010", first6: "450000", last4: "0028", expires: "0130",
		kind: "card", chip: true, tap: true, pin: "1234", does: "asks for the account, approved with PIN 1234; tapped, Interac Flash"},
	{id: "phone", name: "Phone", letter: "V", brand: "Visa", label: "VISA CREDIT", aid: "A0000000031010", first6: "400000", last4: "0036", expires: "1130",
		kind: "phone", tap: true, does: "approved, verified on the phone"},
	{id: "signature", name: "Credit card", letter: "M", brand: "Mastercard", label: "MASTERCARD", aid: "A0000000041010", first6: "510000", last4: "0077", expires: "1129",
		kind: "card", chip: true, does: "approved; to be signed on the slip"},
	{id: "stripe", name: "Magnetic stripe", letter: "A", brand: "American Express", first6: "370000", last4: "0085", expires: "0430",
		kind: "card", swipe: true, does: "swipe; approved, to be signed on the slip"},
	{id: "french", name: "Carte française", letter: "V", brand: "Visa", label: "VISA CREDIT", aid: "A0000000031010", first6: "400000", last4: "0044", expires: "0932",
		kind: "card", chip: true, tap: true, pin: "1234", french: true, does: "the cardholder's language is French; approved with PIN 1234"},
	{id: "declined", name: "Blocked by the bank", letter: "V", brand: "Visa", label: "VISA CREDIT", aid: "A0000000031010", first6: "400000", last4: "0051", expires: "0230",
		kind: "card", chip: true, tap: true, pin: "1234", fate: fateDeclined, does: "declined by the bank (05) after PIN 1234"},
	{id: "insufficient", name: "Empty account", letter: letterInterac, brand: "Interac", label: "Interac", aid: "A0000002771010", first6: "450000", last4: "0069", expires: "0930",
		kind: "card", chip: true, tap: true, pin: "1234", fate: fateInsufficient, does: "declined, not enough money (51), after PIN 1234"},
	{id: "unreachable", name: "Bank out of reach", letter: "M", brand: "Mastercard", label: "MASTERCARD", aid: "A0000000041010", first6: "510000", last4: "0093", expires: "0630",
		kind: "card", chip: true, pin: "1234", fate: fateUnreachable, does: "the bank cannot be reached (350); not charged"},
}

func cardByID(id string) (card, bool) {
	i := slices.IndexFunc(wallet, func(c card) bool { return c.id == id })
	if i < 0 {
		return card{}, false
	}
	return wallet[i], true
}

// masked is the number as the page and the ledger show it.
func (c card) masked() string { return "XXXXXXXXXXXX" + c.last4 }

func pinpadCards() []pinpad.Card {
	cards := make([]pinpad.Card, 0, len(wallet))
	for _, c := range wallet {
		cards = append(cards, pinpad.Card{ID: c.id, Name: c.name, Brand: c.brand + " Test", Last4: c.last4, Kind: c.kind,
			Chip: c.chip, Tap: c.tap, Swipe: c.swipe, Fate: c.does, PIN: c.pin})
	}
	return cards
}
