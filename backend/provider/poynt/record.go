package poynt

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/paydesk-till/paydesk/backend/redact"
)

// maxRecord bounds what the timeline keeps of one message, in bytes.
const maxRecord = 32 << 10

// dropped are the fields that no message may keep (receipts.md R-10), in lower case;
// what redact knows by name is removed by it as well.
var dropped = map[string]bool{
	"track1data": true, "track2data": true, "track3data": true, "number": true, "numberhashed": true, "key": true,
	"keyserialnumber": true, "expirationdate": true, "expirationmonth": true, "expirationyear": true, "encryptedexpirationdate": true,
	"servicecode": true, "cardholderfirstname": true, "cardholderlastname": true, "cardholderfullname": true,
	"verificationdata": true, "pinsessionkey": true, "cardtoken": true, "interacmac": true, "signature": true,
	"accesstoken": true, "refreshtoken": true, "assertion": true, "custom-http-header": true, "callbackurl": true,
	"receiptemailaddress": true, "receiptphone": true,
}

// droppedTags are the EMV tags with a card number, its track, its expiry, a name or a
// PIN inside (receipts.md ); 1F81xx goes by its beginning.
var droppedTags = map[string]bool{
	"56": true, "57": true, "58": true, "5A": true, "5F20": true, "5F24": true, "5F30": true, "99": true,
	"9F0B": true, "9F1F": true, "9F20": true, "9F6B": true,
}

// forbidden tells whether a field is dropped by its name.
func forbidden(name string) bool {
	lower := strings.ToLower(name)
	if dropped[lower] {
		return true
	}
	tag, ok := strings.CutPrefix(lower, "0x")
	tag = strings.ToUpper(tag)
	return ok && (droppedTags[tag] || strings.HasPrefix(tag, "1F81"))
}

// record makes a message fit for the timeline.
func record(body []byte) string {
	if value, ok := parse(body); ok {
		if clean, err := compact(strip(value)); err == nil {
			body = clean
		}
	}
	kept := redact.JSON(body)
	if len(kept) > maxRecord {
		return strings.ToValidUTF8(kept[:maxRecord], "") + "..."
	}
	return kept
}

// parse reads a whole JSON document and nothing after it.
func parse(body []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return nil, false
	}
	_, err := d.Token()
	return value, err == io.EOF
}

// strip drops what is forbidden, at any depth, also in JSON that stands in a string.
func strip(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if forbidden(name) {
				delete(v, name)
				continue
			}
			v[name] = strip(inner)
		}
	case []any:
		for i := range v {
			v[i] = strip(v[i])
		}
	case string:
		if strings.HasPrefix(v, "{") {
			if inner, ok := parse([]byte(v)); ok {
				if clean, err := compact(strip(inner)); err == nil {
					return string(clean)
				}
			}
		}
	}
	return value
}

// compact writes JSON without the escapes that HTML wants (poynt.md 7.2).
func compact(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
