package payment

import "time"

// Handover is the wish to take the card on another terminal. The operation is fenced
// first: its own final answer is awaited. The wish alone never starts anything.
type Handover struct {
	Terminal string    `json:"terminal"` // where the card shall be taken
	Operator string    `json:"operator,omitempty"`
	At       time.Time `json:"at"`
	// End is empty while the fence stands.
	End HandoverEnd `json:"end,omitempty"`
	// Operation is the attempt on the other terminal, once it has started.
	Operation string `json:"operation,omitempty"`
	Text      string `json:"text,omitempty"` // why it came to nothing, for a person
}

// Open tells whether the fence still stands.
func (h *Handover) Open() bool { return h != nil && h.End == "" }

// HandoverEnd is how a handover ended.
type HandoverEnd string

// The ends of a handover. All but the first start nothing.
const (
	HandoverStarted HandoverEnd = "started" // the same cart started on the other terminal
	HandoverPaid    HandoverEnd = "paid"    // it was paid on the first terminal after all
	HandoverParked  HandoverEnd = "parked"  // the first terminal does not tell: a manager settles first
	HandoverRestart HandoverEnd = "restart" // the till was restarted meanwhile: a person says so again
	HandoverExpired HandoverEnd = "expired" // the fence took so long that a person says so again
	HandoverSettled HandoverEnd = "settled" // a person settled it by hand: a person says so again
	HandoverRefused HandoverEnd = "refused" // the other terminal cannot take it now
	HandoverDropped HandoverEnd = "dropped" // a person took it back
)

// HandedOver is the end of a handover.
type HandedOver struct {
	End       HandoverEnd `json:"end"`
	Operation string      `json:"operation,omitempty"`
	Text      string      `json:"text,omitempty"`
	Operator  string      `json:"operator,omitempty"`
}
