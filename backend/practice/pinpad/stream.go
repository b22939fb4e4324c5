package pinpad

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// The stream's clocks.
const (
	writeLimit = 5 * time.Second       // for one message to a reader that hangs
	alive      = 15 * time.Second      // between signs of life on a quiet stream
	breath     = 20 * time.Millisecond // between two messages, so that a busy terminal does not draw pages all day
)

// lines gives every line of a message its prefix; CR counts as a line end.
var lines = strings.NewReplacer("\r\n", "\ndata: ", "\n", "\ndata: ", "\r", "\ndata: ")

// stream sends the live parts of the page: the whole state at once, and again
// after every change, so that a lost message or a reconnect never matters.
func (p *pad) stream(i int, d Device) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.streams <- struct{}{}:
			defer func() { <-p.streams }()
		default:
			http.Error(w, "Too many pages are open.", http.StatusServiceUnavailable)
			return
		}
		changed, stop := d.Watch() // before the View is read: no change falls between
		defer stop()
		w.Header().Set("Content-Type", "text/event-stream")
		follow(r, changed, func() error { return whole(w, i, d) }, func() error { return write(w, ":\n\n") })
	}
}

// follow tells the state at once and after changes until the reader or the
// server goes away.
func follow(r *http.Request, changed <-chan struct{}, tell, live func() error) {
	tick := time.NewTicker(alive)
	defer tick.Stop()
	rest := time.NewTimer(breath)
	defer rest.Stop()
	for err := tell(); err == nil; {
		rest.Reset(breath)
		select {
		case <-rest.C:
		case <-r.Context().Done():
			return
		}
		select {
		case _, open := <-changed:
			if !open {
				return
			}
			err = tell()
		case <-tick.C:
			err = live()
		case <-r.Context().Done():
			return
		}
	}
}

// whole writes the present state as one message.
func whole(w http.ResponseWriter, i int, d Device) error {
	html, err := render("live", draw(i, d.View()))
	if err != nil {
		return err
	}
	return write(w, "retry: 500\ndata: "+lines.Replace(string(html))+"\n\n")
}

// write sends one message under a time limit of its own, which stands in for the
// server's limit on a whole answer. The limit is lifted afterwards: an idle
// stream must still be able to end.
func write(w http.ResponseWriter, message string) error {
	rc := http.NewResponseController(w)
	if err := rc.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	if _, err := io.WriteString(w, message); err != nil {
		return err
	}
	if err := rc.Flush(); err != nil {
		return err
	}
	return rc.SetWriteDeadline(time.Time{})
}
