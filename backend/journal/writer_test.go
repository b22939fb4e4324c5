package journal_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestManyAtOnce: every till gets its own answers, and the chain holds.
func TestManyAtOnce(t *testing.T) {
	j, path := till(t)
	const tills, sales = 8, 25
	var wait sync.WaitGroup
	for n := range tills {
		wait.Go(func() {
			for i := range sales {
				op := operation(fmt.Sprintf("op-%d-%d", n, i))
				op.FormKey = "key-" + op.ID
				if _, fresh, err := j.Create(t.Context(), op); err != nil || !fresh {
					t.Errorf("create: %v, %v", fresh, err)
				}
				j.Note(op.ID, event(t, op.ID, payment.EventNote, payment.Note{Text: "before"}))
				if got, _, err := j.Append(t.Context(), op.ID, attempt(t, op.ID, "5"+op.ID)); err != nil || got.ID != op.ID || got.State != payment.Sending {
					t.Errorf("append: %s in %s, %v", got.ID, got.State, err)
				}
				if _, _, err := j.Append(t.Context(), op.ID, event(t, op.ID, "miracle", nil)); payment.CodeOf(err) != payment.CodeInternal {
					t.Errorf("a misfit: %v", err)
				}
				if got, _, err := j.Append(t.Context(), op.ID, approved(t, op.ID, 1250)); err != nil || got.State != payment.Approved {
					t.Errorf("append: %s in %s, %v", got.ID, got.State, err)
				}
			}
		})
	}
	wait.Wait()
	sound(t, j, tills*sales*4, tills*sales)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	sound(t, open(t, path), tills*sales*4, tills*sales)
}

// TestSameFormTwiceAtOnce: a double click on two connections charges once (F-15).
func TestSameFormTwiceAtOnce(t *testing.T) {
	j, _ := till(t)
	release := j.Hold()
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		ids   = map[string]bool{}
		fresh int
	)
	for i := range 20 {
		wait.Go(func() {
			op := operation(fmt.Sprintf("op-%d", i))
			op.FormKey = "the same"
			got, first, err := j.Create(t.Context(), op)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[got.ID] = true
			if first {
				fresh++
			}
		})
	}
	release()
	wait.Wait()
	if len(ids) != 1 || fresh != 1 {
		t.Errorf("%d operations, %d of them fresh", len(ids), fresh)
	}
	sound(t, j, 1, 1)
}

// TestOneCommitForAllThatWait: a misfit among them fails alone.
func TestOneCommitForAllThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, path := till(t)
		create(t, j, operation("op-1"))
		before := frames(t, path)
		release := j.Hold()
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() {
				e := event(t, "op-1", payment.EventNote, payment.Note{Text: fmt.Sprint(i)})
				if i%10 == 0 {
					e.Kind = "miracle"
				}
				_, _, err := j.Append(t.Context(), "op-1", e)
				if (err != nil) != (i%10 == 0) {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
		synctest.Wait()
		if n := j.Queued(); n != 50 {
			t.Errorf("%d requests wait", n)
		}
		release()
		wait.Wait()
		sound(t, j, 46, 1)
		if grown := frames(t, path) - before; grown > 15 {
			t.Errorf("45 events of one operation took %d pages of log: they did not share a commit", grown)
		}
	})
}

// frames counts the pages in the write-ahead log.
func frames(t *testing.T, path string) int { return len(content(t, path+"-wal")) / (4096 + 24) }

// TestNotesAreWrittenByThemselves: also when nobody asks for anything after them.
func TestNotesAreWrittenByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := till(t)
		create(t, j, operation("op-1"))
		j.Note("op-1", event(t, "op-1", payment.EventNote, payment.Note{Text: "alone"}))
		synctest.Wait()
		if seq, _, err := j.Head(t.Context()); err != nil || seq != 1 {
			t.Errorf("the note did not wait for company: event %d, %v", seq, err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if seq, _, err := j.Head(t.Context()); err != nil || seq != 2 {
			t.Errorf("after a second the newest event is %d, %v", seq, err)
		}
	})
}

// TestFullQueueBlocks: it neither drops nor grows, and a caller may give up.
func TestFullQueueBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := till(t)
		create(t, j, operation("op-1"))
		release := j.Hold()
		const notes = 3000
		done := make(chan bool)
		go func() {
			for range notes {
				j.Note("op-1", event(t, "op-1", payment.EventNote, payment.Note{Text: "x"}))
			}
			close(done)
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Error("the queue has no end")
		default:
		}
		ctx, cancel := withCancel(t)
		gone := make(chan error)
		go func() {
			_, _, err := j.Append(ctx, "op-1")
			gone <- err
		}()
		synctest.Wait()
		cancel()
		wantCode(t, <-gone, payment.CodeJournal)
		release()
		<-done
		add(t, j, "op-1")
		sound(t, j, notes+1, 1)
	})
}

// TestOnceQueuedItIsWaitedFor: a caller that gives up later still learns the truth.
func TestOnceQueuedItIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := till(t)
		release := j.Hold()
		ctx, cancel := withCancel(t)
		done := make(chan error)
		go func() {
			_, _, err := j.Create(ctx, operation("op-1"))
			done <- err
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		release()
		if err := <-done; err != nil {
			t.Error(err)
		}
		sound(t, j, 1, 1)
	})
}

// TestFullDisk: the write fails with a sentence, nothing of it stays, and the
// journal goes on when there is space again.
func TestFullDisk(t *testing.T) {
	j, path := till(t)
	made := create(t, j, operation("op-1"))
	before := add(t, j, "op-1", attempt(t, "op-1", "990001"))
	if err := j.LimitPages(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	long := payment.Note{Text: strings.Repeat("x", 100_000)}
	_, _, err := j.Append(t.Context(), "op-1", approved(t, "op-1", 1250), event(t, "op-1", payment.EventNote, long))
	wantCode(t, err, payment.CodeJournal)
	if says := payment.TextOf(err); !strings.Contains(says, "the disk is full") {
		t.Errorf("it says %q (%v)", says, err)
	}
	big := operation("op-2")
	big.FormKey, big.Reference = "key", long.Text
	_, _, err = j.Create(t.Context(), big)
	wantCode(t, err, payment.CodeJournal)
	if payment.SentOf(err) != payment.SentNo {
		t.Error("what was never begun may have been sent")
	}
	got, err := j.Operation(t.Context(), "op-1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, before)
	sound(t, j, 2, 1)

	if err := j.LimitPages(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if op := add(t, j, "op-1", approved(t, "op-1", 1250)); op.State != payment.Approved {
		t.Errorf("with space again the operation is %s", op.State)
	}
	if again := create(t, j, big); again.Number != made.Number+1 {
		t.Errorf("the failed one used up a number: this is %d", again.Number)
	}
	sound(t, j, 4, 2)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	sound(t, open(t, path), 4, 2)
}

func TestNoteThatFailsIsLogged(t *testing.T) {
	var lines bytes.Buffer
	j, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"),
		journal.Options{Log: slog.New(slog.NewTextHandler(&lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	j.Note("nobody", event(t, "nobody", payment.EventNote, payment.Note{}))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(lines.String(), "nobody") {
		t.Errorf("the log says %q", lines.String())
	}
}

// TestMoreThanTheCacheHolds: operations that were forgotten are read again.
func TestMoreThanTheCacheHolds(t *testing.T) {
	j, _ := till(t)
	const many = 3 * journal.CacheSize
	release := j.Hold()
	var wait sync.WaitGroup
	for i := range many {
		wait.Go(func() {
			if _, _, err := j.Create(t.Context(), operation(fmt.Sprint("op-", i))); err != nil {
				t.Error(err)
			}
		})
	}
	release()
	wait.Wait()
	for i := range many {
		wait.Go(func() {
			id := fmt.Sprint("op-", i)
			if op, _, err := j.Append(t.Context(), id, attempt(t, id, fmt.Sprint(1000+i))); err != nil || op.State != payment.Sending {
				t.Errorf("%s in %s, %v", op.ID, op.State, err)
			}
		})
	}
	wait.Wait()
	sound(t, j, 2*many, many)
}
