package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// openDamaged opens for reading what is left of a damaged journal. Where nothing can
// be read of it, cause is the error.
func (j *Journal) openDamaged(ctx context.Context, cause error) (*Journal, error) {
	j.reads = sql.OpenDB(salvage{j.path})
	j.reads.SetMaxOpenConns(maxReaders)
	j.reads.SetMaxIdleConns(maxReaders)
	var version int64
	err := j.reads.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable).Scan(&version)
	if err != nil {
		return nil, errors.Join(cause, j.reads.Close())
	}
	j.log.Warn("a damaged journal is looked into", "version", version, "error", cause)
	return j, nil
}

// salvage connects to a damaged file. SQLite reads one that is shorter than its
// header says, or whose schema has a fault, where writable_schema is on; that must
// be set before the file is opened, so it is attached to an empty database. Nothing
// is written to it.
type salvage struct{ path string }

// Driver is that of every journal.
func (s salvage) Driver() driver.Driver { return &sqlite3.SQLiteDriver{ConnectHook: s.attach} }

// Connect opens a connection.
func (s salvage) Connect(context.Context) (driver.Conn, error) {
	return s.Driver().Open("file::memory:?_query_only=true&_busy_timeout=" + busyTimeout)
}

func (s salvage) attach(conn *sqlite3.SQLiteConn) error {
	if _, err := conn.Exec("PRAGMA writable_schema = ON", nil); err != nil {
		return err
	}
	_, err := conn.Exec("ATTACH ? AS journal", []driver.Value{address(s.path, "mode=ro")})
	return err
}
