package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// The names that SQLite gives the files beside a database.
const (
	walSuffix    = "-wal"
	sharedSuffix = "-shm"
)

// halfMade is the suffix of a journal that is being made: it gets its real name
// when it is whole, so that an empty file is never ours.
const halfMade = ".new"

// smallest is what any journal has in bytes: SQLite takes less for an empty file.
const smallest = 512

// ready sees to it that a journal of this version stands at path, and refuses
// everything else without changing it.
func ready(ctx context.Context, path string, readOnly bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if log, err := os.Stat(path + walSuffix); err == nil && log.Size() > 0 {
			return spoilt(orphan, fmt.Errorf("%s without %s", filepath.Base(log.Name()), filepath.Base(path)))
		}
		if readOnly {
			return refused(missing, fmt.Errorf("journal: %w", err))
		}
		return begin(ctx, path)
	case err != nil:
		return fault("look for the file", err)
	case !info.Mode().IsRegular():
		return refused(foreign, fmt.Errorf("journal: %s is not a file", path))
	case info.Size() == 0:
		// SQLite would take it for a new database and delete its write-ahead log.
		return spoilt(empty, fmt.Errorf("%s has no bytes", path))
	case info.Size() < smallest:
		return spoilt(damaged, fmt.Errorf("%s has %d bytes", path, info.Size()))
	}
	if !readOnly {
		log, err := readLog(path)
		if err != nil {
			return fault("read the write-ahead log", err)
		}
		if err := checkLog(log); err != nil {
			return spoilt(damaged, err)
		}
	}
	behind, err := inspect(ctx, path, readOnly)
	if err != nil || !behind {
		return err
	}
	return upgrade(ctx, path)
}

// inspect looks at a file through a connection that cannot write: its mark, its
// version, and for a writer its newest events. behind tells that it must be brought
// up to date.
func inspect(ctx context.Context, path string, readOnly bool) (behind bool, err error) {
	db, err := openReads(ctx, path)
	if err != nil {
		return false, fault("look into the file", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var mark, version int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&mark); err != nil {
		return false, fault("read the file's mark", err)
	}
	if mark != applicationID {
		return false, refused(foreign, fmt.Errorf("journal: application id %#x", mark))
	}
	err = db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable).Scan(&version)
	if err != nil {
		return false, fault("read the file's version", err)
	}
	target, err := newest()
	switch {
	case err != nil:
		return false, fault("read the migrations", err)
	case version > target:
		return false, refused(newer, fmt.Errorf("journal: version %d, this program writes %d", version, target))
	case readOnly && version < target:
		return false, refused(older, fmt.Errorf("journal: version %d, this program reads %d", version, target))
	case readOnly:
		return false, nil
	}
	if err := tail(ctx, db); err != nil {
		return false, fault("check the newest events", err)
	}
	return version < target, nil
}

// begin makes a journal under another name and gives it its own when it is whole.
func begin(ctx context.Context, path string) error {
	fresh := path + halfMade
	for _, name := range []string{fresh, fresh + walSuffix, fresh + sharedSuffix} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return refusedFolder("remove what is left of an earlier beginning", err)
		}
	}
	db, err := openFile(fresh, "rwc")
	if err != nil {
		return fault("begin the journal", err)
	}
	if err := errors.Join(migrate(ctx, db), db.Close()); err != nil {
		return fault("begin the journal", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return refusedFolder("name the journal", err)
	}
	return syncFolder(filepath.Dir(path))
}

func upgrade(ctx context.Context, path string) error {
	db, err := openFile(path, "rw")
	if err != nil {
		return fault("bring the journal up to date", err)
	}
	if err := errors.Join(migrate(ctx, db), db.Close()); err != nil {
		return fault("bring the journal up to date", err)
	}
	return nil
}

// syncFolder makes the new name durable. Windows has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return refusedFolder("open the data folder", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return refusedFolder("sync the data folder", err)
	}
	return nil
}

// tail checks the newest events' hashes and links.
func tail(ctx context.Context, db *sql.DB) (err error) {
	rows, err := db.QueryContext(ctx, "SELECT "+eventColumns+" FROM event ORDER BY seq DESC LIMIT ?", tailChecked)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	next := ""
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return spoilt(damaged, fmt.Errorf("read an event near the end: %w", err))
		}
		if Hash(e) != e.Hash || (next != "" && next != e.Hash) {
			return spoilt(damaged, fmt.Errorf("event %d does not carry its hash", e.Seq))
		}
		next = e.Previous
	}
	return rows.Err()
}
