package payment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// EventKind says what an event's data holds.
type EventKind string

// The kinds of event, with the type of their data.
const (
	EventCreated     EventKind = "created"     // Operation
	EventAttempt     EventKind = "attempt"     // Attempt: committed before the first byte leaves
	EventPrompt      EventKind = "prompt"      // Prompt
	EventMessage     EventKind = "message"     // Message
	EventSlip        EventKind = "slip"        // Slip
	EventQuestion    EventKind = "question"    // Question
	EventAnswer      EventKind = "answer"      // Answer
	EventWithdrawn   EventKind = "withdrawn"   // Note: the question was taken back
	EventAbort       EventKind = "abort"       // Note: the cashier asked to stop
	EventProvisional EventKind = "provisional" // Result: approved, the signature is open
	EventResult      EventKind = "result"      // Result
	EventAdjusted    EventKind = "adjusted"    // Result: what was approved has come to another amount, with its tip
	EventDoubt       EventKind = "doubt"       // Note
	EventAsked       EventKind = "asked"       // Note: a status request and what came of it
	EventParked      EventKind = "parked"      // Note
	EventSettled     EventKind = "settled"     // Settlement
	EventAlarm       EventKind = "alarm"       // Alarm
	EventLooked      EventKind = "looked"      // AlarmAnswer: a named person has answered the alarms
	EventHandover    EventKind = "handover"    // Handover: the card shall be taken on another terminal
	EventHandedOver  EventKind = "handed_over" // HandedOver: what came of that
	EventPrinted     EventKind = "printed"     // Print
	EventNote        EventKind = "note"        // Note
)

// Event is one line of the journal. Operation is empty for what belongs to a
// terminal only (sign-in, strays).
type Event struct {
	Seq       int64           `json:"seq"` // set by the journal
	Operation string          `json:"operation,omitempty"`
	At        time.Time       `json:"at"`
	Kind      EventKind       `json:"kind"`
	Data      json.RawMessage `json:"data"`
	Previous  string          `json:"previous,omitempty"` // hash of the event before, hex; set by the journal
	Hash      string          `json:"hash,omitempty"`     // set by the journal
}

// NewEvent makes an event. The data must be the type that the kind's comment
// names; it must be free of card data already. Signs such as < stand in the data as
// they are, so that a message is readable where the data is printed as evidence.
func NewEvent(operation string, at time.Time, kind EventKind, data any) (Event, error) {
	var raw bytes.Buffer
	lines := json.NewEncoder(&raw)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(data); err != nil {
		return Event{}, fmt.Errorf("event %s of %s: %w", kind, operation, err)
	}
	return Event{Operation: operation, At: at.UTC(), Kind: kind, Data: bytes.TrimSuffix(raw.Bytes(), []byte("\n"))}, nil
}

// Message is one message on a wire, redacted.
type Message struct {
	Terminal string    `json:"terminal"`
	In       bool      `json:"in"`   // true: from the terminal to the till
	Name     string    `json:"name"` // for example "PaymentRequest"
	ID       string    `json:"id,omitempty"`
	Body     string    `json:"body,omitempty"`
	Status   int       `json:"status,omitempty"` // of HTTP, where there was one
	Fault    string    `json:"fault,omitempty"`  // why it could not be sent or read
	From     string    `json:"from,omitempty"`   // who delivered it unasked, "host:port"
	At       time.Time `json:"at"`
	// Took is how long the exchange lasted, with a message that ends one; in nanoseconds.
	Took time.Duration `json:"took,omitempty"`
}

// Note is a short text with its reason.
type Note struct {
	Terminal string `json:"terminal,omitempty"`
	Reason   Reason `json:"reason,omitempty"`
	Text     string `json:"text,omitempty"`
	Operator string `json:"operator,omitempty"`
}

// Settlement is a manager's word about an outcome that no terminal could tell.
type Settlement struct {
	Paid     bool   `json:"paid"`
	Why      string `json:"why"`
	Code     string `json:"code,omitempty"` // from the terminal's own report
	Operator string `json:"operator"`
}

// Print is one copy that was handed out: on paper, screen or a text.
type Print struct {
	Copy     Copy   `json:"copy"`
	Where    string `json:"where"`
	Number   int    `json:"number"` // 0: the original, n: the n-th reprint
	Operator string `json:"operator,omitempty"`
}
