package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The files in the data folder.
const (
	fileName = "secrets.enc"
	keyName  = "secret.key"
	// keyItem is the file's key in the keychain.
	keyItem = "key of " + fileName
)

// The layout of the file: magic, one byte for the kind of key, 16 bytes of salt (for a
// passphrase, else zero), 12 bytes of nonce, then the secrets as JSON under AES-256-GCM
// with all that stands before the nonce as additional data.
const (
	magic     = "PdS1"
	saltSize  = 16
	nonceSize = 12
	keySize   = 32
	headSize  = len(magic) + 1 + saltSize
)

// The kinds of key.
const (
	byKeyFile    = 'f'
	byPassphrase = 'p'
	byKeychain   = 'k'
)

// The cost of a passphrase: RFC 9106's second recommendation, for memory-poor machines.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 4
)

// file is the encrypted file.
type file struct {
	folder     string
	passphrase string
	keys       *keychain
	derived    []byte // the passphrase's key
	salt       []byte // that it was derived with
}

func (f *file) path() string { return filepath.Join(f.folder, fileName) }

// read opens the file; no secrets where there is none.
func (f *file) read() (map[string]record, error) {
	raw, err := readBounded(f.path(), maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]record{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", fileName, err)
	}
	if len(raw) < headSize+nonceSize || !bytes.HasPrefix(raw, []byte(magic)) {
		return nil, fmt.Errorf("%w: %s is not a file of secrets, or of a newer Paydesk", ErrLocked, fileName)
	}
	head, nonce, sealed := raw[:headSize], raw[headSize:headSize+nonceSize], raw[headSize+nonceSize:]
	key, err := f.key(head[len(magic)], head[len(magic)+1:])
	if err != nil {
		return nil, err
	}
	aead, err := cipherOf(key)
	if err != nil {
		return nil, err
	}
	clear, err := aead.Open(nil, nonce, sealed, head)
	if err != nil {
		return nil, fmt.Errorf("%w: %s was changed, or its key is another (%s)", ErrLocked, fileName, keyWords[head[len(magic)]])
	}
	kept := map[string]record{}
	if err := json.Unmarshal(clear, &kept); err != nil {
		return nil, fmt.Errorf("%w: %s holds something else", ErrLocked, fileName)
	}
	return kept, nil
}

// keyWords say which key a file wants.
var keyWords = map[byte]string{byKeyFile: "it stands in " + keyName, byPassphrase: "it is PAYDESK_KEY", byKeychain: "it is in the system's keychain"}

// change reads, lets do change what is kept, and writes it if do says so. Without
// begin a file that is not there is not made.
func (f *file) change(begin bool, do func(map[string]record) bool) error {
	if _, err := os.Stat(f.path()); !begin && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	kept, err := f.read()
	if err != nil {
		return err
	}
	if !do(kept) {
		return nil
	}
	clear, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	head, key, err := f.newHead(f.kind())
	if err != nil {
		return err
	}
	aead, err := cipherOf(key)
	if err != nil {
		return err
	}
	nonce := make([]byte, nonceSize)
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	raw := aead.Seal(append(bytes.Clone(head), nonce...), nonce, clear, head)
	if len(raw) > maxFile {
		return fmt.Errorf("%s would have %d bytes; at most %d can be kept", fileName, len(raw), maxFile)
	}
	return replace(f.path(), raw)
}

// kind is the kind of key to write with. A file stays with its key, so that who could
// open it can; only a passphrase takes its place.
func (f *file) kind() byte {
	if f.passphrase != "" {
		return byPassphrase
	}
	if raw, err := readBounded(f.path(), maxFile); err == nil && len(raw) > len(magic) {
		return raw[len(magic)]
	}
	if f.keys.there() {
		return byKeychain
	}
	return byKeyFile
}

// newHead makes the beginning of the file, with a key of the kind.
func (f *file) newHead(kind byte) (head, key []byte, err error) {
	salt := make([]byte, saltSize)
	switch {
	case kind != byPassphrase:
		err = f.makeKey(kind)
	case f.salt != nil:
		copy(salt, f.salt)
	default:
		_, err = rand.Read(salt)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make a key for %s: %w", fileName, err)
	}
	key, err = f.key(kind, salt)
	return append(append([]byte(magic), kind), salt...), key, err
}

// key finds the key of a kind.
func (f *file) key(kind byte, salt []byte) ([]byte, error) {
	switch kind {
	case byPassphrase:
		if f.passphrase == "" {
			return nil, fmt.Errorf("%w: %s was written with PAYDESK_KEY, which is not set now", ErrLocked, fileName)
		}
		if !bytes.Equal(salt, f.salt) {
			f.salt = bytes.Clone(salt)
			f.derived = argon2.IDKey([]byte(f.passphrase), salt, argonTime, argonMemory, argonThreads, keySize)
		}
		return f.derived, nil
	case byKeychain:
		text, err := f.keys.get(keyItem)
		if err != nil {
			return nil, fmt.Errorf("%w: the key of %s is in the system's keychain, which does not give it: %w", ErrLocked, fileName, err)
		}
		return decodeKey(text, "the keychain's key")
	case byKeyFile:
		raw, err := readBounded(filepath.Join(f.folder, keyName), 1<<10)
		if err != nil {
			return nil, fmt.Errorf("%w: the key of %s: %w", ErrLocked, fileName, err)
		}
		return decodeKey(string(raw), keyName)
	}
	return nil, fmt.Errorf("%w: %s was written by a newer Paydesk", ErrLocked, fileName)
}

// makeKey draws a key where there is none yet.
func (f *file) makeKey(kind byte) error {
	fresh := make([]byte, keySize)
	if _, err := rand.Read(fresh); err != nil {
		return fmt.Errorf("draw a key: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(fresh)
	if kind == byKeychain {
		if _, err := f.keys.get(keyItem); !errors.Is(err, ErrNotFound) {
			return err
		}
		return f.keys.set(keyItem, text)
	}
	path := filepath.Join(f.folder, keyName)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return replace(path, []byte(text+"\n"))
}

func decodeKey(text, what string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("%w: %s is no key of Paydesk", ErrLocked, what)
	}
	return key, nil
}

func cipherOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

func readBounded(path string, most int64) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(raw)) > most {
		return nil, fmt.Errorf("%s is longer than %d bytes", filepath.Base(path), most)
	}
	return raw, err
}

// replace writes a file beside the old one, for its owner alone, and takes its place:
// after a crash there is the old one or the new one, whole.
func replace(path string, raw []byte) (err error) {
	out, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = out.Write(raw)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(out.Name()))
	}
	return nil
}
