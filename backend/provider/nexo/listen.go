package nexo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

const (
	listenPath = "/EPASSaleToPOI/"
	// strayEvery bounds how often strangers on the network can write into the journal.
	strayEvery = time.Minute
)

// board is one listener: it gives every message to the terminal of its POIID
// (nexo-retailer.md 2.2).
type board struct {
	stop func()

	mu        sync.Mutex
	terminals []*Terminal
	stray     time.Time // when the last stranger was noted
	strays    int       // how many came since
}

// join has t hear what comes in on address. The returned function ends that. Port 0
// takes a free port, so that each such terminal has a listener of its own.
func (p *Provider) join(address string, t *Terminal) (leave func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	shared := !strings.HasSuffix(address, ":0")
	b := p.boards[address]
	if b == nil || !shared {
		b = &board{}
		actual, stop, err := t.deps.Listen(address, listenPath, b)
		if err != nil {
			bad := badSetting("listen", fmt.Sprintf("Paydesk cannot listen on %s for the terminal. Another program may use the port: choose another one here and in the terminal, or set mode to light.", address))
			bad.Err = err
			return nil, bad
		}
		b.stop = stop
		t.note(t.deps.Session, payment.ReasonNone, "Listening for the terminal on "+actual+".")
		if shared {
			p.boards[address] = b
		}
	}
	if other := b.find(t.settings.poiID); other != nil {
		return nil, badSetting("poiid", fmt.Sprintf("terminal %s has the same id on the same listener.", other.name))
	}
	b.mu.Lock()
	b.terminals = append(b.terminals, t)
	b.mu.Unlock()
	return sync.OnceFunc(func() { p.part(address, b, t) }), nil
}

// part takes t off; the last one ends the listener.
func (p *Provider) part(address string, b *board, t *Terminal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.mu.Lock()
	b.terminals = slices.DeleteFunc(b.terminals, func(o *Terminal) bool { return o == t })
	empty := len(b.terminals) == 0
	b.mu.Unlock()
	if empty {
		if p.boards[address] == b {
			delete(p.boards, address)
		}
		b.stop()
	}
}

func (b *board) find(poiID string) *Terminal {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.terminals {
		if t.settings.poiID == poiID {
			return t
		}
	}
	return nil
}

// ServeHTTP takes one message of a terminal. Whatever happens, it is answered and
// never fatal.
func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if cause := recover(); cause != nil {
			b.strange(fmt.Sprintf("A message from %s could not be handled: %v.", r.RemoteAddr, cause))
			w.WriteHeader(http.StatusInternalServerError)
		}
	}()
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		status := http.StatusBadRequest
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			status = http.StatusRequestEntityTooLarge
		}
		b.strange(fmt.Sprintf("A message from %s could not be read: %v.", r.RemoteAddr, err))
		w.WriteHeader(status)
		return
	}
	m, err := decode(body)
	if err == nil && m.XMLName.Local != rootRequest {
		err = fmt.Errorf("root element is %s", m.XMLName.Local)
	}
	if err != nil {
		b.strange(fmt.Sprintf("A message from %s is not a nexo request (%v): %s", r.RemoteAddr, err, firstOf(body)))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	t := b.find(m.Header.POIID)
	if t == nil {
		b.strange(fmt.Sprintf("%s from %s is for POIID %q, which is no terminal here; it was ignored.", short(m.name()), r.RemoteAddr, short(m.Header.POIID)))
		w.WriteHeader(http.StatusNoContent)
		return
	}
	// A terminal whose address changed tells so from the new one (nexo-retailer.md 2.8).
	if m.TransmitRequest == nil && !t.sender.allows(r.Context(), r.RemoteAddr) {
		b.strange(fmt.Sprintf("%s for terminal %s came from %s, not from its address; it was ignored.", short(m.name()), t.name, r.RemoteAddr))
		w.WriteHeader(http.StatusNoContent)
		return
	}
	t.receive(w, r, m, body)
}

const maxFirst = 200

// firstOf shows the beginning of a body that nobody can read, redacted.
func firstOf(body []byte) string {
	return record(body[:min(len(body), maxFirst)])
}

// strange notes a stranger on all terminals of the board, at most one a minute.
func (b *board) strange(text string) {
	b.mu.Lock()
	now := time.Now()
	if now.Sub(b.stray) < strayEvery {
		b.strays++
		b.mu.Unlock()
		return
	}
	more := b.strays
	b.stray, b.strays = now, 0
	terminals := slices.Clone(b.terminals)
	b.mu.Unlock()
	if more > 0 {
		text += fmt.Sprintf(" (%d more since the last such note)", more)
	}
	for _, t := range terminals {
		t.note(t.deps.Session, payment.ReasonForeign, text)
	}
}

// sender knows from where a terminal may call.
type sender struct {
	host string

	mu    sync.Mutex
	found []netip.Addr
	until time.Time
}

// Limits of looking up a terminal's name.
const (
	resolveLimit = 2 * time.Second
	resolveKeep  = time.Minute
)

// allows tells whether remote, "host:port", is the terminal's configured address.
// All loopback addresses are equal.
func (s *sender) allows(ctx context.Context, remote string) bool {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	ip := from.Addr().Unmap().WithZone("")
	for _, known := range s.addresses(ctx) {
		if known == ip || (known.IsLoopback() && ip.IsLoopback()) {
			return true
		}
	}
	return false
}

// addresses resolves the host, and keeps the answer for a while.
func (s *sender) addresses(ctx context.Context) []netip.Addr {
	if ip, err := netip.ParseAddr(s.host); err == nil {
		return []netip.Addr{ip.Unmap().WithZone("")}
	}
	if strings.EqualFold(s.host, "localhost") {
		return []netip.Addr{netip.IPv6Loopback()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.until) {
		return s.found
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", s.host)
	if err != nil {
		return s.found // the last known ones: a name server's fault must not silence the terminal
	}
	for i := range found {
		found[i] = found[i].Unmap().WithZone("")
	}
	s.found, s.until = found, time.Now().Add(resolveKeep)
	return found
}
