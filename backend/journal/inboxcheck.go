package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// unasked stands in the data of an event that tells who delivered it, and of few others:
// a cheap question before the data is read.
var unasked = []byte(`"from":"`)

// delivers tells whether an event is a delivery from outside.
func delivers(e payment.Event) bool {
	if e.Kind != payment.EventMessage || !bytes.Contains(e.Data, unasked) {
		return false
	}
	var m payment.Message
	return json.Unmarshal(e.Data, &m) == nil && m.From != ""
}

// verifyDeliveries compares the inbox with the events: a row that was changed would
// hide a delivery from its attempt, and a removed one would let it in twice.
func verifyDeliveries(ctx context.Context, tx *sql.Tx, v *Verdict) (err error) {
	rows, err := tx.QueryContext(ctx, `SELECT delivery.key, delivery.terminal, delivery.reference, delivery.event, event.kind, event.data
		FROM delivery LEFT JOIN event ON event.seq = delivery.event ORDER BY delivery.event`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var kept int64
	for rows.Next() {
		var (
			d     delivered
			event int64
			kind  sql.NullString
			data  []byte
			m     payment.Message
		)
		if err := rows.Scan(&d.key, &d.terminal, &d.reference, &event, &kind, &data); err != nil {
			return err
		}
		switch {
		case !kind.Valid:
			v.add("the inbox's delivery %s names event %d, which is missing", d.key, event)
			continue
		case payment.EventKind(kind.String) != payment.EventMessage || json.Unmarshal(data, &m) != nil || m.Terminal != d.terminal || m.ID != d.reference:
			v.add("the inbox's delivery %s differs from its event %d", d.key, event)
			continue
		}
		if m.From != "" {
			kept++
		}
	}
	if kept < v.delivered && len(v.Faults) == 0 {
		v.add("deliveries are missing from the inbox: %d events tell of one, and %d are in it", v.delivered, kept)
	}
	return rows.Err()
}
