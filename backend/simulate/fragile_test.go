package simulate

import (
	"context"
	"errors"
	"time"

	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// fragile is the journal as the engine sees it. What it does not override is a read.
// Each write takes a little time of its own, so that two never share an instant.
type fragile struct {
	engine.Journal
	x *till
}

// settle is the time that a write takes.
func (f fragile) settle(what, id string, events []payment.Event) {
	if f.x.isDead() {
		return
	}
	more := [][]byte{[]byte(id)}
	for _, e := range events {
		more = append(more, []byte(e.Kind), e.Data)
	}
	time.Sleep(f.x.jitter.of(what, more...))
}

// kept carries out a write between two points, or has the power go in the midst of it.
// A failing disk may have written and not know it: again says that the engine may
// repeat such a write.
func kept[T any](f fragile, what string, again bool, write func() (T, error)) (T, error) {
	var none T
	if f.x.torn.Load() && f.x.points.Load() == 1 {
		f.x.cut("in the middle of "+what, func() { _, _ = write() }) // nobody hears of it
		return none, errPower
	}
	if !f.x.point("before " + what) {
		return none, errPower
	}
	f.x.writing.RLock()
	if f.x.isDead() {
		f.x.writing.RUnlock()
		return none, errPower
	}
	fails := f.x.failing.Load() > 0 && f.x.failing.Add(-1) >= 0
	wrote := !fails || again && f.x.jitter.draw("io")%2 == 0
	got, err := none, error(nil)
	if wrote {
		got, err = write()
	}
	f.x.writing.RUnlock()
	if !f.x.point("after " + what) {
		return none, errPower
	}
	if fails {
		return none, errors.Join(errDisk, err)
	}
	return got, err
}

var errDisk error = &payment.Error{Code: payment.CodeJournal, Text: "This cannot be recorded: the disk reports an error.", Err: errors.New("input/output error")}

// look carries out a read.
func look[T any](f fragile, read func() (T, error)) (T, error) {
	if f.x.isDead() {
		var none T
		return none, errPower
	}
	return read()
}

type created struct {
	op    payment.Operation
	fresh bool
}

func (f fragile) Create(ctx context.Context, op payment.Operation, events ...payment.Event) (payment.Operation, bool, error) {
	f.settle("create", op.ID, events)
	c, err := kept(f, "a new operation", false, func() (created, error) {
		op, fresh, err := f.x.journal.Create(ctx, op, events...)
		return created{op, fresh}, err
	})
	return c.op, c.fresh, err
}

type appended struct {
	op       payment.Operation
	verdicts []payment.Verdict
}

func (f fragile) Append(ctx context.Context, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error) {
	f.settle("append", id, events)
	what := "an event"
	if len(events) > 0 {
		what = "event " + string(events[0].Kind)
	}
	a, err := kept(f, what, true, func() (appended, error) {
		op, verdicts, err := f.x.journal.Append(ctx, id, events...)
		return appended{op, verdicts}, err
	})
	return a.op, a.verdicts, err
}

func (f fragile) Note(id string, events ...payment.Event) {
	f.settle("note", id, events)
	f.x.writing.RLock()
	defer f.x.writing.RUnlock()
	if !f.x.isDead() {
		f.x.journal.Note(id, events...)
	}
}

func (f fragile) Log(ctx context.Context, events ...payment.Event) error {
	f.settle("log", "", events)
	_, err := kept(f, "a terminal's event", true, func() (struct{}, error) { return struct{}{}, f.x.journal.Log(ctx, events...) })
	return err
}

// Installation comes from the seed, as every id does.
func (f fragile) Installation(context.Context) (int64, error) {
	return look(f, func() (int64, error) { return simulated, nil })
}

// simulated is the installation of every till that is played.
const simulated = 4711

func (f fragile) Serial(ctx context.Context, name string) (int64, error) {
	f.x.writing.RLock()
	defer f.x.writing.RUnlock()
	return look(f, func() (int64, error) { return f.x.journal.Serial(ctx, name) })
}

func (f fragile) Operation(ctx context.Context, id string) (payment.Operation, error) {
	return look(f, func() (payment.Operation, error) { return f.x.journal.Operation(ctx, id) })
}

func (f fragile) ByFormKey(ctx context.Context, key string) (payment.Operation, bool, error) {
	c, err := look(f, func() (created, error) {
		op, found, err := f.x.journal.ByFormKey(ctx, key)
		return created{op, found}, err
	})
	return c.op, c.fresh, err
}

func (f fragile) Open(ctx context.Context) ([]payment.Operation, error) {
	return look(f, func() ([]payment.Operation, error) { return f.x.journal.Open(ctx) })
}

func (f fragile) Related(ctx context.Context, id string) ([]payment.Operation, error) {
	return look(f, func() ([]payment.Operation, error) { return f.x.journal.Related(ctx, id) })
}

func (f fragile) Last(ctx context.Context, terminal string) (payment.Operation, bool, error) {
	c, err := look(f, func() (created, error) {
		op, found, err := f.x.journal.Last(ctx, terminal)
		return created{op, found}, err
	})
	return c.op, c.fresh, err
}

func (f fragile) Operations(ctx context.Context, q payment.Query) ([]payment.Operation, error) {
	return look(f, func() ([]payment.Operation, error) { return f.x.journal.Operations(ctx, q) })
}

func (f fragile) ByAttempt(ctx context.Context, reference string) (payment.Operation, bool, error) {
	c, err := look(f, func() (created, error) {
		op, found, err := f.x.journal.ByAttempt(ctx, reference)
		return created{op, found}, err
	})
	return c.op, c.fresh, err
}

// Receive keeps a delivery. The sender brings it again if it hears of an error.
func (f fragile) Receive(ctx context.Context, id string, d payment.Delivery) (bool, error) {
	f.settle("receive", id+d.Key, nil)
	return kept(f, "a delivery", true, func() (bool, error) { return f.x.journal.Receive(ctx, id, d) })
}

func (f fragile) Deliveries(ctx context.Context, terminal, reference string) ([]payment.Delivery, error) {
	return look(f, func() ([]payment.Delivery, error) { return f.x.journal.Deliveries(ctx, terminal, reference) })
}

func (f fragile) LastDelivery(ctx context.Context, terminal string) (time.Time, error) {
	return look(f, func() (time.Time, error) { return f.x.journal.LastDelivery(ctx, terminal) })
}

func (f fragile) Refunded(ctx context.Context, id string) (approved, open int64, err error) {
	if f.x.isDead() {
		return 0, 0, errPower
	}
	return f.x.journal.Refunded(ctx, id)
}
