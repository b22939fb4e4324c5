package bench

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func keep(lines *[]string) func([]byte) error {
	return func(line []byte) error {
		*lines = append(*lines, string(line))
		return nil
	}
}

func open(t *testing.T, path string) (*Book, []string) {
	t.Helper()
	var lines []string
	b, err := OpenBook(path, keep(&lines))
	if err != nil {
		t.Fatal(err)
	}
	return b, lines
}

func closes(t *testing.T, b interface{ Close() error }) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, b *Book, values ...any) {
	t.Helper()
	for _, v := range values {
		if err := b.Append(v); err != nil {
			t.Fatal(err)
		}
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if raw, err := os.ReadFile(path); err != nil || string(raw) != want {
		t.Fatalf("the file holds %q, want %q (%v)", raw, want, err)
	}
}

func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	b, _ := open(t, path)
	write(t, b, "one", "two")
	closes(t, b)
	for _, torn := range []string{`"tw`, `"two"`, `{"a":`} {
		whole := "\"one\"\n\"two\"\n"
		if err := os.WriteFile(path, []byte(whole+torn), 0o600); err != nil {
			t.Fatal(err)
		}
		b, lines := open(t, path)
		if !slices.Equal(lines, []string{`"one"`, `"two"`}) {
			t.Errorf("after %q: %q", torn, lines)
		}
		holds(t, path, whole)
		write(t, b, "three")
		closes(t, b)
		holds(t, path, whole+"\"three\"\n")
	}
}

func TestDamagedBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	bad := errors.New("no")
	for text, want := range map[string]string{"a\nb\nc\n": "line 2", "a\n" + strings.Repeat("x", maxLine+1) + "\n": "reading line 2"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenBook(path, func(line []byte) error {
			if string(line) == "b" {
				return bad
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		holds(t, path, text)
	}
	b, _ := openAnew(t, path) // the failed ones hold no lock
	closes(t, b)
}

func openAnew(t *testing.T, path string) (*Book, []string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// Nothing of a line stays when it could not be made durable.
func TestBookThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	b, _ := open(t, path)
	write(t, b, "one")
	good := b.file
	readOnly, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b.file = readOnly
	if err := b.Append("two"); err == nil || !strings.Contains(err.Error(), "writing the practice ledger") {
		t.Errorf("a read-only file: %v", err)
	}
	closes(t, readOnly)
	// A device that says at each write what a full disk says.
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err == nil {
		b.file = full
		if err := b.Append("two"); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("a full disk: %v", err)
		}
		closes(t, full)
	}
	b.file = good
	holds(t, path, "\"one\"\n")
	if err := b.Append(strings.Repeat("x", maxLine)); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("a line that is too long: %v", err)
	}
	if err := b.Append(func() {}); err == nil {
		t.Error("what is no JSON was written")
	}
	write(t, b, "two")
	closes(t, b)
	closes(t, b)
	holds(t, path, "\"one\"\n\"two\"\n")
	if err := b.Append("three"); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// Two practice terminals on one ledger would book over each other.
func TestLockedBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	first, _ := open(t, path)
	write(t, first, "one")
	if _, err := OpenBook(path, keep(new([]string))); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second one: %v", err)
	}
	write(t, first, "two")
	closes(t, first)
	second, lines := open(t, path)
	if len(lines) != 2 {
		t.Errorf("%q", lines)
	}
	closes(t, second)
}

func TestPathsThatAreNone(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "none", "ledger")} {
		if _, err := OpenBook(path, keep(new([]string))); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
	b, _ := open(t, "")
	write(t, b, "one", func() {})
	closes(t, b)
}
