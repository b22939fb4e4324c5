package command_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // to tamper with
)

// TestEvidence takes a payment and does with its record what a merchant, a bank and a
// forger would.
func TestEvidence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sale := money(t, 0, "sale", "--amount", "12.50", "--data", dir, "--practice", "--customer", "chip-pin")
	here := func(args ...string) (int, string, string) {
		return run(t, append(append([]string{"journal"}, args...), "--data", dir, "--practice")...)
	}

	status, out, said := here("show", "1")
	for _, want := range []string{"=> created", "=> approved", "PaymentRequest", "where the time went", "till ", "customer", "each carries its hash", "The head of the chain kept outside of the journal agrees"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("show: %d without %q\n%s%s", status, want, out, said)
		}
	}
	status, out, _ = here("show", sale.References.Ours, "--json")
	var shown struct {
		Events   []json.RawMessage
		Timeline []struct{ State, Text string }
		Spent    struct {
			Total  int64
			Shares []struct{ Took int64 }
		}
		Seal struct{ Lines int }
	}
	if err := json.Unmarshal([]byte(out), &shown); status != 0 || err != nil || len(shown.Timeline) != len(shown.Events) || shown.Seal.Lines != len(shown.Events) || shown.Timeline[0].State != "created" {
		t.Errorf("show --json: %d %v %d steps of %d events", status, err, len(shown.Timeline), len(shown.Events))
	}
	var sum int64
	for _, s := range shown.Spent.Shares {
		sum += s.Took
	}
	if sum == 0 || sum != shown.Spent.Total {
		t.Errorf("the shares add up to %d of %d", sum, shown.Spent.Total)
	}

	file := filepath.Join(t.TempDir(), "evidence.html")
	if status, _, said := here("export", "1", "--out", file); status != 0 || !strings.Contains(said, file) {
		t.Errorf("export: %d %s", status, said)
	}
	page, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(page, []byte("sound from line 1 to line")) || !bytes.Contains(page, []byte(sale.References.AuthCode)) || !bytes.Contains(page, []byte("No real money")) {
		t.Errorf("the file does not say enough: %v", err)
	}
	if status, _, said := here("export", "1", "--out", file); status != 1 || !strings.Contains(said, "not written over") {
		t.Errorf("written over: %d %s", status, said)
	}
	if status, out, _ := here("export", "1"); status != 0 || strings.Count(out, "\n") != len(shown.Events) {
		t.Errorf("its lines: %d, %d lines", status, strings.Count(out, "\n"))
	}
	if status, out, _ := here("export"); status != 0 || strings.Count(out, "\n") < len(shown.Events) {
		t.Errorf("all lines: %d, %d lines", status, strings.Count(out, "\n"))
	}
	if status, _, said := here("export", "77", "--out", file+"2"); status != 1 || !strings.Contains(said, "no such operation") {
		t.Errorf("of an operation that is not there: %d %s", status, said)
	}

	forge(t, filepath.Join(dir, "practice", "journal.db"), "DROP TRIGGER delivery_never_removed",
		"DELETE FROM delivery WHERE event >= (SELECT MIN(seq) FROM event WHERE operation <> '')",
		"DELETE FROM event WHERE seq >= (SELECT MIN(seq) FROM event WHERE operation <> '')", "DELETE FROM operation")
	if status, out, _ := here("verify"); status != 1 || !strings.Contains(out, "was written down outside of it") {
		t.Errorf("a cut journal is verified: %d %s", status, out)
	}
	if status, _, said := here("accept", "--operator", "Bo"); status != 1 || !strings.Contains(said, "why") {
		t.Errorf("accepted without a reason: %d %s", status, said)
	}
	if status, _, said := here("accept", "--operator", "Bo", "--why", "a test"); status != 0 {
		t.Errorf("accept: %d %s", status, said)
	}
	if status, out, _ := here("verify"); status != 0 || !strings.Contains(out, "agrees") {
		t.Errorf("after it was accepted: %d %s", status, out)
	}
}

// forge changes the journal past its triggers.
func forge(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append([]string{"DROP TRIGGER event_never_changed", "DROP TRIGGER event_never_removed", "DROP TRIGGER operation_never_removed"}, statements...) {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
