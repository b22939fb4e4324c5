package pinpad

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
)

// Limits of the page.
const (
	maxBody    = 4 << 10 // bytes of one posted form
	maxStreams = 32      // open event streams of one handler
)

// policy allows what the page consists of: its own script, style sheet and
// pictures. Nothing inline runs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed static
var static embed.FS

// pad is one handler with all its devices.
type pad struct {
	devices []Device
	streams chan struct{} // one token for each open event stream
}

// New returns the pages of the devices: /0/ is the page of the first one, /1/ of
// the second, and so on. / shows a single device's page or lists several.
//
// Below a device's page, POST do carries out an Action (form fields name and
// value), POST calm sets every Switch to its untroubled choice and GET stream
// gives the live parts of the page as server-sent events.
func New(devices ...Device) http.Handler {
	p := &pad{devices: devices, streams: make(chan struct{}, maxStreams)}
	mux := http.NewServeMux()
	for i, d := range devices {
		base := "/" + strconv.Itoa(i)
		mux.HandleFunc("GET "+base+"/{$}", p.page(i, d))
		mux.HandleFunc("GET "+base+"/stream", p.stream(i, d))
		mux.HandleFunc("POST "+base+"/do", p.do(i, d))
		mux.HandleFunc("POST "+base+"/calm", p.calm(i, d))
		mux.Handle("GET "+base, http.RedirectHandler(base+"/", http.StatusSeeOther))
	}
	if len(devices) == 1 {
		mux.HandleFunc("GET /{$}", p.page(0, devices[0]))
	} else {
		mux.HandleFunc("GET /{$}", p.list)
	}
	mux.Handle("GET /static/", http.FileServerFS(static))
	return guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard sets the headers of every answer and bounds every body.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

func (p *pad) page(i int, d Device) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		p.answer(w, http.StatusOK, i, d, "")
	}
}

func (p *pad) list(w http.ResponseWriter, _ *http.Request) {
	html, err := render("list", p.tabs(-1))
	if err != nil {
		fault(w, err)
		return
	}
	send(w, http.StatusOK, html)
}

// answer writes the whole page of a device with a notice near its screen.
func (p *pad) answer(w http.ResponseWriter, status, i int, d Device, notice string) {
	html, err := render("page", page{Tabs: p.tabs(i), Notice: notice, live: draw(i, d.View())})
	if err != nil {
		fault(w, err)
		return
	}
	send(w, status, html)
}

// tabs names the devices; here is the index of the one that is shown, or -1.
func (p *pad) tabs(here int) []tab {
	tabs := make([]tab, len(p.devices))
	for i, d := range p.devices {
		v := d.View()
		tabs[i] = tab{Path: fmt.Sprintf("/%d/", i), Name: v.Name, Model: v.Model, Here: i == here}
	}
	return tabs
}

func send(w http.ResponseWriter, status int, html []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html) // a reader that has left needs no answer
}

// fault answers for a template that cannot be drawn.
func fault(w http.ResponseWriter, err error) {
	http.Error(w, "The page could not be drawn: "+err.Error(), http.StatusInternalServerError)
}
