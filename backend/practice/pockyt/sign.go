package pockyt

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// signField holds the signature and is itself not signed.
const signField = "verifySign"

// sign makes verifySign (pockyt.md 4.1): the fields sorted by name, raw, each as
// "name=value&", then the MD5 of the token. Whether an empty value is signed is
// unknown (pockyt.md 4.2), so both forms exist.
func sign(fields map[string]string, token string, keepEmpty bool) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == signField || fields[name] == "" && !keepEmpty {
			continue
		}
		text.WriteString(name + "=" + fields[name] + "&")
	}
	text.WriteString(hexMD5(strings.TrimSpace(token)))
	return hexMD5(text.String())
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Readings of empty values, and the choices of the switch "sign.empty".
const (
	emptyEither  = "either"
	emptySigned  = "signed"
	emptyLeftOut = "left-out"
)

// verify tells whether the fields carry the right signature. Lower case is part of
// it (pockyt.md 4.1).
func verify(fields map[string]string, token, reading string) bool {
	is := func(keep bool) bool {
		return subtle.ConstantTimeCompare([]byte(fields[signField]), []byte(sign(fields, token, keep))) == 1
	}
	switch reading {
	case emptySigned:
		return is(true)
	case emptyLeftOut:
		return is(false)
	}
	return is(true) || is(false)
}
