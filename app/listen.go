package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of a listener for terminals. There is no limit on writing: a
// signature question is answered when the cashier answers it (nexo-retailer.md 2.7).
const (
	listenHeaderTime = 5 * time.Second
	listenBodyTime   = 30 * time.Second
	listenIdleTime   = 2 * time.Minute
	listenHeaderSize = 16 << 10 // bytes
	listenPaths      = 64       // of one address
	listenCloseTime  = 3 * time.Second
)

// Listeners are the addresses on which terminals reach the till. Equal addresses
// share one server.
type Listeners struct {
	log *slog.Logger
	mu  sync.Mutex
	by  map[string]*listener
}

// NewListeners makes a set without addresses.
func NewListeners(log *slog.Logger) *Listeners {
	return &Listeners{log: log, by: map[string]*listener{}}
}

type listener struct {
	actual string
	socket net.Listener
	server *http.Server
	mu     sync.RWMutex
	paths  map[string]http.Handler
}

// Listen is payment.Deps.Listen: h serves path and all below it on address, which
// is "host:port"; port 0 takes a free one. The errors have CodeSettings.
func (l *Listeners) Listen(address, path string, h http.Handler) (string, func(), error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.by[address]
	if !ok {
		var err error
		if one, err = l.open(address); err != nil {
			return "", nil, err
		}
	}
	path = "/" + strings.Trim(path, "/")
	if err := one.add(path, h); err != nil {
		return "", nil, err
	}
	l.by[address] = one
	return one.actual, sync.OnceFunc(func() { l.leave(address, path) }), nil
}

func (l *Listeners) open(address string) (*listener, error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, err)
	}
	one := &listener{actual: socket.Addr().String(), socket: socket, paths: map[string]http.Handler{}}
	one.server = &http.Server{
		Handler:           bounded(one),
		ReadHeaderTimeout: listenHeaderTime,
		IdleTimeout:       listenIdleTime,
		MaxHeaderBytes:    listenHeaderSize,
		ErrorLog:          slog.NewLogLogger(l.log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := one.server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			l.log.Error("the listener for terminals ended", "address", one.actual, "error", err)
		}
	}()
	l.log.Info("listening for terminals", "address", one.actual)
	return one, nil
}

// listenError words why an address cannot be listened on.
func listenError(address string, err error) error {
	text := fmt.Sprintf("The address %q, on which the terminal is to reach the till, cannot be used. Check the setting \"listen\" (host:port).", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		text = fmt.Sprintf("The address %s, on which the terminal is to reach the till, is in use by another program. Choose another port here and on the terminal, end the other program, or use light mode, which needs no listener.", address)
	}
	return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo, Text: text, Err: err}
}

// add gives a path to a handler.
func (o *listener) add(path string, h http.Handler) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, taken := o.paths[path]; taken || len(o.paths) >= listenPaths {
		return &payment.Error{Code: payment.CodeSettings, Sent: payment.SentNo,
			Text: fmt.Sprintf("The path %s on %s is already used by another terminal of this till. Give this one another \"listen\" address.", path, o.actual)}
	}
	o.paths[path] = h
	return nil
}

// leave ends a path, and the server with its last one.
func (l *Listeners) leave(address, path string) {
	l.mu.Lock()
	one := l.by[address]
	if one == nil {
		l.mu.Unlock()
		return
	}
	one.mu.Lock()
	delete(one.paths, path)
	empty := len(one.paths) == 0
	one.mu.Unlock()
	if empty {
		delete(l.by, address)
	}
	l.mu.Unlock()
	if empty {
		l.end(one)
	}
}

// Close ends all servers. It waits a moment for answers under way.
func (l *Listeners) Close() {
	l.mu.Lock()
	all := l.by
	l.by = map[string]*listener{}
	l.mu.Unlock()
	for _, one := range all {
		l.end(one)
	}
}

func (l *Listeners) end(one *listener) {
	ctx, cancel := context.WithTimeout(context.Background(), listenCloseTime)
	defer cancel()
	if err := one.server.Shutdown(ctx); err != nil {
		l.log.Warn("an exchange with a terminal was cut off at the end", "address", one.actual, "error", errors.Join(err, one.server.Close()))
	}
	_ = one.socket.Close() // a server that has not begun to serve yet leaves it open for a moment
}

// ServeHTTP finds the handler with the longest path that fits.
func (o *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.RLock()
	var found http.Handler
	length := -1
	for path, h := range o.paths {
		fits := path == "/" || r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/")
		if fits && len(path) > length {
			found, length = h, len(path)
		}
	}
	o.mu.RUnlock()
	if found == nil {
		http.NotFound(w, r)
		return
	}
	found.ServeHTTP(w, r)
}

// bounded gives every body a time limit that ends with the body. The server's
// ReadTimeout would also end requests that wait for the cashier.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.SetReadDeadline(time.Now().Add(listenBodyTime)); err == nil {
			r.Body = &timedBody{ReadCloser: r.Body, done: func() { _ = control.SetReadDeadline(time.Time{}) }}
		}
		next.ServeHTTP(w, r)
	})
}

type timedBody struct {
	io.ReadCloser
	done func() // a connection that is gone needs no limit
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.done()
	}
	return n, err
}
