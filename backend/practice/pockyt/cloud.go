package pockyt

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Options is how a practice cloud is set up.
type Options struct {
	// Name is shown on the page; "Customer's phone" when empty.
	Name string
	// Ledger is the file of orders and bookings; when empty they are kept in memory.
	Ledger string
	// Customer plays by themselves (see Customers); when empty the page waits for a person.
	Customer string
	// Pace scales every step: 1 is as a real customer, 0 does not wait between steps.
	// An order's timeout, the repeats of a notice and the lateness of a customer who
	// pays late are never scaled.
	Pace float64
	// Unseen: a customer who plays by themselves scans a code only once Show has told
	// that the till shows it. Else they scan it as soon as the order is made.
	Unseen bool
	// Seed makes the numbers: the same seed and the same requests, the same numbers.
	Seed int64
	// Client posts the notices; a sensible one when nil.
	Client *http.Client
	// Log receives what cloud and phone do; nothing is logged when nil.
	Log *slog.Logger
}

const (
	defaultName = "Customer's phone"
)

// Cloud is a practice service with a customer's phone. It is safe for several goroutines.
type Cloud struct {
	opts   Options
	log    *bench.Log
	faults *bench.Faults
	life   *bench.Life
	client *http.Client

	mu       sync.Mutex
	ledger   *ledger
	customer *player
	cut      chan struct{} // closed while the cloud cannot be reached
	dark     bool          // the customer who unplugs has paid
	attempts map[string]*attempt
	latest   *attempt             // has the phone
	told     map[string]time.Time // when the till was first told that an order is paid
	phone    phone
	sent     []byte // the last notice
	till     string // where notices went last, for the page

	muted bool // what is done now is not judged
}

// New makes a cloud and reads its ledger. It listens nowhere until Handler is served
// or Listen is called.
func New(o Options) (*Cloud, error) {
	if o.Name == "" {
		o.Name = defaultName
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
	c := &Cloud{opts: o, log: bench.NewLog(o.Log, o.Name, bench.Clock), life: bench.NewLife(), client: o.Client, ledger: book,
		customer: who, cut: make(chan struct{}),
		attempts: map[string]*attempt{}, told: map[string]time.Time{}}
	if c.client == nil {
		c.client = bench.NewClient(connectLimit, true)
	}
	c.faults = bench.NewFaults(faultTable, c.log)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.ledger.orders {
		if o.open() && (o.QR || o.Status != statusInit) {
			c.attendLocked(o) // the customer still stands there
		}
	}
	return c, nil
}

// Close stops everything. An open payment stays open. It may be called more than once.
func (c *Cloud) Close() error {
	return c.life.End(func() error {
		if c.opts.Client == nil {
			c.client.CloseIdleConnections()
		}
		return c.ledger.book.Close()
	})
}

// Violations returns what the till did against the protocol, oldest first, at
// most the newest 200.
func (c *Cloud) Violations() []string { return c.log.Violations() }

// SetCustomer changes who holds the phone; "" leaves it to a person.
func (c *Cloud) SetCustomer(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	who, err := cast.Choose(name, c.log)
	if err != nil {
		return err
	}
	c.customer, c.dark = who, false
	for _, a := range c.attempts {
		a.push(deed{kind: deedWake})
	}
	return nil
}

// SetTill shows where the till listens, until the first order says so: each carries
// the address of its own notices (pockyt.md 6).
func (c *Cloud) SetTill(url string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.till = strings.TrimRight(url, "/")
	c.log.Changed()
}

// unreachable says that nothing reaches the cloud.
func (c *Cloud) unreachable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.life.Ended() || c.dark || c.faults.Get("cloud") == "unreachable"
}

// lineCut is closed when the cloud can no longer be reached.
func (c *Cloud) lineCut() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

func (c *Cloud) cutLocked() {
	close(c.cut)
	c.cut = make(chan struct{})
}

// scaled is a span of the script at the cloud's pace.
func (c *Cloud) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.opts.Pace)
}
