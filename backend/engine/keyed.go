package engine

import "sync"

// keyed lets one caller per key through at a time. The zero value is ready.
type keyed struct {
	mu    sync.Mutex
	holds map[string]*hold
}

type hold struct {
	mu      sync.Mutex
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
		h = &hold{}
		k.holds[key] = h
	}
	h.callers++
	k.mu.Unlock()
	h.mu.Lock()
	return func() {
		h.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if h.callers--; h.callers == 0 {
			delete(k.holds, key)
		}
	}
}
