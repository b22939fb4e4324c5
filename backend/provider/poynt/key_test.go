package poynt

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The claims of poynt.md 22.1 and their order, with the hash of what is signed.
func TestVectorOfTheAssertion(t *testing.T) {
	raw, err := assertion(testKey(), testApp, "https://services.poynt.net", time.Unix(1768472430, 0), "77777777-7777-4777-8777-777777777777")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(raw, ".")
	// The header names its fields in the order of the library; the claims are ours.
	header := "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"
	sum := sha256.Sum256([]byte(header + "." + parts[1]))
	if parts[0] != header || hex.EncodeToString(sum[:]) != "e416cd384eecbe59b85f0247944e97ba72b0a64aaf492a1c27ab6227e6981b01" {
		t.Errorf("%s.%s", parts[0], parts[1])
	}
	if _, err := jwt.Parse(raw, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil }, jwt.WithTimeFunc(func() time.Time { return time.Unix(1768472430, 0) })); err != nil {
		t.Error(err)
	}
}

func FuzzKey(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----\nMDww\n-----END PRIVATE KEY-----")
	f.Add(`-----BEGIN RSA PRIVATE KEY-----\nMDww\n-----END RSA PRIVATE KEY-----`)
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := parseKey(text); (key == nil) == (err == nil) {
			t.Errorf("%v, %v", key, err)
		}
	})
}
