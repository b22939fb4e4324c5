package pockyt

import (
	"slices"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

// Violations returns what the till did against the protocol, oldest first, at
// most the newest 200.
func (c *Cloud) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.violations)
}

func (c *Cloud) violate(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violateLocked(text)
}

func (c *Cloud) violateLocked(text string) {
	if c.muted {
		return
	}
	c.violations = append(c.violations, text)
	if len(c.violations) > maxViolations {
		c.violations = c.violations[1:]
	}
	c.noteLocked("Violation: " + text)
}

// note adds a line to the log that the page shows.
func (c *Cloud) note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteLocked(text)
}

func (c *Cloud) noteLocked(text string) {
	c.log.Info(text, "cloud", c.opts.Name)
	c.lines = append(c.lines, pinpad.Line{At: clock(time.Now()), Text: text})
	if len(c.lines) > pinpad.MaxLog {
		c.lines = c.lines[1:]
	}
	c.changedLocked()
}

// changedLocked tells the pages that the view is another one now.
func (c *Cloud) changedLocked() {
	for w := range c.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}
