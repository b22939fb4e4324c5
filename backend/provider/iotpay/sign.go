package iotpay

import (
	"bytes"
	"crypto/md5" // the protocol's own; TLS is what protects the exchange
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// signKey is the field that holds a signature.
const signKey = "sign"

// The readings of a signature over an answer with an object in it (iotpay.md 5.2): it is
// left out, or signed as its JSON text.
const (
	readingAuto = "auto"
	readingA    = "a"
	readingB    = "b"
)

// proof is what an answer's signature was found to be.
type proof string

const (
	proofA      proof = "A"
	proofB      proof = "B"
	proofNone   proof = "wrong"
	proofAbsent proof = "absent"
)

// good tells whether the signature holds.
func (p proof) good() bool { return p == proofA || p == proofB }

// canonical joins the fields as they are signed, without the key: sorted by name in
// ASCII order, empty ones and the signature left out (iotpay.md 5.1).
func canonical(fields map[string]string) string {
	var list []string
	for name, value := range fields {
		if value != "" && name != signKey {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	for i, name := range list {
		list[i] = name + "=" + fields[name]
	}
	return strings.Join(list, "&")
}

// sign makes the signature of fields.
func sign(fields map[string]string, key string) string {
	joined := canonical(fields)
	if joined != "" {
		joined += "&"
	}
	sum := md5.Sum([]byte(joined + "key=" + key))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// verify checks the signature of an answer by the readings that are allowed.
func verify(keys map[string]json.RawMessage, key, reading string) proof {
	var given text
	if raw, ok := keys[signKey]; ok {
		_ = given.UnmarshalJSON(raw) // what cannot be read is empty, and so absent
	}
	if given == "" {
		return proofAbsent
	}
	if reading != readingB && same(sign(plainFields(keys, nil), key), given) {
		return proofA
	}
	if reading == readingA {
		return proofNone
	}
	asText := func(raw []byte) string { return string(raw) }
	compacted := func(raw []byte) string {
		var b bytes.Buffer
		if json.Compact(&b, raw) != nil {
			return string(raw)
		}
		return b.String()
	}
	for _, nested := range []func([]byte) string{asText, compacted} {
		if same(sign(plainFields(keys, nested), key), given) {
			return proofB
		}
	}
	return proofNone
}

func same(made string, given text) bool {
	return subtle.ConstantTimeCompare([]byte(made), []byte(strings.ToUpper(string(given)))) == 1
}

// plainFields gives every field as the text that is signed. nested says what an object
// or a list is signed as; nil leaves it out.
func plainFields(keys map[string]json.RawMessage, nested func([]byte) string) map[string]string {
	fields := make(map[string]string, len(keys))
	for name, raw := range keys {
		raw = bytes.TrimSpace(raw)
		if len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') {
			if nested != nil {
				fields[name] = nested(raw)
			}
			continue
		}
		var value text
		if value.UnmarshalJSON(raw) == nil {
			fields[name] = string(value)
		}
	}
	return fields
}
