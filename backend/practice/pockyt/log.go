package pockyt

// violate notes what the till did against the protocol.
func (c *Cloud) violate(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.violateLocked(text)
}

func (c *Cloud) violateLocked(text string) {
	if !c.muted {
		c.log.Violate(text)
	}
}
