package netpay

import (
	"mime"
	"net/http"
	"strings"

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
	maxBody = 64 << 10 // bytes of one request
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

// away tells that nothing of the cloud can be reached.
func (t *Terminal) away() bool {
	return t.life.Ended() || !t.cloudDown.Whole()
}

// serve takes one post.
func (t *Terminal) serve(w http.ResponseWriter, r *http.Request) {
	if t.away() {
		bench.Cut()
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
	raw, err := bench.ReadBody(w, r, maxBody)
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

// meetRequestFault lets the request get lost or refuses it, if that is what is to
// happen, and says whether it has answered. Nothing reaches the terminal then.
func (t *Terminal) meetRequestFault(x *exchange) (answered bool) {
	switch fault := t.faults.Take(x.op + ".request"); fault {
	case "lose":
		bench.Cut()
	case "refuse":
		bench.Reset(x.w, t.log)
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

// swallow never answers. The connection breaks when the till, the line or the
// cloud gives up.
func (t *Terminal) swallow(x *exchange) {
	t.life.Hold(x.r, t.cloudDown.Cut(), nil)
	bench.Cut()
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
