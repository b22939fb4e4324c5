-- +goose Up
-- Tells this journal's attempts from those of other tills of the same merchant: part
-- of every reference that leaves.
CREATE TABLE installation (
    number INTEGER NOT NULL
) STRICT;

INSERT INTO installation (number) VALUES ((random() & 0x7fffffff) % 10000);
