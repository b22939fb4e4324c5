package pockyt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits of the ledger. Older orders leave memory but stay in the file.
const (
	maxOrders   = 200_000
	maxLine     = 1 << 20
	maxRefunds  = 100 // of one order
	codeOfNo    = "no:"
	codeOfOwn   = "reference:"
	codeOfBack  = "refund:"
	codeOfBackR = "refund-reference:"
)

// entry is one booking: the order, and which of its refunds, or -1.
type entry struct {
	of *order
	i  int
}

// ledger holds the orders, in memory and, when it has a file, on disk, one JSON line
// for each state. The cloud's mutex guards it.
type ledger struct {
	file    *os.File
	size    int64 // end of the last whole line
	serial  int64
	booked  int64
	orders  []*order
	index   map[string]*order // by number and reference of payment and refund
	entries []entry
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{index: map[string]*order{}}
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

// load reads the lines. A last line that was torn by a crash was never answered and
// counts as not written; it is cut off. Any other bad line is an error.
func (l *ledger) load(path string) error {
	r := bufio.NewReaderSize(l.file, maxLine)
	for at := 1; ; at++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading line %d of the ledger %s: %w", at, path, err)
		}
		o, err := decodeLine(line)
		if err != nil {
			return fmt.Errorf("line %d of the ledger %s is damaged: %w", at, path, err)
		}
		l.size += int64(len(line))
		l.remember(o)
	}
	if err := l.file.Truncate(l.size); err != nil {
		return fmt.Errorf("cutting a torn line off the ledger %s: %w", path, err)
	}
	return nil
}

// decodeLine reads one line: the whole state of an order.
func decodeLine(line []byte) (order, error) {
	var o order
	if err := json.Unmarshal(bytes.TrimSpace(line), &o); err != nil {
		return order{}, fmt.Errorf("reading an order: %w", err)
	}
	if o.No == "" || len(o.Refunds) > maxRefunds {
		return order{}, errors.New("an order has no number, or too many refunds")
	}
	return o, nil
}

// write makes a state of an order durable and then remembers it. After an error
// nothing has changed.
func (l *ledger) write(o order) error {
	if l.file != nil {
		line, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("writing an order: %w", err)
		}
		line = append(line, '\n')
		if len(line) > maxLine {
			return fmt.Errorf("an order of %d bytes is above the limit of %d", len(line), maxLine)
		}
		_, err = l.file.WriteAt(line, l.size)
		if err == nil {
			err = l.file.Sync()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("writing the practice cloud's ledger: %w", err), l.file.Truncate(l.size))
		}
		l.size += int64(len(line))
	}
	l.remember(o)
	return nil
}

func (l *ledger) remember(now order) {
	old := l.index[codeOfNo+now.No]
	if old == nil {
		old = &order{}
		l.orders = append(l.orders, old)
		l.index[codeOfNo+now.No], l.index[codeOfOwn+now.Reference] = old, old
	}
	wasBooked, had := old.Booked > 0, len(old.Refunds)
	*old = now
	l.serial = max(l.serial, now.Serial)
	if now.Booked > 0 {
		l.booked = max(l.booked, now.Booked)
		if !wasBooked {
			l.entries = append(l.entries, entry{old, -1})
		}
	}
	for i := had; i < len(now.Refunds); i++ {
		r := now.Refunds[i]
		l.booked, l.serial = max(l.booked, r.Booked), max(l.serial, r.Serial)
		l.index[codeOfBack+r.No] = old
		if r.Reference != "" {
			l.index[codeOfBackR+r.Reference] = old
		}
		l.entries = append(l.entries, entry{old, i})
	}
	for len(l.orders) > maxOrders {
		gone := l.orders[0]
		delete(l.index, codeOfNo+gone.No)
		delete(l.index, codeOfOwn+gone.Reference)
		l.orders = l.orders[1:]
	}
	if len(l.entries) > maxOrders {
		l.entries = l.entries[len(l.entries)-maxOrders:]
	}
}

// last returns copies of the newest bookings, oldest first; n < 0 means all.
func (l *ledger) last(n int) []Booking {
	from := 0
	if n >= 0 {
		from = max(0, len(l.entries)-n)
	}
	list := make([]Booking, 0, len(l.entries)-from)
	for _, e := range l.entries[from:] {
		if e.i < 0 {
			list = append(list, e.of.purchase())
		} else {
			list = append(list, e.of.back(e.of.Refunds[e.i]))
		}
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
