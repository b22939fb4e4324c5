package journal

import "github.com/paydesk-till/paydesk/backend/payment"

// cacheSize bounds each of the cache's two generations, in operations.
const cacheSize = 512

// cache keeps the operations that were written lately, so that an event needs no
// read. When the young generation is full it becomes the old one, and what was old
// and not asked for is forgotten. The zero value is an empty cache.
type cache struct{ young, old map[string]payment.Operation }

func (c *cache) get(id string) (payment.Operation, bool) {
	if op, ok := c.young[id]; ok {
		return op, true
	}
	op, ok := c.old[id]
	return op, ok
}

func (c *cache) put(op payment.Operation) {
	if c.young == nil || len(c.young) >= cacheSize {
		c.young, c.old = make(map[string]payment.Operation, cacheSize), c.young
	}
	c.young[op.ID] = op
}
