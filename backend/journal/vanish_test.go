package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestFileThatVanishes: the system goes on writing to a file that was taken away;
// the journal does not, and goes on when it is back.
func TestFileThatVanishes(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "journal.db")
	j := open(t, path)
	sell(t, j, operation("op-1"))
	for what, elsewhere := range map[string]func(){
		"nothing there": func() {},
		"another journal there": func() {
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			other, err := journal.Open(t.Context(), path, journal.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		if err := os.Rename(folder, folder+"-away"); err != nil {
			t.Fatal(err)
		}
		elsewhere()
		_, _, err := j.Create(t.Context(), operation("op-2"))
		wantCode(t, err, payment.CodeJournal)
		if says := payment.TextOf(err); payment.SentOf(err) != payment.SentNo || !strings.Contains(says, "no longer in the data folder") {
			t.Errorf("%s: it says %q", what, says)
		}
		_, _, err = j.Append(t.Context(), "op-1", event(t, "op-1", payment.EventNote, payment.Note{}))
		wantCode(t, err, payment.CodeJournal)
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(folder+"-away", folder); err != nil {
			t.Fatal(err)
		}
	}
	sound(t, j, 3, 1)
	sell(t, j, operation("op-2"))
	sound(t, j, 6, 2)
}
