package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Limits of what a read returns.
const (
	// MaxOpen bounds the operations without an outcome: more is an error, since none of
	// them may be overlooked.
	MaxOpen = 100_000
	// MaxRelated bounds the voids and refunds of one operation.
	MaxRelated = 1000
)

// What was queued by Note and is not written yet is not seen by any read.

// Operation returns an operation by its id; CodeNotFound if there is none.
func (j *Journal) Operation(ctx context.Context, id string) (payment.Operation, error) {
	op, err := scanOperation(j.reads.QueryRowContext(ctx, "SELECT data FROM operation WHERE id = ?", id))
	return found(op, err, id)
}

// ByFormKey finds the operation that a form key made (F-15).
func (j *Journal) ByFormKey(ctx context.Context, key string) (payment.Operation, bool, error) {
	list, err := j.list(ctx, "SELECT data FROM operation WHERE form_key = ?", key)
	if err != nil || len(list) == 0 {
		return payment.Operation{}, false, err
	}
	return list[0], true, nil
}

// Find returns an operation by what a person can name it with: its id, its receipt
// number, or our reference of its latest attempt, which goes before the number.
func (j *Journal) Find(ctx context.Context, text string) (payment.Operation, error) {
	text = strings.TrimSpace(text)
	op, err := scanOperation(j.reads.QueryRowContext(ctx, "SELECT data FROM operation WHERE id = ?", text))
	if errors.Is(err, sql.ErrNoRows) {
		op, err = scanOperation(j.reads.QueryRowContext(ctx,
			"SELECT data FROM operation WHERE attempt_reference = ? ORDER BY number DESC LIMIT 1", text))
	}
	if number, bad := strconv.ParseInt(text, 10, 64); errors.Is(err, sql.ErrNoRows) && bad == nil {
		op, err = scanOperation(j.reads.QueryRowContext(ctx, "SELECT data FROM operation WHERE number = ?", number))
	}
	return found(op, err, text)
}

func found(op payment.Operation, err error, what string) (payment.Operation, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return payment.Operation{}, notFound(what)
	}
	if err != nil {
		return payment.Operation{}, unread("read an operation", err)
	}
	return op, nil
}

// Open lists the operations whose outcome is not known, oldest first.
func (j *Journal) Open(ctx context.Context) ([]payment.Operation, error) {
	var states []any
	for _, s := range payment.States {
		if !s.Final() {
			states = append(states, string(s))
		}
	}
	list, err := j.list(ctx, "SELECT data FROM operation WHERE state IN (?"+strings.Repeat(", ?", len(states)-1)+") ORDER BY number LIMIT ?",
		append(states, MaxOpen+1)...)
	if err == nil && len(list) > MaxOpen {
		return nil, unread("list what is open", fmt.Errorf("more than %d operations have no outcome", MaxOpen))
	}
	return list, err
}

// Related lists the captures, voids and refunds of an operation, oldest first.
func (j *Journal) Related(ctx context.Context, id string) ([]payment.Operation, error) {
	return j.list(ctx, "SELECT data FROM operation WHERE original = ? ORDER BY number LIMIT ?", id, MaxRelated)
}

// Refunded sums what was given back of an operation by refunds and voids, in minor
// units: what is approved, and what is asked for by those without an outcome.
func (j *Journal) Refunded(ctx context.Context, id string) (approved, open int64, err error) {
	err = j.reads.QueryRowContext(ctx, `SELECT
		COALESCE(SUM(CASE WHEN state = ? THEN CASE WHEN authorised > 0 THEN authorised ELSE requested END END), 0),
		COALESCE(SUM(CASE WHEN state NOT IN (?, ?, ?, ?) THEN requested END), 0)
		FROM operation WHERE original = ? AND kind <> ?`,
		string(payment.Approved), string(payment.Approved), string(payment.Declined), string(payment.Cancelled), string(payment.Failed), id, string(payment.Capture)).
		Scan(&approved, &open)
	if err != nil {
		return 0, 0, unread("sum what was given back", err)
	}
	return approved, open, nil
}

// Last returns a terminal's latest approved sale or refund; false if there is none.
func (j *Journal) Last(ctx context.Context, terminal string) (payment.Operation, bool, error) {
	op, err := scanOperation(j.reads.QueryRowContext(ctx,
		"SELECT data FROM operation WHERE terminal = ? AND state = ? AND kind IN (?, ?) ORDER BY number DESC LIMIT 1",
		terminal, string(payment.Approved), string(payment.Sale), string(payment.Refund)))
	if errors.Is(err, sql.ErrNoRows) {
		return payment.Operation{}, false, nil
	}
	if err != nil {
		return payment.Operation{}, false, unread("read the last operation of "+terminal, err)
	}
	return op, true, nil
}

// Events lists the first MaxEvents events of an operation, oldest first. An empty
// id lists those of the terminals.
func (j *Journal) Events(ctx context.Context, id string) (list []payment.Event, err error) {
	rows, err := j.reads.QueryContext(ctx, "SELECT "+eventColumns+" FROM event WHERE operation = ? ORDER BY seq LIMIT ?", id, MaxEvents)
	if err != nil {
		return nil, unread("read events", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, unread("read an event", err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, unread("read events", err)
	}
	return list, nil
}

// Head returns the number and the hash of the newest event; 0 and Genesis while
// there is none.
func (j *Journal) Head(ctx context.Context) (seq int64, hash string, err error) {
	err = j.reads.QueryRowContext(ctx, "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, Genesis, nil
	}
	if err != nil {
		return 0, "", unread("read the newest event", err)
	}
	return seq, hash, nil
}

func (j *Journal) list(ctx context.Context, query string, values ...any) (list []payment.Operation, err error) {
	rows, err := j.reads.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, unread("list operations", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		op, err := scanOperation(rows)
		if err != nil {
			return nil, unread("list operations", err)
		}
		list = append(list, op)
	}
	if err := rows.Err(); err != nil {
		return nil, unread("list operations", err)
	}
	return list, nil
}
