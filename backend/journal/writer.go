package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// Bounds of the writer.
const (
	// maxQueue is how many requests may wait for the writer.
	maxQueue = 1024
	// maxBatch is how many requests share one commit.
	maxBatch = 512
	// maxBatchEvents ends a batch: it may be passed by one request.
	maxBatchEvents = 4096
	// maxLog is what the write-ahead log shrinks to when it was longer, in bytes.
	maxLog = 64 << 20
	// noteDelay is how long notes wait for a request to share a commit with.
	noteDelay = 200 * time.Millisecond
)

// foldLog folds the write-ahead log into the file and empties it.
const foldLog = "PRAGMA wal_checkpoint(TRUNCATE)"

// request is one thing to write: a new operation with its first events, events, or
// a job. Without any of them it is a wait for what stands before it in the queue.
type request struct {
	create *payment.Operation
	id     string
	events []payment.Event
	job    func(context.Context, *sql.Conn) error // in a transaction of its own
	note   bool                                   // nobody waits
	// delivery makes the events conditional: a key that is known records nothing.
	delivery *delivered
	done     chan answer
}

// answer is what became of a request.
type answer struct {
	op       payment.Operation
	verdicts []payment.Verdict
	fresh    bool
	err      error
}

// writer owns the only writing connection. Everything below gate is used by its
// goroutine only.
type writer struct {
	db    *sql.DB
	path  string
	file  os.FileInfo // what stood at path when it was opened
	conn  *sql.Conn
	log   *slog.Logger
	queue chan *request
	ended chan struct{}

	gate   sync.RWMutex // held for reading while a request is queued
	closed bool

	statements statements
	head       head
	cache      cache
}

func openWriter(ctx context.Context, path string, log *slog.Logger) (*writer, error) {
	db, err := openFile(path, "rw")
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, path: path, log: log, queue: make(chan *request, maxQueue), ended: make(chan struct{})}
	if err := w.begin(ctx); err != nil {
		return nil, errors.Join(err, w.release())
	}
	go w.run()
	return w, nil
}

func (w *writer) begin(ctx context.Context) (err error) {
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return err
	}
	for _, first := range []string{
		// On macOS a plain sync leaves the data in the disk's own cache.
		"PRAGMA fullfsync = ON", "PRAGMA checkpoint_fullfsync = ON",
		fmt.Sprintf("PRAGMA journal_size_limit = %d", maxLog),
		// Taking the write lock shows that the folder can be written to; of a file that
		// cannot, only a write tells, even one that changes nothing.
		"BEGIN IMMEDIATE", "DELETE FROM serial WHERE name = ''", "ROLLBACK",
		// A log that a power cut tore is begun anew, so that what it tore is not there
		// at the next cut (checkLog). Nobody who reads meanwhile is waited for.
		"PRAGMA busy_timeout = 0", foldLog, "PRAGMA busy_timeout = " + busyTimeout,
	} {
		if _, err := w.conn.ExecContext(ctx, first); err != nil {
			return fmt.Errorf("%s: %w", first, err)
		}
	}
	if w.statements, err = prepareStatements(ctx, w.conn); err != nil {
		return err
	}
	if w.head, err = w.loadHead(ctx); err != nil {
		return err
	}
	w.file, err = os.Stat(w.path)
	return err
}

// here fails when the file is no longer where the next start will look for it. The
// system goes on writing to a file that was removed; nobody would ever read it.
func (w *writer) here() error {
	now, err := os.Stat(w.path)
	if err == nil && !os.SameFile(now, w.file) {
		err = errors.New("another file stands in its place")
	}
	if err != nil {
		return refused(gone, fmt.Errorf("journal: %w", err))
	}
	return nil
}

// ask queues a request and waits for its answer.
func (j *Journal) ask(ctx context.Context, r *request) (answer, error) {
	r.done = make(chan answer, 1)
	if err := j.send(ctx, r); err != nil {
		return answer{}, err
	}
	a := <-r.done
	return a, a.err
}

// send queues a request. ctx ends the wait for a place in the queue.
func (j *Journal) send(ctx context.Context, r *request) error {
	if j.writer == nil {
		return refused(locked, errors.New("journal: write to a journal that is open for reading"))
	}
	if err := ctx.Err(); err != nil {
		return fault("queue", err)
	}
	w := j.writer
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.closed {
		return refused(shut, errors.New("journal: write after close"))
	}
	select {
	case w.queue <- r:
		return nil
	case <-ctx.Done():
		return fault("queue", ctx.Err())
	}
}

// run takes requests until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.ended)
	var held *request
	for {
		first := held
		if held = nil; first == nil {
			var open bool
			if first, open = <-w.queue; !open {
				return
			}
		}
		if first.job != nil {
			first.done <- answer{err: w.work(first.job)}
			continue
		}
		var batch []*request
		batch, held = w.gather(first)
		w.record(batch)
	}
}

// gather takes what waits behind first, up to the bounds of a batch. Notes alone
// wait a little for company. A job ends the batch and is handed back.
func (w *writer) gather(first *request) (batch []*request, job *request) {
	batch = []*request{first}
	events, wait := len(first.events), !first.note
	timer := time.NewTimer(noteDelay)
	defer timer.Stop()
	for len(batch) < maxBatch && events < maxBatchEvents {
		var (
			next *request
			open bool
		)
		if wait { // somebody waits: take only what is there already
			select {
			case next, open = <-w.queue:
			default:
			}
		} else {
			select {
			case next, open = <-w.queue:
			case <-timer.C:
			}
		}
		if !open {
			return batch, nil
		}
		if next.job != nil {
			return batch, next
		}
		batch = append(batch, next)
		events += len(next.events)
		wait = wait || !next.note
	}
	return batch, nil
}

// work runs a job in a transaction of its own.
func (w *writer) work(job func(context.Context, *sql.Conn) error) error {
	return w.transaction(func(ctx context.Context) error { return job(ctx, w.conn) })
}

// transaction runs do between begin and commit. The context is the background's: a
// write that began is not given up.
func (w *writer) transaction(do func(context.Context) error) error {
	ctx := context.Background()
	if err := w.here(); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := do(ctx)
	if err == nil {
		if _, err = w.conn.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	// After some errors SQLite has rolled back already, and says so here.
	if _, undo := w.conn.ExecContext(ctx, "ROLLBACK"); undo != nil {
		w.log.Debug("the journal's transaction had ended already", "error", undo)
	}
	return err
}

// close refuses further requests, writes what is queued and closes the file.
func (w *writer) close() error {
	w.gate.Lock()
	if w.closed {
		w.gate.Unlock()
		<-w.ended
		return nil
	}
	w.closed = true
	close(w.queue)
	w.gate.Unlock()
	<-w.ended
	_, err := w.conn.ExecContext(context.Background(), foldLog)
	return errors.Join(err, w.release())
}

func (w *writer) release() error {
	errs := []error{w.statements.close()}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	return errors.Join(append(errs, w.db.Close())...)
}
