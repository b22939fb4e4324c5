package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// maxKey bounds a delivery's key and its reference, in bytes.
const maxKey = 200

// delivered is the row beside a delivery's event.
type delivered struct{ key, terminal, reference string }

// Receive records a delivery from outside as an event of the operation id, or, with
// an empty id, of its terminal. fresh is false when its key is known: then nothing
// is recorded. When it returns nil the delivery is on the disk.
func (j *Journal) Receive(ctx context.Context, id string, d payment.Delivery) (fresh bool, err error) {
	if d.Key == "" || len(d.Key) > maxKey || len(d.Reference) > maxKey {
		return false, misfit(fmt.Errorf("a delivery with a key of %d bytes and a reference of %d", len(d.Key), len(d.Reference)))
	}
	if d.At.IsZero() {
		d.At = j.now()
	}
	e, err := payment.NewEvent(id, d.At, payment.EventMessage, payment.Message{
		Terminal: d.Terminal, In: true, Name: d.Name, ID: d.Reference, Body: d.Body, From: d.From, Fault: d.Fault, At: d.At})
	if err != nil {
		return false, misfit(err)
	}
	kept, err := prepare(id, []payment.Event{e})
	if err != nil {
		return false, err
	}
	a, err := j.ask(ctx, &request{id: id, events: kept, delivery: &delivered{d.Key, d.Terminal, d.Reference}})
	return a.fresh, err
}

// known tells whether a delivery has arrived before.
func (w *writer) known(b *batch, key string) (bool, error) {
	if _, ok := b.deliveries[key]; ok {
		return true, nil
	}
	var event int64
	err := w.statements.byKey.QueryRow(key).Scan(&event)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Deliveries lists what arrived for a terminal with a reference, oldest first, at
// most payment.MaxDeliveries. Key is not filled.
func (j *Journal) Deliveries(ctx context.Context, terminal, reference string) (list []payment.Delivery, err error) {
	if reference == "" {
		return nil, nil
	}
	rows, err := j.reads.QueryContext(ctx, `SELECT event.at, event.data FROM delivery JOIN event ON event.seq = delivery.event
		WHERE delivery.reference = ? AND delivery.terminal = ? ORDER BY delivery.event LIMIT ?`, reference, terminal, payment.MaxDeliveries)
	if err != nil {
		return nil, unread("list deliveries", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			at   int64
			data []byte
			m    payment.Message
		)
		if err := rows.Scan(&at, &data); err != nil {
			return nil, unread("read a delivery", err)
		}
		if err := json.Unmarshal(data, &m); err != nil {
			return nil, unread("read a delivery", err)
		}
		list = append(list, payment.Delivery{Terminal: m.Terminal, Reference: m.ID, Name: m.Name, Body: m.Body, From: m.From,
			Fault: m.Fault, At: time.Unix(0, at).UTC()})
	}
	if err := rows.Err(); err != nil {
		return nil, unread("list deliveries", err)
	}
	return list, nil
}

// strayWindow is how many of the latest events that belong to no operation are looked
// through for strays.
const strayWindow = 5000

// Strays lists what arrived from outside and belongs to no operation, newest first, at
// most payment.MaxDeliveries. Key is not filled.
func (j *Journal) Strays(ctx context.Context) (list []payment.Delivery, err error) {
	rows, err := j.reads.QueryContext(ctx, `SELECT at, kind, data FROM event WHERE operation = '' ORDER BY seq DESC LIMIT ?`, strayWindow)
	if err != nil {
		return nil, unread("list strays", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for len(list) < payment.MaxDeliveries && rows.Next() {
		var (
			at   int64
			data []byte
			e    payment.Event
			m    payment.Message
		)
		if err := rows.Scan(&at, &e.Kind, &data); err != nil {
			return nil, unread("read a stray", err)
		}
		if e.Data = data; !delivers(e) || json.Unmarshal(e.Data, &m) != nil {
			continue
		}
		list = append(list, payment.Delivery{Terminal: m.Terminal, Reference: m.ID, Name: m.Name, Body: m.Body, From: m.From,
			Fault: m.Fault, At: time.Unix(0, at).UTC()})
	}
	if err := rows.Err(); err != nil {
		return nil, unread("list strays", err)
	}
	return list, nil
}

// LastDelivery tells when something last arrived for a terminal; zero: never.
func (j *Journal) LastDelivery(ctx context.Context, terminal string) (time.Time, error) {
	var at int64
	err := j.reads.QueryRowContext(ctx, `SELECT event.at FROM delivery JOIN event ON event.seq = delivery.event
		WHERE delivery.terminal = ? ORDER BY delivery.event DESC LIMIT 1`, terminal).Scan(&at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, unread("find the last delivery to "+terminal, err)
	}
	return time.Unix(0, at).UTC(), nil
}

// ByAttempt finds the operation whose latest attempt has a reference.
func (j *Journal) ByAttempt(ctx context.Context, reference string) (payment.Operation, bool, error) {
	if reference == "" {
		return payment.Operation{}, false, nil
	}
	list, err := j.list(ctx, "SELECT data FROM operation WHERE attempt_reference = ? ORDER BY number DESC LIMIT 1", reference)
	if err != nil || len(list) == 0 {
		return payment.Operation{}, false, err
	}
	return list[0], true, nil
}
