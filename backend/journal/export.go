package journal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Export writes every event as one line of JSON (payment.Event), oldest first, with
// its hashes. The data stands there byte by byte as it was hashed. It holds a view
// of the moment at which it began; meanwhile the write-ahead log grows.
func (j *Journal) Export(ctx context.Context, w io.Writer) (err error) {
	rows, err := j.reads.QueryContext(ctx, "SELECT "+eventColumns+" FROM event ORDER BY seq")
	if err != nil {
		return unread("export", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false) // it would change the data's bytes
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return unread("export", err)
		}
		if err := lines.Encode(e); err != nil {
			return unread("export", err)
		}
	}
	if err := rows.Err(); err != nil {
		return unread("export", err)
	}
	return nil
}
