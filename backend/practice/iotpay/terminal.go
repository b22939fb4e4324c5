package iotpay

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Options is how a practice cloud and its PIN pad are set up.
type Options struct {
	// Name is shown on the pin pad; "Counter 1" when empty.
	Name string
	// Ledger is the file of what was charged; when empty it is kept in memory.
	Ledger string
	// Customer plays by themselves (see Customers); when empty the pin pad waits for a person.
	Customer string
	// Pace scales every step of a person, of the bank and of the lines: 1 is as
	// real, 0 does not wait. The terminal's own limits are not scaled.
	Pace float64
	// Seed makes the orders' ids: clouds with different ones give none twice.
	Seed int64
	// Log receives what the cloud does; nothing is logged when nil.
	Log *slog.Logger
}

// The account that the cloud knows. All of it is invented.
const (
	MerchantID = "10000701"
	JobNo      = "cashier1"
	Key        = "practice-key-not-a-real-merchant-key"
	storeID    = "practice1"
)

// Terminal is one practice cloud with one PIN pad. It is safe for several goroutines.
type Terminal struct {
	opts   Options
	log    *bench.Log
	faults *bench.Faults
	life   *bench.Life
	ledger *ledger
	admit  sync.Mutex // held while an order or a refund is checked and booked

	unplugged *bench.Line // of the PIN pad to the cloud
	cloudDown *bench.Line // of the till to the cloud

	mu       sync.Mutex
	till     string
	running  *operation // takes place now; nil: idle
	latest   *operation // owns the screen
	customer *player
	off      bool // rebooting

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
	tips        []pinpad.Tip
}

// New makes a cloud with a PIN pad and reads its ledger. It listens nowhere until
// Handler is served or Listen is called.
func New(o Options) (*Terminal, error) {
	if o.Name == "" {
		o.Name = "Counter 1"
	}
	if o.Pace < 0 {
		return nil, fmt.Errorf("a pace of %g makes no sense", o.Pace)
	}
	who, err := cast.Find(o.Customer)
	if err != nil {
		return nil, err
	}
	book, err := openLedger(o.Ledger)
	if err != nil {
		return nil, err
	}
	t := &Terminal{opts: o, log: bench.NewLog(o.Log, o.Name, bench.Clock), life: bench.NewLife(), ledger: book, customer: who,
		unplugged: bench.NewLine(), cloudDown: bench.NewLine()}
	t.faults = bench.NewFaults(faultTable, t.log)
	t.screen = screenOf(textReady, false, stateIdle)
	if err := t.closeOpen(); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return t, nil
}

// closeOpen cancels what was under way when the cloud went down.
func (t *Terminal) closeOpen() error {
	for _, rec := range t.ledger.open() {
		rec = ended(rec, bySystem, time.Now())
		if err := t.ledger.Book(rec); err != nil {
			return fmt.Errorf("ending order %s: %w", bench.Shorten(rec.Booking.Order), err)
		}
		t.log.Note("Order " + bench.Shorten(rec.Booking.Order) + " was open when the cloud went down: cancelled")
	}
	return nil
}

// Close stops everything. A running payment ends without being charged, unless the
// bank has decided already. It may be called more than once.
func (t *Terminal) Close() error { return t.life.End(t.ledger.Close) }

// Violations returns what the till did against the protocol, oldest first, at
// most the newest 200.
func (t *Terminal) Violations() []string { return t.log.Violations() }

// SetCustomer changes who stands at the terminal; "" leaves it to a person.
func (t *Terminal) SetCustomer(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	who, err := cast.Choose(name, t.log)
	if err != nil {
		return err
	}
	t.customer = who
	if t.latest != nil {
		t.latest.deeds.Wake()
	}
	return nil
}

// SetTill shows where the till is. The cloud never calls it: for CC_PAX nothing is
// ever posted to the till (iotpay.md 6).
func (t *Terminal) SetTill(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.till = url
	t.log.Changed()
}

// troubled says whether who stands at the terminal brings that trouble.
func (t *Terminal) troubled(by trouble) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.customer != nil && t.customer.trouble == by
}

// scaled is a span of the script at the terminal's pace.
func (t *Terminal) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * t.opts.Pace)
}
