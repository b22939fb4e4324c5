package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// worker drives one terminal: at most one operation at a time (F-11).
type worker struct {
	e        *Engine
	name     string
	provider payment.Provider
	settings payment.Settings
	test     bool
	terminal payment.Terminal
	// The abilities that this terminal has; nil: it has not.
	refunder payment.Refunder
	voider   payment.Voider
	aborter  payment.Aborter
	extender payment.Extender
	signer   payment.SignIner
	pinger   payment.Pinger
	capturer payment.Capturer
	accounts []payment.Account
	receiver payment.Receiver
	wallet   payment.Wallet

	ctx    context.Context // ends when the worker stops
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	current *talk // the open operation, holds the terminal
	last    *talk // over, but its terminal may still show something ("Welcome")
	// after are the conversations that go on about what holds the terminal no more: one
	// for each operation, by its id.
	after    map[string]*talk
	backlog  []payment.Operation
	keeping  chan struct{} // closed when no sign-in or ping is under way
	leaving  bool          // nothing new starts any more
	updates  updates
	signedIn bool
	watched  int // operations of which only a manager says that they are over
	lastSeen time.Time
	offline  bool
	problem  string
	// delivered is when something last arrived from outside; zero: never.
	delivered time.Time
}

func newWorker(e *Engine, t Terminal) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	wake := make(chan struct{}, 1)
	quiet := make(chan struct{})
	close(quiet)
	return &worker{e: e, name: t.Name, provider: t.Provider, settings: t.Settings, test: t.Test, ctx: ctx, cancel: cancel, after: map[string]*talk{}, keeping: quiet, updates: updates{wake: wake, quiet: time.Now()}}
}

// learn finds the terminal's abilities (design 2, "Provider shape").
func (w *worker) learn() {
	w.refunder, _ = w.terminal.(payment.Refunder)
	w.voider, _ = w.terminal.(payment.Voider)
	w.aborter, _ = w.terminal.(payment.Aborter)
	w.extender, _ = w.terminal.(payment.Extender)
	w.signer, _ = w.terminal.(payment.SignIner)
	w.pinger, _ = w.terminal.(payment.Pinger)
	w.capturer, _ = w.terminal.(payment.Capturer)
	w.receiver, _ = w.terminal.(payment.Receiver)
	w.wallet, _ = w.terminal.(payment.Wallet)
	if several, ok := w.terminal.(payment.Accountant); ok {
		w.accounts = several.Accounts()
	}
}

// limits are the terminal's own where it has some (a mode may narrow them), else
// its provider's.
func (w *worker) limits() payment.Limits {
	if own, ok := w.terminal.(interface{ Limits() payment.Limits }); ok {
		return own.Limits()
	}
	return w.provider.Info().Limits
}

func (w *worker) clocks() payment.Clocks { return w.provider.Info().Clocks }

func (w *worker) currency() string {
	if c := w.settings["currency"]; c != "" {
		return c
	}
	return w.provider.Info().Currencies[0]
}

func (w *worker) status() TerminalStatus {
	limits := w.limits()
	door := payment.Door{}
	if w.receiver != nil {
		door = w.receiver.Door()
	}
	var vendors []payment.Vendor
	if w.wallet != nil {
		vendors = w.wallet.Vendors()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := TerminalStatus{
		CanCapture: w.capturer != nil, Accounts: w.accounts, Vendors: vendors, Receives: w.receiver != nil, Door: door, Delivered: w.delivered,
		Name: w.name, Provider: w.provider.Info().Name, Title: w.provider.Info().Title, Currency: w.currency(),
		LastSeen: w.lastSeen, Problem: w.problem, Limits: limits, ReopenFor: w.clocks().ReopenFor,
		CanRefund: w.refunder != nil, CanVoid: w.voider != nil, CanAbort: w.aborter != nil, CanSignIn: w.signer != nil,
	}
	switch {
	case w.openTalk() != nil:
		op := w.current.snapshot()
		s.Operation, s.State = op.ID, TerminalBusy
		if op.State == payment.InDoubt {
			s.State = TerminalInDoubt
		}
	case w.offline:
		s.State = TerminalOffline
	case w.lastSeen.IsZero():
		s.State = TerminalUnknown
	default:
		s.State = TerminalReady
	}
	return s
}

// begin commits the operation with its first attempt and starts the conversation.
func (w *worker) begin(ctx context.Context, op payment.Operation, with shown) (payment.Operation, error) {
	w.mu.Lock()
	if current := w.openTalk(); current != nil {
		open := current.snapshot()
		w.mu.Unlock()
		if op.FormKey != "" && open.FormKey == op.FormKey {
			return open, nil
		}
		return payment.Operation{}, inTheWay(open, w.takenBy(open))
	}
	if w.updates.under(time.Now()) {
		w.mu.Unlock()
		return payment.Operation{}, conflict(fmt.Sprintf("Terminal %s is updating itself and takes no payments meanwhile. Nothing was sent. Wait, or use another terminal.", w.name))
	}
	if len(w.backlog) > 0 {
		open := w.backlog[0]
		w.mu.Unlock()
		return payment.Operation{}, inTheWay(open, w.takenBy(open))
	}
	if w.leaving {
		w.mu.Unlock()
		return payment.Operation{}, conflict(fmt.Sprintf("Terminal %s is being closed. Nothing was sent.", w.name))
	}
	t, before := newTalk(w, op), w.current
	t.shown = with
	w.current = t
	w.mu.Unlock()

	started, fresh, err := t.create(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || !fresh {
		if w.current = before; before != nil && before.freed {
			w.current, w.last = nil, before // it let go meanwhile
		}
		close(t.over)
		return started, err
	}
	t.live = true
	if before != nil {
		w.last = before
	}
	w.done.Go(t.run)
	return started, nil
}

func (w *worker) takenBy(op payment.Operation) string {
	return fmt.Sprintf("Terminal %s is taken by operation %d until its outcome is known. Nothing was sent. Wait, or use another terminal.", w.name, op.Number)
}

// leave keeps anything new from starting. ok is false while something is open.
func (w *worker) leave() (ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.openTalk() != nil || len(w.backlog) > 0 {
		return false
	}
	w.leaving = true
	return true
}

// openTalk is the conversation that holds the terminal. One whose outcome is known
// holds nothing any more, even if its goroutine has not let go yet. w.mu is held.
func (w *worker) openTalk() *talk {
	if w.current == nil || w.current.state().Final() {
		return nil
	}
	return w.current
}

// free releases the terminal; the talk may linger.
func (w *worker) free(t *talk) {
	w.mu.Lock()
	if w.current == t {
		w.current, w.last, w.updates.quiet = nil, t, time.Now()
	}
	if t != nil {
		t.freed, w.after[t.id] = true, t
	}
	var next *talk
	if w.current == nil && len(w.backlog) > 0 && w.ctx.Err() == nil {
		next = newTalk(w, w.backlog[0])
		next.live = true
		w.backlog = w.backlog[1:]
		w.current = next
	}
	w.mu.Unlock()
	if next != nil {
		w.done.Go(next.resume)
	}
	w.e.hub.tell(Update{Terminal: w.name})
}

// takeUp keeps what was open on this terminal when the till last stopped, the oldest
// first: it goes before anything new. A void that belongs to a refused signature is taken up by its sale.
func (w *worker) takeUp(open []payment.Operation) {
	sales := map[string]bool{}
	for _, op := range open {
		if op.Terminal == w.name && op.Provisional != nil {
			sales[op.ID] = true
		}
	}
	w.mu.Lock()
	for _, op := range open {
		if op.Terminal == w.name && !(op.Kind == payment.Void && sales[op.Original]) {
			w.backlog = append(w.backlog, op)
		}
	}
	w.mu.Unlock()
}

func (w *worker) talkOf(id string) *talk {
	w.mu.Lock()
	defer w.mu.Unlock()
	for t := w.current; t != nil; t = t.void {
		if t.id == id {
			return t
		}
	}
	return nil
}

// goesOn is the conversation that goes on about an operation whose outcome is known.
func (w *worker) goesOn(id string) *talk {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.after[id]
}

// end closes a conversation: nobody finds it any more.
func (w *worker) end(t *talk) {
	w.mu.Lock()
	if w.after[t.id] == t {
		delete(w.after, t.id)
	}
	w.mu.Unlock()
	close(t.over)
}

func (w *worker) openOperation() (payment.Operation, bool) {
	w.mu.Lock()
	t := w.current
	waiting := len(w.backlog)
	var first payment.Operation
	if waiting > 0 {
		first = w.backlog[0]
	}
	w.mu.Unlock()
	if t != nil {
		if op := t.snapshot(); !op.State.Final() {
			return op, true
		}
	}
	return first, waiting > 0
}

// inbound is where a terminal's own messages go (design 10.6).
func (w *worker) inbound() payment.Reporter {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range []*talk{w.current, w.last} {
		if t != nil && t.live && !t.ended() {
			return t
		}
	}
	return session{w}
}

// seen keeps the latest proof of life (F-21).
func (w *worker) seen() {
	w.mu.Lock()
	was := w.offline || w.lastSeen.IsZero()
	w.lastSeen, w.offline, w.problem = w.e.now(), false, ""
	w.mu.Unlock()
	if was {
		w.e.hub.tell(Update{Terminal: w.name})
	}
}

// missed keeps that the terminal could not be reached.
func (w *worker) missed(err error) {
	w.mu.Lock()
	w.problem = payment.TextOf(err)
	if code := payment.CodeOf(err); code == payment.CodeUnreachable || code == payment.CodeNoAnswer {
		w.offline = true
	}
	w.mu.Unlock()
	w.e.hub.tell(Update{Terminal: w.name})
}

// stop ends the worker: what is open stays open in the journal.
func (w *worker) stop() {
	w.cancel()
	if w.terminal != nil {
		if err := w.terminal.Close(); err != nil {
			w.e.log.Warn("close terminal", "terminal", w.name, "error", err)
		}
	}
	w.done.Wait()
}
