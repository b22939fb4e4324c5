package pockyt

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Limits of the ledger. Older orders leave memory but stay in the file.
const (
	maxOrders   = 200_000
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
	book    *bench.Book
	serial  int64
	booked  int64
	orders  []*order
	index   map[string]*order // by number and reference of payment and refund
	entries []entry
}

func openLedger(path string) (*ledger, error) {
	l := &ledger{index: map[string]*order{}}
	var err error
	l.book, err = bench.OpenBook(path, func(line []byte) error {
		o, err := decodeLine(line)
		if err == nil {
			l.remember(o)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// decodeLine reads one line: the whole state of an order.
func decodeLine(line []byte) (order, error) {
	var o order
	if err := json.Unmarshal(line, &o); err != nil {
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
	if err := l.book.Append(o); err != nil {
		return err
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
