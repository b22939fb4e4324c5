package iotpay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Limits of the ledger: older bookings leave memory but stay in the file.
const (
	maxBookings = 200_000
	maxLine     = 1 << 20
)

// ledger holds what took place, in memory and, when it has a file, on disk.
type ledger struct {
	mu      sync.Mutex
	file    *os.File
	size    int64 // end of the last whole line
	records []*record
	index   map[string]*record // by booking id
	next    int
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{index: map[string]*record{}, next: 1}
	if path == "" {
		return l, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the practice terminal's ledger: %w", err)
	}
	l.file = f
	if err := l.load(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// load reads the lines. A last line that was torn by a crash was never answered
// and counts as not booked; it is cut off. Any other bad line is an error.
func (l *ledger) load(path string) error {
	r := bufio.NewReaderSize(l.file, maxLine)
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading line %d of the ledger %s: %w", number, path, err)
		}
		var rec record
		if err := json.Unmarshal(bytes.TrimSpace(line), &rec); err != nil {
			return fmt.Errorf("line %d of the ledger %s is damaged: %w", number, path, err)
		}
		l.size += int64(len(line))
		l.remember(&rec)
	}
	if err := l.file.Truncate(l.size); err != nil {
		return fmt.Errorf("cutting a torn line off the ledger %s: %w", path, err)
	}
	if _, err := l.file.Seek(l.size, io.SeekStart); err != nil {
		return fmt.Errorf("going to the end of the ledger %s: %w", path, err)
	}
	return nil
}

// book writes a record durably and then remembers it. After an error nothing is booked.
func (l *ledger) book(rec record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		line, err := json.Marshal(rec)
		if err != nil {
			return fmt.Errorf("writing a booking: %w", err)
		}
		line = append(line, '\n')
		if len(line) > maxLine {
			return fmt.Errorf("booking of %d bytes is above the limit of %d", len(line), maxLine)
		}
		if err := l.append(line); err != nil {
			return err
		}
	}
	l.remember(&rec)
	return nil
}

func (l *ledger) append(line []byte) error {
	_, err := l.file.WriteAt(line, l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the practice terminal's ledger: %w", err), l.file.Truncate(l.size))
	}
	l.size += int64(len(line))
	return nil
}

func (l *ledger) remember(rec *record) {
	l.next = max(l.next, rec.Detail.Number+1)
	if old := l.index[rec.Booking.ID]; old != nil {
		*old = *rec
	} else {
		l.index[rec.Booking.ID] = rec
		l.records = append(l.records, rec)
	}
	if original := l.index[rec.Booking.Original]; original != nil {
		original.Booking.RefundedMinor += rec.Booking.AmountMinor
		original.Booking.Charged = original.Booking.RefundedMinor < original.Booking.AmountMinor
	}
	if len(l.records) > maxBookings {
		delete(l.index, l.records[0].Booking.ID)
		l.records = l.records[1:]
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
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []record
	for _, rec := range l.records {
		if rec.Booking.Outcome == outcomeOpen {
			list = append(list, *rec)
		}
	}
	return list
}

// find returns a copy of the newest record that match accepts.
func (l *ledger) find(match func(*record) bool) (record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.records) - 1; i >= 0; i-- {
		if match(l.records[i]) {
			return *l.records[i], true
		}
	}
	return record{}, false
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := 0
	if n >= 0 {
		from = max(0, len(l.records)-n)
	}
	list := make([]Booking, 0, len(l.records)-from)
	for _, rec := range l.records[from:] {
		list = append(list, rec.Booking)
	}
	return list
}

func (l *ledger) close() error {
	if l.file == nil {
		return nil
	}
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("closing the practice terminal's ledger: %w", err)
	}
	return nil
}
