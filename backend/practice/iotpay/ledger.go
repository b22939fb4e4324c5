package iotpay

import (
	"sync"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// ledger holds what took place.
type ledger struct {
	*bench.Ledger[record]

	mu   sync.Mutex
	next int // the next running number
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

// remember takes a refund off what was charged, and counts on from what was booked.
func (l *ledger) remember(rec *record, of func(id string) *record) {
	l.mu.Lock()
	l.next = max(l.next, rec.Detail.Number+1)
	l.mu.Unlock()
	if original := of(rec.Booking.Original); original != nil {
		original.Booking.RefundedMinor += rec.Booking.AmountMinor
		original.Booking.Charged = original.Booking.RefundedMinor < original.Booking.AmountMinor
	}
}

// number gives out the next running number.
func (l *ledger) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	number := l.next
	l.next++
	return number
}

// open returns copies of the purchases that were never ended.
func (l *ledger) open() []record {
	return l.All(func(r *record) bool { return r.Booking.Outcome == outcomeOpen })
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	var list []Booking
	for _, rec := range l.Last(n) {
		list = append(list, rec.Booking)
	}
	return list
}
