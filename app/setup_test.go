package app_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/app"
	"github.com/paydesk-till/paydesk/backend/engine"
	"github.com/paydesk-till/paydesk/backend/journal"
	"github.com/paydesk-till/paydesk/backend/payment"
)

const hidden = "invented-password-5381"

// shopform is a NetPay terminal as the settings page posts it.
func shopform(change map[string]string) url.Values {
	f := url.Values{"provider": {"netpay"}, "name": {"caja"}, "operator": {"ana"}, "set-base-url": {"http://127.0.0.1:1"}, "set-auth-string": {"YTpi"},
		"set-username": {"user"}, "set-password": {hidden}, "set-serial-number": {"0000012345"}, "set-store-id": {"700101"}, "set-smart-accounts": {"off"},
		"set-token-renewal": {"password"}, "set-terminal-prints": {"yes"}, "set-currency": {"MXN"}}
	for k, v := range change {
		f.Set(k, v)
	}
	return f
}

type desk struct {
	t     *testing.T
	till  *app.Till
	pages http.Handler
}

func openDesk(t *testing.T, folder app.Folder, practice bool) desk {
	t.Helper()
	o := app.Options{Folder: folder, Practice: practice, Doing: "tests"}
	till, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	pages := app.NewPages(till, o, app.Openers{})
	t.Cleanup(func() {
		pages.Close()
		if err := till.Close(); err != nil {
			t.Error(err)
		}
	})
	return desk{t, till, pages}
}

func (d desk) post(path string, f url.Values) (int, string) {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.pages.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (d desk) get(path string) string {
	w := httptest.NewRecorder()
	d.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Body.String()
}

func (d desk) terminal(name string) (engine.TerminalStatus, bool) {
	for _, s := range d.till.Engine.Terminals() {
		if s.Name == name {
			return s, true
		}
	}
	return engine.TerminalStatus{}, false
}

// A terminal that is added in the pages works at once and after a restart; its
// secrets are nowhere in the journal or the log, and never shown again.
func TestTerminalAddedWhileTheTillRuns(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	folder := app.Folder(t.TempDir())
	d := openDesk(t, folder, false)
	if code, body := d.post("/settings/terminal", shopform(nil)); code != http.StatusSeeOther {
		t.Fatalf("%d: %s", code, body)
	}
	if s, ok := d.terminal("caja"); !ok || s.Currency != "MXN" || !s.Receives {
		t.Errorf("%+v, %t", s, ok)
	}
	form := d.get("/settings/terminal?name=caja")
	if !strings.Contains(form, "Stored. Leave empty to keep it.") || strings.Contains(form, hidden) {
		t.Error("the form of a stored terminal shows a secret, or does not say that it is stored")
	}
	// A change without the secret keeps it; the operation in between does not matter.
	if code, body := d.post("/settings/terminal", shopform(map[string]string{"set-password": "", "set-auth-string": "", "set-store-id": "700102", "known": "yes"})); code != http.StatusSeeOther {
		t.Fatalf("%d: %s", code, body)
	}
	if err := d.till.Close(); err != nil {
		t.Fatal(err)
	}
	again := openDesk(t, folder, false)
	if _, ok := again.terminal("caja"); !ok || len(again.till.Absent) != 0 {
		t.Errorf("after a restart: %v", again.till.Absent)
	}
	err := filepath.WalkDir(string(folder), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(hidden)) {
			t.Errorf("%s holds the password", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := again.post("/settings/remove", url.Values{"name": {"caja"}, "operator": {"ana"}}); code != http.StatusSeeOther {
		t.Errorf("remove: %d", code)
	}
	if _, ok := again.terminal("caja"); ok || strings.Contains(again.get("/settings"), "set-caja") {
		t.Error("a removed terminal is still there")
	}
	info := payment.Info{Settings: []payment.Setting{{Key: "password", Secret: true}}}
	if left, err := app.WithSecrets(folder.Secrets(), info, journal.Terminal{Name: "caja"}); err != nil || left["password"] != "" {
		t.Errorf("its password is still kept: %v", err)
	}
}

func TestTerminalThatCannotBe(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	folder := app.Folder(t.TempDir())
	d := openDesk(t, folder, true)
	for name, c := range map[string]struct {
		change map[string]string
		says   string
	}{
		"a wrong setting":     {map[string]string{"set-serial-number": "12 34"}, "serial-number"},
		"no secret":           {map[string]string{"set-password": ""}, "password"},
		"a practice terminal": {map[string]string{"name": "nexo"}, "practice terminal"},
	} {
		if code, body := d.post("/settings/terminal", shopform(c.change)); code < 400 || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d, %s", name, code, body)
		}
	}
	if list, err := d.till.Journal.Terminals(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("stored all the same: %v, %v", list, err)
	}
	if !strings.Contains(d.get("/settings"), "A practice terminal: it comes and goes") {
		t.Error("practice terminals are not listed")
	}
}

// While its outcome is open, nothing may take a terminal away from an operation.
func TestTerminalWithAnOpenOperationStays(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	folder := app.Folder(t.TempDir())
	d := openDesk(t, folder, false)
	if code, body := d.post("/settings/terminal", shopform(nil)); code != http.StatusSeeOther {
		t.Fatalf("%d: %s", code, body)
	}
	op := payment.Operation{ID: "x", Kind: payment.Sale, Provider: "netpay", Terminal: "caja", Currency: "MXN", Requested: 100}
	if _, _, err := d.till.Journal.Create(context.Background(), op); err != nil {
		t.Fatal(err)
	}
	if code, body := d.post("/settings/remove", url.Values{"name": {"caja"}, "operator": {"ana"}}); code != http.StatusConflict {
		t.Errorf("%d: %s", code, body)
	}
	if list, err := d.till.Journal.Terminals(context.Background()); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}

// A folder whose secrets cannot be opened says so at the terminal, and at no other.
func TestLostSecrets(t *testing.T) {
	t.Setenv("PAYDESK_KEYCHAIN", "off")
	folder := app.Folder(t.TempDir())
	first := openDesk(t, folder, false)
	if code, body := first.post("/settings/terminal", shopform(nil)); code != http.StatusSeeOther {
		t.Fatalf("%d: %s", code, body)
	}
	if err := first.till.Journal.PutTerminal(context.Background(), journal.Terminal{Name: "bar", Provider: "nexo",
		Settings: map[string]string{"address": "127.0.0.1:1", "poiid": "A", "mode": "light"}}); err != nil {
		t.Fatal(err)
	}
	if err := first.till.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(string(folder), "secret.key"), []byte("not the key"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openDesk(t, folder, false)
	if err := d.till.Absent["caja"]; payment.CodeOf(err) != payment.CodeSettings || len(d.till.Absent) != 1 {
		t.Errorf("%v", d.till.Absent)
	}
	if !strings.Contains(d.get("/settings"), "cannot be opened") {
		t.Error("the settings page does not say why")
	}
}
