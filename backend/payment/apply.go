package payment

import (
	"encoding/json"
	"fmt"
)

// MaxSlips bounds the slips of one operation; later ones are events only.
const MaxSlips = 16

// Apply changes the operation by one event, and tells how the state table took
// it. It is the only place where an operation changes, for the live till as for a
// replay of the journal. The error says that the event cannot belong to the
// operation or cannot be read; the operation is then unchanged.
func (o *Operation) Apply(e Event) (Verdict, error) {
	next := *o
	verdict, err := next.apply(e)
	if err != nil {
		return "", fmt.Errorf("event %d (%s) of operation %s: %w", e.Seq, e.Kind, e.Operation, err)
	}
	next.UpdatedAt = e.At
	*o = next
	return verdict, nil
}

func (o *Operation) apply(e Event) (Verdict, error) {
	if e.Kind == EventCreated {
		if o.ID != "" {
			return "", fmt.Errorf("it exists already")
		}
		if err := json.Unmarshal(e.Data, o); err != nil {
			return "", err
		}
		if o.ID != e.Operation || o.State != Created {
			return "", fmt.Errorf("it begins as %s in state %q", o.ID, o.State)
		}
		return Move, nil
	}
	if o.ID == "" || o.ID != e.Operation {
		return "", fmt.Errorf("it belongs to another operation than %q", o.ID)
	}
	switch e.Kind {
	case EventMessage, EventNote:
		return Move, nil
	case EventAttempt:
		return take(o, e, OnSend, func(a Attempt) {
			o.Attempt, o.References.Ours = a, a.Reference
		})
	case EventPrompt:
		return o.prompt(e)
	case EventQuestion:
		return take(o, e, OnAsk, func(q Question) { o.Question, o.Doubt, o.SignatureWithdrawn = &q, Doubt{}, false })
	case EventAnswer:
		return take(o, e, OnAnswer, func(a Answer) { o.Question, o.SignatureRefused = nil, !a.Yes })
	case EventWithdrawn:
		return take(o, e, OnWithdraw, func(Note) { o.Question, o.SignatureWithdrawn = nil, true })
	case EventAbort:
		return take(o, e, OnAbort, func(n Note) {
			if o.State.Final() {
				o.ended(e, ReasonCashier, n.Text)
			}
		})
	case EventDoubt:
		return take(o, e, OnDoubt, func(n Note) {
			if o.Doubt.Since.IsZero() {
				o.Doubt.Since = e.At
			}
			o.Doubt.Signature = o.Doubt.Signature || o.Question != nil
			o.Doubt.Why, o.Reason, o.ReasonText, o.Question = n.Text, n.Reason, n.Text, nil
		})
	case EventSettled:
		return o.settle(e)
	case EventResult:
		return o.result(e)
	case EventAdjusted:
		return o.adjust(e)
	}
	return o.attach(e)
}

// prompt takes what is shown. What the till narrates itself proves nothing.
func (o *Operation) prompt(e Event) (Verdict, error) {
	var p Prompt
	if err := json.Unmarshal(e.Data, &p); err != nil {
		return "", err
	}
	if p.Narrated {
		o.Prompt = p
		return Move, nil
	}
	return take(o, e, OnProgress, func(p Prompt) { o.Prompt = p })
}

// attach takes the events that never touch the state. What belongs to an outcome
// that is still open changes nothing of one that is known.
func (o *Operation) attach(e Event) (Verdict, error) {
	open := !o.State.Final() && o.State != Created
	switch e.Kind {
	case EventSlip:
		return read(e, true, func(s Slip) { o.addSlips(s) })
	case EventProvisional:
		return read(e, open, func(r Result) {
			o.Provisional = &r
			o.learn(r)
		})
	case EventAsked:
		return read(e, open, func(n Note) {
			o.Doubt.Asked++
			o.Doubt.Last, o.Doubt.Answer = e.At, n.Text
		})
	case EventParked:
		return read(e, o.State == InDoubt, func(Note) { o.Doubt.Parked = true })
	case EventAlarm:
		return read(e, true, func(a Alarm) { o.Alarms = append(o.Alarms[:len(o.Alarms):len(o.Alarms)], a) })
	case EventLooked:
		return read(e, true, func(a AlarmAnswer) {
			a.Alarms = min(a.Alarms, len(o.Alarms)) // it never covers one that is still to come
			o.Answered = append(o.Answered[:len(o.Answered):len(o.Answered)], a)
		})
	case EventHandover:
		return read(e, true, func(h Handover) { o.Handover = &h })
	case EventHandedOver:
		return read(e, true, o.handedOver)
	case EventPrinted:
		return read(e, true, func(Print) { o.Prints++ })
	}
	return "", fmt.Errorf("unknown kind of event")
}

// handedOver ends the open handover. Snapshots share the old one, so it is not
// changed in place.
func (o *Operation) handedOver(h HandedOver) {
	if !o.Handover.Open() {
		return
	}
	ended := *o.Handover
	ended.End, ended.Operation, ended.Text = h.End, h.Operation, h.Text
	o.Handover = &ended
}

// take reads the data, asks the state table and, if the operation moves, does what
// the event brings.
func take[T any](o *Operation, e Event, on Trigger, do func(T)) (Verdict, error) {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return "", err
	}
	step, err := Next(o.State, on)
	if err != nil {
		return "", err
	}
	if step.Verdict == Move {
		o.State = step.To
		do(data)
	}
	return step.Verdict, nil
}

// read reads the data and, if the event fits, does what it brings.
func read[T any](e Event, fits bool, do func(T)) (Verdict, error) {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return "", err
	}
	if !fits {
		return Ignore, nil
	}
	do(data)
	return Move, nil
}

// Take says what a result does to the operation. An approval that is stored because
// its signature is open can only be undone by the void that takes it back; whatever
// else the terminal says of it is disputed. An approval by the terminal takes the
// place of a manager's word that it is paid: only the terminal knows the amount.
func (o *Operation) Take(r Result) (Step, error) {
	on, ok := r.Outcome.Trigger()
	if !ok {
		return Step{}, fmt.Errorf("outcome %q decides nothing", r.Outcome)
	}
	takenBack := o.SignatureRefused && r.Reason == ReasonSignature
	if o.Provisional != nil && r.Outcome != Success && !takenBack {
		return Step{o.State, Dispute}, nil
	}
	if o.State == Approved && o.Reason == ReasonSettled && r.Outcome == Success {
		return Step{Approved, Move}, nil
	}
	return Next(o.State, on)
}

func (o *Operation) result(e Event) (Verdict, error) {
	var r Result
	if err := json.Unmarshal(e.Data, &r); err != nil {
		return "", err
	}
	step, err := o.Take(r)
	if err != nil {
		return "", err
	}
	if step.Verdict == Move || step.Verdict == Late {
		o.State, o.Provisional, o.Question, o.Doubt = step.To, nil, nil, Doubt{}
		o.learn(r)
		if r.Outcome != Success {
			o.Authorised, o.Tip, o.Cashback = 0, 0, 0
		}
		why := r.Reason
		if r.Outcome == Refused || r.Outcome == Stopped {
			// The terminal says only that it was refused (nexo-retailer.md 9.1, step 7b);
			// the till knows why.
			switch {
			case o.SignatureRefused:
				why = ReasonSignature
			case o.SignatureWithdrawn:
				why = ReasonSignatureWithdrawn
			}
		}
		o.ended(e, why, r.ReasonText)
	} else if step.Verdict == Repeat && o.Reason == ReasonPendingReversal {
		o.Reason, o.ReasonText = r.Reason, r.ReasonText // the state stands; that it was undone is news
	} else if step.Verdict == Dispute {
		o.TipOpen = false // a person must look now; asking for the tip would only dispute it again
	}
	return step.Verdict, nil
}

func (o *Operation) settle(e Event) (Verdict, error) {
	var s Settlement
	if err := json.Unmarshal(e.Data, &s); err != nil {
		return "", err
	}
	on := OnSettledNotPaid
	if s.Paid {
		on = OnSettledPaid
	}
	step, err := Next(o.State, on)
	if err != nil || step.Verdict != Move {
		return step.Verdict, err
	}
	stored := o.Provisional != nil
	o.State, o.Provisional, o.Doubt = step.To, nil, Doubt{}
	switch {
	case !s.Paid:
		o.Authorised, o.Tip, o.Cashback = 0, 0, 0
	case !stored: // a stored approval has told the amounts
		o.Authorised, o.Tip, o.Cashback = o.Total().Minor, o.TipAsked, o.CashbackAsked
	}
	o.ended(e, ReasonSettled, s.Why)
	return Move, nil
}

// adjust takes the amount that an approval has come to: the provider's latest word is
// the truth, for receipts, refunds and totals alike. What it says in another currency is
// evidence only: the till cannot book it, and an alarm goes with it.
func (o *Operation) adjust(e Event) (Verdict, error) {
	var told Result
	if err := json.Unmarshal(e.Data, &told); err != nil {
		return "", err
	}
	if told.Authorised <= 0 {
		return "", fmt.Errorf("an adjustment without an amount")
	}
	return take(o, e, OnAdjusted, func(r Result) {
		if r.Currency != "" && r.Currency != o.Currency {
			o.TipOpen = false
			return
		}
		from := o.Authorised
		if o.Adjusted != nil {
			from = o.Adjusted.From
		}
		o.Adjusted = &Adjustment{At: e.At, From: from, Prints: o.Prints}
		if o.Slips = outdated(o.Slips, r); len(r.Slips) > 0 {
			o.Slips = nil // the events keep them
		}
		o.learn(r)
	})
}

// outdated takes the amounts out of slips that were delivered before: the operation's
// own stand there then.
func outdated(slips []Slip, r Result) []Slip {
	var list []Slip
	for _, s := range slips {
		s.Amount, s.Total, s.Lines, s.TipMinor, s.CashbackMinor = "", "", nil, r.Tip, r.Cashback
		list = append(list, s)
	}
	return list
}

// ended keeps why and, once final, when.
func (o *Operation) ended(e Event, why Reason, text string) {
	o.Reason, o.ReasonText = why, text
	if o.State.Final() {
		o.EndedAt = e.At
	}
}

// learn takes over what a result tells of money, card and references.
func (o *Operation) learn(r Result) {
	o.Authorised, o.Tip, o.Cashback, o.TipOpen = r.Authorised, r.Tip, r.Cashback, r.TipOpen && r.Outcome == Success
	o.Reopens = r.Reopens && r.Outcome != Success
	if r.Card != (Card{}) {
		o.Card = r.Card
	}
	ours := o.References.Ours
	if r.References != (References{}) {
		o.References = r.References
		o.References.Ours = ours
	}
	o.addSlips(r.Slips...)
}

func (o *Operation) addSlips(slips ...Slip) {
	for _, s := range slips {
		if len(o.Slips) < MaxSlips {
			o.Slips = append(o.Slips[:len(o.Slips):len(o.Slips)], s)
		}
	}
}
