package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// Bounds of serial numbers.
const (
	// MaxSerial is the largest serial number: ten digits (nexo-retailer.md 4.3).
	MaxSerial int64 = 9_999_999_999
	// serialBlock is how many numbers are promised with one write. A restart skips
	// what was promised and not drawn.
	serialBlock = 1000
)

// serials are the numbers that were promised on the disk and not drawn yet.
type serials struct {
	mu    sync.Mutex
	spans map[string]span
}

// span holds the numbers from next up to, not including, end.
type span struct{ next, end int64 }

// Serial draws the next number under a name: above every number drawn before under
// it, also after a restart or with a clock set back, and not below the present time
// in seconds since 1970, so that a new journal does not repeat an old one's. Most
// draws need no write. It is at most MaxSerial.
func (j *Journal) Serial(ctx context.Context, name string) (int64, error) {
	j.serials.mu.Lock()
	defer j.serials.mu.Unlock()
	s := j.serials.spans[name]
	if floor := j.now().Unix(); s.next < floor && floor <= MaxSerial {
		s.next = floor
	}
	if s.next >= s.end {
		var err error
		if s, err = j.promise(ctx, name, s.next); err != nil {
			return 0, err
		}
	}
	drawn := s.next
	s.next++
	if j.serials.spans == nil {
		j.serials.spans = map[string]span{}
	}
	j.serials.spans[name] = s
	return drawn, nil
}

// promise writes down that the numbers of a new span are taken.
func (j *Journal) promise(ctx context.Context, name string, floor int64) (span, error) {
	var s span
	_, err := j.ask(ctx, &request{job: func(ctx context.Context, conn *sql.Conn) error {
		var next int64
		err := conn.QueryRowContext(ctx, "SELECT next FROM serial WHERE name = ?", name).Scan(&next)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		s.next = max(next, floor, 1)
		s.end = min(s.next+serialBlock, MaxSerial+1)
		if s.next >= s.end {
			return fmt.Errorf("serial numbers of %q have run out", name)
		}
		_, err = conn.ExecContext(ctx, "INSERT INTO serial (name, next) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET next = excluded.next", name, s.end)
		return err
	}})
	if err != nil {
		return span{}, fault("promise serial numbers", err)
	}
	return s, nil
}

// Installation is a number below 10,000, drawn once for a journal: two tills of one
// merchant that draw the same serial in the same second keep apart by it.
func (j *Journal) Installation(ctx context.Context) (int64, error) {
	var n int64
	if err := j.reads.QueryRowContext(ctx, "SELECT number FROM installation").Scan(&n); err != nil {
		return 0, unread("read the installation's number", err)
	}
	return n, nil
}
