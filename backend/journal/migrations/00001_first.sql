-- +goose Up
-- "PdJ1": tells a journal from any other SQLite file.
PRAGMA application_id = 0x50644A31;

CREATE TABLE event (
    seq       INTEGER PRIMARY KEY,
    operation TEXT    NOT NULL, -- empty: belongs to a terminal only
    at        INTEGER NOT NULL, -- nanoseconds since 1970, UTC
    kind      TEXT    NOT NULL,
    data      TEXT    NOT NULL, -- JSON without insignificant blanks
    previous  TEXT    NOT NULL,
    hash      TEXT    NOT NULL
) STRICT;

CREATE INDEX event_operation ON event (operation);

-- +goose StatementBegin
CREATE TRIGGER event_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_never_removed BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event is never removed');
END;
-- +goose StatementEnd

-- The columns beside data repeat what is in it, for searching.
CREATE TABLE operation (
    id                 TEXT    PRIMARY KEY,
    number             INTEGER NOT NULL UNIQUE,
    form_key           TEXT    UNIQUE, -- null: none was given
    kind               TEXT    NOT NULL,
    state              TEXT    NOT NULL,
    provider           TEXT    NOT NULL,
    terminal           TEXT    NOT NULL,
    original           TEXT, -- null: it is nobody's void or refund
    currency           TEXT    NOT NULL,
    requested          INTEGER NOT NULL, -- minor units
    authorised         INTEGER NOT NULL, -- minor units
    amount             TEXT    NOT NULL, -- as it is shown: 12.50
    reference          TEXT    COLLATE NOCASE,
    card_last4         TEXT,
    auth_code          TEXT    COLLATE NOCASE,
    attempt_reference  TEXT,
    terminal_reference TEXT,
    created_at         INTEGER NOT NULL, -- nanoseconds since 1970, UTC
    updated_at         INTEGER NOT NULL,
    data               TEXT    NOT NULL  -- payment.Operation as JSON
) STRICT;

CREATE INDEX operation_state ON operation (state, number);
CREATE INDEX operation_terminal ON operation (terminal, number);
CREATE INDEX operation_kind ON operation (kind, number);
CREATE INDEX operation_amount ON operation (amount, number);
CREATE INDEX operation_original ON operation (original, number) WHERE original IS NOT NULL;
CREATE INDEX operation_reference ON operation (reference, number) WHERE reference IS NOT NULL;
CREATE INDEX operation_card ON operation (card_last4, number) WHERE card_last4 IS NOT NULL;
CREATE INDEX operation_auth ON operation (auth_code, number) WHERE auth_code IS NOT NULL;
CREATE INDEX operation_attempt ON operation (attempt_reference, number) WHERE attempt_reference IS NOT NULL;
CREATE INDEX operation_their ON operation (terminal_reference, number) WHERE terminal_reference IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER operation_never_removed BEFORE DELETE ON operation
BEGIN
    SELECT RAISE(ABORT, 'an operation is never removed');
END;
-- +goose StatementEnd

-- next is the first serial number that was not promised yet.
CREATE TABLE serial (
    name TEXT    PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

CREATE TABLE terminal (
    name       TEXT    PRIMARY KEY,
    provider   TEXT    NOT NULL,
    settings   TEXT    NOT NULL, -- JSON object of strings
    is_default INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX terminal_default ON terminal (is_default) WHERE is_default = 1;
