package netpay

import (
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// ledger holds what took place.
type ledger struct {
	*bench.Ledger[record]

	mu     sync.Mutex
	next   int       // the next running number
	module int       // operations that moved money
	order  time.Time // of the newest order id: one in a second (netpay.md 5.3)
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{next: 1}
	var err error
	l.Ledger, err = bench.OpenLedger(path, bench.Rules[record]{ID: func(r *record) string { return r.Booking.ID }, Remember: l.remember})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// remember takes what a cancel gave back off what was charged, and counts on from
// what was booked.
func (l *ledger) remember(rec *record, of func(id string) *record) {
	l.mu.Lock()
	l.next = max(l.next, rec.Detail.Number+1)
	l.module = max(l.module, rec.Detail.Module)
	if at, ok := orderTime(rec.Booking.OrderID); ok && at.After(l.order) {
		l.order = at
	}
	l.mu.Unlock()
	if original := of(rec.Cancels); original != nil && rec.Booking.Outcome == outcomeApproved {
		original.Booking.Charged = false
		original.Booking.Reversed = true
	}
}

// number gives out the next running number, and the next moduleCharge when money moves.
func (l *ledger) number(moves bool) (number, module int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	number = l.next
	l.next++
	if moves {
		l.module++
		module = l.module
	}
	return number, module
}

// second gives out the second of an order id: no terminal has two in one.
func (l *ledger) second(now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := now.Truncate(time.Second)
	if before := l.order.Truncate(time.Second); !at.After(before) {
		at = before.Add(time.Second)
	}
	l.order = at
	return at
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	var list []Booking
	for _, rec := range l.Last(n) {
		list = append(list, rec.Booking)
	}
	return list
}
