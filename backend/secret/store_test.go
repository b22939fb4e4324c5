package secret

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// withKeychain gives the test a keychain in memory, and no session to look for.
func withKeychain(t *testing.T) {
	t.Helper()
	keyring.MockInit()
	before := session
	session = func() error { return nil }
	t.Cleanup(func() { session = before })
}

func have(t *testing.T, s *Store, name, want string) {
	t.Helper()
	got, err := s.Get(name)
	if err != nil || string(got) != want {
		t.Errorf("%s is %q, %v; want %q", name, got, err, want)
	}
}

func set(t *testing.T, s *Store, name, value string) {
	t.Helper()
	if err := s.Set(name, []byte(value)); err != nil {
		t.Fatal(err)
	}
}

// TestEveryPlace keeps, replaces and forgets, also for the next process.
func TestEveryPlace(t *testing.T) {
	for name, o := range map[string]Options{
		"keychain": {}, "key file": {NoKeychain: true}, "passphrase": {Passphrase: "correct horse"},
	} {
		t.Run(name, func(t *testing.T) {
			withKeychain(t)
			o.Folder = t.TempDir()
			s := New(o)
			if _, err := s.Get("a"); !errors.Is(err, ErrNotFound) {
				t.Errorf("nothing is there: %v", err)
			}
			set(t, s, "a", "1")
			set(t, s, "b", strings.Repeat("x", 5000))
			set(t, s, "a", "2")
			again := New(o)
			have(t, again, "a", "2")
			have(t, again, "b", strings.Repeat("x", 5000))
			if err := errors.Join(again.Delete("a"), again.Delete("a")); err != nil {
				t.Error(err)
			}
			if _, err := New(o).Get("a"); !errors.Is(err, ErrNotFound) {
				t.Errorf("forgotten: %v", err)
			}
			if where := again.Where(); where.Keychain != (name == "keychain") || where.Text == "" || (where.Why == "") != where.Keychain {
				t.Errorf("kept in %+v", where)
			}
			other := o
			other.Folder = t.TempDir()
			if _, err := New(other).Get("b"); !errors.Is(err, ErrNotFound) {
				t.Errorf("another folder: %v", err)
			}
		})
	}
}

// TestTheFileTellsNothing: neither value nor name stand in it, and nobody else may
// read it or its key.
func TestTheFileTellsNothing(t *testing.T) {
	folder := t.TempDir()
	set(t, New(Options{Folder: folder, NoKeychain: true}), "poynt key", "hunter2hunter2")
	for _, name := range []string{fileName, keyName} {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || bytes.Contains(raw, []byte("hunter2")) || bytes.Contains(raw, []byte("poynt")) {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestAChangedFileIsRefused, and says so without the secret; nothing is written over it.
func TestAChangedFileIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, folder string){
		"a flipped bit": func(t *testing.T, folder string) { change(t, folder, fileName, func(b []byte) { b[len(b)-1] ^= 1 }) },
		"its kind":      func(t *testing.T, folder string) { change(t, folder, fileName, func(b []byte) { b[len(magic)] = 'z' }) },
		"its salt": func(t *testing.T, folder string) {
			change(t, folder, fileName, func(b []byte) { b[len(magic)+1] ^= 1 })
		},
		"its magic":   func(t *testing.T, folder string) { change(t, folder, fileName, func(b []byte) { b[0] = 'x' }) },
		"another key": func(t *testing.T, folder string) { change(t, folder, keyName, func(b []byte) { b[0] ^= 2 }) },
		"no key":      func(t *testing.T, folder string) { change(t, folder, keyName, func(b []byte) { clear(b) }) },
		"cut short": func(t *testing.T, folder string) {
			if err := os.Truncate(filepath.Join(folder, fileName), 10); err != nil {
				t.Fatal(err)
			}
		},
		"a lost key": func(t *testing.T, folder string) {
			if err := os.Remove(filepath.Join(folder, keyName)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Folder: t.TempDir(), NoKeychain: true}
			set(t, New(o), "a", "hunter2hunter2")
			spoil(t, o.Folder)
			before, err := os.ReadFile(filepath.Join(o.Folder, fileName))
			if err != nil {
				t.Fatal(err)
			}
			_, err = New(o).Get("a")
			if !errors.Is(err, ErrLocked) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v", err)
			}
			if err := New(o).Set("b", []byte("x")); !errors.Is(err, ErrLocked) {
				t.Errorf("it is written over: %v", err)
			}
			if after, err := os.ReadFile(filepath.Join(o.Folder, fileName)); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}

func change(t *testing.T, folder, name string, do func([]byte)) {
	t.Helper()
	path := filepath.Join(folder, name)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(raw)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAPassphraseIsWanted: without it, or with another, nothing opens.
func TestAPassphraseIsWanted(t *testing.T) {
	folder := t.TempDir()
	set(t, New(Options{Folder: folder, Passphrase: "one"}), "a", "1")
	for _, o := range []Options{{Folder: folder, Passphrase: "two"}, {Folder: folder, NoKeychain: true}} {
		if _, err := New(o).Get("a"); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "PAYDESK_KEY") {
			t.Errorf("opened by %q: %v", o.Passphrase, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, keyName)); !os.IsNotExist(err) {
		t.Errorf("a key lies beside it: %v", err)
	}
}

// TestTheNewerOneCounts when the keychain was away for a while and came back.
func TestTheNewerOneCounts(t *testing.T) {
	withKeychain(t)
	now := time.Unix(1000, 0)
	o := Options{Folder: t.TempDir(), Now: func() time.Time { now = now.Add(time.Second); return now }}
	away := o
	away.NoKeychain = true
	set(t, New(o), "a", "1")
	set(t, New(away), "a", "2")
	have(t, New(o), "a", "2")
	set(t, New(o), "a", "3")
	have(t, New(o), "a", "3")
	if _, err := New(away).Get("a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the old one is still in the file: %v", err)
	}
}

// TestTheFilesKeyIsInTheKeychain where there is one: the folder alone opens nothing.
func TestTheFilesKeyIsInTheKeychain(t *testing.T) {
	withKeychain(t)
	folder := t.TempDir()
	s := New(Options{Folder: folder})
	if err := s.file.change(true, func(kept map[string]record) bool {
		kept["long"] = record{Value: []byte("1")}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	have(t, New(Options{Folder: folder}), "long", "1")
	if _, err := os.Stat(filepath.Join(folder, keyName)); !os.IsNotExist(err) {
		t.Errorf("a key lies beside it: %v", err)
	}
	if _, err := New(Options{Folder: folder, NoKeychain: true}).Get("long"); !errors.Is(err, ErrLocked) {
		t.Errorf("opened without the keychain: %v", err)
	}
}

// TestABrokenKeychainIsDoneWithout, and why is told.
func TestABrokenKeychainIsDoneWithout(t *testing.T) {
	withKeychain(t)
	keyring.MockInitWithError(errors.New("the bus is gone"))
	s := New(Options{Folder: t.TempDir()})
	set(t, s, "a", "1")
	have(t, s, "a", "1")
	if where := s.Where(); where.Keychain || !strings.Contains(where.Why, "the bus is gone") {
		t.Errorf("kept in %+v", where)
	}
}

func TestBounds(t *testing.T) {
	s := New(Options{Folder: t.TempDir(), NoKeychain: true})
	for name, value := range map[string]int{"": 1, strings.Repeat("n", maxName+1): 1, "long": maxValue + 1} {
		if err := s.Set(name, make([]byte, value)); err == nil {
			t.Errorf("a name of %d bytes with a value of %d is kept", len(name), value)
		}
	}
	if err := New(Options{Folder: filepath.Join(t.TempDir(), "none"), NoKeychain: true}).Set("a", nil); err == nil {
		t.Error("kept in a folder that is not there")
	}
}

func FuzzRead(f *testing.F) {
	folder := f.TempDir()
	o := Options{Folder: folder, NoKeychain: true}
	if err := New(o).Set("a", []byte("1")); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(folder, fileName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(filepath.Join(folder, fileName), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(o).Get("a"); err == nil && !bytes.Equal(raw, whole) {
			t.Error("a changed file was taken")
		}
	})
}
