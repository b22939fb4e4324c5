package journal

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

// applicationID marks a SQLite file as a journal: "PdJ1" (migrations/00001_first.sql).
const applicationID = 0x50644A31

// versionTable is where goose keeps which migrations were applied.
const versionTable = "migration"

func migrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
}

// newest is the version that this program writes.
func newest() (int64, error) {
	files, err := fs.Glob(embedded, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no migrations embedded: %w", err)
	}
	return goose.NumericComponent(files[len(files)-1])
}

// migrate brings the file up to date; each migration is one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := migrations(db)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
