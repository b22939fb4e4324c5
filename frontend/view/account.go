package view

import (
	"strings"
	"unicode/utf8"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// maxRadios is how many accounts stand side by side; more are a list to open.
const maxRadios = 3

// Account names who gets the money of an operation; empty: the terminal has one
// account only.
func (b Base) Account(op payment.Operation) string {
	for _, a := range b.Accounts[op.Terminal] {
		if a.ID == op.Account {
			return a.Title()
		}
	}
	return op.Account
}

// forAccount says it behind an amount.
func forAccount(b Base, op payment.Operation) string {
	if name := b.Account(op); name != "" {
		return "for " + name
	}
	return ""
}

// Reserves tells whether a sale on a terminal may only reserve the money.
func Reserves(t engine.TerminalStatus) bool { return t.Limits.Authorise && t.CanCapture }

// reserved tells an approved sale that has only reserved the money.
func reserved(op payment.Operation) bool {
	return op.Kind == payment.Sale && op.AuthOnly && op.State == payment.Approved
}

// ToneOf is an operation's state as a list shows it. What a person settled is no word of
// the terminal's or the bank's.
func ToneOf(op payment.Operation) Tone {
	tone := State(op.State)
	switch {
	case settledUnpaid(op):
		return Tone{unpaidWord(op) + ", by hand", "stop", "cancelled"}
	case op.State == payment.Approved && op.Reason == payment.ReasonSettled:
		tone.Word = paidWord(op) + ", by hand"
	case reserved(op):
		tone.Word = "Reserved"
	}
	return tone
}

// settledUnpaid: a person has said that the terminal did not charge it, or did not give
// the money back.
func settledUnpaid(op payment.Operation) bool {
	return op.State == payment.Declined && op.Reason == payment.ReasonSettled
}

func unpaidWord(op payment.Operation) string {
	if op.Kind == payment.Sale || op.Kind == payment.Capture {
		return "Not paid"
	}
	return "Not given back"
}

func paidWord(op payment.Operation) string {
	switch {
	case op.AuthOnly:
		return "Reserved"
	case op.Kind == payment.Sale || op.Kind == payment.Capture:
		return "Paid"
	}
	return "Given back"
}

// longName is the longest name, in characters, that a heading has room for.
const longName = 24

// settledTitle says in a heading who has settled it: "Not paid: settled by Ada". by is
// empty where that is not known.
func settledTitle(op payment.Operation, by string) string {
	word := paidWord(op)
	if settledUnpaid(op) {
		word = unpaidWord(op)
	}
	if n := utf8.RuneCountInString(by); n == 0 || n > longName {
		by = "hand"
	}
	return word + ": settled by " + by
}

// by names in an outcome's words who has settled it.
func (w Words) by(op payment.Operation, name string) Words {
	if op.Reason == payment.ReasonSettled && op.State.Final() && name != "" {
		w.Title = settledTitle(op, name)
		w.What = strings.Replace(w.What, "Settled by hand.", "Settled by hand by "+name+".", 1)
	}
	return w
}

// Captures is what was taken of an operation's money.
type Captures struct {
	Paid int64             // minor units; of what is no reservation: all that was authorised
	Open payment.Operation // a capture without an outcome yet; zero: none
}

// Reserved tells that nothing is taken, and nothing asked for.
func (c Captures) Reserved() bool { return c.Paid == 0 && c.Open.ID == "" }

// CapturesOf sums the captures of an approved operation.
func CapturesOf(op payment.Operation, related []payment.Operation) Captures {
	if !reserved(op) {
		return Captures{Paid: op.Authorised}
	}
	var c Captures
	for _, other := range related {
		switch {
		case other.Kind != payment.Capture || other.Original != op.ID:
		case other.State == payment.Approved:
			c.Paid += other.Authorised
		case !other.State.Final():
			c.Open = other
		}
	}
	return c
}

// reservedWords says what became of reserved money; its operation is approved.
func reservedWords(b Base, op payment.Operation, related []payment.Operation) string {
	got := CapturesOf(op, related)
	for _, other := range related {
		if other.Kind == payment.Void && other.Original == op.ID && other.State == payment.Approved {
			return "It was voided: nothing of the reserved money is taken."
		}
	}
	switch {
	case got.Open.State == payment.InDoubt:
		return b.Money(got.Open.Total()) + " of it may have been charged: its capture is in doubt."
	case got.Open.ID != "":
		return "Its capture is under way."
	case got.Paid == 0:
		return moneyWords(b, op)
	case got.Paid < op.Authorised:
		return b.Money(op.Money(got.Paid)) + " of the reserved " + b.Money(op.Money(op.Authorised)) + " was charged. The rest is not charged."
	}
	return b.Money(op.Money(got.Paid)) + " was charged."
}
