package callback

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of a door.
const (
	// Limit is the size of a body, after decompression, where Options gives none.
	Limit = 256 << 10 // bytes
	// atOnce is how many deliveries are dealt with side by side; more are asked to
	// come again.
	atOnce = 64
	// keepTime ends the wait for the inbox: the sender is told to come again. It lies
	// below the 3 s that the most impatient sender waits (poynt.md 9.2).
	keepTime = 2500 * time.Millisecond
	// strays is how many deliveries that belong to no attempt of ours are stored
	// within strayWindow; those beyond are acknowledged and only logged.
	strays      = 100
	strayWindow = time.Hour
)

// Options of a door. Inbox, Name and Read are needed.
type Options struct {
	Name    string // of a delivery in the timeline: "PaymentCallback"
	Inbox   payment.Inbox
	Allowed []netip.Prefix // who may deliver; empty: everybody
	Limit   int64          // bytes of a body, after decompression; 0: Limit
	// Known tells, from path and headers, whether the sender knows our secret; nil:
	// no secret is asked for. To those who do not know it there is nothing here.
	Known func(*http.Request) bool
	// Read finds the key and the reference of a delivery, and redacts its body. What
	// cannot be read gets a Fault; its key may stay empty.
	Read func(*http.Request, []byte) payment.Delivery
	// Take is told of a delivery once it is stored, with its body as it came; fresh is
	// false when it came before. It returns at once. Nil: nobody is told.
	Take func(d payment.Delivery, body []byte, fresh bool)
	// Answer acknowledges a delivery that is stored; nil: 200 without a body.
	Answer func(http.ResponseWriter, payment.Delivery)
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: nothing is logged
}

// Door is the handler of one terminal's deliveries.
type Door struct {
	o     Options
	slots chan struct{}
	probe string // known to this process alone

	mu    sync.Mutex
	since time.Time // of the window of strays
	stray int
}

// New makes a door.
func New(o Options) *Door {
	if o.Limit == 0 {
		o.Limit = Limit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Answer == nil {
		o.Answer = func(w http.ResponseWriter, _ payment.Delivery) { w.WriteHeader(http.StatusOK) }
	}
	return &Door{o: o, slots: make(chan struct{}, atOnce), probe: newProbe()}
}

// ServeHTTP takes one delivery: POST, plain or gzip.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if d.probed(w, r) {
		return
	}
	if !d.allowed(r) || (d.o.Known != nil && !d.o.Known(r)) {
		d.o.Log.Warn("a delivery was turned away", "name", d.o.Name, "from", r.RemoteAddr)
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST is taken here", http.StatusMethodNotAllowed)
		return
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	default:
		again(w)
		return
	}
	body, status, err := d.body(r)
	if err != nil {
		d.o.Log.Warn("a delivery cannot be read", "name", d.o.Name, "from", r.RemoteAddr, "error", err)
		d.refused(r, status, err)
		http.Error(w, err.Error(), status)
		return
	}
	d.take(w, r, body)
}

// take has a delivery read, stores it, and acknowledges it.
func (d *Door) take(w http.ResponseWriter, r *http.Request, body []byte) {
	got := d.o.Read(r, body)
	if got.Key == "" {
		got.Key = Fingerprint(body)
	}
	got, stored, fresh, err := d.store(r, got)
	if err != nil {
		again(w)
		return
	}
	if stored && d.o.Take != nil {
		d.o.Take(got, body, fresh)
	}
	d.o.Answer(w, got)
}

// refused keeps that something came whose body was not taken, so that somebody sees it:
// in the timeline of the attempt where the path alone names one. A flood of them is kept
// once an hour.
func (d *Door) refused(r *http.Request, status int, why error) {
	got := d.o.Read(r, nil)
	got.Body, got.Fault = "", "its body was not taken: "+why.Error()
	got.Key = Fingerprint(fmt.Appendf(nil, "refused %s %d %d", got.Reference, status, d.o.Now().Truncate(strayWindow).Unix()))
	_, _, _, _ = d.store(r, got) // what fails is in the log, and the sender is refused in any case
}

// store keeps a delivery. stored is false where there is no room for one more stray.
func (d *Door) store(r *http.Request, got payment.Delivery) (_ payment.Delivery, stored, fresh bool, err error) {
	got.Name, got.From, got.At = d.o.Name, r.RemoteAddr, d.o.Now()
	if got.Reference == "" && !d.room() {
		d.o.Log.Warn("too many deliveries that are not ours: one more was not stored", "name", d.o.Name, "from", r.RemoteAddr)
		return got, false, false, nil
	}
	// The sender may leave while the disk is slow: what arrived is stored all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), keepTime)
	defer cancel()
	if fresh, err = d.o.Inbox.Keep(ctx, got); err != nil {
		d.o.Log.Error("a delivery could not be stored", "name", d.o.Name, "from", r.RemoteAddr, "error", err)
	}
	return got, true, fresh, err
}

// again asks the sender to deliver once more.
func again(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, "not stored, deliver it again", http.StatusServiceUnavailable)
}

// room tells whether one more stray may be stored.
func (d *Door) room() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.o.Now(); now.Sub(d.since) >= strayWindow || now.Before(d.since) {
		d.since, d.stray = now, 0
	}
	d.stray++
	return d.stray <= strays
}

func (d *Door) allowed(r *http.Request) bool {
	if len(d.o.Allowed) == 0 {
		return true
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(d.o.Allowed, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) })
}

// errBig is a body beyond the limit, also one that only unpacks to that.
var errBig = errors.New("the body is too large")

// body reads a whole body within the limit.
func (d *Door) body(r *http.Request) ([]byte, int, error) {
	var from io.Reader = io.LimitReader(r.Body, d.o.Limit+1)
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, http.StatusBadRequest, fmt.Errorf("the body is not gzip: %w", err)
		}
		from = io.LimitReader(unpacked, d.o.Limit+1)
	default:
		return nil, http.StatusUnsupportedMediaType, fmt.Errorf("the encoding %.20q is not understood", encoding)
	}
	body, err := io.ReadAll(from)
	switch {
	case err != nil:
		return nil, http.StatusBadRequest, fmt.Errorf("the body ended early: %w", err)
	case int64(len(body)) > d.o.Limit:
		return nil, http.StatusRequestEntityTooLarge, errBig
	}
	return body, http.StatusOK, nil
}
