package payment

import "fmt"

// State is where an operation stands (design 2, "The states").
type State string

// The states. InDoubt is not final: it is asked about until it is known.
const (
	Created        State = "created"
	Sending        State = "sending"
	InProgress     State = "in_progress"
	AwaitingAnswer State = "awaiting_answer"
	Aborting       State = "aborting"
	Approved       State = "approved"
	Declined       State = "declined"
	Cancelled      State = "cancelled"
	Failed         State = "failed" // provably not executed, safe to repeat
	InDoubt        State = "in_doubt"
)

// States lists every state.
var States = []State{Created, Sending, InProgress, AwaitingAnswer, Aborting, Approved, Declined, Cancelled, Failed, InDoubt}

// Final tells whether the outcome is known.
func (s State) Final() bool {
	return s == Approved || s == Declined || s == Cancelled || s == Failed
}

// Trigger is what can happen to an operation.
type Trigger string

// The triggers. The five results are the terminal's own word (or, for NotExecuted,
// the proof that it never got the request); the two settlements are a manager's.
const (
	OnSend           Trigger = "send"           // an attempt is committed, its first byte may leave
	OnProgress       Trigger = "progress"       // the terminal shows something
	OnAsk            Trigger = "ask"            // the cashier is asked
	OnAnswer         Trigger = "answer"         // the cashier answered
	OnWithdraw       Trigger = "withdraw"       // the terminal took its question back
	OnAbort          Trigger = "abort"          // the cashier wants it stopped
	OnDoubt          Trigger = "doubt"          // the outcome is unknown
	OnApproved       Trigger = "approved"       // the terminal's word
	OnDeclined       Trigger = "declined"       // the terminal's word
	OnCancelled      Trigger = "cancelled"      // the terminal's word
	OnNotExecuted    Trigger = "not_executed"   // proof
	OnAdjusted       Trigger = "adjusted"       // the terminal's word: what it approved has come to another amount
	OnSettledPaid    Trigger = "settled_paid"   // a manager's word
	OnSettledNotPaid Trigger = "settled_unpaid" // a manager's word
)

// Triggers lists every trigger.
var Triggers = []Trigger{OnSend, OnProgress, OnAsk, OnAnswer, OnWithdraw, OnAbort, OnDoubt,
	OnApproved, OnDeclined, OnCancelled, OnNotExecuted, OnAdjusted, OnSettledPaid, OnSettledNotPaid}

// Verdict says how a trigger is to be taken in a state.
type Verdict string

// The verdicts.
const (
	Move    Verdict = "move"    // the operation goes on, perhaps to the same state
	Repeat  Verdict = "repeat"  // already known: nothing changes
	Late    Verdict = "late"    // an approval after a final "not paid": it is paid, and an alarm is due
	Dispute Verdict = "dispute" // a "not paid" after an approval: it stays paid, and an alarm is due
	Refuse  Verdict = "refuse"  // a person wants what cannot be: they are told so
	Ignore  Verdict = "ignore"  // an impossible message: kept as evidence, nothing changes (F-34)
)

// Step is one cell of the table.
type Step struct {
	To      State
	Verdict Verdict
}

// Next says what trigger does in state. The table is total: an unknown state or
// trigger is an error, never a silent guess.
func Next(s State, on Trigger) (Step, error) {
	step, ok := table[s][on]
	if !ok {
		return Step{}, fmt.Errorf("state table: no entry for %q in state %q", on, s)
	}
	if step.To == "" {
		step.To = s
	}
	return step, nil
}

type row = map[Trigger]Step

var (
	stay   = Step{Verdict: Move}
	repeat = Step{Verdict: Repeat}
	refuse = Step{Verdict: Refuse}
	ignore = Step{Verdict: Ignore}
	late   = Step{Approved, Late}
	argue  = Step{Verdict: Dispute}
)

func to(s State) Step { return Step{s, Move} }

// table is the whole conversation. Success wins every race: an approval is taken
// in every state in which a byte may have left. An abort never decides: it leads
// to Aborting, and the aborted request's own answer ends it. Only what is approved can
// be adjusted: an approval that is still to come brings its own amount.
var table = map[State]row{
	// Nothing has left: an abort cancels, and nothing can be in doubt.
	Created: {
		OnSend: to(Sending), OnProgress: ignore, OnAsk: ignore, OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: to(Cancelled), OnDoubt: ignore,
		OnApproved: ignore, OnDeclined: ignore, OnCancelled: to(Cancelled), OnNotExecuted: to(Failed), OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	// A refused start is followed by another attempt: Sending again (design 10.9).
	Sending: {
		OnSend: stay, OnProgress: to(InProgress), OnAsk: to(AwaitingAnswer), OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: to(Aborting), OnDoubt: to(InDoubt),
		OnApproved: to(Approved), OnDeclined: to(Declined), OnCancelled: to(Cancelled), OnNotExecuted: to(Failed), OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	InProgress: {
		OnSend: to(Sending), OnProgress: stay, OnAsk: to(AwaitingAnswer), OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: to(Aborting), OnDoubt: to(InDoubt),
		OnApproved: to(Approved), OnDeclined: to(Declined), OnCancelled: to(Cancelled), OnNotExecuted: to(Failed), OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	// No abort while a question is open (nexo-retailer.md 9.1). The final answer may
	// overtake the question (DM-09).
	AwaitingAnswer: {
		OnSend: ignore, OnProgress: stay, OnAsk: stay, OnAnswer: to(InProgress), OnWithdraw: to(InProgress),
		OnAbort: refuse, OnDoubt: to(InDoubt),
		OnApproved: to(Approved), OnDeclined: to(Declined), OnCancelled: to(Cancelled), OnNotExecuted: to(Failed), OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	// A refused start after the abort was asked is not tried again: it is cancelled.
	Aborting: {
		OnSend: ignore, OnProgress: stay, OnAsk: to(AwaitingAnswer), OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: repeat, OnDoubt: to(InDoubt),
		OnApproved: to(Approved), OnDeclined: to(Declined), OnCancelled: to(Cancelled), OnNotExecuted: to(Cancelled), OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	// Doubt ends by the terminal's word, by proof, by a question that turns out to
	// be open still (SPI-05), or by a manager.
	InDoubt: {
		OnSend: ignore, OnProgress: stay, OnAsk: to(AwaitingAnswer), OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: stay, OnDoubt: stay,
		OnApproved: to(Approved), OnDeclined: to(Declined), OnCancelled: to(Cancelled), OnNotExecuted: to(Failed), OnAdjusted: ignore,
		OnSettledPaid: to(Approved), OnSettledNotPaid: to(Declined),
	},
	Approved: {
		OnSend: ignore, OnProgress: stay, OnAsk: ignore, OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: refuse, OnDoubt: ignore,
		OnApproved: repeat, OnDeclined: argue, OnCancelled: argue, OnNotExecuted: argue, OnAdjusted: stay,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	},
	Declined:  notPaid(),
	Cancelled: notPaid(),
	Failed:    notPaid(),
}

// notPaid is the row of the three final states without a charge. Which word said
// so first stays; only an approval changes anything.
func notPaid() row {
	return row{
		OnSend: ignore, OnProgress: stay, OnAsk: ignore, OnAnswer: refuse, OnWithdraw: ignore,
		OnAbort: refuse, OnDoubt: ignore,
		OnApproved: late, OnDeclined: repeat, OnCancelled: repeat, OnNotExecuted: repeat, OnAdjusted: ignore,
		OnSettledPaid: refuse, OnSettledNotPaid: refuse,
	}
}
