package engine

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Journal is what the engine needs of the journal. A nil error means: it is on
// the disk.
type Journal interface {
	// Create records a new operation and its first events in one commit. The same
	// FormKey again gives the operation that has it, and fresh is false.
	Create(ctx context.Context, op payment.Operation, events ...payment.Event) (created payment.Operation, fresh bool, err error)
	// Append commits events of one operation together.
	Append(ctx context.Context, id string, events ...payment.Event) (payment.Operation, []payment.Verdict, error)
	// Note records without being waited for, in order with the others.
	Note(id string, events ...payment.Event)
	// Log records what belongs to no operation.
	Log(ctx context.Context, events ...payment.Event) error
	Operation(ctx context.Context, id string) (payment.Operation, error)
	// ByFormKey finds the operation that a form key made.
	ByFormKey(ctx context.Context, key string) (op payment.Operation, found bool, err error)
	Open(ctx context.Context) ([]payment.Operation, error)
	Operations(ctx context.Context, q payment.Query) ([]payment.Operation, error)
	Related(ctx context.Context, id string) ([]payment.Operation, error)
	Last(ctx context.Context, terminal string) (payment.Operation, bool, error)
	Refunded(ctx context.Context, id string) (approved, open int64, err error)
	// ByAttempt finds the operation whose latest attempt has a reference.
	ByAttempt(ctx context.Context, reference string) (op payment.Operation, found bool, err error)
	// Receive records a delivery, unless its key is known: then fresh is false.
	Receive(ctx context.Context, id string, d payment.Delivery) (fresh bool, err error)
	Deliveries(ctx context.Context, terminal, reference string) ([]payment.Delivery, error)
	LastDelivery(ctx context.Context, terminal string) (time.Time, error)
	Serial(ctx context.Context, name string) (int64, error)
	// Installation tells this till's references from those of others, below 10,000.
	Installation(ctx context.Context) (int64, error)
}

// Options of an engine. Journal is needed; the rest has sensible defaults.
type Options struct {
	Journal Journal
	Now     func() time.Time // stamps events; deadlines use the monotonic clock
	NewID   func() string
	Log     *slog.Logger
}

// Engine leads all conversations. Its methods are safe for use by several
// goroutines.
type Engine struct {
	journal Journal
	now     func() time.Time
	newID   func() string
	log     *slog.Logger
	hub     hub

	keys keyed // one start per form key at a time
	// One start per cart, and per reference, at a time: taken in this order, after the
	// form key's.
	carts, references keyed
	handovers         keyed // one handover per operation at a time
	// reserve keeps two refunds of one sale from passing the check side by side (F-40).
	reserve keyed

	mu      sync.Mutex
	workers map[string]*worker
	order   []string
	closed  bool
}

// New makes an engine without terminals.
func New(o Options) *Engine {
	e := &Engine{journal: o.Journal, now: o.Now, newID: o.NewID, log: o.Log, workers: map[string]*worker{}}
	if e.now == nil {
		e.now = time.Now
	}
	if e.newID == nil {
		e.newID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e
}

// Terminal is a terminal to be driven.
type Terminal struct {
	Name      string
	Provider  payment.Provider
	Settings  payment.Settings
	Default   bool
	Software  payment.Software
	Transport http.RoundTripper // nil: the provider's own
	Test      bool              // every slip says TEST
}

// ListenFunc is payment.Deps.Listen.
type ListenFunc = func(address, path string, handler http.Handler) (string, func(), error)

// Add opens a terminal and starts its worker, which resolves what is still open on
// it before anything new may start there.
func (e *Engine) Add(ctx context.Context, t Terminal, listen ListenFunc) error {
	w := newWorker(e, t)
	deps := payment.Deps{
		Listen: listen, News: w.news, NewID: e.newID, Session: session{w}, Inbound: w.inbound, Inbox: inbox{w}, Transport: t.Transport, Software: t.Software, Log: e.log.With("terminal", t.Name),
		Serial: func(ctx context.Context) (int64, error) { return e.journal.Serial(ctx, serialName) },
	}
	var err error
	if w.delivered, err = e.journal.LastDelivery(ctx, t.Name); err != nil {
		return fmt.Errorf("terminal %s: find what was delivered: %w", t.Name, err)
	}
	w.terminal, err = t.Provider.Open(ctx, t.Name, t.Settings, deps)
	if err != nil {
		return err
	}
	w.learn()
	// Read only now: opening may take long, and a manager may settle what is open meanwhile.
	open, err := e.journal.Open(ctx)
	if err != nil {
		w.stop()
		return fmt.Errorf("terminal %s: read what is open: %w", t.Name, err)
	}
	w.takeUp(open)
	e.mu.Lock()
	if _, taken := e.workers[t.Name]; taken || e.closed {
		e.mu.Unlock()
		w.stop()
		return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: fmt.Sprintf("There is a terminal %q already, or Paydesk is closing.", t.Name)}
	}
	e.workers[t.Name] = w
	e.order = append(e.order, t.Name)
	if t.Default {
		sort.SliceStable(e.order, func(i, j int) bool { return e.order[i] == t.Name && e.order[j] != t.Name })
	}
	e.mu.Unlock()
	w.free(nil)
	w.done.Go(func() {
		w.watchAgain()
		w.done.Go(w.keep) // only now: what is watched may still run, and is not to be signed in over
	})
	return nil
}

// Remove stops driving a terminal. While an operation is open on it, it is refused.
func (e *Engine) Remove(ctx context.Context, name string) error {
	w, err := e.worker(name)
	if err != nil {
		return err
	}
	if !w.leave() {
		op, _ := w.openOperation()
		return conflict(fmt.Sprintf("Operation %d is still open on terminal %s. Wait until its outcome is known.", op.Number, name))
	}
	e.mu.Lock()
	delete(e.workers, name)
	for i, n := range e.order {
		if n == name {
			e.order = append(e.order[:i:i], e.order[i+1:]...)
			break
		}
	}
	e.mu.Unlock()
	w.signOut(ctx)
	w.stop()
	return nil
}

// Terminals tells the status of each, the default one first.
func (e *Engine) Terminals() []TerminalStatus {
	all := e.all()
	list := make([]TerminalStatus, 0, len(all))
	for _, w := range all {
		list = append(list, w.status())
	}
	return list
}

// Watch gives the news from now on. lost is closed when buffer was too small: then
// read everything again. stop ends it.
func (e *Engine) Watch(buffer int) (news <-chan Update, lost <-chan struct{}, stop func()) {
	return e.hub.watch(buffer, "")
}

// followBuffer is how many changes of one operation may wait for a slow follower.
const followBuffer = 256

// Follow gives the operation as it stands, then after every change. The channel is
// closed at the end of ctx.
func (e *Engine) Follow(ctx context.Context, id string) (<-chan payment.Operation, error) {
	news, lost, stop := e.hub.watch(followBuffer, id)
	op, err := e.journal.Operation(ctx, id)
	if err != nil {
		stop()
		return nil, err
	}
	if live, ok := e.live(id); ok {
		op = live
	}
	out := make(chan payment.Operation, followBuffer)
	out <- op
	go func() {
		defer close(out)
		defer func() { stop() }()
		for {
			select {
			case u := <-news:
				select {
				case out <- u.Operation:
				case <-ctx.Done():
					return
				}
			case <-lost:
				stop()
				news, lost, stop = e.hub.watch(followBuffer, id)
				op, ok := e.live(id)
				if !ok {
					if op, err = e.journal.Operation(ctx, id); err != nil {
						e.log.Error("follow", "operation", id, "error", err)
						continue
					}
				}
				select {
				case out <- op:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// OpenOperations are those whose outcome is not known yet, as they stand.
func (e *Engine) OpenOperations() []payment.Operation {
	var list []payment.Operation
	for _, w := range e.all() {
		if op, open := w.openOperation(); open {
			list = append(list, op)
		}
	}
	return list
}

// Idle waits until nothing is open on any terminal, or ctx ends.
func (e *Engine) Idle(ctx context.Context) error {
	for {
		news, lost, stop := e.hub.watch(followBuffer, "")
		if len(e.OpenOperations()) == 0 {
			stop()
			return nil
		}
		select {
		case <-news:
		case <-lost:
		case <-ctx.Done():
			stop()
			return ctx.Err()
		}
		stop()
	}
}

// Close signs out of the terminals on which nothing is open, with maintenance
// allowed, and stops all workers. What is open stays so in the journal and is
// resolved at the next start.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	var waits sync.WaitGroup
	for _, w := range e.all() {
		waits.Go(func() {
			if w.leave() && w.signer != nil { // a sign of life that is out needs no waiting for
				w.quietWithin(ctx, quietLimit)
				w.signOut(ctx)
			}
			w.stop()
		})
	}
	waits.Wait()
	return ctx.Err()
}

func (e *Engine) all() []*worker {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]*worker, 0, len(e.order))
	for _, name := range e.order {
		list = append(list, e.workers[name])
	}
	return list
}

func (e *Engine) worker(name string) (*worker, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if name == "" && len(e.order) > 0 {
		name = e.order[0]
	}
	w, ok := e.workers[name]
	if !ok {
		return nil, &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: fmt.Sprintf("There is no terminal %q. Nothing was sent. Choose a terminal, or add one.", name)}
	}
	return w, nil
}

// live finds an operation that is being talked about, as it stands in memory.
func (e *Engine) live(id string) (payment.Operation, bool) {
	for _, w := range e.all() {
		if t := w.talkOf(id); t != nil {
			return t.snapshot(), true
		}
	}
	return payment.Operation{}, false
}

// talkOf finds the open conversation about an operation.
func (e *Engine) talkOf(id string) *talk {
	for _, w := range e.all() {
		if t := w.talkOf(id); t != nil {
			return t
		}
	}
	return nil
}

func conflict(text string) error {
	return &payment.Error{Code: payment.CodeConflict, Sent: payment.SentNo, Text: text}
}

func input(text string) error {
	return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: text}
}
