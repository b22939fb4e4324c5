package pockyt

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Customer is somebody who holds the phone without a person.
type Customer = bench.Customer

// player is the script of a customer.
type player struct {
	name, does string
	instant    bool // pays without a question on the phone
	never      bool // neither scans the till's QR nor confirms
	hesitates  bool // scans, and confirms nothing
	wrong      int  // wrong passcodes first
	ends       deedKind
	after      time.Duration // until the confirmation, at pace 1; 0: as usual
	lateBy     time.Duration // until the confirmation, at any pace
	postponed  time.Duration // pays that long after the order was closed; 0: not
	offline    bool          // the phone has no connection until the confirmation
	oldCode    bool          // shows a code that has expired
	trouble    trouble
}

// trouble is what happens around a customer.
type trouble int

const (
	troubleNone trouble = iota
	troubleLateApproval
	troubleSilent
	troubleUnplugged
	troubleAtCancel
)

const (
	lateApproval = 15 * time.Second
	offlineFor   = 20 * time.Second
	paysLate     = 70 * time.Second
	postponedBy  = 5 * time.Second
	passcodes    = 3 // wrong ones that end a payment
)

var players = []player{
	{name: "chip-pin", does: "shows or scans the code and enters the passcode on the phone: paid after a moment", ends: deedApprove},
	{name: "contactless", does: "pays a small amount without a question on the phone: paid at once", instant: true, ends: deedApprove},
	{name: "signature", does: "confirms with a fingerprint, as a wallet knows no signature: paid", ends: deedApprove},
	{name: "late-approval", does: "pays 15 seconds later, and the answer to the prepay gets lost: paid, found by asking", ends: deedApprove, after: lateApproval, trouble: troubleLateApproval},
	{name: "declined", does: "has no money in the wallet: failed", ends: deedFail},
	{name: "wrong-pin", does: "enters a wrong passcode three times: failed", ends: deedApprove, wrong: passcodes},
	{name: "wrong-then-right", does: "enters a wrong passcode, then the right one: paid", ends: deedApprove, wrong: 1},
	{name: "cancels", does: "refuses on the phone: closed", ends: deedRefuse},
	{name: "silent", does: "meets a service that takes orders and then says nothing any more; nothing is charged", never: true, trouble: troubleSilent},
	{name: "unplugged", does: "pays; at that moment the till loses the service, for as long as this customer stands there", ends: deedApprove, trouble: troubleUnplugged},
	{name: "pays-late", does: "needs 70 seconds to confirm, at any pace: paid", ends: deedApprove, lateBy: paysLate},
	{name: "abandons", does: "scans or shows the code and never confirms: pending until the till cancels or the time is over", hesitates: true},
	{name: "walks-away", does: "never scans the QR nor confirms: open until the till cancels or the time is over", never: true},
	{name: "loses-connection", does: "has no connection on the phone for 20 seconds, then confirms: paid", ends: deedApprove, after: offlineFor, offline: true},
	{name: "expired-qr", does: "shows a code that has expired: failed; or scans the QR when its time is over: closed", never: true, oldCode: true},
	{name: "pays-at-cancel", does: "hesitates and pays at the moment when a cancel arrives: paid, and refunded by the cancel", hesitates: true, trouble: troubleAtCancel},
	{name: "pays-after-cancel", does: "hesitates and pays 5 seconds after the order was closed or expired: closed becomes paid", hesitates: true, postponed: postponedBy},
}

// Customers lists who can hold the phone, for Options.Customer and SetCustomer.
func Customers() []Customer { return cast.Customers() }

var cast = bench.NewCast(players, func(p *player) Customer { return Customer{Name: p.name, Does: p.does} })

// How long the customer takes, at pace 1.
const (
	takesScan    = 2 * time.Second
	takesConfirm = 2 * time.Second
)

// next is what the customer does about a question; ok is false when the customer
// does nothing about it. Only part of takes that is not late is scaled.
func (p *player) next(kind askKind, tries int, scaled func(time.Duration) time.Duration) (d deed, takes time.Duration, ok bool) {
	switch {
	case kind == askLate:
		return deed{kind: deedApprove}, p.postponed, p.postponed > 0
	case p.never, kind == askConfirm && p.hesitates:
		return deed{}, 0, false
	case kind == askScan:
		return deed{kind: deedScan}, scaled(takesScan), true
	case kind != askConfirm:
		return deed{}, 0, false
	case tries < p.wrong:
		return deed{kind: deedWrong}, scaled(takesConfirm), true
	case p.after > 0:
		return deed{kind: p.ends}, scaled(p.after), true
	case p.lateBy > 0:
		return deed{kind: p.ends}, p.lateBy, true
	}
	return deed{kind: p.ends}, scaled(takesConfirm), true
}
