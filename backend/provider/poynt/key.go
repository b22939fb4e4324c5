package poynt

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// leastKey is the size of the smallest private key that is taken, in bits.
const leastKey = 2048

// assertionTime is how long a self-signed assertion is good for (poynt.md 3.1).
const assertionTime = 5 * time.Minute

// parseKey reads an RSA private key in PEM, of either form; a settings form may
// have turned line breaks into \n. The error never quotes the key.
func parseKey(text string) (*rsa.PrivateKey, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, badSetting("private-key", "it is not a PEM file: the line -----BEGIN RSA PRIVATE KEY----- or -----BEGIN PRIVATE KEY----- is missing. Give the file itself, as @file.")
	}
	var key *rsa.PrivateKey
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, _ = x509.ParsePKCS1PrivateKey(block.Bytes) // told below, without a detail of the key
	case "PRIVATE KEY":
		any, _ := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, _ = any.(*rsa.PrivateKey)
	case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE":
		return nil, badSetting("private-key", "this is the public half. Poynt's portal gave out the private one once; if it is lost, have the portal make a new pair.")
	}
	if key == nil {
		return nil, badSetting("private-key", "it is not an RSA private key that can be read. A key with a passphrase must be decrypted first.")
	}
	if key.N.BitLen() < leastKey {
		return nil, badSetting("private-key", fmt.Sprintf("it has %d bits; %d are the least.", key.N.BitLen(), leastKey))
	}
	return key, nil
}

// assertion signs what a token is asked for with (poynt.md 3.1).
func assertion(key *rsa.PrivateKey, appID, audience string, now time.Time, id string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims{appID, appID, audience, now.Unix(), now.Add(assertionTime).Unix(), id}).SignedString(key)
}

// claims stand in the order of the protocol's test vector (poynt.md 22.1).
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	IssuedAt int64  `json:"iat"` // seconds
	Expires  int64  `json:"exp"` // seconds
	ID       string `json:"jti"`
}

// What jwt.Claims asks for; only Poynt reads them.
func (c claims) GetExpirationTime() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.Expires, 0)), nil
}
func (c claims) GetIssuedAt() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)), nil
}
func (c claims) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }
func (c claims) GetIssuer() (string, error)              { return c.Issuer, nil }
func (c claims) GetSubject() (string, error)             { return c.Subject, nil }
func (c claims) GetAudience() (jwt.ClaimStrings, error)  { return jwt.ClaimStrings{c.Audience}, nil }

// doorKey is what the secrets of the door are made from: the same after a restart,
// and known to nobody who does not have the private key.
func doorKey(key *rsa.PrivateKey) []byte {
	sum := sha256.Sum256(append([]byte("paydesk poynt door\x00"), x509.MarshalPKCS1PrivateKey(key)...))
	return sum[:]
}

// intents is the name space of our idempotency keys.
var intents = uuid.MustParse("8b1c7a52-4f0e-5d59-9d0b-6a3f5f2c9e41")

// intent is the Poynt-Request-Id of what an attempt wants: the same over retries and
// restarts (poynt.md 13), and no other till's.
func intent(r payment.Request, what string) string {
	return uuid.NewSHA1(intents, []byte(r.Operation+"/"+r.Attempt.Reference+"/"+what)).String()
}
