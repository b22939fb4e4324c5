package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// verifyOperations replays the events of each operation and compares what they add
// up to with the operation's row. Both are read in the order of the ids, side by
// side.
func verifyOperations(ctx context.Context, tx *sql.Tx, v *Verdict) (err error) {
	columns := operationColumns()
	events, err := tx.QueryContext(ctx, "SELECT "+eventColumns+" FROM event WHERE operation > '' ORDER BY operation, seq")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	rows, err := tx.QueryContext(ctx, "SELECT "+joined(columns)+" FROM operation ORDER BY id")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()

	row, err := nextRow(rows, len(columns))
	if err != nil {
		return err
	}
	compare := func(op replayed) error {
		for ; row != nil && id(row) < op.id; v.Operations++ {
			v.add("operation %s has no events", id(row))
			if row, err = nextRow(rows, len(columns)); err != nil {
				return err
			}
		}
		if row == nil || id(row) != op.id {
			v.add("operation %s is missing: it has %d events", op.id, op.events)
			return nil
		}
		v.Operations++
		op.compare(columns, row, v)
		row, err = nextRow(rows, len(columns))
		return err
	}
	if err := replay(events, compare); err != nil {
		return err
	}
	for ; row != nil; v.Operations++ {
		v.add("operation %s has no events", id(row))
		if row, err = nextRow(rows, len(columns)); err != nil {
			return err
		}
	}
	return nil
}

// operationColumns are the columns of an operation, with the types that operationRow
// gives them.
func operationColumns() []string { return append(append([]string{}, fixed...), moving...) }

func joined(columns []string) string { return strings.Join(columns, ", ") }

// replayed is what the events of one operation add up to.
type replayed struct {
	id     string
	op     payment.Operation
	events int64
	fault  error // the first event that could not be applied
}

// replay hands over each operation when all of its events were applied.
func replay(events *sql.Rows, done func(replayed) error) error {
	var now replayed
	for events.Next() {
		e, err := scanEvent(events)
		if err != nil {
			return err
		}
		if e.Operation != now.id {
			if now.id != "" {
				if err := done(now); err != nil {
					return err
				}
			}
			now = replayed{id: e.Operation}
		}
		now.events++
		if now.fault == nil {
			_, now.fault = now.op.Apply(e)
		}
	}
	if err := events.Err(); err != nil {
		return err
	}
	if now.id == "" {
		return nil
	}
	return done(now)
}

// compare names the columns in which the row differs from the events.
func (r replayed) compare(columns []string, row []any, v *Verdict) {
	if r.fault != nil {
		v.add("operation %s cannot be replayed: %v", r.id, r.fault)
		return
	}
	born, moved, err := operationRow(r.op)
	if err != nil {
		v.add("operation %s cannot be replayed: %v", r.id, err)
		return
	}
	var differ []string
	for i, want := range append(born, moved...) {
		if row[i] != want {
			differ = append(differ, columns[i])
		}
	}
	if len(differ) > 0 {
		v.add("operation %s (receipt %d) differs from its events: %s", r.id, r.op.Number, strings.Join(differ, ", "))
	}
}

// nextRow reads the next row, or nil after the last.
func nextRow(rows *sql.Rows, columns int) ([]any, error) {
	if !rows.Next() {
		return nil, rows.Err()
	}
	row, into := make([]any, columns), make([]any, columns)
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, value := range row {
		if raw, ok := value.([]byte); ok {
			row[i] = string(raw)
		}
	}
	return row, nil
}

// id is the row's first column.
func id(row []any) string { return fmt.Sprint(row[0]) }
