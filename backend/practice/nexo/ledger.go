package nexo

import (
	"strconv"
	"sync"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

const (
	// maxAnswers is how many answers the terminal has. Older ones are forgotten, as
	// a terminal's database does (nexo-retailer.md 12.1).
	maxAnswers = 10_000
	firstID    = 9_000_010_001
)

// ledger holds bookings and last answers.
type ledger struct {
	*bench.Ledger[record]

	mu     sync.Mutex
	nextID int64
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{nextID: firstID}
	var err error
	l.Ledger, err = bench.OpenLedger(path, bench.Rules[record]{ID: func(r *record) string { return r.Booking.ID }, Reach: maxAnswers, Remember: l.remember})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// remember takes what was reversed off what was charged, and counts on from what
// was booked.
func (l *ledger) remember(rec *record, of func(id string) *record) {
	if n, err := strconv.ParseInt(rec.Booking.ID, 10, 64); err == nil {
		l.mu.Lock()
		l.nextID = max(l.nextID, n+1)
		l.mu.Unlock()
	}
	if original := of(rec.Reverses); original != nil {
		original.Booking.Charged = false
		original.Booking.Reversed = true
	}
}

// id gives out the next transaction id.
func (l *ledger) id() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := strconv.FormatInt(l.nextID, 10)
	l.nextID++
	return id
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	var list []Booking
	for _, rec := range l.Last(n) {
		list = append(list, rec.Booking)
	}
	return list
}

// settlePending undoes every sale whose signature was never confirmed: the
// process died while the question was open, and an unconfirmed sale does not
// stand. It returns how many there were.
func (l *ledger) settlePending() (int, error) {
	count := 0
	for {
		rec, ok := l.Newest(func(r *record) bool { return r.Pending })
		if !ok {
			return count, nil
		}
		if err := l.Book(rec.undone()); err != nil {
			return count, err
		}
		count++
	}
}
