package bench

import (
	"context"
	"errors"
	"time"
)

// Why waiting ended without a deed.
var (
	ErrGone    = errors.New("the terminal went down, or does something else")
	ErrStopped = errors.New("stopped by the till")
	ErrTimeout = errors.New("nobody did anything")
)

// Forever is no limit.
const Forever time.Duration = -1

// maxDeeds bounds what can be done before the terminal looks at it.
const maxDeeds = 32

// Deeds are what people have done and a terminal has not looked at yet.
type Deeds chan Deed

// NewDeeds makes an empty queue.
func NewDeeds() Deeds { return make(Deeds, maxDeeds) }

// Push hands over a deed; false when too many wait already.
func (q Deeds) Push(d Deed) bool {
	select {
	case q <- d:
		return true
	default:
		return false
	}
}

// Wake has the terminal look again.
func (q Deeds) Wake() { q.Push(Deed{Kind: DeedWake}) }

// Round is how things stand when a terminal looks at its question.
type Round struct {
	// Stopped is closed when the till ends the waiting; nil: it cannot.
	Stopped <-chan struct{}
	// Plays says that a customer plays by themselves: Deed, in so much time.
	Plays bool
	Deed  Deed
	In    time.Duration
}

// Await waits until a question is answered: by a deed that fits, or by the customer
// who plays by themselves. It ends with ErrGone, ErrStopped, or after the limit with
// ErrTimeout. Look is called before each look at the queue and is told how much of
// the limit is left.
func (q Deeds) Await(ctx context.Context, limit time.Duration, look func(left time.Duration) Round, fits func(Deed) bool) (Deed, error) {
	deadline := time.Now().Add(limit)
	for {
		left := Forever
		if limit != Forever {
			left = max(time.Until(deadline), 0)
		}
		now := look(left)
		select {
		case <-ctx.Done():
			return Deed{}, ErrGone
		case <-now.Stopped:
			return Deed{}, ErrStopped
		default:
		}
		wait := left
		if now.Plays {
			if wait = max(now.In, 0); wait == 0 {
				return now.Deed, nil
			}
		}
		d, err := q.once(ctx, now.Stopped, wait)
		switch {
		case errors.Is(err, ErrTimeout) && now.Plays:
			return now.Deed, nil
		case err != nil:
			return Deed{}, err
		case d.Kind != DeedWake && fits(d):
			return d, nil
		}
	}
}

// Once waits for one deed, whatever it is, at most so long.
func (q Deeds) Once(ctx context.Context, limit time.Duration) (Deed, error) {
	return q.once(ctx, nil, max(limit, 0))
}

func (q Deeds) once(ctx context.Context, stopped <-chan struct{}, limit time.Duration) (Deed, error) {
	if limit == 0 {
		return Deed{}, ErrTimeout
	}
	var late <-chan time.Time
	if limit != Forever {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ctx.Done():
		return Deed{}, ErrGone
	case <-stopped:
		return Deed{}, ErrStopped
	case d := <-q:
		return d, nil
	case <-late:
		return Deed{}, ErrTimeout
	}
}
