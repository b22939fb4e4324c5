package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// head is where the chain ends, and the highest receipt number.
type head struct {
	seq    int64
	hash   string
	number int64
}

// batch is what one commit will write. It is made in memory first, so that a
// request that does not fit fails alone, and the chain has no gap.
type batch struct {
	head     head
	events   []payment.Event
	touched  map[string]payment.Operation
	order    []string // of touched
	born     map[string]bool
	formKeys map[string]string // of the born: form key to id
	// deliveries are the new ones with the numbers of their events, by key.
	deliveries map[string]arrival
}

type arrival struct {
	delivered
	event int64
}

// record writes the requests with one commit, then answers each.
func (w *writer) record(requests []*request) {
	b := batch{head: w.head, touched: map[string]payment.Operation{}, born: map[string]bool{}, formKeys: map[string]string{}, deliveries: map[string]arrival{}}
	answers := make([]answer, len(requests))
	for i, r := range requests {
		answers[i] = w.plan(&b, r)
	}
	err := w.write(&b)
	for i, r := range requests {
		a := answers[i]
		if err != nil && a.err == nil {
			a = answer{err: fault("record", err)}
		}
		if r.note {
			if a.err != nil {
				w.log.Error("events were not recorded", "operation", r.id, "events", len(r.events), "error", a.err)
			}
			continue
		}
		r.done <- a
	}
}

// plan adds a request to the batch, or not at all if it does not fit.
func (w *writer) plan(b *batch, r *request) answer {
	if r.create != nil {
		return w.planCreate(b, *r.create, r.events)
	}
	if r.delivery != nil {
		known, err := w.known(b, r.delivery.key)
		if err != nil {
			return answer{err: fault("look for the delivery", err)}
		}
		if known {
			return answer{}
		}
	}
	a := w.planEvents(b, r)
	if r.delivery != nil && a.err == nil {
		a.fresh = true
		b.deliveries[r.delivery.key] = arrival{*r.delivery, b.head.seq}
	}
	return a
}

func (w *writer) planEvents(b *batch, r *request) answer {
	if r.id == "" {
		b.add(r.events)
		return answer{}
	}
	op, err := w.operation(b, r.id)
	if err != nil {
		return answer{err: fault("find operation "+r.id, err)}
	}
	verdicts := make([]payment.Verdict, len(r.events))
	for i, e := range r.events {
		if verdicts[i], err = op.Apply(e); err != nil {
			return answer{err: misfit(err)}
		}
	}
	if len(r.events) > 0 {
		b.add(r.events)
		b.touch(op)
	}
	return answer{op: op, verdicts: verdicts}
}

func (w *writer) planCreate(b *batch, op payment.Operation, events []payment.Event) answer {
	existing, found, err := w.sameForm(b, op.FormKey)
	if err != nil {
		return answer{err: fault("look for the form key", err)}
	}
	if found {
		return answer{op: existing}
	}
	switch _, err := w.operation(b, op.ID); {
	case err == nil:
		return answer{err: misfit(fmt.Errorf("operation %s exists already", op.ID))}
	case payment.CodeOf(err) != payment.CodeNotFound:
		return answer{err: fault("look for the id", err)}
	}
	op.Number = b.head.number + 1
	e, err := payment.NewEvent(op.ID, op.CreatedAt, payment.EventCreated, op)
	if err != nil {
		return answer{err: misfit(err)}
	}
	if len(e.Data) > MaxData {
		return answer{err: misfit(fmt.Errorf("operation %s has %d bytes", op.ID, len(e.Data)))}
	}
	var created payment.Operation
	if _, err := created.Apply(e); err != nil {
		return answer{err: misfit(err)}
	}
	for _, next := range events {
		if _, err := created.Apply(next); err != nil {
			return answer{err: misfit(err)}
		}
	}
	b.head.number = op.Number
	b.add([]payment.Event{e})
	b.add(events)
	b.born[op.ID] = true
	if op.FormKey != "" {
		b.formKeys[op.FormKey] = op.ID
	}
	b.touch(created)
	return answer{op: created, fresh: true}
}

// sameForm finds the operation that a form key made.
func (w *writer) sameForm(b *batch, key string) (payment.Operation, bool, error) {
	if key == "" {
		return payment.Operation{}, false, nil
	}
	if id, ok := b.formKeys[key]; ok {
		return b.touched[id], true, nil
	}
	op, err := scanOperation(w.statements.byFormKey.QueryRow(key))
	if errors.Is(err, sql.ErrNoRows) {
		return payment.Operation{}, false, nil
	}
	if err != nil {
		return payment.Operation{}, false, err
	}
	if now, ok := b.touched[op.ID]; ok {
		op = now
	}
	return op, true, nil
}

// operation finds an operation as it will be after the batch so far.
func (w *writer) operation(b *batch, id string) (payment.Operation, error) {
	if op, ok := b.touched[id]; ok {
		return op, nil
	}
	if op, ok := w.cache.get(id); ok {
		return op, nil
	}
	op, err := scanOperation(w.statements.byID.QueryRow(id))
	if errors.Is(err, sql.ErrNoRows) {
		return payment.Operation{}, notFound(id)
	}
	return op, err
}

// add gives the events their places in the chain.
func (b *batch) add(events []payment.Event) {
	for _, e := range events {
		e.Seq, e.Previous = b.head.seq+1, b.head.hash
		e.Hash = Hash(e)
		b.head.seq, b.head.hash = e.Seq, e.Hash
		b.events = append(b.events, e)
	}
}

func (b *batch) touch(op payment.Operation) {
	if _, ok := b.touched[op.ID]; !ok {
		b.order = append(b.order, op.ID)
	}
	b.touched[op.ID] = op
}

// write commits the batch. Head and cache move only after the commit. When it
// fails they are read anew before the next batch, since an error of the disk may
// leave open what stands there.
func (w *writer) write(b *batch) error {
	if len(b.events) == 0 {
		return nil
	}
	if w.head.hash == "" {
		return w.recover(errors.New("the end of the chain is not known"))
	}
	err := w.transaction(func(ctx context.Context) error { return w.insert(ctx, b) })
	if err != nil {
		return w.recover(err)
	}
	w.head = b.head
	for _, op := range b.touched {
		w.cache.put(op)
	}
	return nil
}

// recover reads the chain's end from the file after a failed write.
func (w *writer) recover(cause error) error {
	w.cache = cache{}
	found, err := w.loadHead(context.Background())
	if err != nil {
		w.head = head{}
		return errors.Join(cause, fmt.Errorf("read the end of the chain: %w", err))
	}
	w.head = found
	return cause
}

func (w *writer) insert(ctx context.Context, b *batch) error {
	for _, e := range b.events {
		_, err := w.statements.insertEvent.ExecContext(ctx, e.Seq, e.Operation, e.At.UnixNano(),
			string(e.Kind), string(e.Data), e.Previous, e.Hash)
		if err != nil {
			return fmt.Errorf("event %d: %w", e.Seq, err)
		}
	}
	for _, id := range b.order {
		born, moved, err := operationRow(b.touched[id])
		if err != nil {
			return err
		}
		if b.born[id] {
			_, err = w.statements.insertOperation.ExecContext(ctx, append(born, moved...)...)
		} else {
			_, err = w.statements.updateOperation.ExecContext(ctx, append(moved, id)...)
		}
		if err != nil {
			return fmt.Errorf("operation %s: %w", id, err)
		}
	}
	for _, d := range b.deliveries {
		if _, err := w.statements.insertDelivery.ExecContext(ctx, d.key, d.terminal, d.reference, d.event); err != nil {
			return fmt.Errorf("delivery %s: %w", d.key, err)
		}
	}
	return nil
}

func (w *writer) loadHead(ctx context.Context) (head, error) {
	h := head{hash: Genesis}
	err := w.conn.QueryRowContext(ctx, "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").Scan(&h.seq, &h.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return head{}, err
	}
	err = w.conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(number), 0) FROM operation").Scan(&h.number)
	return h, err
}
