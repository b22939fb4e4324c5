package app

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"sync"
)

// enterPath is where a one-time token becomes a cookie.
const enterPath = "/enter"

// entered goes on to the pages by itself. A redirect would not do: after one that
// began at the window's own first page, the strict cookie is not sent (design 4).
const entered = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paydesk</title>` +
	`<meta http-equiv="refresh" content="0;url=%[1]s"></head><body><p><a href="%[1]s">Paydesk</a></p></body></html>`

// stranger is what a visitor without the cookie sees.
const stranger = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paydesk</title></head><body>` +
	`<h1>%s</h1><p>Open the newest address that Paydesk has printed where it was started. Each one works once.</p></body></html>`

// gatePolicy is for the gate's own answers; the pages set theirs.
const gatePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Gate stands before the pages. Who has no cookie gets in by a one-time token
// only; only requests to a loopback name pass, and only from our own origin.
type Gate struct {
	pages   http.Handler
	session string
	cookie  string // its name; cookies do not know ports, so the name does

	mu       sync.Mutex
	token    string
	announce func(token string)
	displays displays
}

// NewGate puts a gate before the pages that are served on port. When a token was
// used, announce gets the one that replaces it.
func NewGate(pages http.Handler, port string, announce func(token string)) *Gate {
	return &Gate{pages: http.NewCrossOriginProtection().Handler(pages), session: rand.Text(),
		cookie: "paydesk_" + port, token: rand.Text(), announce: announce}
}

// Token is the one that lets the next visitor in.
func (g *Gate) Token() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.token
}

// use tells whether the token was right, and replaces it if it was.
func (g *Gate) use(token string) bool {
	g.mu.Lock()
	right := subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
	if right {
		g.token = rand.Text()
	}
	next, announce := g.token, g.announce
	g.mu.Unlock()
	if right && announce != nil {
		announce(next)
	}
	return right
}

// ServeHTTP lets a request through to the pages, or says why not.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopbackName(r.Host) {
		// A page from elsewhere whose name was made to point here (DNS rebinding).
		g.refuse(w, http.StatusMisdirectedRequest, "Paydesk answers to this computer's own address only")
		return
	}
	known := g.known(r)
	switch {
	case r.URL.Path == enterPath:
		g.enter(w, r, known)
	case !known && !g.displayed(r):
		g.refuse(w, http.StatusForbidden, "This page is locked")
	default:
		g.pages.ServeHTTP(w, r)
	}
}

func (g *Gate) known(r *http.Request) bool {
	for _, c := range r.CookiesNamed(g.cookie) {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(g.session)) == 1 {
			return true
		}
	}
	return false
}

// enter gives the cookie for a token. Who is in already needs none.
func (g *Gate) enter(w http.ResponseWriter, r *http.Request, known bool) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		g.refuse(w, http.StatusMethodNotAllowed, "This page is only looked at")
		return
	}
	if path, found := g.takeDisplay(r.URL.Query().Get("display")); found {
		if !known {
			http.SetCookie(w, &http.Cookie{Name: g.displayCookie(), Value: g.letDisplay(path), Path: path, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		}
		g.answer(w, http.StatusOK, fmt.Sprintf(entered, html.EscapeString(path)))
		return
	}
	if !known {
		if !g.use(r.URL.Query().Get("token")) {
			g.refuse(w, http.StatusForbidden, "This address was used already, or is an old one")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	g.answer(w, http.StatusOK, fmt.Sprintf(entered, "/"))
}

func (g *Gate) refuse(w http.ResponseWriter, status int, why string) {
	g.answer(w, status, fmt.Sprintf(stranger, why))
}

func (g *Gate) answer(w http.ResponseWriter, status int, page string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", gatePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // a reader that has left needs no answer
}

// loopbackName tells whether the host of a request, with or without a port, is
// this computer by name. The port is not looked at: a development proxy has another.
func loopbackName(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}
