package poynt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Customer is somebody who plays all parts at the terminal without a person.
type Customer = bench.Customer

// player is the script of a customer.
type player struct {
	name, does string
	card       string // "" never presents one
	second     string // presented after the first card was declined or paid a part only
	how        bench.DeedKind
	pins       []bool // right or wrong, one for each time the PIN is asked; then right
	tipPercent int64
	tipMoment  string // "before" or "later", where the terminal asks for no tip by itself
	cancels    bool   // presses the red key instead of presenting a card
	trouble    trouble
}

// trouble is what happens around a customer, beside the card's own fate.
type trouble int

const (
	troubleNone trouble = iota
	troubleLateApproval
	troubleSilent
	troubleOffline
	troubleUnplugged
	troubleOfflineApproval
	troublePullsCard
)

var players = []player{
	{name: "chip-pin", does: "inserts a chip card and enters the right PIN: approved", card: "chip-pin", how: bench.DeedInsert},
	{name: "contactless", does: "taps a card: approved", card: "contactless", how: bench.DeedTap},
	{name: "phone", does: "taps a phone: approved, verified on the phone", card: "phone", how: bench.DeedTap},
	{name: "signature", does: "inserts a card from abroad and signs on the screen: approved", card: "foreign", how: bench.DeedInsert},
	{name: "declined", does: "pays with a card that the bank declines, and has no other", card: "declined", how: bench.DeedInsert},
	{name: "insufficient", does: "pays from an empty account: declined", card: "insufficient", how: bench.DeedInsert},
	{name: "wrong-pin", does: "enters a wrong PIN three times: declined", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, false, false}},
	{name: "wrong-then-right", does: "enters a wrong PIN, then the right one: approved", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, true}},
	{name: "cancels", does: "presses the red key on the terminal: cancelled", card: "chip-pin", how: bench.DeedInsert, cancels: true},
	{name: "second-card", does: "is declined, then pays with another card on the same screen: approved", card: "declined", second: "chip-pin", how: bench.DeedInsert},
	{name: "tip", does: "adds a tip of 10 percent: approved", card: "chip-pin", how: bench.DeedInsert, tipPercent: 10, tipMoment: "before"},
	{name: "tip-later", does: "adds a tip of 15 percent after the approval: approved, the tip is told beside the transaction", card: "chip-pin", how: bench.DeedInsert, tipPercent: 15, tipMoment: "later"},
	{name: "partial", does: "pays with a card that holds half of it: approved with half of the amount", card: "partial", how: bench.DeedTap},
	{name: "split", does: "pays one half with each of two cards, if the till allows it, else half only", card: "partial", second: "chip-pin", how: bench.DeedInsert},
	{name: "cash", does: "pays the staff in cash on the terminal; with a card if the till forbids that", card: "cash", second: "chip-pin", how: bench.DeedTap},
	{name: "stripe", does: "swipes a magnetic stripe and signs: approved", card: "stripe", how: bench.DeedSwipe},
	{name: "late-approval", does: "pays; the result's callback gets lost, and the approval is found by asking", card: "chip-pin", how: bench.DeedInsert, trouble: troubleLateApproval},
	{name: "silent", does: "the terminal swallows the message and never says anything; nothing is charged", trouble: troubleSilent},
	{name: "offline", does: "finds the terminal offline until the message's time is over; nothing is charged", trouble: troubleOffline},
	{name: "unplugged", does: "the terminal's network is unplugged when the card is read; it declines by itself and cannot tell", card: "chip-pin", how: bench.DeedInsert, trouble: troubleUnplugged},
	{name: "offline-approval", does: "the network is unplugged when the card is read; the terminal approves by itself, and the cloud hears of it when it is plugged again", card: "contactless", how: bench.DeedTap, trouble: troubleOfflineApproval},
	{name: "walks-away", does: "never presents a card: cancelled when the screen times out"},
	{name: "pulls-card", does: "pulls the card while the bank is asked: cancelled", card: "chip-pin", how: bench.DeedInsert, trouble: troublePullsCard},
	{name: "unreachable", does: "pays with a card whose processor does not answer: reversed by the terminal, declined", card: "unreachable", how: bench.DeedInsert},
}

// Customers lists who can stand at the terminal, for Options.Customer and SetCustomer.
func Customers() []Customer { return cast.Customers() }

var cast = bench.NewCast(players, func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

// How long the customer takes, at pace 1.
const (
	takesCard = time.Second
	takesTip  = 1500 * time.Millisecond
	takesKey  = 400 * time.Millisecond
	takesSign = 2 * time.Second
	takesPull = time.Second
)

// next is what the customer does about a question; ok is false when the customer
// does nothing about it.
func (p *player) next(a *asked) (d bench.Deed, takes time.Duration, ok bool) {
	switch a.kind {
	case askTip:
		return bench.Deed{Kind: bench.DeedTip, Minor: roundTip(a.amount, p.tipPercent)}, takesTip, true
	case askCard:
		return p.present(a)
	case askAgain:
		key := "red"
		if p.second != "" && a.try == 1 {
			key = "green"
		}
		return bench.Deed{Kind: bench.DeedKey, Key: key}, takesKey, true
	case askConfirm:
		key := "green"
		if p.cancels {
			key = "red"
		}
		return bench.Deed{Kind: bench.DeedKey, Key: key}, takesKey, true
	case askPIN:
		return bench.TypePIN(a.card.pin, p.pins, a.try, a.digits), takesKey, true
	case askSign:
		return bench.Deed{Kind: bench.DeedSign}, takesSign, true
	case askBank:
		return bench.Deed{Kind: bench.DeedPull}, takesKey, p.trouble == troublePullsCard && a.chip
	case askPull:
		return bench.Deed{Kind: bench.DeedPull}, takesPull, true
	}
	return bench.Deed{}, 0, false
}

// present is the card of the moment.
func (p *player) present(a *asked) (bench.Deed, time.Duration, bool) {
	switch {
	case p.cancels:
		return bench.Deed{Kind: bench.DeedKey, Key: bench.KeyRed}, takesCard, true
	case p.second != "" && (a.try > 1 || a.refused):
		return bench.Deed{Kind: bench.DeedInsert, Card: p.second}, takesCard, true
	}
	return bench.Deed{Kind: p.how, Card: p.card}, takesCard, p.card != ""
}

// roundTip is a percentage of an amount, to whole minor units.
func roundTip(minor, percent int64) int64 { return (minor*percent + 50) / 100 }
