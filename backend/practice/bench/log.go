package bench

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Limits of the log.
const (
	maxViolations = 200
	maxWatchers   = 100
	maxQuoted     = 60 // characters of what somebody sent
)

// Log is what a practice terminal says: to its page, to those who watch the page,
// and to a logger. It is safe for several goroutines, also for those that hold the
// terminal's own mutex.
type Log struct {
	*slog.Logger // for what the page does not show
	clock        func(time.Time) string

	mu         sync.Mutex
	lines      []pinpad.Line
	violations []string
	watchers   map[chan struct{}]struct{}
}

// NewLog makes the log of the terminal of that name. Without a logger the page
// alone is told. The clock writes the time of a line.
func NewLog(to *slog.Logger, name string, clock func(time.Time) string) *Log {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	return &Log{Logger: to.With("terminal", name), clock: clock, watchers: map[chan struct{}]struct{}{}}
}

// Note adds a line to the log that the page shows.
func (l *Log) Note(text string) {
	l.Info(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = bounded(append(l.lines, pinpad.Line{At: l.clock(time.Now()), Text: text}), pinpad.MaxLog)
	l.tell()
}

// Violate notes what the till did against the protocol.
func (l *Log) Violate(text string) {
	l.mu.Lock()
	l.violations = bounded(append(l.violations, text), maxViolations)
	l.mu.Unlock()
	l.Note("Violation: " + text)
}

// bounded keeps the newest.
func bounded[T any](list []T, most int) []T { return list[max(0, len(list)-most):] }

// Violations returns what the till did against the protocol, oldest first, at most
// the newest 200.
func (l *Log) Violations() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.violations)
}

// Lines returns the newest notes, oldest first.
func (l *Log) Lines() []pinpad.Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// Changed tells the pages that the view is another one now.
func (l *Log) Changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell()
}

func (l *Log) tell() {
	for w := range l.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// Watch tells about changes of the view until end is called, as pinpad.Device.
func (l *Log) Watch() (changed <-chan struct{}, end func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.watchers) < maxWatchers {
		l.watchers[c] = struct{}{}
	}
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watchers, c)
	}
}

// Clock is the time of day where the terminal stands, for its page.
func Clock(at time.Time) string { return at.Local().Format(time.TimeOnly) }

// Shorten keeps what somebody sent out of a message's way.
func Shorten(s string) string {
	if r := []rune(s); len(r) > maxQuoted {
		return string(r[:maxQuoted]) + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
