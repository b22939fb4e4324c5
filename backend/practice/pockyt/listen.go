package pockyt

import (
	"fmt"
	"net/http"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

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
	return c.life.Listen(addr, c.Handler(), c.log.Logger, nil)
}
