package journal

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// statements are the writer's, prepared once.
type statements struct {
	insertEvent, insertOperation, updateOperation, byID, byFormKey, insertDelivery, byKey *sql.Stmt
}

func prepareStatements(ctx context.Context, conn *sql.Conn) (s statements, err error) {
	all := append(append([]string{}, fixed...), moving...)
	for _, one := range []struct {
		into **sql.Stmt
		text string
	}{
		{&s.insertEvent, "INSERT INTO event (" + eventColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?)"},
		{&s.insertOperation, "INSERT INTO operation (" + strings.Join(all, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(all)-1) + ")"},
		{&s.updateOperation, "UPDATE operation SET " + strings.Join(moving, " = ?, ") + " = ? WHERE id = ?"},
		{&s.byID, "SELECT data FROM operation WHERE id = ?"},
		{&s.byFormKey, "SELECT data FROM operation WHERE form_key = ?"},
		{&s.insertDelivery, "INSERT INTO delivery (key, terminal, reference, event) VALUES (?, ?, ?, ?)"},
		{&s.byKey, "SELECT event FROM delivery WHERE key = ?"},
	} {
		if *one.into, err = conn.PrepareContext(ctx, one.text); err != nil {
			return s, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s statements) close() error {
	var errs []error
	for _, one := range []*sql.Stmt{s.insertEvent, s.insertOperation, s.updateOperation, s.byID, s.byFormKey, s.insertDelivery, s.byKey} {
		if one != nil {
			errs = append(errs, one.Close())
		}
	}
	return errors.Join(errs...)
}
