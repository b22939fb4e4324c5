package simulate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

var errPower = errors.New("the power is gone")

// till is one run of the till's process, from its start until it is closed or its
// power is cut. It stands between the engine, its journal and its network, so that
// the cut may fall before or after any commit, connection or answer.
type till struct {
	engine  *engine.Engine
	journal *journal.Journal
	path    string
	writer  *sqlite3.SQLiteConn
	jitter  jitter
	now     func() time.Time
	gone    chan struct{} // closed when the power is cut
	left    chan struct{} // closed when it is no longer the running one
	alive   context.Context
	kill    context.CancelFunc

	// writing is held for reading while the journal is written to, so that a cut
	// leaves finished commits only, and the file as it was at that moment.
	writing sync.RWMutex
	points  atomic.Int64 // how many more until the power is cut; 0: it is not
	torn    atomic.Bool  // then in the middle of a write
	failing atomic.Int64 // so many writes to come fail
	off     atomic.Int64 // how long the power stays away then, in nanoseconds
	where   string       // the point at which it was cut
	cutPath string       // the files as the cut left them
	cutErr  error
	tore    bool // in the middle of a write

	mu    sync.Mutex
	dead  bool
	conns map[*hold]bool
	stops []func()
}

func newTill(ctx context.Context, path string, j jitter, now func() time.Time) (*till, error) {
	x := &till{path: path, jitter: j, now: now, gone: make(chan struct{}), left: make(chan struct{}), conns: map[*hold]bool{}}
	x.alive, x.kill = context.WithCancel(ctx)
	var err error
	if x.journal, err = journal.Open(ctx, path, journal.Options{Now: now}); err != nil {
		return nil, err
	}
	x.writer, err = writerTo(path)
	return x, err
}

// begin starts the engine with its terminals.
func (x *till) begin(n *network, newID func() string, stations []*station) error {
	x.engine = engine.New(engine.Options{Journal: fragile{x.journal, x}, NewID: newID, Now: x.now})
	listen := func(address, path string, handler http.Handler) (string, func(), error) {
		stop, err := n.listen(address, path, handler, x)
		if err == nil {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.stops = append(x.stops, stop)
		}
		return address, stop, err
	}
	providers := map[*protocol]payment.Provider{}
	for i, s := range stations {
		if providers[s.protocol] == nil {
			providers[s.protocol] = spaced{s.protocol.provider(), x.jitter}
		}
		time.Sleep(x.jitter.of("add", []byte(terminalName(i))))
		err := x.engine.Add(x.alive, engine.Terminal{Name: terminalName(i), Provider: providers[s.protocol], Settings: s.settings, Transport: line{n, x}, Test: true,
			Software: payment.Software{Maker: "Paydesk", Name: "Paydesk", Version: "test"}}, listen)
		if err != nil {
			return err
		}
	}
	return nil
}

// spaced has two messages that are made at one instant numbered at two.
type spaced struct {
	payment.Provider
	jitter jitter
}

func (p spaced) Open(ctx context.Context, name string, s payment.Settings, deps payment.Deps) (payment.Terminal, error) {
	draw := deps.Serial
	deps.Serial = func(ctx context.Context) (int64, error) {
		time.Sleep(p.jitter.of("serial", []byte(name), callers()))
		return draw(ctx)
	}
	newID := deps.NewID
	deps.NewID = func() string {
		time.Sleep(p.jitter.of("id", []byte(name), callers()))
		return newID()
	}
	return p.Provider.Open(ctx, name, s, deps)
}

// callers names who wants a number or an id: which message it is for is not told otherwise.
func callers() []byte {
	const skipped, depth = 3, 6 // runtime.Callers, callers and its caller
	where := make([]uintptr, depth)
	frames := runtime.CallersFrames(where[:runtime.Callers(skipped, where)])
	var names []byte
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function...)
		if !more {
			return names
		}
	}
}

func terminalName(i int) string { return fmt.Sprintf("t%d", i+1) }

// hold is an open connection of the till.
type hold struct {
	cut context.CancelCauseFunc
	key uint64 // of its own
}

// joins keeps a connection that a cut will break. False: there is no power.
func (x *till) joins(c *hold) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.dead {
		x.conns[c] = true
	}
	return !x.dead
}

func (x *till) parts(c *hold) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.conns, c)
}

// point is a place at which the power may be cut. It tells whether there is power.
func (x *till) point(where string) bool {
	if x.torn.Load() && x.points.Load() == 1 {
		return !x.isDead() // the next write it will be (fragile_test.go)
	}
	if x.points.Load() > 0 && x.points.Add(-1) == 0 {
		x.cut(where, nil)
	}
	return !x.isDead()
}

func (x *till) isDead() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dead
}

// cut takes the power: nothing more is sent, received or written, and the files are
// copied as they are, or as they are in the middle of a write. The process itself is
// cleared away later (bury).
func (x *till) cut(where string, write func()) {
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
		go func() { // they break one by one
			time.Sleep(x.jitter.of("cut", binary.LittleEndian.AppendUint64(nil, c.key)))
			c.cut(errPower)
		}()
	}
	for _, stop := range stops {
		stop()
	}
	x.writing.Lock()
	x.cutPath, x.cutErr = copyJournal(x.path)
	if write != nil && x.cutErr == nil {
		write()
		x.tore, x.cutErr = tear(x.cutPath, x.path, x.jitter.draw("tear"))
	}
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
