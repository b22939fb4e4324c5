package nexo

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
	how        bench.DeedKind
	pins       []bool // right or wrong, one for each time the PIN is asked; then right
	tipPercent int64
	cancels    bool // presses the red key when the PIN is asked
	trouble    trouble
}

// trouble is what happens around a customer, beside the card's own fate.
type trouble int

const (
	troubleNone trouble = iota
	troubleLateApproval
	troubleSilent
	troubleUnplugged
	troublePullsCard
)

var players = []player{
	{name: "chip-pin", does: "inserts a chip card and enters the right PIN: approved", card: "chip-pin", how: bench.DeedInsert},
	{name: "contactless", does: "taps a card: approved", card: "contactless", how: bench.DeedTap},
	{name: "phone", does: "taps a phone: approved, verified on the phone", card: "phone", how: bench.DeedTap},
	{name: "signature", does: "inserts a card from abroad and signs: approved if the cashier says so", card: "foreign", how: bench.DeedInsert},
	{name: "declined", does: "pays with a card that the bank declines", card: "declined", how: bench.DeedInsert},
	{name: "insufficient", does: "pays from an empty account: declined", card: "insufficient", how: bench.DeedInsert},
	{name: "wrong-pin", does: "enters a wrong PIN three times: declined", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, false, false}},
	{name: "wrong-then-right", does: "enters a wrong PIN, then the right one: approved", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, true}},
	{name: "cancels", does: "inserts a card and presses the red key: cancelled", card: "chip-pin", how: bench.DeedInsert, cancels: true},
	{name: "tip", does: "adds a tip of 10 percent: approved", card: "chip-pin", how: bench.DeedInsert, tipPercent: 10},
	{name: "stripe", does: "swipes a magnetic stripe and enters the right PIN: approved", card: "stripe", how: bench.DeedSwipe},
	{name: "late-approval", does: "pays; the line breaks while the bank answers, and the approval is found by asking", card: "chip-pin", how: bench.DeedInsert, trouble: troubleLateApproval},
	{name: "silent", does: "the terminal takes the request and never answers anything again until another customer comes; nothing is charged", trouble: troubleSilent},
	{name: "unplugged", does: "the network is unplugged when the card is read; the terminal declines by itself", card: "chip-pin", how: bench.DeedInsert, trouble: troubleUnplugged},
	{name: "walks-away", does: "never presents a card"},
	{name: "pulls-card", does: "pulls the card while the bank is asked: cancelled", card: "chip-pin", how: bench.DeedInsert, trouble: troublePullsCard},
	{name: "unreachable", does: "pays with a card whose bank cannot be reached: not charged", card: "unreachable", how: bench.DeedInsert},
}

// Customers lists who can stand at the terminal, for Options.Customer and SetCustomer.
func Customers() []Customer { return cast.Customers() }

var cast = bench.NewCast(players, func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

// How long the customer takes, at pace 1 (nexo-retailer.md 21.10).
const (
	takesCard = 1900 * time.Millisecond
	takesTip  = 1500 * time.Millisecond
	takesKey  = 400 * time.Millisecond
	takesPull = time.Second
)

// next is what the customer does about a question; ok is false when the customer
// does nothing about it.
func (p *player) next(a *asked) (d bench.Deed, takes time.Duration, ok bool) {
	switch a.kind {
	case askTip:
		return bench.Deed{Kind: bench.DeedTip, Minor: roundTip(a.amount, p.tipPercent)}, takesTip, true
	case askCard:
		return bench.Deed{Kind: p.how, Card: p.card}, takesCard, p.card != ""
	case askPIN:
		if p.cancels {
			return bench.Deed{Kind: bench.DeedKey, Key: bench.KeyRed}, takesKey, true
		}
		return bench.TypePIN(a.card.pin, p.pins, a.try, a.digits), takesKey, true
	case askBank:
		return bench.Deed{Kind: bench.DeedPull}, takesKey, p.trouble == troublePullsCard
	case askPull:
		return bench.Deed{Kind: bench.DeedPull}, takesPull, true
	}
	return bench.Deed{}, 0, false
}

// roundTip is a percentage of an amount, to whole minor units.
func roundTip(minor, percent int64) int64 { return (minor*percent + 50) / 100 }
