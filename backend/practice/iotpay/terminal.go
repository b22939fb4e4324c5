package iotpay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

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

const (
	maxViolations = 200
	maxWatchers   = 100
)

// Terminal is one practice cloud with one PIN pad. It is safe for several goroutines.
type Terminal struct {
	opts   Options
	log    *slog.Logger
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	ledger *ledger
	admit  sync.Mutex // held while an order or a refund is checked and booked

	mu        sync.Mutex
	closed    bool
	servers   []*http.Server
	till      string
	running   *operation // takes place now; nil: idle
	latest    *operation // owns the screen
	customer  *player
	off       bool          // rebooting
	unplugged chan struct{} // closed while the PIN pad has no network
	cloudDown chan struct{} // closed while the till cannot reach the cloud
	faults    map[string]string

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
	tips        []pinpad.Tip
	lines       []pinpad.Line
	violations  []string
	watchers    map[chan struct{}]struct{}
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
	who, err := playerByName(o.Customer)
	if err != nil {
		return nil, err
	}
	book, err := openLedger(o.Ledger)
	if err != nil {
		return nil, err
	}
	t := &Terminal{opts: o, log: o.Log, ledger: book, customer: who, unplugged: make(chan struct{}), cloudDown: make(chan struct{}),
		faults: map[string]string{}, watchers: map[chan struct{}]struct{}{}}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	for _, f := range faultTable {
		t.faults[f.Name] = f.Choices[0]
	}
	t.ctx, t.stop = context.WithCancel(context.Background())
	t.screen = screenOf(textReady, false, stateIdle)
	if err := t.closeOpen(); err != nil {
		return nil, errors.Join(err, book.close())
	}
	return t, nil
}

// closeOpen cancels what was under way when the cloud went down.
func (t *Terminal) closeOpen() error {
	for _, rec := range t.ledger.open() {
		rec = ended(rec, bySystem, time.Now())
		if err := t.ledger.book(rec); err != nil {
			return fmt.Errorf("ending order %s: %w", shorten(rec.Booking.Order), err)
		}
		t.note("Order " + shorten(rec.Booking.Order) + " was open when the cloud went down: cancelled")
	}
	return nil
}

var errClosed = errors.New("the practice cloud is closed")

// Close stops everything. A running payment ends without being charged, unless the
// bank has decided already. It may be called more than once.
func (t *Terminal) Close() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	servers := t.servers
	t.mu.Unlock()
	t.stop()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Close())
	}
	t.work.Wait()
	return errors.Join(append(errs, t.ledger.close())...)
}

// spawnLocked runs a part of the terminal that Close waits for. It says whether
// the part was started; a closed terminal starts nothing. The caller holds the mutex.
func (t *Terminal) spawnLocked(part func()) bool {
	if t.closed {
		return false
	}
	t.work.Go(part)
	return true
}

// SetCustomer changes who stands at the terminal; "" leaves it to a person.
func (t *Terminal) SetCustomer(name string) error {
	who, err := playerByName(name)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.customer = who
	if name == "" {
		name = "nobody"
	}
	t.noteLocked("Customer: " + name)
	if t.latest != nil {
		t.latest.push(deed{kind: deedWake})
	}
	return nil
}

// SetTill shows where the till is. The cloud never calls it: for CC_PAX nothing is
// ever posted to the till (iotpay.md 6).
func (t *Terminal) SetTill(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.till = url
	t.changedLocked()
}

// troubled says whether who stands at the terminal brings that trouble.
func (t *Terminal) troubled(by trouble) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.customer != nil && t.customer.trouble == by
}

// plug closes the channel of a broken line, or makes a new one when it is whole
// again. The caller holds the mutex.
func plug(line *chan struct{}, whole bool) {
	switch is := broken(*line); {
	case is && whole:
		*line = make(chan struct{})
	case !is && !whole:
		close(*line)
	}
}

// broken tells whether a line that plug keeps is broken.
func broken(line chan struct{}) bool {
	select {
	case <-line:
		return true
	default:
		return false
	}
}

// scaled is a span of the script at the terminal's pace.
func (t *Terminal) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * t.opts.Pace)
}
