package netpay

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/bench"
)

// Paths of the cloud, mounted as they stand and below the prefix of production
// (netpay.md 1).
const (
	pathToken   = "/oauth-service/oauth/token"
	pathPush    = "/integration-service/transactions/"
	pathGateway = "/gateway"
)

// Limits of the cloud.
const (
	maxBody   = 64 << 10         // bytes of one request
	bodyLimit = 10 * time.Second // for the till to send it
)

// exchange is one post of the till.
type exchange struct {
	w   http.ResponseWriter
	r   *http.Request
	raw []byte
	op  string // "token", "sale", "reprint" or "cancel": the first part of its switches
	// held delays the answer until the terminal has posted the result.
	held <-chan struct{}
}

// cutConnection breaks the till's connection without an answer.
func cutConnection() { panic(http.ErrAbortHandler) }

// away tells that nothing of the cloud can be reached.
func (t *Terminal) away() bool {
	return t.life.Ended() || !t.cloudDown.Whole()
}

// serve takes one post.
func (t *Terminal) serve(w http.ResponseWriter, r *http.Request) {
	if t.away() {
		cutConnection()
	}
	path := strings.TrimPrefix(r.URL.Path, pathGateway)
	op, push := strings.CutPrefix(path, pathPush)
	switch {
	case path == pathToken:
		op = "token"
	case push && (op == string(opSale) || op == string(opReprint) || op == string(opCancel)):
	default:
		t.log.Violate("there is no " + bench.Shorten(r.Method+" "+r.URL.Path))
		write(w, http.StatusNotFound, springError(r, http.StatusNotFound, "No message available"))
		return
	}
	if r.Method != http.MethodPost {
		t.log.Violate(op + " by " + bench.Shorten(r.Method) + ", documented is POST")
		write(w, http.StatusMethodNotAllowed, springError(r, http.StatusMethodNotAllowed, "Request method '"+bench.Shorten(r.Method)+"' not supported"))
		return
	}
	raw, err := readBody(w, r)
	if err != nil {
		t.log.Note("A request could not be read: " + err.Error())
		write(w, http.StatusBadRequest, springError(r, http.StatusBadRequest, "Request could not be read"))
		return
	}
	x := &exchange{w: w, r: r, raw: raw, op: op}
	if t.meetRequestFault(x) {
		return
	}
	if op == "token" {
		t.token(x)
		return
	}
	t.transaction(x)
}

// readBody reads within the limits of size and time. The time limit is lifted
// afterwards: an answer may be held back.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("setting a time limit: %w", err)
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("lifting a time limit: %w", err)
	}
	return raw, nil
}

// meetRequestFault lets the request get lost or refuses it, if that is what is to
// happen, and says whether it has answered. Nothing reaches the terminal then.
func (t *Terminal) meetRequestFault(x *exchange) (answered bool) {
	switch fault := t.faults.Take(x.op + ".request"); fault {
	case "lose":
		cutConnection()
	case "refuse":
		t.resetConnection(x)
	case "swallow":
		t.swallow(x)
	case "status-401":
		if x.op == "token" {
			write(x.w, http.StatusUnauthorized, springError(x.r, http.StatusUnauthorized, "Unauthorized"))
		} else {
			write(x.w, http.StatusUnauthorized, oauthError("invalid_token", "Cannot convert access token to JSON"))
		}
		return true
	case "expired": // the library repeats the token in its text (netpay.md 2.4)
		write(x.w, http.StatusUnauthorized, oauthError("invalid_token", "Access token expired: "+bearer(x.r)))
		return true
	case "code-19":
		t.unknownTerminal(x)
		return true
	case "code-07":
		write(x.w, http.StatusOK, acknowledgement("07", "Operación no disponible"))
		return true
	case "status-500":
		write(x.w, http.StatusInternalServerError, springError(x.r, http.StatusInternalServerError, "Internal Server Error"))
		return true
	case "status-502":
		writeRaw(x.w, http.StatusBadGateway, "text/html", []byte("<html><body><h1>502 Bad Gateway</h1></body></html>"))
		return true
	}
	return false
}

// resetConnection refuses as hard as can be: the till sees a reset, not an end.
func (t *Terminal) resetConnection(x *exchange) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		cutConnection()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = tcp.SetLinger(0)
	}
	if err := errors.Join(err, conn.Close()); err != nil {
		t.log.Debug("resetting a connection", "error", err)
	}
	cutConnection()
}

// swallow never answers. The connection breaks when the till, the line or the
// cloud gives up.
func (t *Terminal) swallow(x *exchange) {
	select {
	case <-t.cloudDown.Cut():
	case <-t.life.Ctx.Done():
	case <-x.r.Context().Done():
	}
	cutConnection()
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func mediaType(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}
