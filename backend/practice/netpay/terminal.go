package netpay

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
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

	maxWaiting = 16 // pushes in the queue of a busy terminal
)

// Terminal is one practice cloud with one terminal. It is safe for several goroutines.
type Terminal struct {
	opts   Options
	log    *bench.Log
	faults *bench.Faults
	life   *bench.Life
	client *http.Client
	ledger *ledger
	tokens tokens

	unplugged *bench.Line // of the terminal to its network
	cloudDown *bench.Line // of the till to the cloud

	mu       sync.Mutex
	till     string
	session  string       // storeId that is logged in now
	running  *operation   // takes place now; nil: idle
	latest   *operation   // owns the screen
	waiting  []*operation // pushed to a busy or offline terminal
	held     []*parcel    // results that are to come after the next one
	customer *player
	off      bool // rebooting
	oddities int  // how many results had odd types

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
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
	who, err := cast.Find(o.Customer)
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
	t := &Terminal{opts: o, log: bench.NewLog(o.Log, o.Name, clock), life: bench.NewLife(), client: o.Client, ledger: book, till: till,
		customer: who, session: o.Stores[0].ID, unplugged: bench.NewLine(), cloudDown: bench.NewLine(), tokens: tokens{secret: []byte("practice " + o.Serial)}}
	if t.client == nil {
		t.client = bench.NewClient(connectLimit, false)
	}
	t.faults = bench.NewFaults(faultTable, t.log)
	t.screen = screenOf(textReady, stateIdle)
	return t, nil
}

// Close stops everything. A running sale ends without being booked, unless the
// bank has decided already. It may be called more than once.
func (t *Terminal) Close() error {
	return t.life.End(func() error {
		if t.opts.Client == nil {
			t.client.CloseIdleConnections()
		}
		return t.ledger.Close()
	})
}

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

// SetTill saves the URL for results on the terminal, which then posts a test to
// it (netpay.md 4.1). A URL that is none is noted and not saved.
func (t *Terminal) SetTill(address string) {
	till, err := resultURL(address)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.log.Note(err.Error())
		return
	}
	changed := till != t.till
	t.till = till
	if changed && till != "" {
		t.life.Spawn(t.postTest)
	}
	t.log.Changed()
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

// scaled is a span of the script at the terminal's pace.
func (t *Terminal) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * t.opts.Pace)
}

// mexico is the zone of NetPay's clocks. Mexico City has had no daylight saving
// time since October 2022 (netpay.md 5.2).
var mexico = time.FixedZone("CST", -6*60*60)

func clock(at time.Time) string { return at.In(mexico).Format("15:04:05") }
