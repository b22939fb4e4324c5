package iotpay

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// object is JSON in the cloud's own order of names, which the second reading of the
// response signature depends on (iotpay.md 5.2).
type object []pair

// pair is one member; value is a string, an int64 or an object.
type pair struct {
	name  string
	value any
}

func (o object) with(name string, value any) object { return append(o, pair{name, value}) }

// text is compact JSON.
func (o object) text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(m.name))
		b.WriteByte(':')
		switch v := m.value.(type) {
		case object:
			b.Write(v.text())
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case string:
			b.Write(quoted(v))
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// quoted is a JSON string in which "&", "<" and ">" stand as they are.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return []byte(`""`) // a string always encodes
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// readingB signs a nested object as its compact text; the other reading leaves it out.
const (
	readingA = "a"
	readingB = "b"
)

// members are the top-level values as they are signed.
func (o object) members(reading string) map[string]string {
	all := map[string]string{}
	for _, m := range o {
		switch v := m.value.(type) {
		case string:
			all[m.name] = v
		case int64:
			all[m.name] = strconv.FormatInt(v, 10)
		case object:
			if reading == readingB {
				all[m.name] = string(v.text())
			}
		}
	}
	return all
}

// asStrings writes every number as a string, in nested objects too.
func (o object) asStrings() object {
	out := make(object, 0, len(o))
	for _, m := range o {
		switch v := m.value.(type) {
		case int64:
			m.value = strconv.FormatInt(v, 10)
		case object:
			m.value = v.asStrings()
		}
		out = append(out, m)
	}
	return out
}
