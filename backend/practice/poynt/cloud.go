package poynt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
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
	defaultName   = "Counter 1"
	maxViolations = 200
	maxWatchers   = 100
)

// Cloud is a practice cloud with its terminals. It is safe for several goroutines.
type Cloud struct {
	opts    Options
	log     *slog.Logger
	client  *http.Client
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
	ledger  *ledger
	changes sync.Mutex // held while a transaction is changed
	keys    jwt.VerificationKeySet
	portal  string // the application's private key, as the portal hands it out

	terminals []*terminal

	mu         sync.Mutex
	closed     bool
	servers    []*http.Server
	customer   *player
	faults     map[string]string
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

	lines      []pinpad.Line
	violations []string
	watchers   map[chan struct{}]struct{}
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
	who, err := playerByName(o.Customer)
	if err != nil {
		return nil, err
	}
	portal, accepted, err := appKeys(o.Ledger)
	if err != nil {
		return nil, err
	}
	book, err := openLedger(o.Ledger, o.Seed)
	if err != nil {
		return nil, err
	}
	c := &Cloud{opts: o, log: o.Log, client: o.Client, ledger: book, portal: portal, customer: who, faults: map[string]string{},
		cut: make(chan struct{}), assertions: map[string]bool{}, refresh: map[string]bool{}, requests: map[string]*change{},
		asked: map[string]*request{}, watchers: map[chan struct{}]struct{}{}}
	for _, key := range accepted {
		c.keys.Keys = append(c.keys.Keys, key)
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.client == nil {
		c.client = newClient()
	}
	for _, f := range faultTable {
		c.faults[f.Name] = f.Choices[0]
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.terminals = []*terminal{newTerminal(c, DeviceID, serialNumber+"1", o.Name), newTerminal(c, SecondDeviceID, serialNumber+"2", "Counter 2")}
	c.terminals[1].plugLocked(false)
	c.tellOffline(DeviceID) // a restart finds the terminal online
	for _, t := range c.terminals {
		c.work.Go(t.courier)
	}
	return c, nil
}

var errClosed = errors.New("the practice cloud is closed")

// Close stops everything. A running payment ends without being booked, unless it
// was authorised already. It may be called more than once.
func (c *Cloud) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	servers := c.servers
	c.mu.Unlock()
	c.stop()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Close())
	}
	c.work.Wait()
	if c.opts.Client == nil {
		c.client.CloseIdleConnections()
	}
	return errors.Join(append(errs, c.ledger.close())...)
}

// spawn runs a part of the cloud that Close waits for. It says whether the part
// was started; a closed cloud starts nothing.
func (c *Cloud) spawn(part func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spawnLocked(part)
}

func (c *Cloud) spawnLocked(part func()) bool {
	if c.closed {
		return false
	}
	c.work.Go(part)
	return true
}

// SetCustomer changes who stands at the terminal; "" leaves it to a person.
func (c *Cloud) SetCustomer(name string) error {
	who, err := playerByName(name)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.customer = who
	if name == "" {
		name = "nobody"
	}
	c.noteLocked("Customer: " + name)
	for _, t := range c.terminals {
		t.nudge() // it may be online again
		if t.running != nil {
			t.running.push(deed{kind: deedWake})
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
	c.changedLocked()
}

// unreachable says that nothing reaches the cloud.
func (c *Cloud) unreachable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed || c.faultLocked("cloud") == "unreachable"
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

// sleep waits; false when the cloud was closed or done meanwhile.
func (c *Cloud) sleep(done <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return c.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.ctx.Done():
	case <-done:
	}
	return false
}

// nextID makes a UUID for what is not booked.
func (c *Cloud) nextID(kind string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	return idOf(c.opts.Seed, kind, c.ids)
}

func clock(at time.Time) string { return at.Local().Format("15:04:05") }

const maxQuoted = 60

func shorten(s string) string {
	if len(s) > maxQuoted {
		return strings.ToValidUTF8(s[:maxQuoted], "") + "..."
	}
	return s
}
