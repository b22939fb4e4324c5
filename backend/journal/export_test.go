package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// Bounds that the tests of this package need.
const (
	CacheSize    = cacheSize
	SerialBlock  = serialBlock
	MaxPrefixed  = maxPrefixed
	PrefixWindow = prefixWindow
	HalfMade     = halfMade
)

// LimitPages bounds the file as a full disk does; 0 takes the bound away.
func (j *Journal) LimitPages(ctx context.Context, beyond int64) error {
	_, err := j.ask(ctx, &request{job: func(ctx context.Context, conn *sql.Conn) error {
		pages := int64(1) << 30
		if beyond > 0 {
			if err := conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
				return err
			}
			pages += beyond - 1
		}
		_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	}})
	return err
}

// Hold keeps the writer busy until release is called, so that requests queue up.
func (j *Journal) Hold() (release func()) {
	held, free := make(chan struct{}), make(chan struct{})
	r := &request{done: make(chan answer, 1), job: func(context.Context, *sql.Conn) error {
		close(held)
		<-free
		return nil
	}}
	j.writer.queue <- r
	<-held
	return func() { close(free) }
}

// Queued tells how many requests wait.
func (j *Journal) Queued() int { return len(j.writer.queue) }

// Setting reads a number that SQLite goes by on the writing connection.
func (j *Journal) Setting(ctx context.Context, name string) (value int64, err error) {
	_, err = j.ask(ctx, &request{job: func(ctx context.Context, conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value)
	}})
	return value, err
}
