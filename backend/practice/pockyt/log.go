package pockyt

import (
	"slices"
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
	c.log.Note("Violation: " + text)
}
