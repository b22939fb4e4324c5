package app_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // to tamper with

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

// TestMain leaves the developer's own keychain alone.
func TestMain(m *testing.M) {
	if err := os.Setenv("PAYDESK_KEYCHAIN", "off"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// sold opens a till, takes so many payments, and closes it. The head of its journal
// is kept by then.
func sold(t *testing.T, o app.Options, sales int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	o.Pace = 0.05
	till, err := app.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	for range sales {
		if _, err := till.Engine.Start(ctx, engine.Start{FormKey: time.Now().String(), Amount: 1250, Operator: "Anna"}); err != nil {
			t.Fatal(err)
		}
		if err := till.Engine.Idle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := till.Close(); err != nil {
		t.Fatal(err)
	}
}

// tamper changes the journal's file past its triggers.
func tamper(t *testing.T, f app.Folder, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", f.Journal())
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

func seal(t *testing.T, f app.Folder) (*app.Seal, *journal.Journal) {
	t.Helper()
	j, err := app.Read(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return app.ReadSeal(t.Context(), f, j), j
}

func lastOf(t *testing.T, j *journal.Journal) payment.Operation {
	t.Helper()
	ops, err := j.Operations(t.Context(), payment.Query{Limit: 1})
	if err != nil || len(ops) != 1 {
		t.Fatalf("%d operations, %v", len(ops), err)
	}
	return ops[0]
}

// TestTheHeadIsKept at the end of the very last event, and agrees also after the
// journal has grown by another till.
func TestTheHeadIsKept(t *testing.T) {
	o := practiceOptions(t, "contactless")
	for range 2 {
		sold(t, o, 1)
		s, j := seal(t, o.Folder)
		seq, hash, err := j.Head(t.Context())
		if head := s.Head(); err != nil || head.Seq != seq || head.Hash != hash || head.Fault != "" || head.Problem != "" || head.Where == "" {
			t.Errorf("kept is %+v; the journal ends with %d %s, %v", head, seq, hash, err)
		}
		if got, err := s.Of(t.Context(), lastOf(t, j).ID); err != nil || !got.Sound() || got.Lines == 0 || s.Alarm() != "" {
			t.Errorf("sealed as %+v, %v", got, err)
		}
		if v, err := s.Verify(t.Context()); err != nil || !v.Sound() {
			t.Errorf("verified as %q, %v", v.Faults, err)
		}
	}
}

// TestACutJournalRaisesTheAlarm, which nothing in the file itself could, does not go
// away by itself, keeps nobody from selling, and ends when a person says so.
func TestACutJournalRaisesTheAlarm(t *testing.T) {
	o := practiceOptions(t, "contactless")
	sold(t, o, 1)
	sold(t, o, 1) // by another till: the first one's last words stand before it
	_, j := seal(t, o.Folder)
	id := lastOf(t, j).ID
	tamper(t, o.Folder, "DELETE FROM event WHERE seq >= (SELECT MIN(seq) FROM event WHERE operation = '"+id+"')", "DELETE FROM operation WHERE id = '"+id+"'")
	for range 2 { // the till goes on to sell, and the head stays as it was kept
		s, j := seal(t, o.Folder)
		if alarm := s.Alarm(); !strings.Contains(alarm, "written down outside of") || !strings.Contains(alarm, "Payments go on") {
			t.Errorf("the alarm is %q", alarm)
		}
		if v, err := s.Verify(t.Context()); err != nil || len(v.Faults) != 1 {
			t.Errorf("verified as %q, %v", v.Faults, err)
		}
		if got, err := s.Of(t.Context(), lastOf(t, j).ID); err != nil || got.Sound() || got.Head.Fault == "" {
			t.Errorf("sealed as %+v, %v", got, err)
		}
		if findings := app.Examine(t.Context(), o.Folder, o.Build, true); !bad(findings, "written down outside of") {
			t.Errorf("the doctor finds %+v", findings)
		}
		sold(t, o, 1)
	}
	err := app.Write(t.Context(), o.Folder, "accepts", func(j *journal.Journal) error {
		return app.ReadSeal(t.Context(), o.Folder, j).Accept(t.Context(), "Bo", "a backup was brought back")
	})
	if err != nil {
		t.Fatal(err)
	}
	s, j := seal(t, o.Folder)
	if s.Alarm() != "" || s.Head().Seq == 0 {
		t.Errorf("after it was accepted: %q, %+v", s.Alarm(), s.Head())
	}
	events, err := j.Events(t.Context(), "")
	if err != nil || len(events) == 0 || !strings.Contains(string(events[len(events)-1].Data), "a backup was brought back") || !strings.Contains(string(events[len(events)-1].Data), `"operator":"Bo"`) {
		t.Errorf("who accepted it is not recorded: %v", err)
	}
}

func bad(findings []app.Finding, says string) bool {
	for _, f := range findings {
		if f.Verdict == app.Bad && strings.Contains(f.Text, says) {
			return true
		}
	}
	return false
}

// TestAChangedRowIsOnThePage of its operation at once, and on every page once the
// whole journal was checked.
func TestAChangedRowIsOnThePage(t *testing.T) {
	o := practiceOptions(t, "contactless")
	sold(t, o, 1)
	till, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := till.Close(); err != nil {
			t.Error(err)
		}
	}()
	// Behind the open till's back; a till that opens would see that its newest events
	// are changed, and refuse to sell on them.
	tamper(t, o.Folder, "UPDATE event SET data = replace(data, '1250', '9250') WHERE kind = 'created'")
	got, err := till.Seal.Of(t.Context(), lastOf(t, till.Journal).ID)
	if err != nil || got.Sound() || !strings.Contains(strings.Join(got.Faults, "\n"), "(created) was changed") {
		t.Errorf("sealed as %+v, %v", got, err)
	}
	told := make(chan struct{}, 16)
	till.Seal.OnChange(func() { told <- struct{}{} })
	till.Seal.Want()
	late := time.After(limit)
	for till.Seal.Alarm() == "" {
		select {
		case <-told:
		case <-late:
			t.Fatal("no alarm")
		}
	}
	if alarm := till.Seal.Alarm(); !strings.Contains(alarm, "was changed") {
		t.Errorf("the alarm is %q", alarm)
	}
}

// TestSecretsThatCannotBeOpened are told, raise no alarm and stop nothing.
func TestSecretsThatCannotBeOpened(t *testing.T) {
	o := practiceOptions(t, "contactless")
	sold(t, o, 1)
	if err := os.WriteFile(filepath.Join(string(o.Folder), "secret.key"), []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	sold(t, o, 1)
	s, j := seal(t, o.Folder)
	if head := s.Head(); head.Problem == "" || s.Alarm() != "" {
		t.Errorf("the head is %+v, the alarm %q", head, s.Alarm())
	}
	if got, err := s.Of(t.Context(), lastOf(t, j).ID); err != nil || !got.Sound() {
		t.Errorf("sealed as %+v, %v", got, err)
	}
	if findings := app.Examine(t.Context(), o.Folder, o.Build, true); !bad(findings, "secrets cannot be read") {
		t.Errorf("the doctor finds %+v", findings)
	}
}

// TestVerifyIsRemembered by a till that is open, and by the next one.
func TestVerifyIsRemembered(t *testing.T) {
	o := practiceOptions(t, "contactless")
	sold(t, o, 1)
	err := app.Write(t.Context(), o.Folder, "is verified", func(j *journal.Journal) error {
		s := app.NewSeal(j, o.Folder.Secrets(), time.Now, slog.New(slog.DiscardHandler))
		s.Load(t.Context())
		_, err := s.Verify(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s, j := seal(t, o.Folder)
	got, err := s.Of(t.Context(), lastOf(t, j).ID)
	if err != nil || !got.Covered() || got.Whole.Operations != 1 {
		t.Errorf("sealed as %+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
