package simulate

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// contents is what a journal's file says, read with plain SQL: a second opinion
// beside the journal's own.
type contents struct {
	rows    []string          // operations, oldest first
	owner   map[string]string // operation by our reference
	numbers []string          // where a card number was found
	head    string            // the newest event's hash
	events  []string          // one line each, if they are kept
}

func readFile(path string, typed [][]byte, keep bool) (c contents, err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c.owner = map[string]string{}
	err = each(db, "SELECT data FROM operation ORDER BY number", func(rows *sql.Rows) error {
		var data string
		err := rows.Scan(&data)
		c.rows = append(c.rows, data)
		return err
	})
	if err != nil {
		return c, err
	}
	return c, each(db, "SELECT operation, kind, hash, at, data FROM event ORDER BY seq", func(rows *sql.Rows) error {
		var operation, kind, data sql.RawBytes
		var at int64
		if err := rows.Scan(&operation, &kind, &c.head, &at, &data); err != nil {
			return err
		}
		if keep {
			c.events = append(c.events, fmt.Sprintf("%s %s %s %s", time.Unix(0, at).UTC().Format("02 15:04:05.000000000"), operation, kind, data))
		}
		if hasTyped(data, typed) {
			c.numbers = append(c.numbers, fmt.Sprintf("an event (%s) of operation %s has what somebody typed", kind, operation))
		}
		var a payment.Attempt
		if string(kind) != string(payment.EventAttempt) {
			return nil
		}
		if err := json.Unmarshal(data, &a); err != nil {
			return err
		}
		c.owner[a.Reference] = string(operation)
		return nil
	})
}

func each(db *sql.DB, query string, take func(*sql.Rows) error) (err error) {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
