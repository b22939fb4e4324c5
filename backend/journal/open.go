package journal

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// Limits of the connections.
const (
	// maxReaders bounds the pool of reading connections.
	maxReaders = 4
	// busyTimeout is how long a connection waits for a lock of another process.
	busyTimeout = "5000" // milliseconds
	// tailChecked is how many of the newest events are checked when the journal is
	// opened. A check of the whole file costs time with its size; that is Verify.
	tailChecked = 64
)

// Options say how a journal is opened.
type Options struct {
	Now      func() time.Time // nil: time.Now
	ReadOnly bool             // for a second process; every write is refused
	Log      *slog.Logger     // nil: nothing is logged
}

// Journal is an open journal. Its methods may be called from any goroutine.
// Operations that it returns share their inner slices: they are for reading only.
type Journal struct {
	path    string
	now     func() time.Time
	log     *slog.Logger
	reads   *sql.DB
	writer  *writer // nil: read only
	serials serials
}

// Open opens the journal at path, and begins one where there is none. The folder
// must exist. Before anything is written it checks cheaply that the file is a
// journal of this Paydesk: its mark, its version, its length against its header,
// and the newest events' hashes; it does not read the whole file (Verify does). An
// error has CodeJournal and a sentence for a person that names the file, which is
// then as it was.
//
// With ReadOnly the newest events are not checked, and a damaged file is opened as
// far as SQLite can read it, so that what is left can be looked into and exported.
func Open(ctx context.Context, path string, options Options) (*Journal, error) {
	j, err := openAt(ctx, path, options)
	return j, named(path, err)
}

func openAt(ctx context.Context, path string, options Options) (*Journal, error) {
	j := &Journal{now: options.Now, log: options.Log}
	if j.now == nil {
		j.now = time.Now
	}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fault("find its path", err)
	}
	j.path = path
	if err := ready(ctx, path, options.ReadOnly); err != nil {
		if options.ReadOnly && errors.Is(err, ErrDamaged) {
			return j.openDamaged(ctx, err)
		}
		return nil, err
	}
	if !options.ReadOnly {
		if j.writer, err = openWriter(ctx, path, j.log); err != nil {
			return nil, fault("open for writing", err)
		}
	}
	if j.reads, err = openReads(ctx, path); err != nil {
		return nil, errors.Join(fault("open for reading", err), j.Close())
	}
	return j, nil
}

// Writable tells whether it was opened for writing.
func (j *Journal) Writable() bool { return j.writer != nil }

// Close writes what is queued, folds the write-ahead log into the file and closes
// it. Writes that come later are refused.
func (j *Journal) Close() error {
	var errs []error
	if j.reads != nil {
		errs = append(errs, j.reads.Close())
	}
	if j.writer != nil {
		errs = append(errs, j.writer.close())
	}
	if err := errors.Join(errs...); err != nil {
		return fault("close", err)
	}
	return nil
}

func openReads(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", address(path, "mode=ro", "_query_only=true"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(maxReaders)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openFile opens the one writing connection to a file that exists.
func openFile(path, mode string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", address(path, "mode="+mode, "_journal_mode=WAL",
		"_synchronous=FULL", "_foreign_keys=true", "_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// address writes the path as SQLite's URI, so that no character of it is taken for
// a parameter.
func address(path string, parameters ...string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive: file:///C:/...
	}
	query := strings.Join(append(parameters, "_busy_timeout="+busyTimeout), "&")
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: query}).String()
}
