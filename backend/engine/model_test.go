package engine_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

var (
	modelDepth = flag.Int("depth", 5, "the model walks every combination of so many choices")
	modelPath  = flag.String("path", "", "walk this path of the model only, as a failure prints it: KIND/SETTING/0,3,1")
)

// modelBatch is how many paths share a journal and a bubble of virtual time.
const modelBatch = 256

// root is where a tree of paths begins.
type root struct {
	kind     payment.Kind
	believed bool
}

func (r root) String() string {
	setting := "doubt"
	if r.believed {
		setting = "not-executed"
	}
	return string(r.kind) + "/" + setting
}

// search is the complete search of one tree: each path run adds the alternatives to
// the choices that it took beyond its prefix.
type search struct {
	root  root
	depth int

	mu      sync.Mutex
	news    *sync.Cond // a batch was gone
	todo    [][]choice
	running int
	paths   int
	choices map[string]int
	ends    map[payment.State]int
	broken  int
}

func newSearch(r root, depth int) *search {
	s := &search{root: r, depth: depth, choices: map[string]int{}, ends: map[payment.State]int{}}
	s.news = sync.NewCond(&s.mu)
	return s
}

// next gives a batch of prefixes; none when the search is over.
func (s *search) next() [][]choice {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.todo) == 0 && s.running > 0 {
		s.news.Wait()
	}
	if s.broken >= mostBroken {
		return nil
	}
	n := min(len(s.todo), modelBatch)
	batch := s.todo[len(s.todo)-n:]
	s.todo = s.todo[: len(s.todo)-n : len(s.todo)-n]
	s.running += n
	return batch
}

// mostBroken paths are enough.
const mostBroken = 5

// take adds what a path has found.
func (s *search) take(t *testing.T, p *path, prefix []choice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.news.Broadcast()
	s.paths++
	s.ends[p.seen]++
	for i := len(prefix); i < len(p.taken); i++ {
		for other := 1; other < p.taken[i].of; other++ {
			branch := append(p.taken[:i:i], choice{pick: other, of: p.taken[i].of})
			s.todo = append(s.todo, branch)
		}
	}
	for _, c := range p.taken {
		s.choices[c.words]++
	}
	if len(p.broken) > 0 && s.broken < mostBroken {
		s.broken++
		t.Errorf("path %s/%s broke:\n  BROKEN %s\n%s", s.root, p, strings.Join(p.broken, "\n  BROKEN "), p.timeline)
	}
}

// TestModel walks every combination of what the terminal, the cashier, a manager and
// the power do in the first choices of an operation, with the real engine on the real
// journal. After them everything goes well, and the checks of model_check_test.go
// must hold.
func TestModel(t *testing.T) {
	if *modelPath != "" {
		replayPath(t, *modelPath)
		return
	}
	began, paths := time.Now(), 0
	most := *modelDepth
	if raced() {
		most -= 2 // it is slower by an order of magnitude
	}
	for _, kind := range []payment.Kind{payment.Sale, payment.Refund} {
		for _, believed := range []bool{false, true} {
			depth := most
			if kind == payment.Refund {
				depth-- // the same code but for the signature
			}
			s := newSearch(root{kind, believed}, depth)
			s.todo = [][]choice{nil}
			t.Run(s.root.String(), func(t *testing.T) {
				for worker := range runtime.GOMAXPROCS(0) {
					t.Run(fmt.Sprint(worker), func(t *testing.T) {
						t.Parallel()
						for batch := s.next(); len(batch) > 0; batch = s.next() {
							s.run(t, batch)
						}
					})
				}
			})
			t.Logf("%s: %d paths of up to %d choices, %d different choices; they end %v", s.root, s.paths, s.depth, len(s.choices), s.ends)
			paths += s.paths
		}
	}
	t.Logf("%d paths in %s", paths, time.Since(began).Round(time.Millisecond))
}

// raced tells whether this runs under the race detector.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func replayPath(t *testing.T, words string) {
	parts := strings.Split(words, "/")
	if len(parts) != 3 {
		t.Fatalf("a path is KIND/SETTING/0,3,1: %q", words)
	}
	var prefix []choice
	for pick := range strings.SplitSeq(parts[2], ",") {
		n, err := strconv.Atoi(pick)
		if err != nil {
			t.Fatal(err)
		}
		prefix = append(prefix, choice{pick: n})
	}
	s := newSearch(root{payment.Kind(parts[0]), parts[1] == "not-executed"}, len(prefix))
	for _, p := range s.run(t, [][]choice{prefix}) {
		t.Logf("%s\n%s", p, p.timeline)
	}
}

// run goes a batch of paths side by side, each with its own till and terminal.
func (s *search) run(t *testing.T, batch [][]choice) []*path {
	folder := modelFolder(t)
	all := make([]*path, len(batch))
	gone := false
	defer func() {
		if !gone { // the test has given up: the other workers need not wait for these paths
			s.mu.Lock()
			defer s.mu.Unlock()
			s.broken, s.running = mostBroken, 0
			s.news.Broadcast()
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(folder, "journal.db")
		j, err := journal.Open(t.Context(), file, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var going sync.WaitGroup
		for i, prefix := range batch {
			p := &path{name: fmt.Sprint("path", i), kind: s.root.kind, believed: s.root.believed, journal: j, prefix: prefix, depth: s.depth, moments: make(chan struct{}, 64)}
			p.device = &device{path: p, charges: map[string]*charge{}}
			all[i] = p
			going.Go(p.play)
		}
		going.Wait()
		for _, p := range all {
			p.tell()
		}
		reopen(t, j, file)
	})
	for i, p := range all {
		s.take(t, p, batch[i])
	}
	gone = true
	if err := os.RemoveAll(folder); err != nil {
		t.Error(err)
	}
	return all
}

// modelFolder is in memory where the system has such a place: the search is about the
// engine, and what a disk does to the journal is the matter of its own tests.
func modelFolder(t *testing.T) string {
	t.Helper()
	memory := "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	folder, err := os.MkdirTemp(memory, "model")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// tell keeps the timeline of a broken path.
func (p *path) tell() {
	if len(p.broken) == 0 && *modelPath == "" {
		return
	}
	events, err := p.journal.Events(context.Background(), p.id)
	if err != nil {
		p.fail(theModel, "%v", err)
	}
	for _, e := range events {
		p.timeline += fmt.Sprintf("  %s %s %s\n", e.At.Format("15:04:05.000"), e.Kind, e.Data)
	}
}

// reopen has the journal verify itself, and read the same after it is opened again.
func reopen(t *testing.T, j *journal.Journal, file string) {
	ctx := context.Background()
	if err := j.Log(ctx); err != nil { // waits for what is queued
		t.Error(err)
	}
	verdict, err := j.Verify(ctx)
	if err != nil || !verdict.Sound() {
		t.Errorf("the journal: %v, %+v", err, verdict.Faults)
	}
	before, err := j.Operations(ctx, payment.Query{})
	if err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	again, err := journal.Open(ctx, file, journal.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	after, err := again.Operations(ctx, payment.Query{})
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("opened again it reads otherwise: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
