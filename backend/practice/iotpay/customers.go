package iotpay

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
	savings    bool   // of the accounts of an Interac card
	tips       bool   // where a tip is asked
	cancels    bool   // presses the red key instead of presenting a card
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
	troubleGateway
)

var players = []player{
	{name: "chip-pin", does: "inserts a chip card and enters the right PIN: approved", card: "chip-pin", how: bench.DeedInsert},
	{name: "contactless", does: "taps a card: approved; below 250 neither PIN nor signature", card: "contactless", how: bench.DeedTap},
	{name: "phone", does: "taps a phone: approved, verified on the phone", card: "phone", how: bench.DeedTap},
	{name: "interac", does: "inserts an Interac card, chooses chequing, enters the PIN: approved", card: "interac", how: bench.DeedInsert},
	{name: "interac-savings", does: "inserts an Interac card, chooses savings, enters the PIN: approved", card: "interac", how: bench.DeedInsert, savings: true},
	{name: "interac-flash", does: "taps an Interac card: approved", card: "interac", how: bench.DeedTap},
	{name: "signature", does: "inserts a credit card: approved, to be signed on the slip", card: "signature", how: bench.DeedInsert},
	{name: "stripe", does: "swipes a magnetic stripe: approved, to be signed on the slip", card: "stripe", how: bench.DeedSwipe},
	{name: "french", does: "speaks French; inserts a card and enters the PIN: approved", card: "french", how: bench.DeedInsert},
	{name: "tips", does: "inserts a card and gives a tip where the PIN pad asks for one: approved", card: "chip-pin", how: bench.DeedInsert, tips: true},
	{name: "declined", does: "pays with a card that the bank declines", card: "declined", how: bench.DeedInsert},
	{name: "insufficient", does: "pays from an empty account: declined", card: "insufficient", how: bench.DeedInsert},
	{name: "wrong-pin", does: "enters a wrong PIN three times: declined", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, false, false}},
	{name: "wrong-then-right", does: "enters a wrong PIN, then the right one: approved", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, true}},
	{name: "cancels", does: "presses the red key: not paid, with the same status 9 as a decline", cancels: true},
	{name: "walks-away", does: "never presents a card: the PIN pad gives up after a minute, not paid"},
	{name: "late-approval", does: "pays; the answer gets lost, and the approval is found by a query some seconds later", card: "chip-pin", how: bench.DeedInsert, trouble: troubleLateApproval},
	{name: "gateway", does: "pays; a gateway answers 502 before the PIN pad is done, and the approval is found by a query", card: "chip-pin", how: bench.DeedInsert, trouble: troubleGateway},
	{name: "silent", does: "the cloud takes the order and nothing ever happens, until another customer comes; nothing is charged", trouble: troubleSilent},
	{name: "unplugged", does: "the PIN pad loses its network when the card is read: not charged, and nobody is told until it is back", card: "chip-pin", how: bench.DeedInsert, trouble: troubleUnplugged},
	{name: "pulls-card", does: "pulls the card while the bank is asked: not charged", card: "chip-pin", how: bench.DeedInsert, trouble: troublePullsCard},
	{name: "unreachable", does: "pays with a card whose bank cannot be reached: not charged", card: "unreachable", how: bench.DeedInsert},
}

// Customers lists who can stand at the terminal, for Options.Customer and SetCustomer.
func Customers() []Customer { return cast.Customers() }

var cast = bench.NewCast(players, func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

// How long people take, at pace 1.
const (
	takesCard = 1900 * time.Millisecond
	takesKey  = 400 * time.Millisecond
	takesSign = 2500 * time.Millisecond
	takesPull = time.Second
)

// next is what the customer does about a question; ok is false when they do
// nothing about it.
func (p *player) next(a *asked) (d bench.Deed, takes time.Duration, ok bool) {
	switch a.kind {
	case askCard:
		if p.cancels {
			return bench.Deed{Kind: bench.DeedKey, Key: bench.KeyRed}, takesCard, true
		}
		return bench.Deed{Kind: p.how, Card: p.card}, takesCard, p.card != ""
	case askTip:
		if p.tips {
			return bench.Deed{Kind: bench.DeedTip, Minor: a.tips[1]}, takesCard, true
		}
		return bench.Deed{Kind: bench.DeedTip}, takesKey, true
	case askAccount:
		if p.savings {
			return bench.Deed{Kind: bench.DeedKey, Key: keySavings}, takesCard, true
		}
		return bench.Deed{Kind: bench.DeedKey, Key: keyChequing}, takesCard, true
	case askPIN:
		return bench.TypePIN(a.card.pin, p.pins, a.try, a.digits), takesKey, true
	case askBank:
		return bench.Deed{Kind: bench.DeedPull}, takesKey, p.trouble == troublePullsCard
	case askSign:
		return bench.Deed{Kind: bench.DeedSign, Well: true}, takesSign, true
	case askPull:
		return bench.Deed{Kind: bench.DeedPull}, takesPull, true
	}
	return bench.Deed{}, 0, false
}
