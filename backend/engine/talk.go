package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// The limits of one conversation.
const (
	inboxSize   = 64               // calls that wait for the conversation
	maxTimeline = 5000             // prompts and messages kept of one operation
	lingerTime  = 15 * time.Second // the terminal's last words ("Welcome") after the outcome
)

// talk is the conversation about one operation. One goroutine (run) owns it; other
// goroutines hand it calls through the inbox and read snapshots.
type talk struct {
	w  *worker
	id string

	inbox   chan func()
	answers chan answer
	over    chan struct{} // closed when nobody reads the inbox any more
	timers  timers
	kept    atomic.Int64 // events of the timeline so far

	mu sync.Mutex
	op payment.Operation

	// Owned by the goroutine of run.
	ctx        context.Context
	calls      int  // provider calls that carry out the attempt and are still open
	sent       bool // the latest attempt may have left
	looking    bool // a status request is under way
	signingIn  bool
	abortSent  time.Time // when the latest abort left; zero: none, or it was not taken
	busySince  time.Time // since when status requests in doubt say: still at it; zero: they do not
	stopped    bool      // asked to stop for that, once
	resumed    bool      // taken up after a restart
	voids      int       // voids of a refused signature so far
	busyTries  int
	signedIn   bool // signed in once for this operation already
	notFound   int  // explicit NotFound answers in a row
	silentFor  int  // status requests in a row that got no answer
	asking     *asking
	pinNoted   bool
	watchLater time.Duration           // how much later the first question of the watch comes
	watched    bool                    // only a manager says that it is over
	shown      shown                   // with a wallet's sale
	told       func(payment.Operation) // hears every committed change; set before run
	live       bool                    // committed, so that it may be told of; guarded by w.mu
	freed      bool                    // has let go of the terminal; guarded by w.mu
	void       *talk                   // the void after a refused signature (light mode); guarded by w.mu
}

// answer is what a provider call came back with.
type answer struct {
	attempt int
	result  payment.Result
	err     error
}

func newTalk(w *worker, op payment.Operation) *talk {
	return &talk{w: w, id: op.ID, op: op, ctx: w.ctx, inbox: make(chan func(), inboxSize), answers: make(chan answer, 4),
		over: make(chan struct{}), timers: timers{}}
}

// snapshot is the operation as it stands.
func (t *talk) snapshot() payment.Operation {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.op
}

func (t *talk) state() payment.State { return t.snapshot().State }

// create commits the operation and its first attempt together, before anything is
// sent. fresh is false when the form key was known already.
func (t *talk) create(ctx context.Context) (payment.Operation, bool, error) {
	attempt, err := t.w.e.attempt(ctx, 1)
	if err != nil {
		return payment.Operation{}, false, unrecorded(err)
	}
	event, err := payment.NewEvent(t.id, t.w.e.now(), payment.EventAttempt, attempt)
	if err != nil {
		return payment.Operation{}, false, err
	}
	op, fresh, err := t.w.e.journal.Create(ctx, t.op, event)
	if err != nil {
		return payment.Operation{}, false, unrecorded(err)
	}
	if fresh {
		t.set(op)
	}
	return op, fresh, nil
}

// unrecorded words a fault of the journal before anything was sent.
func unrecorded(err error) error {
	var e *payment.Error
	if errors.As(err, &e) && e.Code != payment.CodeInternal {
		return err
	}
	return &payment.Error{Code: payment.CodeJournal, Sent: payment.SentNo, Err: err,
		Text: "This cannot be recorded, so nothing was sent to the terminal. Look at the disk of this computer, then try again."}
}

// errClosing: the till stops before something could be recorded.
var errClosing = errors.New("paydesk is closing")

// set takes over what the journal has committed, and tells the pages. A prompt
// that is newer in memory stays.
func (t *talk) set(op payment.Operation) {
	t.mu.Lock()
	if t.op.Prompt.At.After(op.Prompt.At) {
		op.Prompt = t.op.Prompt
	}
	t.op = op
	t.mu.Unlock()
	t.w.e.hub.operation(op)
	if t.told != nil {
		t.told(op)
	}
}

// commit records events about the operation; when it returns nil they are on the
// disk. A journal that cannot record is tried again until the till stops: what a
// terminal said must not be lost.
func (t *talk) commit(events ...fact) []payment.Verdict {
	list := make([]payment.Event, 0, len(events))
	for _, f := range events {
		event, err := payment.NewEvent(t.id, t.w.e.now(), f.kind, f.data)
		if err != nil {
			t.w.e.log.Error("make an event", "operation", t.id, "error", err)
			continue
		}
		list = append(list, event)
	}
	for pause := commitAgain; ; pause = min(pause*2, commitAgainMost) {
		op, verdicts, err := t.w.e.journal.Append(context.WithoutCancel(t.ctx), t.id, list...)
		if err == nil {
			t.set(op)
			return verdicts
		}
		t.w.e.log.Error("record", "operation", t.id, "error", err)
		t.w.trouble(payment.TextOf(err))
		t.unrecorded(err)
		select {
		case <-time.After(pause):
		case <-t.ctx.Done():
			return nil
		}
	}
}

// unrecorded shows, until the journal can write again, that what the terminal said
// is not on the disk: nobody may take it for known, and everybody is told what to do.
func (t *talk) unrecorded(err error) {
	t.mu.Lock()
	if !t.op.State.Final() && t.op.Reason != payment.ReasonJournal {
		now := t.w.e.now()
		if t.op.Doubt.Since.IsZero() {
			t.op.Doubt.Since = now
		}
		t.op.State, t.op.Reason, t.op.ReasonText = payment.InDoubt, payment.ReasonJournal, payment.TextOf(err)
		t.op.Doubt.Why = payment.TextOf(err)
	}
	op := t.op
	t.mu.Unlock()
	t.w.e.hub.operation(op)
}

// The pauses before a fault of the journal is tried again.
const (
	commitAgain     = 250 * time.Millisecond
	commitAgainMost = 5 * time.Second
)

// fact is an event to be.
type fact struct {
	kind payment.EventKind
	data any
}

// note keeps something in the timeline without waiting for the disk.
func (t *talk) note(kind payment.EventKind, data any) {
	event, err := payment.NewEvent(t.id, t.w.e.now(), kind, data)
	if err != nil {
		t.w.e.log.Error("make an event", "operation", t.id, "error", err)
		return
	}
	t.w.e.journal.Note(t.id, event)
}

// run leads the conversation from the first attempt to the outcome.
func (t *talk) run() {
	t.narrate(payment.PromptConnecting, payment.Device)
	t.call(t.op.Attempt)
	t.loop()
}

// loop goes on until the outcome is known, frees the terminal, then lingers for
// last words and for calls that are still open.
func (t *talk) loop() {
	defer t.w.end(t)
	defer t.drain()
	for !t.state().Final() {
		if !t.turn() {
			return
		}
	}
	t.dropQuestion()
	t.timers.clear()
	t.beginWatch() // the call may stay open for ever
	defer t.unwatch()
	t.w.free(t)
	t.fenced()
	t.timers.set(clockLinger, lingerTime)
	for (t.calls > 0 || t.looking || t.timers.has(clockLinger)) && t.turn() {
	}
	t.watch()
}

// drain takes what calls have brought when the till stops: an outcome that is known
// is recorded. The calls end with the till's context.
func (t *talk) drain() {
	for t.calls > 0 {
		t.answered(<-t.answers)
	}
}

// turn handles the next thing that happens. False: the till stops.
func (t *talk) turn() bool {
	// What has come already goes before what is due, in one order.
	select {
	case f := <-t.inbox:
		f()
		return true
	default:
	}
	select {
	case a := <-t.answers:
		t.answered(a)
		return true
	default:
	}
	clock, wait, stop := t.timers.next()
	defer stop()
	select {
	case f := <-t.inbox:
		f()
	case a := <-t.answers:
		t.answered(a)
	case <-wait:
		t.tick(clock)
	case <-t.ctx.Done():
		return false
	}
	return true
}

// tick does what is due.
func (t *talk) tick(clock clock) {
	t.timers.drop(clock)
	switch clock {
	case clockWatch:
		t.lookBack()
		return
	case clockWatched:
		t.watchedLong()
		return
	}
	if t.state().Final() {
		return
	}
	switch clock {
	case clockSilence, clockAsk, clockAbort:
		t.look()
	case clockBusy:
		t.again()
	case clockDoubt:
		t.doubt(payment.ReasonNoAnswer, "The terminal has not answered.")
	case clockPark:
		t.park()
	case clockVoid:
		t.resumeVoid()
	}
}

// post hands a call to the conversation. False: it is over.
func (t *talk) post(ctx context.Context, f func()) bool {
	if t.ended() {
		return false
	}
	select {
	case t.inbox <- f:
		return true
	case <-t.over:
	case <-ctx.Done():
	}
	return false
}

// ended tells whether nobody reads the inbox any more.
func (t *talk) ended() bool {
	select {
	case <-t.over:
		return true
	default:
		return false
	}
}

// ask hands a call to the conversation and waits for what it says.
func ask[T any](ctx context.Context, t *talk, f func() (T, error)) (T, error) {
	type said struct {
		value T
		err   error
	}
	reply := make(chan said, 1)
	var none T
	if !t.post(ctx, func() {
		value, err := f()
		reply <- said{value, err}
	}) {
		return none, conflict("This operation has ended meanwhile.")
	}
	select {
	case s := <-reply:
		return s.value, s.err
	case <-t.over:
		select {
		case s := <-reply:
			return s.value, s.err
		default:
			return none, conflict("This operation has ended meanwhile.")
		}
	case <-ctx.Done():
		return none, fmt.Errorf("wait for the terminal's worker: %w", ctx.Err())
	}
}

// trouble is shown with the terminal.
func (w *worker) trouble(text string) {
	w.mu.Lock()
	w.problem = text
	w.mu.Unlock()
	w.e.hub.tell(Update{Terminal: w.name})
}
