package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// mortal is the journal as a till sees it whose power may be cut: from then on
// nothing is recorded.
type mortal struct {
	engine.Journal
	terminal string
	mu       sync.RWMutex
	dead     bool
}

var errPower = errors.New("the power is gone")

// Open gives what is open on this till's own terminal, as a till of its own would
// read it: the other paths of the batch share the file.
func (m *mortal) Open(ctx context.Context) ([]payment.Operation, error) {
	all, err := m.Operations(ctx, payment.Query{Terminal: m.terminal})
	slices.Reverse(all)
	return slices.DeleteFunc(all, func(op payment.Operation) bool { return op.State.Final() }), err
}

func (m *mortal) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *mortal) Create(ctx context.Context, op payment.Operation, events ...payment.Event) (payment.Operation, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return payment.Operation{}, false, errPower
	}
	return m.Journal.Create(ctx, op, events...)
}

func (m *mortal) Append(ctx context.Context, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return payment.Operation{}, nil, errPower
	}
	return m.Journal.Append(ctx, id, events...)
}

func (m *mortal) Note(id string, events ...payment.Event) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.dead {
		m.Journal.Note(id, events...)
	}
}

func (m *mortal) Log(ctx context.Context, events ...payment.Event) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return errPower
	}
	return m.Journal.Log(ctx, events...)
}

func (m *mortal) Serial(ctx context.Context, name string) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return 0, errPower
	}
	return m.Journal.Serial(ctx, name)
}

func (m *mortal) Receive(ctx context.Context, id string, d payment.Delivery) (bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.dead {
		return false, errPower
	}
	return m.Journal.Receive(ctx, id, d)
}
