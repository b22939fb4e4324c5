package nexo

import "time"

// watchIDs notes a ServiceID that was used before in this session (nexo-retailer.md 4.2).
func (t *Terminal) watchIDs(x *exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := x.serviceID()
	if t.seen[id] {
		t.log.Violate(x.category() + " repeats ServiceID " + id)
	}
	if len(t.seen) >= maxSeen {
		clear(t.seen)
	}
	t.seen[id] = true
}

// admit returns the refusal that a request meets when the terminal is not free
// for it, or nil (nexo-retailer.md 19.2).
func (t *Terminal) admit(x *exchange) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.admitLocked(x)
}

func (t *Terminal) admitLocked(x *exchange) *node {
	if refusal := t.admitSessionLocked(x); refusal != nil {
		return refusal
	}
	if t.running != nil {
		t.log.Violate(x.category() + " sent while " + t.running.category + " is running")
		return failure(x.envelope, "Busy", "Transaction in progress")
	}
	if time.Now().Before(t.busyUntil) {
		return failure(x.envelope, "Busy", t.busyText)
	}
	return nil
}

func (t *Terminal) admitSessionLocked(x *exchange) *node {
	if t.session == nil {
		return failure(x.envelope, "NotAllowed", "Login is required")
	}
	if t.session.saleID != x.header.get("SaleID") {
		return failure(x.envelope, "NotAllowed", "Another sale system is logged in")
	}
	return nil
}
