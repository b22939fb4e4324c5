package poynt

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Options is how a practice cloud is set up.
type Options struct {
	// Name is shown on the pin pad; "Counter 1" when empty.
	Name string
	// Ledger is the file of bookings; when empty they are kept in memory. The
	// application's private key is kept beside it.
	Ledger string
	// Customer plays by themselves (see Customers); when empty the pin pad waits for a person.
	Customer string
	// Pace scales every step: 1 is as a real customer, 0 does not wait between
	// steps. The ttl of a message and the repeats of a callback are never scaled.
	Pace float64
	// Seed makes the ids: the same seed and the same requests, the same ids.
	Seed int64
	// Client posts the callbacks; a sensible one when nil.
	Client *http.Client
	// Log receives what cloud and terminal do; nothing is logged when nil.
	Log *slog.Logger
}

const (
	defaultName = "Counter 1"
)

// Cloud is a practice cloud with its terminals. It is safe for several goroutines.
type Cloud struct {
	opts    Options
	log     *bench.Log
	faults  *bench.Faults
	life    *bench.Life
	client  *http.Client
	ledger  *ledger
	changes sync.Mutex // held while a transaction is changed
	keys    jwt.VerificationKeySet
	portal  string // the application's private key, as the portal hands it out

	terminals []*terminal

	mu         sync.Mutex
	customer   *player
	cut        chan struct{} // closed while the cloud cannot be reached
	assertions map[string]bool
	refresh    map[string]bool // refresh tokens that are good
	era        int             // how many access tokens were issued
	ids        int64
	requests   map[string]*change // requests by REST, by path and Poynt-Request-Id
	asked      map[string]*request
	callback   string // the last callback URL, for the page
	lastResult []byte // the last result that was posted
	held       []*message
}

// New makes a cloud and reads its ledger. It listens nowhere until Handler is
// served or Listen is called.
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
	book, err := openLedger(o.Ledger, o.Seed)
	if err != nil {
		return nil, err
	}
	portal, accepted, err := appKeys(o.Ledger) // beside the ledger, once it is ours
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	c := &Cloud{opts: o, log: bench.NewLog(o.Log, o.Name, bench.Clock), life: bench.NewLife(), client: o.Client, ledger: book,
		portal: portal, customer: who, cut: make(chan struct{}), assertions: map[string]bool{}, refresh: map[string]bool{}, requests: map[string]*change{},
		asked: map[string]*request{}}
	for _, key := range accepted {
		c.keys.Keys = append(c.keys.Keys, key)
	}
	if c.client == nil {
		c.client = bench.NewClient(connectLimit, true)
	}
	c.faults = bench.NewFaults(faultTable, c.log)
	c.terminals = []*terminal{newTerminal(c, DeviceID, serialNumber+"1", o.Name), newTerminal(c, SecondDeviceID, serialNumber+"2", "Counter 2")}
	c.terminals[1].plugLocked(false)
	c.tellOffline(DeviceID) // a restart finds the terminal online
	for _, t := range c.terminals {
		c.life.Spawn(t.courier)
	}
	return c, nil
}

// Close stops everything. A running payment ends without being booked, unless it
// was authorised already. It may be called more than once.
func (c *Cloud) Close() error {
	return c.life.End(func() error {
		if c.opts.Client == nil {
			c.client.CloseIdleConnections()
		}
		return c.ledger.Close()
	})
}

// Violations returns what the till did against the protocol, oldest first, at
// most the newest 200.
func (c *Cloud) Violations() []string { return c.log.Violations() }

// SetCustomer changes who stands at the terminal; "" leaves it to a person.
func (c *Cloud) SetCustomer(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	who, err := cast.Choose(name, c.log)
	if err != nil {
		return err
	}
	c.customer = who
	for _, t := range c.terminals {
		t.nudge() // it may be online again
		if t.running != nil {
			t.running.deeds.Wake()
		}
	}
	return nil
}

// SetTill shows where the till listens, until the first message says so: each
// carries the callback URL that the terminal follows (poynt.md 7).
func (c *Cloud) SetTill(url string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.callback = strings.TrimRight(url, "/")
	c.log.Changed()
}

// unreachable says that nothing reaches the cloud.
func (c *Cloud) unreachable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.life.Ended() || c.faults.Get("cloud") == "unreachable"
}

// lineCut is closed while the cloud cannot be reached.
func (c *Cloud) lineCut() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// scaled is a span of the script at the cloud's pace.
func (c *Cloud) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.opts.Pace)
}

// nextID makes a UUID for what is not booked.
func (c *Cloud) nextID(kind string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	return idOf(c.opts.Seed, kind, c.ids)
}
