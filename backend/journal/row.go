package journal

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
)

const eventColumns = "seq, operation, at, kind, data, previous, hash"

// scanner is *sql.Row or *sql.Rows.
type scanner interface{ Scan(...any) error }

func scanEvent(from scanner) (payment.Event, error) {
	var (
		e    payment.Event
		at   int64
		kind string
		data []byte
	)
	if err := from.Scan(&e.Seq, &e.Operation, &at, &kind, &data, &e.Previous, &e.Hash); err != nil {
		return payment.Event{}, err
	}
	e.At, e.Kind, e.Data = time.Unix(0, at).UTC(), payment.EventKind(kind), data
	return e, nil
}

func scanOperation(from scanner) (payment.Operation, error) {
	var data []byte
	if err := from.Scan(&data); err != nil {
		return payment.Operation{}, err
	}
	var op payment.Operation
	if err := json.Unmarshal(data, &op); err != nil {
		return payment.Operation{}, fmt.Errorf("read an operation: %w", err)
	}
	return op, nil
}

// fixed are the columns that an operation is born with; moving are those that an
// event may change. Both follow the order of operationRow.
var (
	fixed = []string{"id", "number", "form_key", "kind", "provider", "terminal", "original",
		"currency", "requested", "reference", "cart", "created_at"}
	moving = []string{"state", "authorised", "amount", "card_last4", "auth_code",
		"attempt_reference", "terminal_reference", "alarmed", "updated_at", "data"}
)

// operationRow makes the columns of an operation.
func operationRow(op payment.Operation) (born, moved []any, err error) {
	data, err := json.Marshal(op)
	if err != nil {
		return nil, nil, fmt.Errorf("write operation %s: %w", op.ID, err)
	}
	born = []any{op.ID, op.Number, given(op.FormKey), string(op.Kind), op.Provider, op.Terminal, given(op.Original),
		op.Currency, op.Requested, given(op.Reference), given(op.Cart), op.CreatedAt.UnixNano()}
	moved = []any{string(op.State), op.Authorised, op.Shown().Decimal(), given(lastFour(op.Card.Masked)), given(op.References.AuthCode),
		given(op.Attempt.Reference), given(op.References.Terminal), int64(len(op.OpenAlarms())), op.UpdatedAt.UnixNano(), string(data)}
	return born, moved, nil
}

// given keeps empty texts out of the indexes.
func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// lastFour takes the last four digits of a masked card number, empty if it does
// not end with four digits.
func lastFour(masked string) string {
	if len(masked) < 4 {
		return ""
	}
	last := masked[len(masked)-4:]
	for i := range len(last) {
		if last[i] < '0' || last[i] > '9' {
			return ""
		}
	}
	return last
}
