package simulate

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// open are SQLite's connections by their file: to fill a disk up, SQLite is told that
// no file may grow.
var open struct {
	mu    sync.Mutex
	conns map[string][]*sqlite3.SQLiteConn
}

// tap hears of every connection that SQLite makes from now on.
func tap() error {
	open.conns = map[string][]*sqlite3.SQLiteConn{}
	db, err := sql.Open("sqlite3", "")
	if err != nil {
		return err
	}
	mattn, ok := db.Driver().(*sqlite3.SQLiteDriver)
	if !ok {
		return errors.New("another driver than go-sqlite3")
	}
	mattn.ConnectHook = func(c *sqlite3.SQLiteConn) error {
		open.mu.Lock()
		defer open.mu.Unlock()
		path := c.GetFilename("main")
		open.conns[path] = append(open.conns[path], c)
		return nil
	}
	return db.Close()
}

// writerTo finds the connection that writes the journal at path, which was opened this
// moment: the journal opens it last but one, before its first reader.
func writerTo(path string) (*sqlite3.SQLiteConn, error) {
	open.mu.Lock()
	defer open.mu.Unlock()
	list := open.conns[path]
	delete(open.conns, path)
	if len(list) < 2 {
		return nil, fmt.Errorf("%d connections to %s", len(list), path)
	}
	for i, readOnly := range []int64{0, 1} {
		answer, err := list[len(list)-2+i].Query("PRAGMA query_only", nil)
		if err != nil {
			return nil, err
		}
		row := make([]driver.Value, 1)
		if err := errors.Join(answer.Next(row), answer.Close()); err != nil {
			return nil, err
		}
		if row[0] != readOnly {
			return nil, errors.New("the journal opens its connections in another order")
		}
	}
	return list[len(list)-2], nil
}

// fill keeps the journal's file from growing, or lets it grow again.
func fill(writer *sqlite3.SQLiteConn, full bool) error {
	pages := 0xfffffffe
	if full {
		pages = 1 // SQLite takes the present size then
	}
	_, err := writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil)
	return err
}

// forget drops the connections to files in a folder.
func forget(folder string) {
	open.mu.Lock()
	defer open.mu.Unlock()
	for path := range open.conns {
		if strings.HasPrefix(path, folder) {
			delete(open.conns, path)
		}
	}
}
