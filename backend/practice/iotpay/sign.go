package iotpay

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
)

// signed is the text that is signed, but for the key: every member except sign that
// is not empty, sorted by name in ASCII order, values as plain text (iotpay.md 5.1).
func signed(members map[string]string) string {
	names := make([]string, 0, len(members))
	for name, value := range members {
		if name != "sign" && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name + "=" + members[name] + "&")
	}
	return b.String()
}

// signature is the upper-case MD5 of the signed text with the merchant's key.
func signature(members map[string]string, key string) string {
	sum := md5.Sum([]byte(signed(members) + "key=" + key))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// genuine tells whether a request carries the signature of its members. Lower-case
// digits are none: the documentation says upper case.
func genuine(members map[string]string, key string) bool {
	return subtle.ConstantTimeCompare([]byte(members["sign"]), []byte(signature(members, key))) == 1
}
