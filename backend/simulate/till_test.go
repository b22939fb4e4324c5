package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/paydesk-till/paydesk/backend/conform"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/provider/nexo"
)

var errPower = errors.New("the power is gone")

// till is one run of the till's process, from its start until it is closed or its
// power is cut. It stands between the engine, its journal and its network, so that
// the cut may fall before or after any commit, connection or answer.
type till struct {
	engine  *engine.Engine
	journal *journal.Journal
	path    string
	gone    chan struct{} // closed when the power is cut
	left    chan struct{} // closed when it is no longer the running one
	alive   context.Context
	kill    context.CancelFunc

	// writing is held for reading while the journal is written to, so that a cut
	// leaves finished commits only, and the file as it was at that moment.
	writing sync.RWMutex
	points  atomic.Int64 // how many more until the power is cut; 0: it is not
	off     atomic.Int64 // how long the power stays away then, in nanoseconds
	where   string       // the point at which it was cut
	cutPath string       // the files as the cut left them
	cutErr  error

	mu    sync.Mutex
	dead  bool
	conns map[*tapped]bool
	stops []func()
}

func newTill(ctx context.Context, path string) (*till, error) {
	x := &till{path: path, gone: make(chan struct{}), left: make(chan struct{}), conns: map[*tapped]bool{}}
	x.alive, x.kill = context.WithCancel(ctx)
	var err error
	if x.journal, err = journal.Open(ctx, path, journal.Options{}); err != nil {
		return nil, err
	}
	return x, nil
}

// begin starts the engine with its terminals.
func (x *till) begin(network *conform.Network, newID func() string, settings []payment.Settings) error {
	x.engine = engine.New(engine.Options{Journal: fragile{x.journal, x}, NewID: newID})
	transport := network.Transport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, net, address string) (net.Conn, error) {
		return x.dial(ctx, dial, net, address)
	}
	listen := func(address, path string, handler http.Handler) (string, func(), error) {
		actual, stop, err := network.Listen(address, path, handler)
		if err == nil {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.stops = append(x.stops, stop)
		}
		return actual, stop, err
	}
	provider := nexo.New()
	for i, s := range settings {
		err := x.engine.Add(x.alive, engine.Terminal{Name: terminalName(i), Provider: provider, Settings: s, Transport: transport, Test: true,
			Software: payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: "test"}}, listen)
		if err != nil {
			return err
		}
	}
	return nil
}

func terminalName(i int) string { return fmt.Sprintf("t%d", i+1) }

// point is a place at which the power may be cut. It tells whether there is power.
func (x *till) point(where string) bool {
	if x.points.Load() > 0 && x.points.Add(-1) == 0 {
		x.cut(where)
	}
	return !x.isDead()
}

func (x *till) isDead() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dead
}

// cut takes the power: nothing more is sent, received or written, and the files are
// copied as they are. The process itself is cleared away later (bury).
func (x *till) cut(where string) {
	x.mu.Lock()
	if x.dead {
		x.mu.Unlock()
		return
	}
	x.dead = true
	conns, stops := x.conns, x.stops
	x.conns = nil
	x.mu.Unlock()
	for c := range conns {
		_ = c.Conn.Close() // in memory
	}
	for _, stop := range stops {
		stop()
	}
	x.writing.Lock()
	x.cutPath, x.cutErr = copyJournal(x.path)
	x.writing.Unlock()
	x.where = where
	x.kill()
	close(x.gone)
}

// bury ends what is left of the process after a cut.
func (x *till) bury() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = x.engine.Close(ctx) // tells that ctx has ended
	err := x.journal.Close()
	return errors.Join(x.cutErr, err, os.RemoveAll(filepath.Dir(x.path)))
}

// copyJournal copies the database and its write-ahead log, the former first: what
// is folded from the log into it meanwhile stands in both.
func copyJournal(path string) (string, error) {
	folder, err := os.MkdirTemp(filepath.Dir(filepath.Dir(path)), "till")
	if err != nil {
		return "", err
	}
	copied := filepath.Join(folder, filepath.Base(path))
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(copied+suffix, path+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return copied, nil
}

func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	target, err := os.Create(to)
	if err != nil {
		return errors.Join(err, source.Close())
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, source.Close(), target.Close())
}

func (x *till) dial(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), network, address string) (net.Conn, error) {
	if !x.point("before a connection") {
		return nil, errPower
	}
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tap := &tapped{Conn: c, till: x}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dead {
		return nil, errors.Join(errPower, c.Close())
	}
	x.conns[tap] = true
	return tap, nil
}

// tapped is a connection of the till to a terminal.
type tapped struct {
	net.Conn
	till  *till
	heard atomic.Bool
}

// Read is a point when the first bytes of the answer have arrived: the terminal has
// told, and the till may never have known.
func (c *tapped) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.heard.Swap(true) && !c.till.point("at an answer") {
		return 0, errPower
	}
	return n, err
}

func (c *tapped) Close() error {
	c.till.mu.Lock()
	delete(c.till.conns, c)
	c.till.mu.Unlock()
	return c.Conn.Close()
}

// fragile is the journal as the engine sees it. What it does not override is a read.
type fragile struct {
	engine.Journal
	x *till
}

// kept carries out a write between two points.
func kept[T any](f fragile, what string, write func() (T, error)) (T, error) {
	var none T
	if !f.x.point("before " + what) {
		return none, errPower
	}
	f.x.writing.RLock()
	if f.x.isDead() {
		f.x.writing.RUnlock()
		return none, errPower
	}
	got, err := write()
	f.x.writing.RUnlock()
	if !f.x.point("after " + what) {
		return none, errPower
	}
	return got, err
}

// look carries out a read.
func look[T any](f fragile, read func() (T, error)) (T, error) {
	if f.x.isDead() {
		var none T
		return none, errPower
	}
	return read()
}

type created struct {
	op    payment.Operation
	fresh bool
}

func (f fragile) Create(ctx context.Context, op payment.Operation, events ...payment.Event) (payment.Operation, bool, error) {
	c, err := kept(f, "a new operation", func() (created, error) {
		op, fresh, err := f.x.journal.Create(ctx, op, events...)
		return created{op, fresh}, err
	})
	return c.op, c.fresh, err
}

type appended struct {
	op       payment.Operation
	verdicts []payment.Verdict
}

func (f fragile) Append(ctx context.Context, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error) {
	what := "an event"
	if len(events) > 0 {
		what = "event " + string(events[0].Kind)
	}
	a, err := kept(f, what, func() (appended, error) {
		op, verdicts, err := f.x.journal.Append(ctx, id, events...)
		return appended{op, verdicts}, err
	})
	return a.op, a.verdicts, err
}

func (f fragile) Note(id string, events ...payment.Event) {
	f.x.writing.RLock()
	defer f.x.writing.RUnlock()
	if !f.x.isDead() {
		f.x.journal.Note(id, events...)
	}
}

func (f fragile) Log(ctx context.Context, events ...payment.Event) error {
	_, err := kept(f, "a terminal's event", func() (struct{}, error) { return struct{}{}, f.x.journal.Log(ctx, events...) })
	return err
}

func (f fragile) Serial(ctx context.Context, name string) (int64, error) {
	f.x.writing.RLock()
	defer f.x.writing.RUnlock()
	return look(f, func() (int64, error) { return f.x.journal.Serial(ctx, name) })
}

func (f fragile) Operation(ctx context.Context, id string) (payment.Operation, error) {
	return look(f, func() (payment.Operation, error) { return f.x.journal.Operation(ctx, id) })
}

func (f fragile) ByFormKey(ctx context.Context, key string) (payment.Operation, bool, error) {
	c, err := look(f, func() (created, error) {
		op, found, err := f.x.journal.ByFormKey(ctx, key)
		return created{op, found}, err
	})
	return c.op, c.fresh, err
}

func (f fragile) Open(ctx context.Context) ([]payment.Operation, error) {
	return look(f, func() ([]payment.Operation, error) { return f.x.journal.Open(ctx) })
}

func (f fragile) Related(ctx context.Context, id string) ([]payment.Operation, error) {
	return look(f, func() ([]payment.Operation, error) { return f.x.journal.Related(ctx, id) })
}

func (f fragile) Last(ctx context.Context, terminal string) (payment.Operation, bool, error) {
	c, err := look(f, func() (created, error) {
		op, found, err := f.x.journal.Last(ctx, terminal)
		return created{op, found}, err
	})
	return c.op, c.fresh, err
}

func (f fragile) Refunded(ctx context.Context, id string) (approved, open int64, err error) {
	if f.x.isDead() {
		return 0, 0, errPower
	}
	return f.x.journal.Refunded(ctx, id)
}
