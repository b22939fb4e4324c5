package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestLockKeepsASecondOneOutAndSaysWhoHasIt(t *testing.T) {
	folder := app.Folder(filepath.Join(t.TempDir(), "new", "folder"))
	if who, locked := folder.Locked(); locked {
		t.Fatalf("a folder that does not exist is held by %s", who)
	}
	lock, err := app.TakeLock(folder, "takes a payment", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.TakeLock(folder, "shows its window", time.Now())
	if payment.CodeOf(err) != payment.CodeConflict {
		t.Fatalf("the second lock gives %v", err)
	}
	for _, want := range []string{"takes a payment", "process ", "Nothing was started"} {
		if !strings.Contains(payment.TextOf(err), want) {
			t.Errorf("%q does not say %q", payment.TextOf(err), want)
		}
	}
	var holder app.Holder
	text, err := os.ReadFile(filepath.Join(string(folder), "lock.json"))
	if err != nil || json.Unmarshal(text, &holder) != nil || holder.PID != os.Getpid() {
		t.Errorf("the holder is written as %s (%v)", text, err)
	}
	if who, locked := folder.Locked(); !locked || !strings.Contains(who, "takes a payment") {
		t.Errorf("Locked says %q, %v", who, locked)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := app.TakeLock(folder, "shows its window", time.Now())
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestLockInAFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.TakeLock(app.Folder(filepath.Join(file, "below")), "takes a payment", time.Now())
	if payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), "no payment is started") {
		t.Errorf("%v", err)
	}
}

func TestFolderOfPracticeIsBelow(t *testing.T) {
	dir := t.TempDir()
	real, err := app.FolderAt(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	practice, err := app.FolderAt(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if string(real) != dir || string(practice) != filepath.Join(dir, "practice") {
		t.Errorf("%s and %s", real, practice)
	}
}
