package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// headerLimit bounds how long a till may take for the head of a request. There is
// no limit for writing: an answer may be held back for minutes, or on purpose.
const headerLimit = 5 * time.Second

// ErrEnded says that a practice terminal was closed.
var ErrEnded = errors.New("the practice terminal is closed")

// Life is a practice terminal's, from New to Close: the parts that run and the
// servers that listen. It is safe for several goroutines, also for those that hold
// the terminal's own mutex.
type Life struct {
	// Ctx ends when Close begins.
	Ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	ended   bool
	servers []*http.Server
}

// NewLife begins one.
func NewLife() *Life {
	l := &Life{}
	l.Ctx, l.stop = context.WithCancel(context.Background())
	return l
}

// Spawn runs a part of the terminal that End waits for. It says whether the part
// was started; after End nothing is.
func (l *Life) Spawn(part func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.work.Go(part)
	return true
}

// Ended says that End was called.
func (l *Life) Ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// Sleep waits; false when the life or done ended meanwhile. Done may be nil.
func (l *Life) Sleep(done <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return l.Ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.Ctx.Done():
	case <-done:
	}
	return false
}

// Listen serves the handler on an address (":0" for any free port) and returns the
// host and port that were taken. While away says so, connections are reset at once;
// it may be nil.
func (l *Life) Listen(addr string, h http.Handler, log *slog.Logger, away func() bool) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listening for the till: %w", err)
	}
	server := &http.Server{Handler: l.answering(h), ReadHeaderTimeout: headerLimit, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return "", errors.Join(ErrEnded, listener.Close())
	}
	l.servers = append(l.servers, server)
	l.work.Go(func() {
		if err := server.Serve(plugged{listener, log, away}); !errors.Is(err, http.ErrServerClosed) {
			log.Error("a practice terminal's server ended", "error", err)
		}
	})
	return listener.Addr().String(), nil
}

// answering has End wait for the requests that are being answered: what they write down
// belongs to the terminal's life.
func (l *Life) answering(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		if l.ended {
			l.mu.Unlock()
			panic(http.ErrAbortHandler) // nobody is there any more
		}
		l.work.Add(1)
		l.mu.Unlock()
		defer l.work.Done()
		h.ServeHTTP(w, r)
	})
}

// plugged drops connections at once while nobody is to be reached.
type plugged struct {
	net.Listener
	log  *slog.Logger
	away func() bool
}

func (p plugged) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err != nil || p.away == nil || !p.away() {
			return c, err
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			if err := tcp.SetLinger(0); err != nil {
				p.log.Debug("resetting a connection", "error", err)
			}
		}
		if err := c.Close(); err != nil {
			p.log.Debug("dropping a connection", "error", err)
		}
	}
}

// End stops everything, waits for all parts and then calls last. When it is called
// again it does nothing.
func (l *Life) End(last ...func() error) error {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return nil
	}
	l.ended = true
	servers := l.servers
	l.mu.Unlock()
	l.stop()
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Close())
	}
	l.work.Wait()
	for _, f := range last {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Line is a line that can be cut: a network cable, or the way to a cloud.
type Line struct {
	mu  sync.Mutex
	cut chan struct{} // closed while the line is cut
}

// NewLine makes a whole line.
func NewLine() *Line { return &Line{cut: make(chan struct{})} }

// Cut is closed when the line is cut next, or now.
func (l *Line) Cut() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// Whole says that the line is not cut.
func (l *Line) Whole() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wholeLocked()
}

func (l *Line) wholeLocked() bool {
	select {
	case <-l.cut:
		return false
	default:
		return true
	}
}

// Plug mends the line, or cuts it.
func (l *Line) Plug(whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch is := l.wholeLocked(); {
	case whole && !is:
		l.cut = make(chan struct{})
	case !whole && is:
		close(l.cut)
	}
}
