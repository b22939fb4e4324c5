package callback

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"io"
)

// The sizes of a secret path segment.
const (
	// Long is for addresses that travel in messages: 160 bits, 32 characters.
	Long = 20
	// Typed is for addresses that a person types on a terminal: 80 bits, 16 characters.
	Typed = 10
)

// Secret makes a path segment that nobody can guess who does not have key: letters
// and digits, the same for the same parts for ever.
func Secret(size int, key []byte, parts ...string) string {
	sum := hmac.New(sha256.New, key)
	for _, part := range parts {
		_, _ = io.WriteString(sum, part) // a hash takes everything
		_, _ = sum.Write([]byte{0})
	}
	return lower.EncodeToString(sum.Sum(nil)[:min(size, sha256.Size)])
}

// Matches compares in constant time.
func Matches(given, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(secret)) == 1
}

// Fingerprint is the key of a delivery by its bytes alone.
func Fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
