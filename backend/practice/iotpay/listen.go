package iotpay

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Handler is what the till posts to. It cuts a connection by panicking with
// http.ErrAbortHandler, which net/http's server understands; whoever serves it in
// memory must take that panic as a broken connection.
func (t *Terminal) Handler() http.Handler { return http.HandlerFunc(t.serve) }

// Time limits of the cloud's own server. There is no limit for writing: an
// answer may be held back for long.
const headerLimit = 5 * time.Second

// Listen serves the Handler on an address (":0" for any free port) and returns
// the host and port that were taken.
func (t *Terminal) Listen(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listening for the till: %w", err)
	}
	server := &http.Server{Handler: t.Handler(), ReadHeaderTimeout: headerLimit, ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelDebug)}
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return "", errors.Join(errClosed, l.Close())
	}
	t.servers = append(t.servers, server)
	t.spawnLocked(func() {
		if err := server.Serve(pluggedListener{l, t}); !errors.Is(err, http.ErrServerClosed) {
			t.log.Error("practice cloud's server ended", "error", err)
		}
	})
	t.mu.Unlock()
	return l.Addr().String(), nil
}

// pluggedListener drops connections at once while the cloud cannot be reached.
type pluggedListener struct {
	net.Listener
	t *Terminal
}

func (l pluggedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || !l.t.away() {
			return c, err
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			if err := tcp.SetLinger(0); err != nil {
				l.t.log.Debug("resetting a connection", "error", err)
			}
		}
		if err := c.Close(); err != nil {
			l.t.log.Debug("dropping a connection", "error", err)
		}
	}
}
