package netpay

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Customer is somebody who plays all parts at the terminal without a person, the
// clerk's included.
type Customer = bench.Customer

// player is the script of a customer.
type player struct {
	name, does string
	card       string // "" never presents one
	how        bench.DeedKind
	pins       []bool // right or wrong, one for each time the PIN is asked; then right
	cancels    bool   // presses the red key instead of presenting a card, and confirms
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
	troublePending
	troublePaper
)

var players = []player{
	{name: "chip-pin", does: "inserts a chip card and enters the right PIN: approved", card: "chip-pin", how: bench.DeedInsert},
	{name: "contactless", does: "taps a card: approved; below 1000 neither PIN nor signature", card: "contactless", how: bench.DeedTap},
	{name: "phone", does: "taps a phone: approved, verified on the phone", card: "phone", how: bench.DeedTap},
	{name: "signature", does: "inserts a credit card and signs with a finger on the screen: approved", card: "signature", how: bench.DeedInsert},
	{name: "stripe", does: "swipes a magnetic stripe and signs: approved", card: "stripe", how: bench.DeedSwipe},
	{name: "declined", does: "pays with a card that the bank declines", card: "declined", how: bench.DeedInsert},
	{name: "insufficient", does: "pays from an empty account: declined", card: "insufficient", how: bench.DeedInsert},
	{name: "wrong-pin", does: "enters a wrong PIN three times: declined", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, false, false}},
	{name: "wrong-then-right", does: "enters a wrong PIN, then the right one: approved", card: "chip-pin", how: bench.DeedInsert, pins: []bool{false, true}},
	{name: "cancels", does: "presses Cancel and Accept on the terminal: cancelled", cancels: true},
	{name: "walks-away", does: "never presents a card: cancelled by the terminal after a minute"},
	{name: "late-approval", does: "pays; the cloud's answer and the result get lost, and the approval is found by a reprint", card: "chip-pin", how: bench.DeedInsert, trouble: troubleLateApproval},
	{name: "silent", does: "the cloud says \"sent\" and the terminal never does anything until another customer comes; nothing is charged", trouble: troubleSilent},
	{name: "unplugged", does: "the terminal loses its network when the card is read: not charged, and no result can be posted", card: "chip-pin", how: bench.DeedInsert, trouble: troubleUnplugged},
	{name: "paper-out", does: "pays while the paper runs out; the result comes when a new roll is in", card: "chip-pin", how: bench.DeedInsert, trouble: troublePaper},
	{name: "pulls-card", does: "pulls the card while the bank is asked: reversed at once, not charged", card: "chip-pin", how: bench.DeedInsert, trouble: troublePullsCard},
	{name: "pending-reversal", does: "the line to the bank breaks: not paid, the reversal waits for the next approved sale", card: "chip-pin", how: bench.DeedInsert, trouble: troublePending},
	{name: "unreachable", does: "pays with a card whose bank cannot be reached: not charged", card: "unreachable", how: bench.DeedInsert},
}

// Customers lists who can stand at the terminal, for Options.Customer and SetCustomer.
func Customers() []Customer { return cast.Customers() }

var cast = bench.NewCast(players, func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

// How long people take, at pace 1.
const (
	takesCard  = 1900 * time.Millisecond
	takesKey   = 400 * time.Millisecond
	takesSign  = 2500 * time.Millisecond
	takesPull  = time.Second
	takesPaper = 20 * time.Second // a clerk fetches a roll
	takesRetry = 10 * time.Second
	leastRetry = time.Second // at any pace: a clerk does not press without end
)

// maxRetries is how often a clerk presses Reintentar before giving up.
const maxRetries = 6

// next is what the customer, or the clerk beside them, does about a question; ok
// is false when nobody does anything about it.
func (p *player) next(a *asked) (d bench.Deed, takes time.Duration, ok bool) {
	switch a.kind {
	case askCard:
		if p.cancels {
			return bench.Deed{Kind: bench.DeedKey, Key: bench.KeyRed}, takesCard, true
		}
		return bench.Deed{Kind: p.how, Card: p.card}, takesCard, p.card != ""
	case askCancel, askCopy:
		return bench.Deed{Kind: bench.DeedKey, Key: bench.KeyGreen}, takesKey, true
	case askPIN:
		return bench.TypePIN(a.card.pin, p.pins, a.try, a.digits), takesKey, true
	case askBank:
		return bench.Deed{Kind: bench.DeedPull}, takesKey, p.trouble == troublePullsCard
	case askSign:
		return bench.Deed{Kind: bench.DeedSign, Well: true}, takesSign, true
	case askPaper:
		return bench.Deed{Kind: bench.DeedPaper}, takesPaper, true
	case askPull:
		return bench.Deed{Kind: bench.DeedPull}, takesPull, true
	}
	return bench.Deed{}, 0, false
}
