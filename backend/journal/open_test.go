package journal_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// written makes a journal with some sales and closes it.
func written(t testing.TB, sales int) string {
	t.Helper()
	j, path := till(t)
	for i := range sales {
		sell(t, j, operation(fmt.Sprintf("op-%03d", i)))
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFilesThatAreRefused: each with its own sentence, and not one byte changed.
func TestFilesThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, says string
		make       func(t *testing.T) string
	}{
		{"a text", "damaged", func(t *testing.T) string {
			return file(t, []byte(strings.Repeat("this is a shopping list\n", 1000)))
		}},
		{"an empty file", "empty", func(t *testing.T) string { return file(t, nil) }},
		{"a folder", "another program", func(t *testing.T) string { return t.TempDir() }},
		{"another program's database", "another program", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "journal.db")
			raw(t, path, "CREATE TABLE recipe (name TEXT)", "INSERT INTO recipe VALUES ('soup')")
			return path
		}},
		{"another program's marked database", "another program", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "journal.db")
			raw(t, path, "PRAGMA application_id = 7", "CREATE TABLE event (seq INTEGER)")
			return path
		}},
		{"a newer journal", "newer Paydesk", func(t *testing.T) string {
			path := written(t, 2)
			raw(t, path, "INSERT INTO migration (version_id, is_applied) VALUES (99, 1)", "ALTER TABLE event RENAME TO happening")
			return path
		}},
		{"a truncated journal", "damaged", func(t *testing.T) string {
			path := written(t, 20)
			if err := os.Truncate(path, 5*4096+100); err != nil {
				t.Fatal(err)
			}
			return path
		}},
		{"a journal cut within its first page", "damaged", func(t *testing.T) string {
			path := written(t, 2)
			if err := os.Truncate(path, 300); err != nil {
				t.Fatal(err)
			}
			return path
		}},
		{"a newest event that was changed", "damaged", func(t *testing.T) string {
			path := written(t, 2)
			raw(t, path, "DROP TRIGGER event_never_changed",
				"UPDATE event SET data = replace(data, '1250', '125') WHERE seq = (SELECT MAX(seq) FROM event)",
				"CREATE TRIGGER event_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END")
			return path
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.make(t)
			before := content(t, path)
			j, err := journal.Open(t.Context(), path, journal.Options{})
			if err == nil {
				t.Fatal("it was opened", j.Close())
			}
			wantCode(t, err, payment.CodeJournal)
			if says := payment.TextOf(err); !strings.Contains(says, c.says) {
				t.Errorf("it says %q; want a word about %q (%v)", says, c.says, err)
			}
			if !bytes.Equal(before, content(t, path)) {
				t.Error("the file was changed")
			}
		})
	}
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// content is what a file holds; nothing if there is none.
func content(t testing.TB, path string) []byte {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil
	}
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFoldersThatCannotBeWritten(t *testing.T) {
	t.Run("no folder", func(t *testing.T) {
		_, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "nowhere", "journal.db"), journal.Options{})
		wantCode(t, err, payment.CodeJournal)
	})
	t.Run("a file for a folder", func(t *testing.T) {
		_, err := journal.Open(t.Context(), filepath.Join(file(t, []byte("x")), "journal.db"), journal.Options{})
		wantCode(t, err, payment.CodeJournal)
	})
	t.Run("read only", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		path := written(t, 1)
		folder := filepath.Dir(path)
		if err := os.Chmod(path, 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.Chmod(folder, 0o700); err != nil {
				t.Error(err)
			}
		})
		_, err := journal.Open(t.Context(), path, journal.Options{})
		wantCode(t, err, payment.CodeJournal)
		if says := payment.TextOf(err); !strings.Contains(says, "cannot be written to") {
			t.Errorf("it says %q", says)
		}
	})
}

// TestLogWithoutItsFile: SQLite would delete a log that it finds beside nothing.
func TestLogWithoutItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path+"-wal", []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := journal.Open(t.Context(), path, journal.Options{})
	wantCode(t, err, payment.CodeJournal)
	if kept := content(t, path+"-wal"); string(kept) != "evidence" {
		t.Errorf("the log now holds %q", kept)
	}
}

// TestKilledAtTheBeginning: what an earlier start left half made is made anew.
func TestKilledAtTheBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(path+journal.HalfMade+suffix, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := open(t, path)
	sell(t, j, operation("op-1"))
	sound(t, j, 3, 1)
}

// TestPathIsTakenLiterally: no character of it is a parameter of SQLite's URI.
func TestPathIsTakenLiterally(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "50% off? #1 &mode=memory på")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "journal.db")
	sell(t, open(t, path), operation("op-1"))
	if len(content(t, path)) == 0 {
		t.Error("the journal is elsewhere")
	}
}

func TestSecondProcessReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	_, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	wantCode(t, err, payment.CodeJournal)
	writer := open(t, path)
	sell(t, writer, operation("op-1"))
	reader, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}()
	sound(t, reader, 3, 1)
	sell(t, writer, operation("op-2"))
	sound(t, reader, 6, 2)
	_, _, err = reader.Create(t.Context(), operation("op-3"))
	wantCode(t, err, payment.CodeJournal)
	_, err = reader.Serial(t.Context(), "till-1")
	wantCode(t, err, payment.CodeJournal)
	wantCode(t, reader.PutTerminal(t.Context(), journal.Terminal{Name: "a", Provider: "nexo"}), payment.CodeJournal)
	reader.Note("op-1", event(t, "op-1", payment.EventNote, payment.Note{}))
	sound(t, writer, 6, 2)
}

// TestReadAfterTheTillEnded: the log is folded in and gone, and reading works.
func TestReadAfterTheTillEnded(t *testing.T) {
	path := written(t, 3)
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("closing left a write-ahead log behind")
	}
	reader, err := journal.Open(t.Context(), path, journal.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, reader, 9, 3)
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	sound(t, open(t, path), 9, 3)
}

// TestPowerCut copies file and log after every write, without any closing, as a
// power cut would leave them, also with the log's end torn off. What was answered
// before the cut must be there.
func TestPowerCut(t *testing.T) {
	j, path := till(t)
	for i := range 6 {
		id := fmt.Sprintf("op-%d", i)
		create(t, j, operation(id))
		after := add(t, j, id, attempt(t, id, "77"+id))
		wal := content(t, path+"-wal")
		for _, torn := range []int{0, 1, 4000} {
			copied := filepath.Join(t.TempDir(), "journal.db")
			copyFile(t, path, copied)
			// What comes after the last sync may be there in part: here a torn frame.
			left := append(bytes.Clone(wal), bytes.Repeat([]byte{0xA5}, torn)...)
			if err := os.WriteFile(copied+"-wal", left, 0o600); err != nil {
				t.Fatal(err)
			}
			again := open(t, copied)
			sound(t, again, int64(2*(i+1)), int64(i+1))
			got, err := again.Operation(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, after)
			sell(t, again, operation("after"))
			sound(t, again, int64(2*(i+1)+3), int64(i+2))
		}
	}
}

// TestLogCutAnywhere: a log that ends too early opens with what is whole in it.
func TestLogCutAnywhere(t *testing.T) {
	j, path := till(t)
	for i := range 3 {
		sell(t, j, operation(fmt.Sprintf("op-%d", i)))
	}
	base, wal := content(t, path), content(t, path+"-wal")
	seen := map[int64]bool{}
	for at := 0; at <= len(wal); at += 2051 {
		copied := filepath.Join(t.TempDir(), "journal.db")
		if err := os.WriteFile(copied, base, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+"-wal", wal[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := journal.Open(t.Context(), copied, journal.Options{})
		if err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		v, err := again.Verify(t.Context())
		if err != nil || !v.Sound() {
			t.Errorf("cut at %d: %+v, %v", at, v, err)
		}
		seen[v.Events] = true
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(seen) < 4 {
		t.Errorf("the cuts left only these numbers of events: %v", seen)
	}
}

func TestJournalSettings(t *testing.T) {
	j, path := till(t)
	const full = 2
	for name, want := range map[string]int64{"synchronous": full, "foreign_keys": 1, "busy_timeout": 5000, "fullfsync": 1} {
		if got, err := j.Setting(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", name, got, err, want)
		}
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
	for _, s := range []string{"UPDATE event SET kind = 'x'", "DELETE FROM event", "DELETE FROM operation"} {
		raw(t, path, "INSERT OR IGNORE INTO event VALUES (1, '', 0, 'note', '{}', '', '')",
			"INSERT OR IGNORE INTO operation (id, number, kind, state, provider, terminal, currency, requested, authorised, amount, created_at, updated_at, data) VALUES ('a', 1, '', '', '', '', '', 0, 0, '', 0, 0, '{}')")
		if _, err := db.Exec(s); err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
