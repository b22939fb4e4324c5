package iotpay

import (
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Violations returns what the till did against the protocol, oldest first, at
// most the newest 200.
func (t *Terminal) Violations() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.violations...)
}

func (t *Terminal) violate(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.violateLocked(text)
}

func (t *Terminal) violateLocked(text string) {
	t.violations = append(t.violations, text)
	if len(t.violations) > maxViolations {
		t.violations = t.violations[1:]
	}
	t.noteLocked("Violation: " + text)
}

// note adds a line to the log that the page shows.
func (t *Terminal) note(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.noteLocked(text)
}

func (t *Terminal) noteLocked(text string) {
	t.log.Info(text, "terminal", t.opts.Name)
	t.lines = append(t.lines, pinpad.Line{At: clock(time.Now()), Text: text})
	if len(t.lines) > pinpad.MaxLog {
		t.lines = t.lines[1:]
	}
	t.changedLocked()
}

// changedLocked tells the pages that the view is another one now.
func (t *Terminal) changedLocked() {
	for w := range t.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}
