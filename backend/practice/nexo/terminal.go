package nexo

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Path is where the terminal and the till's listener expect messages (nexo-retailer.md 2.1).
const Path = "/EPASSaleToPOI/3.1"

// Options is how a practice terminal is set up.
type Options struct {
	// POIID is the terminal's id; "KASSA-01" when empty.
	POIID string
	// Serial is the serial number; an invented A35 number when empty.
	Serial string
	// Name is shown on the pin pad; POIID when empty.
	Name string
	// Till is the base URL of the till's listener, for default mode; when empty,
	// displays and questions cannot be delivered.
	Till string
	// Ledger is the file of bookings and last answers; when empty they are kept in memory.
	Ledger string
	// Customer plays by themselves (see Customers); when empty the pin pad waits for a person.
	Customer string
	// CoolDown is how long the terminal is busy after each payment answer; 0 is
	// the real terminal's 3 s, NoCoolDown none.
	CoolDown time.Duration
	// Pace scales every step: 1 is as a real customer, 0 does not wait between steps.
	Pace float64
	// Client posts to the till; a sensible one when nil.
	Client *http.Client
	// Log receives what the terminal does; nothing is logged when nil.
	Log *slog.Logger
	// TestMark puts TEST on the receipts. A practice terminal always does; the
	// field exists so that a caller's settings can say so too.
	TestMark bool
}

// NoCoolDown makes the terminal ready again at once.
const NoCoolDown = time.Duration(-1)

const (
	realCoolDown  = 3 * time.Second
	defaultPOIID  = "KASSA-01"
	defaultSerial = "2290000001" // the prefix says A35 (nexo-retailer.md 1.1)
	appName       = "Practice terminal"
	appProducer   = "Paydesk"
	appVersion    = "1.3.0.11"

	maxSeen  = 10_000
	maxQueue = 256
)

// Terminal is one practice terminal. It is safe for several goroutines.
type Terminal struct {
	opts   Options
	log    *bench.Log
	faults *bench.Faults
	life   *bench.Life
	client *http.Client
	ledger *ledger
	queue  chan *outbound
	// hung says that the last message to the till was not taken in time; a
	// payment then no longer waits for displays.
	hung atomic.Bool

	unplugged *bench.Line // of the terminal to its network

	mu           sync.Mutex
	till         string
	session      *session
	lastSession  session // for events outside a session (nexo-retailer.md 10.5)
	loadingUntil time.Time
	busyUntil    time.Time
	busyText     string
	running      *service // takes place now; nil: idle
	latest       *service // owns the screen
	customer     *player
	powerOff     chan struct{}   // closed when the power goes off: every line ends
	silence      chan struct{}   // not nil: nothing is answered; closed when that ends
	off          bool            // rebooting
	seen         map[string]bool // ServiceIDs of this session
	deviceID     int
	eventID      int
	documents    int

	screen      pinpad.Screen
	slot, field string
	signed      string
	slip        []string
}

// New makes a terminal and reads its ledger. It listens nowhere until Handler is
// served or Listen is called.
func New(o Options) (*Terminal, error) {
	if o.POIID == "" {
		o.POIID = defaultPOIID
	}
	if o.Serial == "" {
		o.Serial = defaultSerial
	}
	if o.Name == "" {
		o.Name = o.POIID
	}
	if o.CoolDown == 0 {
		o.CoolDown = realCoolDown
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
	undone, err := book.settlePending()
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	t := &Terminal{opts: o, log: bench.NewLog(o.Log, o.POIID, bench.Clock), life: bench.NewLife(), client: o.Client, ledger: book,
		till: strings.TrimRight(o.Till, "/"), customer: who, queue: make(chan *outbound, maxQueue), unplugged: bench.NewLine(),
		powerOff: make(chan struct{}), seen: map[string]bool{}, deviceID: firstDeviceID}
	if t.client == nil {
		t.client = bench.NewClient(connectLimit, true)
	}
	t.faults = bench.NewFaults(faultTable, t.log)
	t.screen = screenOf(textClosed, "idle")
	if undone > 0 {
		t.log.Note(fmt.Sprintf("%d sales without a confirmed signature were undone at the start", undone))
	}
	t.life.Spawn(t.deliverAll)
	return t, nil
}

// Close stops everything. A running payment ends without being booked, unless it
// was authorised already. It may be called more than once.
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

// SetCustomer changes who stands at the terminal; "" leaves it to a person. It
// ends the silence of a silent customer.
func (t *Terminal) SetCustomer(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	who, err := cast.Choose(name, t.log)
	if err != nil {
		return err
	}
	t.customer = who
	if t.silence != nil {
		close(t.silence)
		t.silence = nil
	}
	if t.running != nil {
		t.running.deeds.Wake()
	}
	return nil
}

// SetTill changes the base URL of the till's listener.
func (t *Terminal) SetTill(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.till = strings.TrimRight(url, "/")
	t.log.Changed()
}

// Bookings returns what was really charged, oldest first.
func (t *Terminal) Bookings() []Booking { return t.ledger.last(-1) }

// dead says that nothing reaches the terminal: unplugged, switched off or closed.
func (t *Terminal) dead() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deadLocked()
}

func (t *Terminal) deadLocked() bool {
	return t.life.Ended() || t.off || !t.unplugged.Whole()
}

// scaled is a span of the script at the terminal's pace.
func (t *Terminal) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * t.opts.Pace)
}
