package pockyt

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// headerLimit bounds how long a till may take for the head of a request. There is no
// limit for writing: an answer may be held back on purpose.
const headerLimit = 5 * time.Second

// Handler is what the till asks (pockyt.md 3). It cuts a connection by panicking with
// http.ErrAbortHandler, which net/http's server understands; whoever serves it in
// memory must take that panic as a broken connection.
func (c *Cloud) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, call := range map[string]struct {
		kind string
		work func(*exchange) answer
	}{
		"/app-instore/v3/add":                 {"add", c.addLocked},
		"/app-instore/v3/prepay":              {"prepay", c.prepayLocked},
		"/app-instore/v3/pay":                 {"prepay", c.prepayLocked}, // its older name
		"/app-instore/v3/create-trans-qrcode": {"qr", c.createQRLocked},
		"/app-data-search/v3/tran-query":      {"query", c.queryLocked},
		"/app-data-search/v3/cancel":          {"cancel", c.cancelLocked},
		"/app-data-search/v3/refund":          {"refund", c.refundLocked},
	} {
		mux.HandleFunc(path, c.route(call.kind, call.work))
	}
	old := func(w http.ResponseWriter, r *http.Request) {
		c.violate(fmt.Sprintf("%s %s is no path of version 3", r.Method, bench.Shorten(r.URL.Path)))
		c.write(&exchange{w: w, r: r}, refuse("000010", "API version error"))
	}
	mux.HandleFunc("/app-instore/v2/", old)
	mux.HandleFunc("/app-data-search/v2/", old)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		c.violate(fmt.Sprintf("%s %s does not exist", r.Method, bench.Shorten(r.URL.Path)))
		http.NotFound(w, r)
	})
	return mux
}

// Listen serves the Handler on an address (":0" for any free port) and returns the
// host and port that were taken.
func (c *Cloud) Listen(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listening for the till: %w", err)
	}
	server := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: headerLimit, ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelDebug)}
	c.mu.Lock()
	defer c.mu.Unlock()
	started := c.life.Spawn(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			c.log.Error("practice cloud's server ended", "error", err)
		}
	})
	if !started {
		return "", errors.Join(errClosed, l.Close())
	}
	c.servers = append(c.servers, server)
	return l.Addr().String(), nil
}
