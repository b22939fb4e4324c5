package report

import (
	"encoding/json"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Place is where something happens in the timeline.
type Place string

// The places. Bank is the network behind the terminal.
const (
	Till     Place = "till"
	Terminal Place = "terminal"
	Bank     Place = "bank"
)

// Tone says what a step of the timeline is about: a message, or a state whose colour
// it takes. The word always stands beside the colour.
type Tone string

// The tones.
const (
	Plain      Tone = ""
	OfMessage  Tone = "message"
	OfTrouble  Tone = "message doubt" // a message that could not be sent or read
	OfApproval Tone = "approved"
	OfRefusal  Tone = "declined"
	OfStop     Tone = "cancelled"
	OfDoubt    Tone = "doubt"
	OfWaiting  Tone = "waiting"
	OfCashier  Tone = "cashier" // a person at the till did something
)

// Step is one event of the timeline in words, with the state of the operation after
// it. Texts may hold what a terminal or a person wrote: escape them.
type Step struct {
	Seq  int64             `json:"seq"`
	At   time.Time         `json:"at"`
	Kind payment.EventKind `json:"kind"`
	// From is where it happened; To is empty for what happens in one place.
	From   Place  `json:"from"`
	To     Place  `json:"to,omitempty"`
	Text   string `json:"text"`             // what happened
	Detail string `json:"detail,omitempty"` // the terminal's own words, a reason, a reference
	Body   string `json:"-"`                // the redacted message
	Tone   Tone   `json:"-"`
	Person string `json:"person,omitempty"` // who did it, as typed; empty: nobody typed a name
	// Waiting is whom the payment waits for from here on, where a prompt says so.
	Waiting payment.Party `json:"waiting,omitempty"`
	// State is the operation's after this event; empty where the event cannot belong to
	// it. Changed: this event brought it.
	State   payment.State `json:"state"`
	Changed bool          `json:"changed"`
	// Verdict is how the state table took the event: anything but a move is kept as
	// evidence and changes nothing, except a late approval.
	Verdict payment.Verdict `json:"verdict"`
	Hash    string          `json:"hash"` // of the event, hex
}

// Timeline words the events of one operation in their order, and replays them: the
// state after each is the one that the till had. The events must begin with the
// first; one that cannot be applied or read is shown by its kind and its data.
func Timeline(events []payment.Event) []Step {
	steps := make([]Step, 0, len(events))
	var op payment.Operation
	for _, e := range events {
		step := worded(e)
		step.Seq, step.At, step.Kind, step.Hash = e.Seq, e.At, e.Kind, e.Hash
		before := op.State
		verdict, err := op.Apply(e)
		if err == nil {
			step.State, step.Verdict, step.Changed = op.State, verdict, op.State != before
		}
		steps = append(steps, step)
	}
	return steps
}

// told reads an event's data and words it; what cannot be read is shown as it is.
func told[T any](e payment.Event, say func(T) Step) Step {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return Step{From: Till, Text: string(e.Kind), Detail: string(e.Data), Tone: OfDoubt}
	}
	return say(data)
}
