package engine

import (
	"context"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// session takes what belongs to a terminal and to no operation: sign-in, strays.
// They are kept as evidence and never applied to an operation (F-08).
type session struct{ w *worker }

func (s session) Prompt(p payment.Prompt) {
	s.w.seen()
	s.keep(payment.EventNote, payment.Note{Terminal: s.w.name, Text: "shows: " + p.Text})
}

func (s session) Message(m payment.Message) {
	if m.In && m.Fault == "" {
		s.w.seen()
	}
	s.keep(payment.EventMessage, m)
}

func (s session) Slip(_ context.Context, slip payment.Slip) error {
	event, err := payment.NewEvent("", s.w.e.now(), payment.EventSlip, slip)
	if err != nil {
		return err
	}
	return s.w.e.journal.Log(s.w.ctx, event)
}

func (s session) Ask(context.Context, payment.Question) (payment.Answer, error) {
	return payment.Answer{}, conflict("No operation is open on this terminal: nobody is asked.")
}

func (s session) Note(n payment.Note) {
	n.Terminal = s.w.name
	s.keep(payment.EventNote, n)
}

// keep records without waiting.
func (s session) keep(kind payment.EventKind, data any) {
	event, err := payment.NewEvent("", s.w.e.now(), kind, data)
	if err != nil {
		s.w.e.log.Error("keep a terminal's message", "terminal", s.w.name, "kind", kind, "error", err)
		return
	}
	s.w.e.journal.Note("", event)
}
