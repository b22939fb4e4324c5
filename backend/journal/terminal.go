package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// MaxTerminals bounds the terminals of one till.
const MaxTerminals = 100

// Terminal is a terminal as it was set up.
type Terminal struct {
	Name     string            `json:"name"`
	Provider string            `json:"provider"`
	Settings map[string]string `json:"settings"`
	Default  bool              `json:"default,omitempty"`
}

// Terminals lists the terminals in the order in which they were added.
func (j *Journal) Terminals(ctx context.Context) (list []Terminal, err error) {
	rows, err := j.reads.QueryContext(ctx, "SELECT name, provider, settings, is_default FROM terminal ORDER BY created_at, name LIMIT ?", MaxTerminals)
	if err != nil {
		return nil, unread("list terminals", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			t        Terminal
			settings []byte
		)
		if err := rows.Scan(&t.Name, &t.Provider, &settings, &t.Default); err != nil {
			return nil, unread("list terminals", err)
		}
		if err := json.Unmarshal(settings, &t.Settings); err != nil {
			return nil, unread("read the settings of terminal "+t.Name, err)
		}
		list = append(list, t)
	}
	if err := rows.Err(); err != nil {
		return nil, unread("list terminals", err)
	}
	return list, nil
}

// PutTerminal adds a terminal or changes the one of that name. Default takes the
// mark from every other. More than MaxTerminals, or one without name or provider,
// is an error with CodeInput.
func (j *Journal) PutTerminal(ctx context.Context, t Terminal) error {
	if t.Name == "" || t.Provider == "" {
		return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: "A terminal needs a name and a provider. Nothing was changed."}
	}
	if t.Settings == nil {
		t.Settings = map[string]string{}
	}
	settings, err := json.Marshal(t.Settings)
	if err != nil {
		return fault("write settings", err)
	}
	at := j.now().UnixNano()
	_, err = j.ask(ctx, &request{job: func(ctx context.Context, conn *sql.Conn) error {
		var others int
		if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM terminal WHERE name <> ?", t.Name).Scan(&others); err != nil {
			return err
		}
		if others >= MaxTerminals {
			return &payment.Error{Code: payment.CodeInput, Sent: payment.SentNo, Text: fmt.Sprintf("There are %d terminals already, which is the limit. Remove one first.", others)}
		}
		if t.Default {
			if _, err := conn.ExecContext(ctx, "UPDATE terminal SET is_default = 0 WHERE is_default = 1"); err != nil {
				return err
			}
		}
		_, err := conn.ExecContext(ctx, `INSERT INTO terminal (name, provider, settings, is_default, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, settings = excluded.settings, is_default = excluded.is_default`,
			t.Name, t.Provider, string(settings), t.Default, at)
		return err
	}})
	if err != nil {
		return fault("record terminal "+t.Name, err)
	}
	return nil
}

// RemoveTerminal forgets how a terminal is reached; its operations stay. The error
// has CodeNotFound if there is none of that name.
func (j *Journal) RemoveTerminal(ctx context.Context, name string) error {
	_, err := j.ask(ctx, &request{job: func(ctx context.Context, conn *sql.Conn) error {
		result, err := conn.ExecContext(ctx, "DELETE FROM terminal WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return &payment.Error{Code: payment.CodeNotFound, Sent: payment.SentNo, Text: "There is no terminal of that name. Nothing was changed."}
	}})
	if err != nil {
		return fault("remove terminal "+name, err)
	}
	return nil
}
