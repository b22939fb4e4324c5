package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Limits of an exchange.
const (
	bodyLimit = 10 * time.Second // that a till may take to send one request
	idleConns = 4
	idleLimit = 30 * time.Second // of a connection to the till
)

// NewClient makes a practice terminal's own HTTP client: no proxy, no redirects. It
// tries so long to connect, and may keep connections to the till between two
// messages.
func NewClient(connect time.Duration, keep bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: connect}).DialContext, DisableKeepAlives: !keep,
			MaxIdleConnsPerHost: idleConns, IdleConnTimeout: idleLimit},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ReadBody reads a request within the limits of size and time. The time limit is
// lifted afterwards: an answer may take minutes.
func ReadBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("setting a time limit: %w", err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("lifting a time limit: %w", err)
	}
	return body, nil
}

// Cut breaks the till's connection without an answer, and does not return.
func Cut() { panic(http.ErrAbortHandler) }

// Reset refuses as hard as can be: the till sees a reset, not an end. It does not return.
func Reset(w http.ResponseWriter, log *Log) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		Cut()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = tcp.SetLinger(0)
	}
	if err := errors.Join(err, conn.Close()); err != nil {
		log.Debug("resetting a connection", "error", err)
	}
	Cut()
}

// Hold keeps the till's connection open until something is done; false when the
// till, the line (cut) or the terminal was gone before. Either channel may be nil.
func (l *Life) Hold(r *http.Request, cut, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-cut:
	case <-l.Ctx.Done():
	case <-r.Context().Done():
	}
	return false
}
