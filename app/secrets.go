package app

import (
	"os"
	"path/filepath"

	"github.com/paydesk-till/paydesk/backend/secret"
)

// The environment variables of the secret store.
const (
	keyVariable      = "PAYDESK_KEY"      // a passphrase for the encrypted file
	keychainVariable = "PAYDESK_KEYCHAIN" // "off": the keychain is never asked
)

// Secrets is the folder's secret store. Practice has nothing to hide, so that the
// keychain is left alone.
func (f Folder) Secrets() *secret.Store {
	return secret.New(secret.Options{Folder: string(f), Passphrase: os.Getenv(keyVariable),
		NoKeychain: filepath.Base(string(f)) == practiceDir || os.Getenv(keychainVariable) == "off"})
}
