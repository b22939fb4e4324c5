package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// world is one run: a till with its terminals, in one synctest bubble.
type world struct {
	plan     plan
	began    time.Time
	jitter   jitter
	network  *network
	stations []*station
	ids      *ids
	starts   int    // of the till
	head     string // the journal's last hash
	events   []string
	weather  *weather
	clock    atomic.Int64   // how far the till's clock is off, in nanoseconds
	keepers  sync.WaitGroup // who turn the till on again

	mu         sync.Mutex
	now        *till
	up         chan struct{}                // closed while a till runs
	started    map[string]payment.Operation // what Start has acknowledged, by id
	byKey      map[string]string
	timeline   []string
	broken     []string
	promised   map[string]shown // the outcomes that the till has shown, by id
	objections []string         // of terminals that were closed
	tally      tally
}

// ids makes operation ids from the seed.
type ids struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

func newIDs(seed uint64) *ids {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return &ids{r: rand.NewChaCha8(key)}
}

func (i *ids) next() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return uuid.Must(uuid.NewRandomFromReader(i.r)).String()
}

// exitBound is within what every operation must have an end, or be parked, once the
// trouble is over: the terminal ends a payment after 3 minutes at the latest, and doubt
// is parked after 5.
const (
	exitBound = 12 * time.Minute
	pollEvery = 30 * time.Second
	// verifyEach: after so many starts of the till its journal verifies itself.
	verifyEach = 4
)

// run plays a plan in the bubble that it is called in.
func run(t *testing.T, p plan) *world {
	w := &world{plan: p, jitter: jitter(mix(p.seed)), began: time.Now(), ids: newIDs(p.seed), up: make(chan struct{}),
		started: map[string]payment.Operation{}, byKey: map[string]string{}, promised: map[string]shown{}}
	w.weather = &weather{counts: map[string]int{}}
	w.weather.set(p.odds)
	w.network = newNetwork(w.jitter, w.weather)
	defer w.network.close()
	folder, err := os.MkdirTemp(quickFolder(), "paydesk")
	if err != nil {
		w.fail(theRun, "%v", err)
		return w
	}
	defer func() {
		forget(folder)
		_ = os.RemoveAll(folder)
	}()
	for i, one := range p.terminals {
		if !w.setUp(i, one, folder) {
			return w
		}
	}
	defer w.switchOff()
	if !w.start(filepath.Join(folder, "till0", "journal.db")) {
		return w
	}
	var cashiers sync.WaitGroup
	for i := range p.terminals {
		cashiers.Go(func() { w.cashier(i) })
	}
	cashiers.Wait()
	w.calm()
	w.settle()
	w.check()
	w.tally.Fates = w.weather.counts
	w.tally.Seeds, w.tally.Virtual = 1, time.Since(w.began)
	return w
}

// start turns the till on with the journal at path.
func (w *world) start(path string) bool {
	if err := makeFolder(path); err != nil {
		w.fail(theRun, "%v", err)
		return false
	}
	x, err := newTill(context.Background(), path, w.jitter, w.wall)
	if err != nil {
		w.fail(journalVerifies, "the till does not start: %v", err)
		return false
	}
	if w.starts++; w.starts%verifyEach == 0 {
		w.verify(x.journal, "at its start")
	}
	if err := x.begin(w.network, w.ids.next, w.stations); err != nil {
		w.fail(theRun, "the till does not start: %v", err)
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = x
	close(w.up)
	w.keepers.Go(func() {
		select {
		case <-x.gone:
			w.restart(x)
		case <-x.left:
		}
	})
	return true
}

// till waits for one that runs. who waits makes no step at the same instant as
// somebody else who waited.
func (w *world) till(who string) *till {
	for {
		time.Sleep(w.jitter.of("turn to the till", []byte(who)))
		w.mu.Lock()
		x, up := w.now, w.up
		w.mu.Unlock()
		switch {
		case x == nil:
			<-up
		case x.isDead():
			<-x.left
		default:
			return x
		}
	}
}

// down takes the till away from the cashiers. False: another has done so.
func (w *world) down(x *till) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != x {
		return false
	}
	w.now, w.up = nil, make(chan struct{})
	close(x.left)
	return true
}

// restart turns a till whose power was cut on again, from what the cut left.
func (w *world) restart(x *till) {
	on := time.Now().Add(time.Duration(x.off.Load())) // whatever the burial takes
	if !w.down(x) {
		return
	}
	w.log("POWER CUT %s; off for %s", x.where, time.Until(on))
	w.mu.Lock()
	w.tally.Cuts++
	if x.tore {
		w.tally.Torn++
	}
	w.mu.Unlock()
	if err := x.bury(); err != nil {
		w.fail(theRun, "%v", err)
	}
	time.Sleep(time.Until(on))
	w.log("power on")
	if !w.start(x.cutPath) {
		panic(w.report()) // nobody can go on
	}
}

// stopClean closes the till as a person does and opens it again.
func (w *world) stopClean(x *till, off time.Duration) {
	if !w.down(x) {
		return
	}
	w.log("the till is closed; off for %s", off)
	w.mu.Lock()
	w.tally.Stops++
	w.mu.Unlock()
	x.kill()
	w.close(x)
	time.Sleep(off)
	w.log("the till is opened")
	if !w.start(x.path) {
		panic(w.report()) // nobody can go on
	}
}

// close ends the till's process in good order.
func (w *world) close(x *till) {
	w.closeEngine(x)
	w.closeJournal(x)
}

func (w *world) closeEngine(x *till) {
	if err := x.engine.Close(context.Background()); err != nil {
		w.fail(theRun, "close the engine: %v", err)
	}
}

func (w *world) closeJournal(x *till) {
	x.mu.Lock()
	x.dead = true
	x.mu.Unlock()
	if err := x.journal.Close(); err != nil {
		w.fail(theRun, "close the journal: %v", err)
	}
}

// calm ends all trouble.
func (w *world) calm() {
	w.weather.set(0)
	x := w.till("calm")
	x.points.Store(0)
	x.failing.Store(0)
	for i := range w.stations {
		w.mend(i)
		w.customer(i, "chip-pin")
	}
	w.log("all trouble has ended")
}

// settle waits until every operation is final or parked in doubt, and stays so for
// a while: what is parked is still asked about. The cashier comes back to what was
// left alone.
func (w *world) settle() {
	x := w.till("")
	still, afterward := time.Now(), time.Duration(0)
	for _, s := range w.stations {
		afterward = max(afterward, s.protocol.afterward)
	}
	for deadline := time.Now().Add(exitBound + afterward); time.Now().Before(deadline) && time.Since(still) < afterward; time.Sleep(pollEvery) {
		open, err := x.journal.Open(context.Background())
		if err != nil {
			w.fail(journalVerifies, "%v", err)
		}
		for _, op := range open {
			if !ended(op) {
				still = time.Now()
			}
			if op.State == payment.AwaitingAnswer && op.Provisional != nil {
				w.answer(x, op, operationPlan{answer: true})
			}
		}
	}
}

// ended tells whether the outcome is known, or nobody but a manager can help.
func ended(op payment.Operation) bool {
	return op.State.Final() || op.State == payment.InDoubt && op.Doubt.Parked
}

// switchOff ends what still runs.
func (w *world) switchOff() {
	w.mu.Lock()
	x := w.now
	w.mu.Unlock()
	if x != nil && w.down(x) {
		w.close(x)
	}
	w.keepers.Wait()
	for i := range w.stations {
		w.closeTerminal(i)
	}
}

// wall is the till's clock on the wall. It has no monotonic part, as after it was
// stored.
func (w *world) wall() time.Time { return time.Now().Round(0).Add(time.Duration(w.clock.Load())) }

// report says what was broken, and how to see it again.
func (w *world) report() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("seed %d broke:\n  %s\nreplay: go test ./backend/simulate -run Seed -seed %d%s\ntimeline:\n%s",
		w.plan.seed, strings.Join(w.broken, "\n  "), w.plan.seed, only(), strings.Join(w.timeline, "\n"))
}

// log writes a line of the timeline.
func (w *world) log(format string, values ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timeline = append(w.timeline, fmt.Sprintf("%12s  ", time.Since(w.began).Round(time.Millisecond))+fmt.Sprintf(format, values...))
}

// fail keeps that a promise was broken.
func (w *world) fail(check, format string, values ...any) {
	text := check + ": " + fmt.Sprintf(format, values...)
	w.log("BROKEN %s", text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, text)
}
