package engine

import "sync"

// keyed lets one caller per key through at a time. The zero value is ready.
type keyed struct {
	mu    sync.Mutex
	holds map[string]*hold
}

// hold is a lock made of a channel: who waits for it waits in virtual time, too
// (testing/synctest).
type hold struct {
	taken   chan struct{} // has room for one
	callers int
}

// lock waits for the key and returns what releases it.
func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.holds == nil {
		k.holds = map[string]*hold{}
	}
	h := k.holds[key]
	if h == nil {
		h = &hold{taken: make(chan struct{}, 1)}
		k.holds[key] = h
	}
	h.callers++
	k.mu.Unlock()
	h.taken <- struct{}{}
	return func() {
		<-h.taken
		k.mu.Lock()
		defer k.mu.Unlock()
		if h.callers--; h.callers == 0 {
			delete(k.holds, key)
		}
	}
}
