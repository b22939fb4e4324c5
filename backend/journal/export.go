package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// An export tries the next nearSkipped numbers behind an event that cannot be read,
// to find the next one that can, and then ever larger steps, up to farSkipped.
const (
	nearSkipped = 500
	farSkipped  = 1 << 32
)

// Export writes every event as one line of JSON (payment.Event), oldest first, with
// its hashes. The data stands there byte by byte as it was hashed. It holds a view
// of the moment at which it began; meanwhile the write-ahead log grows.
//
// Of a damaged file it writes all that can be read, and then gives an error that
// names the events that are missing, and those that do not carry their hash.
func (j *Journal) Export(ctx context.Context, w io.Writer) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false) // it would change the data's bytes
	var missing, changed []string
	var cause error
	each := func(e payment.Event) error {
		if Hash(e) != e.Hash && len(changed) < MaxFaults {
			changed = append(changed, strconv.FormatInt(e.Seq, 10))
		}
		return lines.Encode(e)
	}
	for next := int64(1); ; {
		after, written, err := j.exportFrom(ctx, each, next)
		if err == nil {
			break
		}
		if written != nil || ctx.Err() != nil {
			return unread("export", errors.Join(written, ctx.Err()))
		}
		cause = errors.Join(cause, err)
		if next, err = j.readable(ctx, after); err != nil {
			missing = append(missing, fmt.Sprintf("from %d on", after))
			break
		}
		missing = append(missing, fmt.Sprintf("%d to %d", after, next-1))
		if len(missing) == MaxFaults {
			missing = append(missing, fmt.Sprintf("from %d on", next))
			break
		}
	}
	text := ""
	if missing != nil {
		text += " These events cannot be read: " + strings.Join(missing, ", ") + "."
	}
	if changed != nil {
		text += " These events were changed, their hash does not match: " + strings.Join(changed, ", ") + "."
	}
	if text == "" {
		return nil
	}
	return &payment.Error{Code: payment.CodeJournal, Err: cause, Text: "The journal is damaged. What can be read was written out." + text}
}

// exportFrom writes events in their order, beginning with number next. When one
// cannot be read it tells its number or one before it; written is a fault of each.
func (j *Journal) exportFrom(ctx context.Context, each func(payment.Event) error, next int64) (after int64, written, err error) {
	rows, err := j.reads.QueryContext(ctx, "SELECT "+eventColumns+" FROM event WHERE seq >= ? ORDER BY seq", next)
	if err != nil {
		return next, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEvent(rows)
		if err == nil && !json.Valid(e.Data) {
			err = fmt.Errorf("event %d is not JSON", e.Seq)
		}
		if err != nil {
			return next, nil, err
		}
		if written := each(e); written != nil {
			return next, written, written
		}
		next = e.Seq + 1
	}
	return next, nil, rows.Err()
}

// readable finds the next event behind one that cannot be read.
func (j *Journal) readable(ctx context.Context, after int64) (seq int64, err error) {
	for skip := int64(1); skip < farSkipped; skip += max(1, (skip-nearSkipped)/2) {
		err = j.reads.QueryRowContext(ctx, "SELECT seq FROM event WHERE seq >= ? ORDER BY seq LIMIT 1", after+skip).Scan(&seq)
		if err == nil || errors.Is(err, sql.ErrNoRows) || ctx.Err() != nil {
			return seq, err
		}
	}
	return 0, err
}
