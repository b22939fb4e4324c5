package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// The errors that callers tell apart.
var (
	// ErrNotFound: there is no secret of that name.
	ErrNotFound = errors.New("there is no such secret")
	// ErrLocked: there are secrets, but this process cannot open them.
	ErrLocked = errors.New("the secrets cannot be opened")
)

// Bounds of what is kept.
const (
	maxName  = 200      // bytes
	maxValue = 64 << 10 // bytes
	maxFile  = 1 << 20  // bytes of the encrypted file
)

// Options say where secrets are kept.
type Options struct {
	// Folder is the data folder, which must exist before the first Set.
	Folder string
	// Passphrase is the value of PAYDESK_KEY; it takes the place of keychain and key
	// file. Empty: there is none.
	Passphrase string
	// NoKeychain: the keychain is never asked, as in practice and tests.
	NoKeychain bool
	Now        func() time.Time // nil: time.Now
}

// Store keeps secrets. Its methods may be called from any goroutine; only one
// process may call Set and Delete, the one that holds the data folder's lock.
type Store struct {
	now  func() time.Time
	mu   sync.Mutex
	file file
	keys *keychain
}

// New makes a store. It opens nothing yet.
func New(o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	folder := o.Folder
	if whole, err := filepath.Abs(folder); err == nil {
		folder = whole
	}
	keys := &keychain{account: folder, off: o.NoKeychain || o.Passphrase != ""}
	return &Store{now: o.Now, keys: keys, file: file{folder: folder, passphrase: o.Passphrase, keys: keys}}
}

// record is a secret as it is kept. The time tells which of two is the newer one,
// after a keychain was away for a while.
type record struct {
	Value []byte    `json:"value"`
	At    time.Time `json:"at"`
}

// Get returns a secret, or ErrNotFound.
func (s *Store) Get(name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var newest record
	found := false
	if text, err := s.keys.get(name); err == nil {
		if err := json.Unmarshal([]byte(text), &newest); err != nil {
			return nil, fmt.Errorf("secret %s: what the keychain holds cannot be read: it was not written by Paydesk", name)
		}
		found = true
	} else if !errors.Is(err, ErrNotFound) && !errors.Is(err, errNoKeychain) {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	kept, err := s.file.read()
	if err != nil && !found {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	if in, ok := kept[name]; ok && (!found || in.At.After(newest.At)) {
		newest, found = in, true
	}
	if !found {
		return nil, fmt.Errorf("secret %s: %w", name, ErrNotFound)
	}
	return newest.Value, nil
}

// Set keeps a secret under a name; one that was there is replaced. When it returns
// nil the secret is on the disk or in the keychain.
func (s *Store) Set(name string, value []byte) error {
	switch {
	case name == "" || len(name) > maxName:
		return fmt.Errorf("a secret's name has 1 to %d bytes, not %d", maxName, len(name))
	case len(value) > maxValue:
		return fmt.Errorf("secret %s has %d bytes; at most %d can be kept", name, len(value), maxValue)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := record{value, s.now().UTC()}
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("secret %s: %w", name, err)
	}
	switch err := s.keys.set(name, string(text)); {
	case err == nil:
		err := s.file.change(false, func(kept map[string]record) bool {
			_, stale := kept[name]
			delete(kept, name)
			return stale
		})
		if err != nil {
			return fmt.Errorf("secret %s is kept in the keychain, but an older one may be left: %w", name, err)
		}
		return nil
	case errors.Is(err, errNoKeychain), errors.Is(err, errTooLong):
	default:
		return fmt.Errorf("secret %s: %w", name, err)
	}
	err = s.file.change(true, func(kept map[string]record) bool {
		kept[name] = r
		return true
	})
	if err != nil {
		return fmt.Errorf("secret %s: %w", name, err)
	}
	return nil
}

// Delete forgets a secret; one that is not there is no error.
func (s *Store) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keys.remove(name); err != nil && !errors.Is(err, errNoKeychain) {
		return fmt.Errorf("secret %s: %w", name, err)
	}
	err := s.file.change(false, func(kept map[string]record) bool {
		_, there := kept[name]
		delete(kept, name)
		return there
	})
	if err != nil {
		return fmt.Errorf("secret %s: %w", name, err)
	}
	return nil
}

// Place is where secrets go.
type Place struct {
	Keychain bool   // the system's keychain takes them
	Text     string // in words: "the system's keychain"
	Why      string // why it is not the keychain; empty if it is
}

// Where says where the next secret will go, for a person.
func (s *Store) Where() Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file.passphrase != "":
		return Place{Text: "the encrypted file " + fileName + ", opened by PAYDESK_KEY", Why: "PAYDESK_KEY is set"}
	case s.keys.there():
		return Place{Keychain: true, Text: "the system's keychain"}
	}
	return Place{Text: "the encrypted file " + fileName + " with its key beside it in " + keyName, Why: s.keys.why()}
}
