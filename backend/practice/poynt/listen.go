package poynt

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Handler is what the till asks. It cuts a connection by panicking with
// http.ErrAbortHandler, which net/http's server understands; whoever serves it in
// memory must take that panic as a broken connection.
func (c *Cloud) Handler() http.Handler {
	mux := http.NewServeMux()
	b := "/businesses/{business}"
	mux.HandleFunc("POST /token", c.route("token", rightNone, c.token))
	mux.HandleFunc("POST /cloudMessages", c.route("message", rightMessages, c.cloudMessage))

	mux.HandleFunc("GET /businesses", c.route("discovery", rightBusiness, c.businessOfDevice))
	mux.HandleFunc("GET "+b, c.route("discovery", rightBusiness, c.business))
	mux.HandleFunc("GET "+b+"/stores/{store}", c.route("discovery", rightBusiness, c.store))
	mux.HandleFunc("GET "+b+"/stores/{store}/merchant-payment-accounts", c.route("discovery", rightBusiness, c.accounts))
	mux.HandleFunc("GET /terminal-ids", c.route("discovery", rightBusiness, c.terminalIDs))

	mux.HandleFunc("GET "+b+"/transactions", c.route("list", rightRead, c.list))
	mux.HandleFunc("GET "+b+"/transactions/{id}", c.route("lookup", rightRead, c.lookup))
	mux.HandleFunc("POST "+b+"/transactions", c.route("refund", rightWrite, c.refund))
	mux.HandleFunc("POST "+b+"/transactions/cancel", c.route("cancel", rightWrite, c.reverse))
	mux.HandleFunc("POST "+b+"/transactions/{id}/void", c.route("void", rightWrite, c.void))
	mux.HandleFunc("POST "+b+"/transactions/{id}/capture", c.route("capture", rightWrite, c.capture))
	// The endpoint of adjustments was not read (poynt.md 13); it is guessed here.
	mux.HandleFunc("PATCH "+b+"/transactions/{id}", c.route("adjust", rightWrite, c.adjust))
	mux.HandleFunc("POST "+b+"/transactions/{id}/adjust", c.route("adjust", rightWrite, c.adjust))

	// The developer portal: what a till needs to know, and the application's private
	// key, which protects nothing.
	mux.HandleFunc("GET /practice/private-key.pem", func(w http.ResponseWriter, _ *http.Request) {
		c.handOut(w, "application/x-pem-file", []byte(c.portal))
	})
	mux.HandleFunc("GET /practice/settings.json", c.settings)
	mux.HandleFunc("/", c.route("discovery", rightNone, func(x *exchange) answer {
		c.log.Violate(fmt.Sprintf("%s %s does not exist", x.r.Method, bench.Shorten(x.r.URL.Path)))
		return refuse("INVALID_URL_PATTERN", "There is nothing at this address.")
	}))
	return mux
}

// settings hands out what a till in another process is set up with.
func (c *Cloud) settings(w http.ResponseWriter, r *http.Request) {
	all := Settings(r.Host)
	all["private-key"] = c.portal
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	c.handOut(w, "application/json", append(raw, '\n'))
}

func (c *Cloud) handOut(w http.ResponseWriter, kind string, raw []byte) {
	w.Header().Set("Content-Type", kind)
	if _, err := w.Write(raw); err != nil {
		c.log.Debug("handing something out", "error", err)
	}
}

// Listen serves the Handler on an address (":0" for any free port) and returns
// the host and port that were taken.
func (c *Cloud) Listen(addr string) (string, error) {
	taken, err := c.life.Listen(addr, c.Handler(), c.log.Logger, nil)
	if err == nil {
		c.log.Note("A till's settings stand at http://" + taken + "/practice/settings.json")
	}
	return taken, err
}
