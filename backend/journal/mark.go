package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Mark is the chain's head as it was once, written down outside the journal. The
// journal may only have grown since: the event of that number still has that hash.
// The zero value marks nothing.
type Mark struct {
	Seq  int64     `json:"seq"`
	Hash string    `json:"hash"`
	At   time.Time `json:"at"` // when it was written down
}

// Mark takes the head as it is now; of an empty journal there is none.
func (j *Journal) Mark(ctx context.Context) (Mark, error) {
	seq, hash, err := j.Head(ctx)
	if err != nil || seq == 0 {
		return Mark{}, err
	}
	return Mark{seq, hash, j.now().UTC()}, nil
}

// markForm is how a mark's time is told.
const markForm = "2006-01-02 15:04:05 MST"

// ended and differs say what a mark shows: this is what no check of the file alone
// can find.
func (m Mark) ended(at int64) string {
	return fmt.Sprintf("the journal ends with event %d, but event %d was written down outside of it on %s: the end was cut off, or an older copy was put in its place",
		at, m.Seq, m.At.Local().Format(markForm))
}

func (m Mark) differs() string {
	return fmt.Sprintf("event %d is not the one that was written down outside of the journal on %s: the chain was written anew, or this is another journal",
		m.Seq, m.At.Local().Format(markForm))
}

// Agrees reads one row and tells what is wrong between the journal and a mark; empty:
// the journal has that event. It does not look at what comes before it: Verify does.
func (j *Journal) Agrees(ctx context.Context, m Mark) (fault string, err error) {
	if m.Seq == 0 {
		return "", nil
	}
	var hash string
	err = j.reads.QueryRowContext(ctx, "SELECT hash FROM event WHERE seq = ?", m.Seq).Scan(&hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		seq, _, err := j.Head(ctx)
		if err != nil {
			return "", err
		}
		return m.ended(seq), nil
	case err != nil:
		return "", unread("read the event of a mark", err)
	case hash != m.Hash:
		return m.differs(), nil
	}
	return "", nil
}

// Check is what CheckOperation found.
type Check struct {
	Events      int64
	First, Last int64    // numbers of the first and the last event
	Faults      []string // what is wrong, at most MaxFaults
}

// CheckOperation looks at one operation at once: that each of its events carries its
// hash and is linked to its neighbours in the chain, and that the operation is what
// its events add up to. It reads these rows and their neighbours only, so that it is
// quick in a journal of any length; the chain between them is for Verify.
func (j *Journal) CheckOperation(ctx context.Context, id string) (c Check, err error) {
	tx, err := j.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Check{}, unread("check operation "+id, err)
	}
	defer func() {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
	}()
	var v Verdict
	sum := replayed{id: id}
	for _, step := range []func() error{
		func() error { return checkLinks(ctx, tx, id, &c, &sum, &v) },
		func() error { return checkRow(ctx, tx, sum, &v) },
	} {
		if err := step(); err != nil {
			return Check{}, unread("check operation "+id, err)
		}
	}
	c.Events, c.Faults = sum.events, v.Faults
	return c, nil
}

// checkLinks goes through the operation's events with the hash of the row before
// each and what the row behind it names.
func checkLinks(ctx context.Context, tx *sql.Tx, id string, c *Check, sum *replayed, v *Verdict) (err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+eventColumns+`,
		(SELECT hash FROM event AS before WHERE before.seq = event.seq - 1),
		(SELECT previous FROM event AS next WHERE next.seq = event.seq + 1),
		(SELECT MAX(seq) FROM event)
		FROM event WHERE operation = ? ORDER BY seq LIMIT ?`, id, MaxEvents)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			before, next sql.NullString
			newest       int64
		)
		e, err := scanEvent(besides{rows, []any{&before, &next, &newest}})
		if err != nil {
			return err
		}
		if e.Seq == 1 {
			before = sql.NullString{String: Genesis, Valid: true}
		}
		if c.First == 0 {
			c.First = e.Seq
		}
		c.Last = e.Seq
		if Hash(e) != e.Hash {
			v.add("event %d (%s) was changed: its hash does not match", e.Seq, e.Kind)
		}
		switch {
		case !before.Valid:
			v.add("event %d before it is missing", e.Seq-1)
		case before.String != e.Previous:
			v.add("event %d does not follow event %d: the hash it names is another", e.Seq, e.Seq-1)
		}
		switch {
		case !next.Valid && newest > e.Seq:
			v.add("event %d after it is missing", e.Seq+1)
		case next.Valid && next.String != e.Hash:
			v.add("event %d does not follow event %d: the hash it names is another", e.Seq+1, e.Seq)
		}
		sum.events++
		if sum.fault == nil {
			_, sum.fault = sum.op.Apply(e)
		}
	}
	return rows.Err()
}

// besides scans the columns that stand behind an event's own.
type besides struct {
	rows *sql.Rows
	more []any
}

func (b besides) Scan(into ...any) error { return b.rows.Scan(append(into, b.more...)...) }

// checkRow compares the operation's row with what its events add up to.
func checkRow(ctx context.Context, tx *sql.Tx, sum replayed, v *Verdict) (err error) {
	columns := operationColumns()
	rows, err := tx.QueryContext(ctx, "SELECT "+joined(columns)+" FROM operation WHERE id = ?", sum.id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row, err := nextRow(rows, len(columns))
	switch {
	case err != nil:
		return err
	case row == nil && sum.events == 0:
		return notFound(sum.id)
	case row == nil:
		v.add("operation %s is missing: it has %d events", sum.id, sum.events)
	case sum.events == 0:
		v.add("operation %s has no events", sum.id)
	case sum.events < MaxEvents: // else its later events were not read
		sum.compare(columns, row, v)
	}
	return nil
}

// owner says whose an event is.
func owner(e payment.Event) string {
	if e.Operation == "" {
		return "a terminal"
	}
	return "operation " + e.Operation
}
