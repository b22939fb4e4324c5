package poynt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"github.com/google/uuid"
)

// Limits of the ledger. Older bookings leave memory but stay in the file.
const (
	maxBookings = 200_000
	maxLine     = 1 << 20
)

// ledger holds bookings and the transactions that the cloud shows, in memory and,
// when it has a file, on disk.
type ledger struct {
	mu      sync.Mutex
	file    *os.File
	size    int64 // end of the last whole line
	seed    int64
	serial  int64
	records []*record
	index   map[string]*record // by booking id
}

func openLedger(path string, seed int64) (*ledger, error) {
	l := &ledger{index: map[string]*record{}, seed: seed}
	if path == "" {
		return l, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the practice cloud's ledger: %w", err)
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
		records, err := decodeLine(line)
		if err != nil {
			return fmt.Errorf("line %d of the ledger %s is damaged: %w", number, path, err)
		}
		l.size += int64(len(line))
		l.remember(records)
	}
	if err := l.file.Truncate(l.size); err != nil {
		return fmt.Errorf("cutting a torn line off the ledger %s: %w", path, err)
	}
	return nil
}

// decodeLine reads one line: the records that were booked together.
func decodeLine(line []byte) ([]record, error) {
	var records []record
	if err := json.Unmarshal(bytes.TrimSpace(line), &records); err != nil {
		return nil, fmt.Errorf("reading bookings: %w", err)
	}
	for _, r := range records {
		if r.Booking.ID == "" {
			return nil, errors.New("a booking has no id")
		}
	}
	return records, nil
}

// book writes records durably, all of them or none, and then remembers them. A
// record replaces an earlier one of the same booking. After an error nothing is booked.
func (l *ledger) book(records ...record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bookLocked(records)
}

func (l *ledger) bookLocked(records []record) error {
	if l.file != nil {
		line, err := json.Marshal(records)
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
	l.remember(records)
	return nil
}

func (l *ledger) append(line []byte) error {
	_, err := l.file.WriteAt(line, l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the practice cloud's ledger: %w", err), l.file.Truncate(l.size))
	}
	l.size += int64(len(line))
	return nil
}

func (l *ledger) remember(records []record) {
	for _, rec := range records {
		l.serial = max(l.serial, rec.Serial)
		if old := l.index[rec.Booking.ID]; old != nil {
			*old = rec
			continue
		}
		kept := rec
		l.index[rec.Booking.ID] = &kept
		l.records = append(l.records, &kept)
	}
	for len(l.records) > maxBookings {
		delete(l.index, l.records[0].Booking.ID)
		l.records = l.records[1:]
	}
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

// get returns a copy of the record of a booking.
func (l *ledger) get(id string) (record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.index[id]; r != nil {
		return *r, true
	}
	return record{}, false
}

// all returns copies of the records that match accepts, oldest first.
func (l *ledger) all(match func(*record) bool) []record {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []record
	for _, r := range l.records {
		if match(r) {
			list = append(list, *r)
		}
	}
	return list
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
		return fmt.Errorf("closing the practice cloud's ledger: %w", err)
	}
	return nil
}
