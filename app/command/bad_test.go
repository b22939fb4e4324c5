package command_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // to make journals that Paydesk never makes
)

// badJournal is what stands where the journal should, and what Paydesk says of it.
type badJournal struct {
	name, says string
	killed     bool // the till was killed before, and left a log
	spoil      func(t *testing.T, journal string)
	// lost tells that a new journal helps; terminals, that it has the old one's.
	lost, terminals bool
}

var badJournals = []badJournal{
	{name: "of a newer version", says: "newer Paydesk", spoil: func(t *testing.T, journal string) {
		statement(t, journal, "INSERT INTO migration (version_id, is_applied) VALUES (99, 1)")
	}},
	{name: "another program's database", says: "another program", spoil: func(t *testing.T, journal string) {
		remove(t, journal)
		statement(t, journal, "CREATE TABLE recipe (name TEXT)")
	}},
	{name: "a folder", says: "another program", spoil: func(t *testing.T, journal string) {
		remove(t, journal)
		if err := os.Mkdir(journal, 0o700); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "a text", says: "damaged", lost: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func([]byte) []byte { return bytes.Repeat([]byte("a shopping list\n"), 500) })
	}},
	{name: "empty", says: "empty", lost: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func([]byte) []byte { return nil })
	}},
	{name: "cut in its first page", says: "damaged", lost: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func(file []byte) []byte { return file[:1000] })
	}},
	{name: "without its last page", says: "damaged", lost: true, terminals: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func(file []byte) []byte { return file[:len(file)-4096] })
	}},
	{name: "a bit of its header flipped", says: "damaged", lost: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func(file []byte) []byte { file[3] ^= 4; return file })
	}},
	{name: "a bit of its newest event flipped", says: "damaged", lost: true, terminals: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal, func(file []byte) []byte {
			// In every copy: some lie in pages that are no longer used.
			return bytes.ReplaceAll(file, []byte(`"outcome":"approved"`), []byte(`"outcome":"appro6ed"`))
		})
	}},
	{name: "a bit of its log flipped", says: "damaged", killed: true, lost: true, terminals: true, spoil: func(t *testing.T, journal string) {
		overwrite(t, journal+"-wal", func(log []byte) []byte { log[100] ^= 16; return log })
	}},
	{name: "its log without it", says: "write-ahead log is there", killed: true, lost: true, spoil: remove},
}

func overwrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(file), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// statement changes a database behind the journal's back.
func statement(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err == nil {
		_, err = db.Exec(text)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// journals are the journal's files of a folder and what they hold.
func journals(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), "journal.db") || strings.HasSuffix(path, "-shm") {
			return err
		}
		file, err := os.ReadFile(path)
		if len(file) > 0 || entry.Name() == "journal.db" { // looking makes an empty log
			found[entry.Name()] = string(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestBadJournals: nothing is sold on a journal that cannot be used; it is said what
// happened, what it means for the money, and what to do; not one byte of it changes;
// and where it is lost, one command makes the shop sell again and keeps what is left.
func TestBadJournals(t *testing.T) {
	for _, c := range badJournals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, "light", "contactless")
			for range 3 {
				money(t, 0, "sale", "--amount", "10", "--data", s.data)
			}
			if c.killed {
				aDoubt(t, s)
				s.wire.reset(nil)
			}
			c.spoil(t, filepath.Join(s.data, "journal.db"))
			was, charged := journals(t, s.data), s.charged(t)
			for _, args := range [][]string{{"sale", "--amount", "10"}, {"recover"}, {"serve", "--listen", "127.0.0.1:0"}} {
				status, out, said := run(t, append(args, "--data", s.data)...)
				if status != 1 || out != "" || !strings.Contains(said, c.says) || !strings.Contains(said, filepath.Join(s.data, "journal.db")) {
					t.Errorf("%s: %d %s%s", args[0], status, out, said)
				}
				if c.lost != strings.Contains(said, "journal renew") {
					t.Errorf("%s: the next step: %s", args[0], said)
				}
			}
			for _, args := range [][]string{{"doctor"}, {"journal", "verify"}} {
				if status, out, said := run(t, append(args, "--data", s.data)...); status != 1 {
					t.Errorf("%v: %d %s%s", args, status, out, said)
				}
			}
			// Whether anything is missing in it depends on what was lost.
			if _, out, said := run(t, "journal", "export", "--data", s.data); c.terminals && !strings.Contains(out, `"kind":"created"`) {
				t.Errorf("nothing was exported: %s", said)
			}
			if !maps.Equal(was, journals(t, s.data)) {
				t.Error("the journal's files were changed")
			}
			if now := s.charged(t); !maps.Equal(charged, now) {
				t.Errorf("the terminal charged %v, before it was %v", now, charged)
			}
			s.renews(t, c, was)
		})
	}
}

// renews puts the journal aside, where that is right, and sells again.
func (s *shop) renews(t *testing.T, c badJournal, was map[string]string) {
	t.Helper()
	status, out, said := run(t, "journal", "renew", "--data", s.data)
	if !c.lost {
		if status != 1 || !maps.Equal(was, journals(t, s.data)) {
			t.Errorf("renew: %d %s%s; a journal that is not lost was put aside", status, out, said)
		}
		return
	}
	kept, err := filepath.Glob(filepath.Join(s.data, "damaged-*"))
	if status != 0 || err != nil || len(kept) != 1 || !strings.Contains(said, kept[0]) {
		t.Fatalf("renew: %d %s%s %v %v", status, out, said, kept, err)
	}
	if !maps.Equal(was, journals(t, kept[0])) {
		t.Errorf("kept is %v of %v", slices.Collect(maps.Keys(journals(t, kept[0]))), slices.Collect(maps.Keys(was)))
	}
	if c.terminals != strings.Contains(said, "taken over: desk") {
		t.Errorf("renew: %s", said)
	}
	if c.terminals {
		money(t, 0, "sale", "--amount", "10", "--data", s.data)
		s.sound(t)
	}
	if status, out, said := run(t, "journal", "verify", "--data", s.data); status != 0 || !strings.Contains(out, "kept outside of the journal agrees") {
		t.Errorf("the head that is kept outside: %d %s%s", status, out, said)
	}
	if status, _, said := run(t, "journal", "renew", "--data", s.data); status != 1 || !strings.Contains(said, "is sound") {
		t.Errorf("renew again: %d %s", status, said)
	}
}

// TestRenewWithoutASecretStore: a journal that was put aside tells what was open in it,
// also where the new one's head cannot be kept outside.
func TestRenewWithoutASecretStore(t *testing.T) {
	t.Parallel()
	s := newShop(t, "light", "contactless")
	aDoubt(t, s)
	s.wire.reset(nil)
	overwrite(t, filepath.Join(s.data, "journal.db-wal"), func(log []byte) []byte { log[100] ^= 16; return log })
	if err := errors.Join(os.RemoveAll(filepath.Join(s.data, "secrets.enc")), os.MkdirAll(filepath.Join(s.data, "secrets.enc", "taken"), 0o700)); err != nil {
		t.Fatal(err)
	}
	status, _, said := run(t, "journal", "renew", "--data", s.data)
	for _, told := range []string{"is kept in", "Terminals taken over: desk", "The head could not be written"} {
		if status != 1 || !strings.Contains(said, told) {
			t.Errorf("%d, it does not say %q: %s", status, told, said)
		}
	}
}
