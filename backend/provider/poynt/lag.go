package poynt

import "time"

// blank is when Poynt last showed nothing of an attempt, by Poynt's own clock.
type blank struct {
	reference string
	at        time.Time
}

// poynts is the time by Poynt's clock.
func (t *Terminal) poynts() time.Time { return time.Now().Add(-t.client.wire.skew()) }

// showsNothing keeps that an attempt was asked about in vain.
func (t *Terminal) showsNothing(reference string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.blank = blank{reference, t.poynts()}
}

// lag is how far Poynt is known to be behind with showing what was done at the terminal
// (poynt.md 12: the delay is not documented): a transaction that was made before Poynt was
// asked in vain was late by that much, and so may be what came after it.
func (t *Terminal) lag(reference string, made time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.blank.reference != reference || made.IsZero() {
		return 0
	}
	return max(t.blank.at.Sub(made), 0)
}
