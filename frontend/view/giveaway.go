package view

import (
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/money"
)

// Giveaway is a refund without a sale while somebody writes it down.
type Giveaway struct {
	Base
	Terminals []engine.TerminalStatus // those that can
	On        engine.TerminalStatus   // the one that is meant
	Key       string                  // one-time
	Form      Form
	// Sure: it is shown once more, with Amount, to be confirmed.
	Sure   bool
	Amount money.Amount
}

// GivesAway tells whether a terminal gives money to a card without a sale.
func GivesAway(t engine.TerminalStatus) bool { return t.CanRefund && t.Limits.UnlinkedRefund }
