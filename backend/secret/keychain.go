package secret

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"
)

// service is the name under which the keychain shows our items.
const service = "Paydesk"

// patience bounds one call: a keychain that is locked waits for a person.
const patience = 3 * time.Second

var (
	errNoKeychain = errors.New("there is no keychain")
	errTooLong    = errors.New("it is too long for the keychain")
)

// keychain is the system's. The zero value may be used.
type keychain struct {
	account string // the data folder: each has secrets of its own
	off     bool
	asked   bool  // whether it is there is known
	missing error // why it is not
}

// there tells whether the keychain answers. It is tried once, with a read.
func (k *keychain) there() bool {
	if !k.asked {
		k.asked, k.missing = true, k.try()
	}
	return k.missing == nil
}

func (k *keychain) why() string {
	if k.there() {
		return ""
	}
	return k.missing.Error()
}

func (k *keychain) try() error {
	if k.off {
		return errors.New("it is not to be asked")
	}
	if err := session(); err != nil {
		return err
	}
	_, err := k.call(func() (string, error) { return keyring.Get(service, k.name("probe")) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

// session looks for what the keychain of Linux is reached by. Without it the library
// would start a bus of its own.
var session = func() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus")); err != nil {
		return errors.New("this user has no desktop session")
	}
	return nil
}

func (k *keychain) name(of string) string { return k.account + ": " + of }

// call gives a call up that takes too long; it then ends by itself, and the
// keychain is not asked again.
func (k *keychain) call(do func() (string, error)) (string, error) {
	type said struct {
		text string
		err  error
	}
	back := make(chan said, 1)
	go func() {
		text, err := do()
		back <- said{text, err}
	}()
	select {
	case s := <-back:
		return s.text, s.err
	case <-time.After(patience):
		k.asked, k.missing = true, fmt.Errorf("it did not answer within %s: it may be locked", patience)
		return "", errNoKeychain
	}
}

func (k *keychain) get(name string) (string, error) {
	if !k.there() {
		return "", errNoKeychain
	}
	text, err := k.call(func() (string, error) { return keyring.Get(service, k.name(name)) })
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrNotFound
	}
	return text, trouble("read from", err)
}

func (k *keychain) set(name, text string) error {
	if !k.there() {
		return errNoKeychain
	}
	_, err := k.call(func() (string, error) { return "", keyring.Set(service, k.name(name), text) })
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return errTooLong
	}
	return trouble("write to", err)
}

func (k *keychain) remove(name string) error {
	if !k.there() {
		return errNoKeychain
	}
	_, err := k.call(func() (string, error) { return "", keyring.Delete(service, k.name(name)) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return trouble("remove from", err)
}

func trouble(attempt string, err error) error {
	if err == nil || errors.Is(err, errNoKeychain) {
		return err
	}
	return fmt.Errorf("%s the system's keychain: %w", attempt, err)
}
