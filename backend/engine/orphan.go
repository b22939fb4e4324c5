package engine

import (
	"context"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Orphans commits doubt about what is open on terminals that nobody drives: one
// that was removed, or whose listener's port is taken. Nobody can ask there, so a
// manager must see it. Call it once all terminals were added.
func (e *Engine) Orphans(ctx context.Context) ([]payment.Operation, error) {
	open, err := e.journal.Open(ctx)
	if err != nil {
		return nil, err
	}
	var list []payment.Operation
	for _, op := range open {
		if e.driven(op.Terminal) {
			continue
		}
		if op.State == payment.Created {
			op, err = e.append(ctx, op.ID, fact{payment.EventResult, payment.Result{Outcome: payment.NotDone, Reason: payment.ReasonRestart}})
		} else if op.State != payment.InDoubt {
			op, err = e.append(ctx, op.ID, fact{payment.EventDoubt, payment.Note{Reason: payment.ReasonUnreachable, Text: "The terminal is not set up, or could not be opened."}})
		}
		if err != nil {
			return list, err
		}
		if !op.State.Final() {
			list = append(list, op)
		}
	}
	return list, nil
}

// settleAlone settles an operation that no conversation is about.
func (e *Engine) settleAlone(ctx context.Context, id string, s payment.Settlement) (payment.Operation, error) {
	op, err := e.journal.Operation(ctx, id)
	if err != nil {
		return op, err
	}
	if op.State.Final() {
		return op, conflict("The outcome of this operation is known: there is nothing to settle.")
	}
	if e.driven(op.Terminal) || op.State != payment.InDoubt {
		return op, conflict("The terminal is still to be asked about this operation. Wait for its answer.")
	}
	return e.append(ctx, id, fact{payment.EventSettled, s})
}

// driven tells whether a terminal has a worker.
func (e *Engine) driven(terminal string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.workers[terminal] != nil
}

// append records about an operation that no conversation is about.
func (e *Engine) append(ctx context.Context, id string, f fact) (payment.Operation, error) {
	event, err := payment.NewEvent(id, e.now(), f.kind, f.data)
	if err != nil {
		return payment.Operation{}, err
	}
	op, _, err := e.journal.Append(ctx, id, event)
	if err == nil {
		e.hub.operation(op)
	}
	return op, err
}
