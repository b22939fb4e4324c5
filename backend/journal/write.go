package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Bounds of what one request may bring.
const (
	// MaxEvents bounds the events of one request, and what Events returns.
	MaxEvents = 10_000
	// MaxData bounds the data of one event, in bytes.
	MaxData = 4 << 20
	// maxID bounds an operation's id, in bytes.
	maxID = 64
)

// The instants that fit nanoseconds since 1970 in 64 bits.
var (
	earliest = time.Unix(0, -1<<63)
	latest   = time.Unix(0, 1<<63-1)
)

// Create records a new operation in state Created, with its first events, in one
// commit, and gives it the next receipt number; CreatedAt zero means now. If its
// FormKey was used before, nothing is recorded, the events neither: the operation of
// that key is returned, and fresh is false (F-15).
//
// ctx is honoured until the request is queued. From then on Create waits for the
// disk, so that nobody is left not knowing. An error means that nothing was
// recorded on which a later write builds; its code is CodeJournal when the journal
// cannot be written, CodeInternal when the operation itself does not fit. Only after
// a failure of the disk itself, and a crash before the next write, may what failed
// be found recorded after all: recovery then treats it as it stands.
func (j *Journal) Create(ctx context.Context, op payment.Operation, events ...payment.Event) (created payment.Operation, fresh bool, err error) {
	defer func() { err = unsent(err) }()
	if op.CreatedAt.IsZero() {
		op.CreatedAt = j.now()
	}
	if op.State == "" {
		op.State = payment.Created
	}
	switch {
	case op.ID == "" || len(op.ID) > maxID:
		return payment.Operation{}, false, misfit(fmt.Errorf("create: an id of %d bytes", len(op.ID)))
	case op.State != payment.Created:
		return payment.Operation{}, false, misfit(fmt.Errorf("create: operation %s in state %q", op.ID, op.State))
	}
	if op.CreatedAt, err = instant(op.CreatedAt); err != nil {
		return payment.Operation{}, false, misfit(err)
	}
	kept, err := prepare(op.ID, events)
	if err != nil {
		return payment.Operation{}, false, err
	}
	a, err := j.ask(ctx, &request{create: &op, id: op.ID, events: kept})
	return a.op, a.fresh, err
}

// Append records events of one operation, all or none, and applies them to it. It
// returns the operation after them, and per event how the state table took it; an
// event with any verdict is kept as evidence. Without events it waits until all
// that was queued before is on the disk, and returns the operation.
//
// ctx is honoured until the request is queued, as with Create. An event that
// cannot be applied, or an operation that does not exist (CodeNotFound), fails this
// request alone.
func (j *Journal) Append(ctx context.Context, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error) {
	if id == "" {
		return payment.Operation{}, nil, misfit(fmt.Errorf("append without an operation"))
	}
	kept, err := prepare(id, events)
	if err != nil {
		return payment.Operation{}, nil, err
	}
	a, err := j.ask(ctx, &request{id: id, events: kept})
	return a.op, a.verdicts, err
}

// Log records events that belong to a terminal and to no operation.
func (j *Journal) Log(ctx context.Context, events ...payment.Event) error {
	kept, err := prepare("", events)
	if err != nil {
		return err
	}
	_, err = j.ask(ctx, &request{events: kept})
	return err
}

// Note records events without waiting for the disk, such as display lines: they are
// written with the next request that waits, or after noteDelay. What is queued
// later is written later. It blocks while the queue is full; an error goes to the
// log, because nobody waits for it. An empty id is for events of a terminal.
func (j *Journal) Note(id string, events ...payment.Event) {
	kept, err := prepare(id, events)
	if err == nil {
		err = j.send(context.Background(), &request{id: id, events: kept, note: true})
	}
	if err != nil {
		j.log.Error("events were not recorded", "operation", id, "events", len(events), "error", err)
	}
}

// prepare brings events into the form in which they are hashed, stored and
// exported: data compact, the time in whole nanoseconds UTC.
func prepare(id string, events []payment.Event) ([]payment.Event, error) {
	if len(events) > MaxEvents {
		return nil, misfit(fmt.Errorf("%d events at once", len(events)))
	}
	kept := make([]payment.Event, len(events))
	for i, e := range events {
		if e.Operation != id || e.Kind == "" {
			return nil, misfit(fmt.Errorf("event of kind %q for operation %q is given for %q", e.Kind, e.Operation, id))
		}
		if e.Kind == payment.EventCreated {
			return nil, misfit(fmt.Errorf("operation %q is made by Create only", id))
		}
		at, err := instant(e.At)
		if err != nil {
			return nil, misfit(err)
		}
		if len(e.Data) > MaxData {
			return nil, misfit(fmt.Errorf("event %s of %q has %d bytes", e.Kind, id, len(e.Data)))
		}
		var data bytes.Buffer
		data.Grow(len(e.Data))
		if err := json.Compact(&data, e.Data); err != nil {
			return nil, misfit(fmt.Errorf("event %s of %q: %w", e.Kind, id, err))
		}
		kept[i] = payment.Event{Operation: id, At: at, Kind: e.Kind, Data: data.Bytes()}
	}
	return kept, nil
}

// instant is the time as it will be read again.
func instant(at time.Time) (time.Time, error) {
	if at.Before(earliest) || at.After(latest) {
		return time.Time{}, fmt.Errorf("the time %s does not fit", at)
	}
	return time.Unix(0, at.UnixNano()).UTC(), nil
}
