-- +goose Up
-- What all attempts at one cart share; null: none was given.
ALTER TABLE operation ADD COLUMN cart TEXT;

CREATE INDEX operation_cart ON operation (cart, number) WHERE cart IS NOT NULL;

-- How many alarms nobody has answered yet.
ALTER TABLE operation ADD COLUMN alarmed INTEGER NOT NULL DEFAULT 0;

UPDATE operation SET alarmed = json_array_length(data, '$.alarms') WHERE json_array_length(data, '$.alarms') > 0;

CREATE INDEX operation_alarmed ON operation (number) WHERE alarmed > 0;
