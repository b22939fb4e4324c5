package engine

import (
	"context"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Prompt shows what the terminal shows. It never decides anything.
func (t *talk) Prompt(p payment.Prompt) {
	if t.ended() {
		session{t.w}.Prompt(p)
		return
	}
	select {
	case t.inbox <- func() { t.prompt(p) }:
	default:
		// The conversation is held up, as by a disk that is full: the terminal is not
		// made to wait for a display line.
		t.w.e.log.Warn("a prompt was not shown", "operation", t.id, "code", p.Code)
	}
}

func (t *talk) prompt(p payment.Prompt) {
	if p.At.IsZero() {
		p.At = t.w.e.now()
	}
	if !p.Narrated {
		t.w.seen()
		t.news()
	}
	if p.Code == payment.PromptPINDigits {
		t.show(p)
		return
	}
	if t.kept.Add(1) > maxTimeline {
		t.show(p)
		return
	}
	t.tell(payment.EventPrompt, p)
}

// show tells the pages without keeping it: the digits of a PIN as they come are
// nobody's business later. "PIN entry" stands in the timeline once (design 10.7).
func (t *talk) show(p payment.Prompt) {
	if p.Code == payment.PromptPINDigits && !t.pinNoted {
		t.pinNoted = true
		t.note(payment.EventNote, payment.Note{Text: "PIN entry"})
	}
	t.mu.Lock()
	t.op.Prompt = p
	if step, err := payment.Next(t.op.State, payment.OnProgress); err == nil {
		t.op.State = step.To
	}
	op := t.op
	t.mu.Unlock()
	t.w.e.hub.operation(op)
}

// news restarts the clock of silence (DM-01).
func (t *talk) news() {
	switch t.state() {
	case payment.Sending, payment.InProgress:
		t.timers.drop(clockDoubt)
		t.listen()
	case payment.Aborting:
		t.timers.drop(clockSilence)
	}
}

// listen waits for the terminal's next word. Where no call is open, as after a
// restart, none will bring the outcome: it is asked for.
func (t *talk) listen() {
	if t.calls == 0 {
		t.timers.setOnce(clockAsk, t.w.clocks().Again)
		return
	}
	t.timers.drop(clockAsk)
	t.timers.set(clockSilence, t.w.clocks().Silence)
}

// narrate shows what the till itself knows, where the terminal says nothing.
func (t *talk) narrate(code payment.PromptCode, waiting payment.Party) {
	t.prompt(payment.Prompt{Code: code, Waiting: waiting, Narrated: true})
}

// tell applies an event in memory at once, and records it without waiting.
func (t *talk) tell(kind payment.EventKind, data any) {
	event, err := payment.NewEvent(t.id, t.w.e.now(), kind, data)
	if err != nil {
		t.w.e.log.Error("make an event", "operation", t.id, "error", err)
		return
	}
	t.mu.Lock()
	_, err = t.op.Apply(event)
	op := t.op
	t.mu.Unlock()
	if err != nil {
		t.w.e.log.Error("apply an event", "operation", t.id, "error", err)
		return
	}
	t.w.e.journal.Note(t.id, event)
	t.w.e.hub.operation(op)
}

// Message keeps one message of the wire in the timeline.
func (t *talk) Message(m payment.Message) {
	if m.In && m.Fault == "" {
		t.w.seen()
	}
	switch n := t.kept.Add(1); {
	case n <= maxTimeline:
		t.note(payment.EventMessage, m)
	case n == maxTimeline+1:
		t.note(payment.EventNote, payment.Note{Text: "The timeline is full: later messages are not kept."})
	}
}

// Slip commits a slip; when it returns it is safe to acknowledge it (F-44).
func (t *talk) Slip(ctx context.Context, slip payment.Slip) error {
	if slip.At.IsZero() {
		slip.At = t.w.e.now()
	}
	slip.Test = slip.Test || t.w.test
	if t.ended() {
		return session{t.w}.Slip(ctx, slip)
	}
	_, err := ask(ctx, t, func() (struct{}, error) {
		if t.commit(fact{payment.EventSlip, slip}) == nil {
			return struct{}{}, unrecorded(errClosing)
		}
		return struct{}{}, nil
	})
	if err != nil && t.ended() {
		return session{t.w}.Slip(ctx, slip)
	}
	return err
}

// Note keeps something worth knowing in the timeline.
func (t *talk) Note(n payment.Note) {
	n.Terminal = t.w.name
	t.note(payment.EventNote, n)
}

// Printed keeps that a copy was handed out.
func (e *Engine) Printed(ctx context.Context, id string, p payment.Print) (payment.Operation, error) {
	if t := e.talkOf(id); t != nil {
		return ask(ctx, t, func() (payment.Operation, error) {
			if t.commit(fact{payment.EventPrinted, p}) == nil {
				return t.snapshot(), unrecorded(errClosing)
			}
			return t.snapshot(), nil
		})
	}
	return e.append(ctx, id, fact{payment.EventPrinted, p})
}
