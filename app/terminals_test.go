package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/secret"
)

var guarded = payment.Info{Name: "guarded", Settings: []payment.Setting{{Key: "address", Required: true}, {Key: "key", Secret: true, Required: true}, {Key: "password", Secret: true}}}

// TestSecretSettings are never in the journal's file, come back for the provider, and
// go with their terminal.
func TestSecretSettings(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "journal.db")
	j, err := journal.Open(t.Context(), path, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets := secret.New(secret.Options{Folder: folder, NoKeychain: true})
	put := func(settings map[string]string) {
		t.Helper()
		if err := app.PutTerminal(t.Context(), j, secrets, guarded, journal.Terminal{Name: "front", Provider: "guarded", Settings: settings}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(key, password string) {
		t.Helper()
		list, err := j.Terminals(t.Context())
		if err != nil || len(list) != 1 || len(list[0].Settings) != 1 || list[0].Settings["address"] != "h:1" {
			t.Fatalf("the journal has %+v, %v", list, err)
		}
		got, err := app.WithSecrets(secret.New(secret.Options{Folder: folder, NoKeychain: true}), guarded, list[0])
		if err != nil || got["key"] != key || got["password"] != password || got["address"] != "h:1" {
			t.Errorf("the provider gets %v, %v", got, err)
		}
	}
	put(map[string]string{"address": "h:1", "key": "hunter2hunter2", "password": "correcthorse"})
	want("hunter2hunter2", "correcthorse")
	put(map[string]string{"address": "h:1", "key": "another"})
	want("another", "")

	list, err := j.Terminals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "secret.key"), []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.WithSecrets(secrets, guarded, list[0]); payment.CodeOf(err) != payment.CodeSettings || !strings.Contains(payment.TextOf(err), `"key" of terminal front`) || strings.Contains(err.Error(), "another") {
		t.Errorf("a locked store: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || bytes.Contains(raw, []byte("hunter2")) || bytes.Contains(raw, []byte("correcthorse")) {
		t.Errorf("a secret is in the journal's file: %v", err)
	}
}

func TestARemovedTerminalTakesItsSecrets(t *testing.T) {
	folder := t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(folder, "journal.db"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	secrets := secret.New(secret.Options{Folder: folder, NoKeychain: true})
	front := journal.Terminal{Name: "front", Provider: "guarded", Settings: map[string]string{"address": "h:1", "key": "k"}}
	if err := app.PutTerminal(t.Context(), j, secrets, guarded, front); err != nil {
		t.Fatal(err)
	}
	if err := app.RemoveTerminal(t.Context(), j, secrets, guarded, "front"); err != nil {
		t.Fatal(err)
	}
	if got, err := app.WithSecrets(secrets, guarded, journal.Terminal{Name: "front"}); err != nil || got["key"] != "" {
		t.Errorf("left: %v %v", got, err)
	}
}
