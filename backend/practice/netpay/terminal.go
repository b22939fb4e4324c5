package netpay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Options is how a practice cloud and its terminal are set up.
type Options struct {
	// Name is shown on the pin pad; Serial when empty.
	Name string
	// Serial is the terminal's serial number, DefaultSerial when empty.
	Serial string
	// Stores are those of the Smart Accounts group; the first one is logged in on
	// the terminal. DefaultStores when nil.
	Stores []Store
	// Till is the URL saved on the terminal for results. A URL without a path gets
	// Path. When empty, results cannot be posted.
	Till string
	// Ledger is the file of what was charged; when empty it is kept in memory.
	Ledger string
	// Customer plays by themselves (see Customers); when empty the pin pad waits for a person.
	Customer string
	// Pace scales every step of a person and of the bank: 1 is as real, 0 does not
	// wait. The terminal's own limits, such as the minute for a card, are not scaled.
	Pace float64
	// Client posts to the till; a sensible one when nil.
	Client *http.Client
	// Log receives what the terminal does; nothing is logged when nil.
	Log *slog.Logger
}

const (
	// DefaultSerial has leading zeros, which matter (netpay.md 3.1).
	DefaultSerial = "0000012345"
	// Path is where results are posted when the till's URL names no path. NetPay
	// leaves the path to the merchant (netpay.md 4.1).
	Path = "/netpay/result"

	maxViolations = 200
	maxWatchers   = 100
	maxWaiting    = 16 // pushes in the queue of a busy terminal
)

// Terminal is one practice cloud with one terminal. It is safe for several goroutines.
type Terminal struct {
	opts   Options
	log    *slog.Logger
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	ledger *ledger
	tokens tokens

	mu        sync.Mutex
	closed    bool
	servers   []*http.Server
	till      string
	session   string       // storeId that is logged in now
	running   *operation   // takes place now; nil: idle
	latest    *operation   // owns the screen
	waiting   []*operation // pushed to a busy or offline terminal
	held      []*parcel    // results that are to come after the next one
	customer  *player
	off       bool          // rebooting
	unplugged chan struct{} // closed while the terminal has no network
	cloudDown chan struct{} // closed while the till cannot reach the cloud
	faults    map[string]string
	oddities  int // how many results had odd types

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
	lines       []pinpad.Line
	violations  []string
	watchers    map[chan struct{}]struct{}
}

// New makes a cloud with a terminal and reads its ledger. It listens nowhere until
// Handler is served or Listen is called.
func New(o Options) (*Terminal, error) {
	if o.Serial == "" {
		o.Serial = DefaultSerial
	}
	if o.Name == "" {
		o.Name = o.Serial
	}
	if o.Stores == nil {
		o.Stores = DefaultStores()
	}
	if len(o.Stores) == 0 {
		return nil, errors.New("a terminal without a store cannot charge for anybody")
	}
	if o.Pace < 0 {
		return nil, fmt.Errorf("a pace of %g makes no sense", o.Pace)
	}
	who, err := playerByName(o.Customer)
	if err != nil {
		return nil, err
	}
	till, err := resultURL(o.Till)
	if err != nil {
		return nil, err
	}
	book, err := openLedger(o.Ledger)
	if err != nil {
		return nil, err
	}
	t := &Terminal{opts: o, log: o.Log, client: o.Client, ledger: book, till: till, customer: who, session: o.Stores[0].ID,
		unplugged: make(chan struct{}), cloudDown: make(chan struct{}), faults: map[string]string{}, watchers: map[chan struct{}]struct{}{},
		tokens: tokens{secret: []byte("practice " + o.Serial)}}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if t.client == nil {
		t.client = newClient()
	}
	for _, f := range faultTable {
		t.faults[f.Name] = f.Choices[0]
	}
	t.ctx, t.stop = context.WithCancel(context.Background())
	t.screen = screenOf(textReady, stateIdle)
	return t, nil
}

var errClosed = errors.New("the practice terminal is closed")

// Close stops everything. A running sale ends without being booked, unless the
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
	if t.opts.Client == nil {
		t.client.CloseIdleConnections()
	}
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

// SetTill saves the URL for results on the terminal, which then posts a test to
// it (netpay.md 4.1). A URL that is none is noted and not saved.
func (t *Terminal) SetTill(address string) {
	till, err := resultURL(address)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.noteLocked(err.Error())
		return
	}
	changed := till != t.till
	t.till = till
	if changed && till != "" {
		t.spawnLocked(t.postTest)
	}
	t.changedLocked()
}

// Bookings returns what took place at the terminal, oldest first.
func (t *Terminal) Bookings() []Booking { return t.ledger.last(-1) }

// Charged returns what stays charged, in minor units, by the till's folio. A folio
// that was charged twice has the sum of both.
func (t *Terminal) Charged() map[string]int64 {
	sums := map[string]int64{}
	for _, b := range t.Bookings() {
		if b.Charged {
			sums[b.Folio] += b.AmountMinor
		}
	}
	return sums
}

// plug closes the channel of a broken line, or makes a new one when it is whole
// again. The caller holds the mutex.
func plug(line *chan struct{}, whole bool) {
	select {
	case <-*line:
		if whole {
			*line = make(chan struct{})
		}
	default:
		if !whole {
			close(*line)
		}
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

// mexico is the zone of NetPay's clocks. Mexico City has had no daylight saving
// time since October 2022 (netpay.md 5.2).
var mexico = time.FixedZone("CST", -6*60*60)

func clock(at time.Time) string { return at.In(mexico).Format("15:04:05") }

// shorten keeps what somebody sent out of a message's way.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
