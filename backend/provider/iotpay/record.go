package iotpay

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxText bounds what others say, in characters.
const maxText = 200

// clean makes a text of others fit to be kept and shown.
func clean(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	if len(runes) > maxText {
		runes = append(runes[:maxText], '.', '.', '.')
	}
	return redact.Text(strings.TrimSpace(string(runes)))
}

// maxID bounds an id of IOT Pay, in bytes (iotpay.md 7.2 says 30).
const maxID = 64

// id is a declared id as it came: an order number of many digits must not be taken for
// a card's (design 10.14). What does not look like an id is treated as any text.
func (t text) id() string {
	s := t.trimmed()
	odd := func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
	}
	if len(s) > maxID || strings.ContainsFunc(s, odd) {
		return clean(s)
	}
	return s
}

// record makes a message fit for journal and log: the JSON of a request is taken out of
// its form, and extra, which is JSON in a text, is redacted as what it is.
func record(body []byte) string {
	if rest, ok := bytes.CutPrefix(body, []byte("params=")); ok {
		if plain, err := url.QueryUnescape(string(rest)); err == nil {
			body = []byte(plain)
		}
	}
	return redact.JSON(withoutExtra(body, 0))
}

// maxNesting is how deep an answer may hold an extra: at the top or in its order.
const maxNesting = 2

// withoutExtra redacts every extra that can be read, at whichever level.
func withoutExtra(body []byte, depth int) []byte {
	var keys map[string]json.RawMessage
	if depth >= maxNesting || json.Unmarshal(body, &keys) != nil {
		return body
	}
	for name, raw := range keys {
		switch {
		case len(raw) > 0 && raw[0] == '{':
			keys[name] = withoutExtra(raw, depth+1)
		case name == "extra":
			var inside string
			if json.Unmarshal(raw, &inside) == nil {
				if again, err := json.Marshal(redact.JSON([]byte(inside))); err == nil {
					keys[name] = again
				}
			}
		}
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	if lines.Encode(keys) != nil {
		return body
	}
	return bytes.TrimSpace(out.Bytes())
}
