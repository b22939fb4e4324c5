package poynt

import (
	"strconv"
	"sync"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// ledger holds bookings and the transactions that the cloud shows.
type ledger struct {
	*bench.Ledger[record]

	mu     sync.Mutex
	seed   int64
	serial int64
}

// lineRules says that what one request changes is one line of the ledger.
var lineRules = bench.Rules[record]{ID: func(r *record) string { return r.Booking.ID }, Together: true}

func openLedger(path string, seed int64) (*ledger, error) {
	l := &ledger{seed: seed}
	rules := lineRules
	rules.Remember = l.remember
	var err error
	if l.Ledger, err = bench.OpenLedger(path, rules); err != nil {
		return nil, err
	}
	return l, nil
}

// remember counts on from what was booked.
func (l *ledger) remember(rec *record, _ func(id string) *record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial = max(l.serial, rec.Serial)
}

// id gives out the next transaction id, a UUID that follows from the seed and a
// number, and the number itself.
func (l *ledger) id() (string, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serial++
	return idOf(l.seed, "transaction", l.serial), l.serial
}

// idOf makes the same UUID of the same seed, kind and number.
func idOf(seed int64, kind string, n int64) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strconv.FormatInt(seed, 10)+"/"+kind+"/"+strconv.FormatInt(n, 10))).String()
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	var list []Booking
	for _, rec := range l.Last(n) {
		list = append(list, rec.Booking)
	}
	return list
}
