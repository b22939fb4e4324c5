package command_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolderThatVanishes: the data folder is taken away while the customer pays, as
// when a disk is unplugged. The till must not go on writing to files that nobody will
// find again: it says that the outcome is not recorded, and records it once the
// folder is back.
func TestFolderThatVanishes(t *testing.T) {
	t.Parallel()
	s := newShop(t, "default", "")
	away := filepath.Join(t.TempDir(), "away")
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Error(err)
		}
	}
	presented := make(chan struct{})
	s.wire.reset(func(step string) func() {
		if step == `Display "Present card" answer`+delivered {
			return func() { close(presented) }
		}
		return nil
	})
	till := start(t, "sale", "--amount", "10", "--data", s.data)
	<-presented
	move(s.data, away)
	press(t, s.pinpad, "tap", "contactless")
	if line := await(t, till.said, "not known"); !strings.Contains(line, "Money may have been moved") {
		t.Errorf("the till says %q", line)
	}
	if sums := charged(t, filepath.Join(away, "ledger.jsonl")); len(sums) != 1 {
		t.Errorf("the terminal charged %v", sums)
	}
	move(away, s.data)
	await(t, till.said, "Approved: sale 1, ")
	for till.said.Scan() { // to its end
	}
	for till.out.Scan() {
	}
	if err := till.command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	s.sound(t)
	if ops := s.operations(t, 0); len(ops) != 1 || ops[0].State != "approved" || len(s.charged(t)) != 1 {
		t.Errorf("%+v", ops)
	}
}

// TestJournalHeldByAnotherProgram: a program that is none of ours writes to the
// journal's file and does not end. No sale is begun, and nothing waits for ever.
func TestJournalHeldByAnotherProgram(t *testing.T) {
	t.Parallel()
	s := newShop(t, "light", "contactless")
	db, err := sql.Open("sqlite3", filepath.Join(s.data, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	status, _, said := run(t, "sale", "--amount", "10", "--data", s.data)
	if status != 1 || !strings.Contains(said, "another program holds the journal. Close it") {
		t.Errorf("%d %s", status, said)
	}
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	money(t, 0, "sale", "--amount", "10", "--data", s.data)
	if sums := s.charged(t); len(sums) != 1 {
		t.Errorf("the terminal charged %v", sums)
	}
}
