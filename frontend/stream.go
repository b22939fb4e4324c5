package frontend

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/frontend/view"
)

// Clocks of a stream.
const (
	streamAlive = 15 * time.Second // an empty comment proves that the line stands
	streamWrite = 5 * time.Second  // a reader that hangs longer is cut
)

// lines puts the prefix before every line; a carriage return counts as a line end.
var lines = strings.NewReplacer("\r\n", "\ndata: ", "\n", "\ndata: ", "\r", "\ndata: ")

func event(html string) string { return "data: " + lines.Replace(html) + "\n\n" }

// events is the stream of a page: first the whole state, then what changes. It is
// the only writer of the live regions: an answer to a click that carried a panel
// could overtake newer news on this second connection, or be overtaken by it.
func (p *Pages) events(w http.ResponseWriter, r *http.Request) {
	about := topic{terminal: r.FormValue("terminal"), on: r.FormValue("on"), operation: r.FormValue("id"), window: windowOf(r)}
	p.stream(w, r, flow{
		draw: func(u engine.Update, whole bool) (string, error) { return p.fragments(r.Context(), about, u, whole) },
		beat: func() (string, error) { return "", nil },
		fail: func(err error) { p.fail(w, r, err) },
	})
}

// flow is what a stream brings. An empty text brings nothing.
type flow struct {
	draw func(u engine.Update, whole bool) (string, error) // what a piece of news changes
	beat func() (string, error)                            // what has changed by itself
	fail func(err error)                                   // answers when nothing could be drawn at first
}

// stream writes fragments until the page is left, is too slow, or the till closes.
func (p *Pages) stream(w http.ResponseWriter, r *http.Request, f flow) {
	rc := http.NewResponseController(w)
	send := func(s string) error {
		// Instead of Server.WriteTimeout. Taken back after each write, or an idle
		// stream could not even write its end.
		if err := rc.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
			return err
		}
		defer func() { _ = rc.SetWriteDeadline(time.Time{}) }()
		if _, err := io.WriteString(w, s); err != nil {
			return err
		}
		return rc.Flush()
	}
	stream, leave := p.memory.subscribe() // before the state is read
	defer leave()
	html, err := f.draw(engine.Update{}, true)
	if err != nil {
		f.fail(err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	err = send(event(html))
	alive := time.NewTicker(streamAlive)
	defer alive.Stop()
	for err == nil {
		var change string
		select {
		case u := <-stream.news:
			change, err = f.draw(latest(stream, u), false)
		case <-alive.C:
			change, err = f.beat()
			if change == "" && err == nil {
				err = send(":\n\n")
			}
		case <-stream.lost:
			return
		case <-p.quit:
			return
		case <-r.Context().Done():
			return
		}
		if err != nil {
			p.deps.Log.Debug("stream ended", "error", err)
			return // the page connects again and gets the whole state
		}
		if change != "" {
			err = send(event(change))
		}
	}
}

// latest skips news of the same operation that are overtaken already: fragments
// show what is, and what was stays readable in the mirror's history.
func latest(s *subscriber, u engine.Update) engine.Update {
	for {
		select {
		case next := <-s.news:
			if next.Terminal != u.Terminal || next.Operation.ID != u.Operation.ID {
				u = engine.Update{} // of several: everything is drawn
			} else {
				u = next
			}
		default:
			return u
		}
	}
}

// topic is what a page shows, and in which window.
type topic struct{ on, terminal, operation, window string }

// fragments draws what a piece of news changes on a page. A zero Update, and whole,
// change everything.
func (p *Pages) fragments(ctx context.Context, about topic, u engine.Update, whole bool) (string, error) {
	whole = whole || (u.Terminal == "" && u.Operation.ID == "")
	itself := "" // what the page shows itself
	if about.on == "settle" || about.on == "alarm" {
		itself = about.operation
	}
	bands, err := p.bands(ctx, itself)
	if err != nil {
		return "", err
	}
	parts := []templ.Component{view.BandsPart(bands)}
	switch about.on {
	case "till":
		t, found := p.terminal(about.terminal)
		if found && (whole || u.Terminal == t.Name || u.Operation.ID != "" && u.Operation.ID == p.memory.fenced(t.Name)) {
			state, err := p.state(ctx, t, about.window)
			if err != nil {
				return "", err
			}
			parts = append(parts, view.TillPart(state))
		}
	case "operation":
		if whole || u.Operation.ID == about.operation || u.Operation.Original == about.operation {
			v, err := p.story(ctx, about.operation)
			if err != nil {
				return "", err
			}
			parts = append(parts, view.StoryPart(v))
		}
	case "elsewhere", "settle", "alarm":
		if whole || u.Operation.ID == about.operation || u.Operation.Original == about.operation || about.on == "elsewhere" && u.Terminal != "" {
			part, err := p.panelPart(ctx, about.on, about.operation)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
	case "terminals":
		parts = append(parts, view.TerminalsPart(p.chooser(about.terminal)))
	}
	var b bytes.Buffer
	for _, part := range parts {
		if err := part.Render(ctx, &b); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}
