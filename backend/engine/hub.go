package engine

import (
	"sync"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// hub tells every watcher the news, after the commit. A watcher that does not keep
// up is cut off and must read the whole state again.
type hub struct {
	mu       sync.Mutex
	watchers map[*watcher]struct{}
}

type watcher struct {
	only string // news of this operation; empty: of all
	news chan Update
	lost chan struct{}
}

func (h *hub) watch(buffer int, only string) (<-chan Update, <-chan struct{}, func()) {
	w := &watcher{only: only, news: make(chan Update, max(buffer, 1)), lost: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[*watcher]struct{}{}
	}
	h.watchers[w] = struct{}{}
	return w.news, w.lost, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers, w)
	}
}

func (h *hub) tell(u Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.watchers {
		if w.only != "" && w.only != u.Operation.ID {
			continue
		}
		select {
		case w.news <- u:
		default:
			delete(h.watchers, w)
			close(w.lost)
		}
	}
}

func (h *hub) operation(op payment.Operation) { h.tell(Update{Operation: op, Terminal: op.Terminal}) }
