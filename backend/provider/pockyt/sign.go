package pockyt

import (
	"bytes"
	"crypto/md5" // the protocol's own signature (pockyt.md 4.1)
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// signatureKey is the parameter of the signature; "VeriSign" on some pages is a slip
// of the pen (pockyt.md 4.1).
const signatureKey = "verifySign"

// fields are the parameters of one call, or of one notification.
type fields map[string]string

// sign signs all parameters but the signature itself: raw values, sorted by the bytes
// of their names (pockyt.md 4.1).
func sign(f fields, token string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if name != signatureKey {
			text.WriteString(name + "=" + f[name] + "&")
		}
	}
	text.WriteString(md5hex(strings.TrimSpace(token)))
	return md5hex(text.String())
}

func md5hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// signed tells whether what was received carries a right signature. Whether empty
// fields are signed is not documented: either way is taken (pockyt.md 4.2, 4.3).
func signed(f fields, token string) bool {
	given := []byte(strings.ToLower(f[signatureKey]))
	filled := fields{}
	for name, value := range f {
		if value != "" {
			filled[name] = value
		}
	}
	all := subtle.ConstantTimeCompare(given, []byte(sign(f, token)))
	some := subtle.ConstantTimeCompare(given, []byte(sign(filled, token)))
	return all|some == 1
}

// body makes the JSON of a call: text values only, so that what is on the wire is what
// was signed, and no empty ones (pockyt.md 3.1). What is signed and what is sent are
// one map; the tutorial signs one object and sends another (pockyt.md 12).
func (f fields) body(token string) ([]byte, error) {
	maps.DeleteFunc(f, func(_, value string) bool { return value == "" })
	f[signatureKey] = sign(f, token)
	var raw bytes.Buffer
	lines := json.NewEncoder(&raw)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(f); err != nil {
		return nil, fmt.Errorf("encoding a request: %w", err)
	}
	return bytes.TrimSpace(raw.Bytes()), nil
}
