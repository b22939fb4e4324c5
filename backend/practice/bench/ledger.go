package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// maxRecords bounds the ledger in memory. Older records stay in the file.
const maxRecords = 200_000

// Rules say what a practice terminal's records are.
type Rules[R any] struct {
	// ID names a record. A later record of the same id replaces the earlier one.
	ID func(*R) string
	// Together makes a line a JSON list of the records that were booked at once;
	// without it a line is one record.
	Together bool
	// Reach is how many of the newest records Newest looks at; 0: all.
	Reach int
	// Remember is told of each record that the ledger has taken in, in order, and
	// may change others; of gives one by its id, or nil. The ledger is locked
	// meanwhile. It may be nil.
	Remember func(now *R, of func(id string) *R)
}

// Read reads one line of the file.
func (r Rules[R]) Read(line []byte) ([]R, error) {
	var records []R
	var err error
	if r.Together {
		err = json.Unmarshal(line, &records)
	} else {
		records = make([]R, 1)
		err = json.Unmarshal(line, &records[0])
	}
	if err != nil {
		return nil, fmt.Errorf("reading bookings: %w", err)
	}
	for i := range records {
		if r.ID(&records[i]) == "" {
			return nil, errors.New("a booking has no id")
		}
	}
	return records, nil
}

// Ledger holds what took place, in memory and, when it has a file, on disk. It is
// safe for several goroutines.
type Ledger[R any] struct {
	rules Rules[R]

	mu      sync.Mutex
	book    *Book
	records []*R // in the order of their first booking
	index   map[string]*R
}

// OpenLedger reads the ledger at path, as OpenBook; an empty path keeps it in memory.
func OpenLedger[R any](path string, rules Rules[R]) (*Ledger[R], error) {
	l := &Ledger[R]{rules: rules, index: map[string]*R{}}
	book, err := OpenBook(path, func(line []byte) error {
		records, err := rules.Read(line)
		if err == nil {
			l.remember(records)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	l.book = book
	return l, nil
}

// Book writes records durably, all of them or none, and then remembers them.
// Without Rules.Together it takes one. After an error nothing is booked.
func (l *Ledger[R]) Book(records ...R) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var line any = records
	if !l.rules.Together {
		if len(records) != 1 {
			return fmt.Errorf("a line of this ledger is one booking, not %d", len(records))
		}
		line = records[0]
	}
	if err := l.book.Append(line); err != nil {
		return err
	}
	l.remember(records)
	return nil
}

func (l *Ledger[R]) remember(records []R) {
	for _, rec := range records {
		id := l.rules.ID(&rec)
		kept := l.index[id]
		if kept == nil {
			kept = new(R)
			l.index[id] = kept
			l.records = append(l.records, kept)
		}
		*kept = rec
		if l.rules.Remember != nil {
			l.rules.Remember(kept, func(id string) *R { return l.index[id] })
		}
	}
	for len(l.records) > maxRecords {
		delete(l.index, l.rules.ID(l.records[0]))
		l.records = l.records[1:]
	}
}

// Get returns a copy of the record of an id.
func (l *Ledger[R]) Get(id string) (R, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rec := l.index[id]; rec != nil {
		return *rec, true
	}
	var none R
	return none, false
}

// Newest returns a copy of the newest record that match accepts, within Rules.Reach.
func (l *Ledger[R]) Newest(match func(*R) bool) (R, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := 0
	if l.rules.Reach > 0 {
		last = max(0, len(l.records)-l.rules.Reach)
	}
	for i := len(l.records) - 1; i >= last; i-- {
		if match(l.records[i]) {
			return *l.records[i], true
		}
	}
	var none R
	return none, false
}

// All returns copies of the records that match accepts, oldest first.
func (l *Ledger[R]) All(match func(*R) bool) []R {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []R
	for _, rec := range l.records {
		if match(rec) {
			list = append(list, *rec)
		}
	}
	return list
}

// Last returns copies of the newest records, oldest first; n < 0 means all.
func (l *Ledger[R]) Last(n int) []R {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := 0
	if n >= 0 {
		from = max(0, len(l.records)-n)
	}
	list := make([]R, 0, len(l.records)-from)
	for _, rec := range l.records[from:] {
		list = append(list, *rec)
	}
	return list
}

// Close gives the file free. It may be called more than once.
func (l *Ledger[R]) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.book.Close()
}
