package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"
)

// network carries messages between the till and its terminals, in memory: each post
// is one connection, and every message on it takes a time of its own, so that what
// follows from one message never happens at the same instant as what follows from
// another. What becomes of a message on its way is its fate (fate_test.go).
type network struct {
	jitter  jitter
	weather *weather
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup // handlers, and copies of messages

	mu     sync.Mutex
	places map[string]*place    // by "host:port"
	spoken map[string]*protocol // at each of them
}

// place is where somebody listens.
type place struct {
	handler http.Handler
	till    *till         // whose listener it is; nil: a terminal's
	unheard time.Time     // before that nobody can connect
	gone    chan struct{} // closed when it listens no more
}

func newNetwork(j jitter, w *weather) *network {
	n := &network{jitter: j, weather: w, places: map[string]*place{}, spoken: map[string]*protocol{}}
	n.ctx, n.end = context.WithCancel(context.Background())
	return n
}

// close hangs up everywhere and waits for the end.
func (n *network) close() {
	n.end()
	n.work.Wait()
}

// listen serves handler on address until stop is called.
func (n *network) listen(address, path string, handler http.Handler, x *till) (stop func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.places[address] != nil {
		return nil, fmt.Errorf("address %s is taken", address)
	}
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	p := &place{handler: mux, till: x, gone: make(chan struct{})}
	n.places[address] = p
	return sync.OnceFunc(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.places[address] == p {
			delete(n.places, address)
		}
		close(p.gone)
	}), nil
}

// belong says what is spoken at a terminal's address, and where the till listens for it.
func (n *network) belong(address, listener string, p *protocol) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.spoken[address], n.spoken[listener] = p, p
}

func (n *network) protocol(address string) *protocol {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.spoken[address]
}

// deafen takes whoever listens on address off the network for a while.
func (n *network) deafen(address string, lasts time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.places[address]; p != nil {
		p.unheard = time.Now().Add(lasts)
	}
}

func (n *network) at(address string) *place {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.places[address]
	if p == nil || time.Now().Before(p.unheard) {
		return nil
	}
	return p
}

// line is the transport of one side: of a till, or of the terminals.
type line struct {
	n    *network
	till *till // nil: a terminal posts
}

var errBroken = errors.New("connection reset by peer")

// RoundTrip carries a request there and its answer back. That it failed, a terminal
// learns a moment later: lines that break together are not heard of together.
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	var raw []byte
	var torn error
	if r.Body != nil {
		raw, torn = io.ReadAll(r.Body)
		if err := errors.Join(torn, r.Body.Close()); err != nil && len(raw) == 0 {
			return nil, err
		}
	}
	m := newMessage(l, r, raw)
	if m.spoken == nil { // an address that is nobody's
		time.Sleep(l.n.jitter.of("nobody", m.told))
		return nil, refused(r.URL.Host)
	}
	answer, err := l.carry(r, m, torn)
	if err != nil && l.till == nil {
		time.Sleep(l.n.jitter.of("broken", m.told))
	}
	return answer, err
}

func refused(address string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connection to %s refused", address)}
}

// message is a request on its way, and what is needed to decide its fate.
type message struct {
	raw    []byte
	told   []byte // what tells it from others, the same in every run
	secret bool   // the answer is another one in every run
	path   string
	spoken *protocol
	byTill bool
}

// newMessage leaves out of told what is signed with a key of the process.
func newMessage(l line, r *http.Request, raw []byte) message {
	m := message{raw: raw, told: raw, path: r.URL.Path, spoken: l.n.protocol(r.URL.Host), byTill: l.till != nil}
	switch {
	case strings.HasSuffix(m.path, "/token"):
		m.told, m.secret = []byte(r.URL.Path), true
	case m.spoken != nexoProtocol:
		m.told = slices.Concat([]byte(r.Method+" "+r.URL.String()+" "), raw)
	}
	return m
}

// back is what tells the answer from others.
func (m message) back(body []byte) []byte {
	switch {
	case m.secret:
		return m.told
	case m.spoken != nexoProtocol:
		return slices.Concat(m.told, body)
	}
	return body
}

// carry tells by httptrace what net/http's own transport tells: the till takes its
// proof that nothing was sent from there.
func (l line) carry(r *http.Request, m message, torn error) (*http.Response, error) {
	address := r.URL.Host
	trace := httptrace.ContextClientTrace(r.Context())
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(address)
	}
	ctx, hangUp := context.WithCancelCause(r.Context())
	defer hangUp(nil)
	open := &hold{hangUp, l.n.jitter.draw("hold", m.told)}
	if l.till != nil {
		if !l.till.point("before a connection") || !l.till.joins(open) {
			return nil, errPower
		}
		defer l.till.parts(open)
	}
	fate := l.n.weather.there(l.n.jitter, m)
	if err := pause(ctx, l.n.jitter.of("there", m.told)+fate.delay); err != nil {
		return nil, err
	}
	p := l.n.at(address)
	if p == nil || fate.refuse {
		return nil, refused(address)
	}
	if p.till != nil {
		if !p.till.point("at a terminal's message") || !p.till.joins(open) {
			return nil, errBroken
		}
		defer p.till.parts(open)
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{Err: torn})
	}
	return l.answer(ctx, r, p, m, torn != nil, fate)
}

// answer delivers the request and brings the answer back.
func (l line) answer(ctx context.Context, r *http.Request, p *place, m message, torn bool, there fate) (*http.Response, error) {
	if there.lost {
		if err := pause(ctx, there.silence); err != nil {
			return nil, err
		}
		return nil, errBroken
	}
	sent := there.change(m.raw, m.spoken.names)
	torn = torn || there.keep > 0
	d := l.n.deliver(ctx, p, r, sent, torn)
	if there.again > 0 {
		l.n.copies(p, r, m.raw, there.again, d.done)
	}
	gone := p.gone
	if p.till != nil {
		gone = nil // a till's lines break one by one (till.cut)
	}
	select {
	case <-d.done:
	case <-gone:
		return nil, errBroken
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), ctx.Err())
	}
	if d.broken || torn {
		return nil, errBroken
	}
	if p.till != nil && !p.till.point("after a terminal's message") {
		return nil, errBroken
	}
	body := d.recorder.Body.Bytes()
	back := l.n.weather.back(l.n.jitter, m, body)
	if err := pause(ctx, l.n.jitter.of("back", m.back(body))+back.delay); err != nil {
		return nil, err
	}
	if back.lost {
		if err := pause(ctx, back.silence); err != nil {
			return nil, err
		}
		return nil, errBroken
	}
	if l.till != nil && !l.till.point("at an answer") {
		return nil, errPower
	}
	answer := d.recorder.Result()
	if changed := back.change(body, m.spoken.names); back.keep > 0 {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(changed), breaking{}))
	} else {
		answer.Body = io.NopCloser(bytes.NewReader(changed))
	}
	answer.Request = r
	return answer, nil
}

// delivery is a request in somebody's hands.
type delivery struct {
	recorder *httptest.ResponseRecorder
	broken   bool // the handler broke the connection
	done     chan struct{}
}

// deliver has the handler take a request. The fields may be read once done is closed.
func (n *network) deliver(ctx context.Context, p *place, of *http.Request, raw []byte, torn bool) *delivery {
	d := &delivery{recorder: httptest.NewRecorder(), done: make(chan struct{})}
	var body io.Reader = bytes.NewReader(raw)
	if torn {
		body = io.MultiReader(body, breaking{})
	}
	r := &http.Request{Method: of.Method, URL: of.URL, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: of.URL.Host,
		Header: of.Header.Clone(), Body: io.NopCloser(body), ContentLength: int64(len(raw)),
		RemoteAddr: "127.0.0.1:1"}
	n.work.Go(func() {
		defer close(d.done)
		defer func() {
			if cause := recover(); cause != nil {
				if cause != http.ErrAbortHandler {
					panic(cause)
				}
				d.broken = true
			}
		}()
		p.handler.ServeHTTP(d.recorder, r.WithContext(ctx))
	})
	return d
}

// copies brings a message a second time, while the first is still open: a repeat of
// what was answered is another request to every terminal. Nobody waits for its answer.
func (n *network) copies(p *place, of *http.Request, raw []byte, after time.Duration, first <-chan struct{}) {
	n.work.Go(func() {
		select {
		case <-first:
			return
		case <-time.After(after):
		}
		if p.till != nil && p.till.isDead() {
			return
		}
		ctx, cancel := context.WithCancel(n.ctx)
		defer cancel()
		select {
		case <-n.deliver(ctx, p, of, raw, false).done:
		case <-p.gone:
		case <-ctx.Done():
		}
	})
}

// breaking is a connection that breaks.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// pause waits, unless ctx ends before.
func pause(ctx context.Context, lasts time.Duration) error {
	timer := time.NewTimer(lasts)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), ctx.Err())
	}
}
