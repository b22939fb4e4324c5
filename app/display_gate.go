package app

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"path"
	"strings"
)

// maxDisplays bounds the customers' displays that are let in, and those that may come;
// beyond, the oldest is forgotten.
const maxDisplays = 16

// pass lets one display see what is below one path.
type pass struct{ secret, path string }

// displays are those of customers: they see one path each, and can do nothing.
type displays struct {
	coming []pass // by one-time token
	here   []pass // by cookie
}

// Display makes a one-time token for a customer's display that may look at one path and
// what is below it, and at nothing else.
func (g *Gate) Display(below string) (token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return keepPass(&g.displays.coming, below)
}

// letDisplay gives the cookie of a display that has come.
func (g *Gate) letDisplay(below string) (secret string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return keepPass(&g.displays.here, below)
}

func keepPass(list *[]pass, below string) (secret string) {
	p := pass{rand.Text(), below}
	if *list = append(*list, p); len(*list) > maxDisplays {
		*list = (*list)[1:]
	}
	return p.secret
}

// takeDisplay uses a token up and gives its path.
func (g *Gate) takeDisplay(token string) (below string, found bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, p := range g.displays.coming {
		if subtle.ConstantTimeCompare([]byte(token), []byte(p.secret)) == 1 {
			g.displays.coming = append(g.displays.coming[:i:i], g.displays.coming[i+1:]...)
			return p.path, true
		}
	}
	return "", false
}

// displayCookie is a name of its own: who is let in as a display is let in nowhere else.
func (g *Gate) displayCookie() string { return g.cookie + "_display" }

// displayed tells whether a customer's display asks for what it may see. A path that
// only looks as if it were below is none.
func (g *Gate) displayed(r *http.Request) bool {
	asked := r.URL.EscapedPath()
	if r.Method != http.MethodGet || strings.Contains(r.URL.Path, "..") || strings.TrimSuffix(asked, "/") != path.Clean(asked) {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range r.CookiesNamed(g.displayCookie()) {
		for _, p := range g.displays.here {
			if subtle.ConstantTimeCompare([]byte(c.Value), []byte(p.secret)) == 1 && strings.HasPrefix(asked, p.path) {
				return true
			}
		}
	}
	return false
}
