package poynt

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

const keyBits = 2048

// appKey is the application's key pair and serviceKey the one that Poynt signs
// its access tokens with. Both live as long as the process: making one takes a
// good part of a second, and a till under simulation sees thousands of clouds.
var (
	appKey     = sync.OnceValues(newKey)
	serviceKey = sync.OnceValues(newKey)
)

func newKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making a practice key: %w", err)
	}
	return key, nil
}

// keySuffix names the file of the private key beside a ledger.
const keySuffix = ".key.pem"

// appKeys returns the application's private key as the portal hands it out, and
// every public key that is accepted. A ledger keeps the key of the process that
// began it: a till that was set up with that key still works after a restart, as
// does one that is set up with the key of this process.
func appKeys(ledger string) (text string, accepted []*rsa.PublicKey, err error) {
	own, err := appKey()
	if err != nil {
		return "", nil, err
	}
	accepted = []*rsa.PublicKey{&own.PublicKey}
	text, err = encodeKey(own)
	if err != nil || ledger == "" {
		return text, accepted, err
	}
	kept, err := os.ReadFile(ledger + keySuffix)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(ledger+keySuffix, []byte(text), 0o600); err != nil {
			return "", nil, fmt.Errorf("keeping the application's practice key: %w", err)
		}
		return text, accepted, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading the application's practice key: %w", err)
	}
	old, err := decodeKey(kept)
	if err != nil {
		return "", nil, fmt.Errorf("the application's practice key %s: %w", ledger+keySuffix, err)
	}
	return string(kept), append(accepted, &old.PublicKey), nil
}

func encodeKey(key *rsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("writing a practice key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

func decodeKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("is not an RSA key")
	}
	return key, nil
}

// Settings are those with which a till in this process reaches a cloud that
// listens on address ("host:port"). callback-url is left out: the till's listener
// takes a free port and knows its own address best.
func Settings(address string) map[string]string {
	settings := map[string]string{"base-url": "http://" + address, "app-id": AppID, "business-id": BusinessID,
		"store-id": StoreID, "device-id": DeviceID, "listen": "127.0.0.1:0", "currency": Currency, "credit": "on"}
	if text, _, err := appKeys(""); err == nil { // without it the till says what is missing
		settings["private-key"] = text
	}
	return settings
}
