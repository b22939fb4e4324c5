package iotpay

import (
	"bytes"
	"encoding/json"
	"testing"
)

// ordered reads a flat object of texts and whole numbers and keeps its order.
func ordered(t *testing.T, raw json.RawMessage) object {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var o object
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		value, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := value.(json.Number); ok {
			whole, err := n.Int64()
			if err != nil {
				t.Fatal(err)
			}
			value = whole
		}
		o = o.with(name.(string), value)
	}
	return o
}
