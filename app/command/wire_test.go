package command_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"sync"
	"testing"
)

// wire stands between till and terminal and carries their messages in both
// directions. It gives each a name, and at a named step it does something once: a
// step is before or after a message, or its answer, is handed over.
type wire struct {
	toTerminal, toTill *httptest.Server
	transport          *http.Transport

	mu     sync.Mutex
	counts map[string]int
	seen   []string
	act    func(step string) func() // nil: nothing is done
}

// Before and after a message is handed over: what is held back is never handed over.
const (
	heldBack  = ", held back"
	delivered = ", delivered"
)

// newWire carries between a till that listens at till, and a terminal that the
// wire is told of by connect.
func newWire(t testing.TB, till string) *wire {
	// Without kept connections none of a killed till's is used for the next one.
	w := &wire{transport: &http.Transport{DisableKeepAlives: true}}
	w.reset(nil)
	w.toTill = w.server(t, till)
	return w
}

// connect tells where the terminal is, and returns where the till reaches it.
func (w *wire) connect(t testing.TB, terminal string) string {
	w.toTerminal = w.server(t, terminal)
	return w.toTerminal.Listener.Addr().String()
}

func (w *wire) server(t testing.TB, to string) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.carry(rw, r, to) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // connections of killed tills
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// reset forgets what was seen. act gives what is to be done at a step, or nil.
func (w *wire) reset(act func(step string) func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts, w.seen, w.act = map[string]int{}, nil, act
}

// steps are those that were seen, in their order.
func (w *wire) steps() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// at does what is to be done at a step, once, and tells whether there was something.
func (w *wire) at(message, phase string) bool {
	w.mu.Lock()
	key := message + phase
	w.counts[key]++
	if n := w.counts[key]; n > 1 {
		key = fmt.Sprintf("%s #%d%s", message, n, phase)
	}
	w.seen = append(w.seen, key)
	find := w.act
	w.mu.Unlock()
	if find == nil {
		return false
	}
	act := find(key)
	if act != nil {
		act()
	}
	return act != nil
}

// carry hands one message over, and its answer back.
func (w *wire) carry(rw http.ResponseWriter, r *http.Request, to string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	name := nameOf(body)
	if w.at(name, heldBack) {
		panic(http.ErrAbortHandler)
	}
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) {
		if i.Err == nil {
			w.at(name, delivered)
		}
	}})
	out, err := http.NewRequestWithContext(ctx, r.Method, (&url.URL{Scheme: "http", Host: to, Path: r.URL.Path}).String(), bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out.Header = r.Header.Clone()
	reply, err := w.transport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler) // it cannot be reached: as if the connection had broken
	}
	defer reply.Body.Close()
	answer, err := io.ReadAll(reply.Body)
	if err != nil || w.at(name+" answer", heldBack) {
		panic(http.ErrAbortHandler)
	}
	rw.Header().Set("Content-Type", reply.Header.Get("Content-Type"))
	rw.WriteHeader(reply.StatusCode)
	_, err = rw.Write(answer)
	if err == nil && http.NewResponseController(rw).Flush() == nil {
		w.at(name+" answer", delivered)
	}
}

var (
	category = regexp.MustCompile(`MessageCategory="(\w+)"`)
	notified = regexp.MustCompile(`EventToNotify="([^"]+)"`)
	shown    = regexp.MustCompile(`<OutputText>(?:\d+,)?(?:"|&#34;|&quot;)?([^<"&]{1,20})`)
)

// nameOf is what a person would call a message.
func nameOf(body []byte) string {
	found := category.FindSubmatch(body)
	if found == nil {
		return "a message without a name"
	}
	name := string(found[1])
	switch name {
	case "Event":
		if e := notified.FindSubmatch(body); e != nil {
			name += " " + string(e[1])
		}
	case "Display":
		if text := shown.FindSubmatch(body); text != nil {
			name += " \"" + string(text[1]) + "\""
		}
	}
	return name
}
