-- +goose Up
-- What arrived from outside, by the key that tells one delivery from another. What
-- it said stands in its event.
CREATE TABLE delivery (
    key       TEXT    PRIMARY KEY,
    terminal  TEXT    NOT NULL,
    reference TEXT    NOT NULL, -- an attempt's reference; empty: none was found in it
    event     INTEGER NOT NULL REFERENCES event (seq)
) STRICT;

CREATE INDEX delivery_reference ON delivery (reference, event) WHERE reference <> '';
CREATE INDEX delivery_terminal ON delivery (terminal, event);

-- +goose StatementBegin
CREATE TRIGGER delivery_never_changed BEFORE UPDATE ON delivery
BEGIN
    SELECT RAISE(ABORT, 'a delivery is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER delivery_never_removed BEFORE DELETE ON delivery
BEGIN
    SELECT RAISE(ABORT, 'a delivery is never removed');
END;
-- +goose StatementEnd
