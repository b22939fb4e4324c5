package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// MaxFaults bounds the faults that a verdict names.
const MaxFaults = 100

// Verdict is what Verify found.
type Verdict struct {
	Events     int64    `json:"events"`
	Operations int64    `json:"operations"`
	Seq        int64    `json:"seq"`  // of the newest event
	Hash       string   `json:"hash"` // of the newest event, as it is stored
	Faults     []string `json:"faults,omitempty"`
	More       int64    `json:"more,omitempty"` // faults beyond MaxFaults

	delivered int64 // events that came from outside
}

// Sound tells that nothing is wrong.
func (v Verdict) Sound() bool { return len(v.Faults) == 0 }

func (v *Verdict) add(format string, values ...any) {
	if len(v.Faults) >= MaxFaults {
		v.More++
		return
	}
	v.Faults = append(v.Faults, fmt.Sprintf(format, values...))
}

// Verify reads the whole journal as it is at one moment: the file's structure, the
// chain of hashes, whether each operation is what its events add up to, and whether
// the inbox is what the events tell of. What is
// wrong stands in the verdict; an error says only that it could not be finished.
// With marks it also compares the chain with heads that were kept elsewhere: a chain
// that was written anew, or cut off together with its operations, shows in nothing
// else. It reads every page of the file, so it takes time with its size, and needs no
// memory that grows with it.
func (j *Journal) Verify(ctx context.Context, marks ...Mark) (verdict Verdict, err error) {
	tx, err := j.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Verdict{}, unread("verify", err)
	}
	defer func() {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
	}()
	v := Verdict{Hash: Genesis}
	for _, step := range []struct {
		name string
		do   func(context.Context, *sql.Tx, *Verdict) error
	}{{"structure", verifyFile}, {"chain", func(ctx context.Context, tx *sql.Tx, v *Verdict) error { return verifyChain(ctx, tx, v, marks) }}, {"operations", verifyOperations}, {"inbox", verifyDeliveries}} {
		err := step.do(ctx, tx, &v)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return v, unread("verify", ctx.Err())
		default: // a file that cannot be read is what Verify is there to tell
			v.add("the file's %s could not be read to its end: %v", step.name, err)
		}
	}
	j.verifyLog(&v)
	return v, nil
}

// verifyFile has SQLite check its pages and indexes.
func verifyFile(ctx context.Context, tx *sql.Tx, v *Verdict) (err error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", MaxFaults))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			v.add("the file is damaged: %s", line)
		}
	}
	return rows.Err()
}

// verifyChain walks the events in their order, past the marks.
func verifyChain(ctx context.Context, tx *sql.Tx, v *Verdict, marks []Mark) (err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+eventColumns+" FROM event ORDER BY seq")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return err
		}
		switch {
		case e.Seq != v.Seq+1:
			v.add("events %d to %d are missing", v.Seq+1, e.Seq-1)
		case e.Previous != v.Hash:
			v.add("event %d does not follow event %d: the hash it names is another", e.Seq, v.Seq)
		}
		if Hash(e) != e.Hash {
			v.add("event %d (%s of %s) was changed: its hash does not match", e.Seq, e.Kind, owner(e))
		}
		for _, m := range marks {
			if m.Seq == e.Seq && m.Hash != e.Hash {
				v.add("%s", m.differs())
			}
		}
		if delivers(e) {
			v.delivered++
		}
		v.Events++
		v.Seq, v.Hash = e.Seq, e.Hash
	}
	for _, m := range marks {
		if m.Seq > v.Seq {
			v.add("%s", m.ended(v.Seq))
		}
	}
	return rows.Err()
}
