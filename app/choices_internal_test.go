package app

import (
	"os"
	"strings"
	"testing"
)

// The account that was chosen last is known after a restart; a file that was damaged, or
// one of which somebody made nonsense, keeps nothing and is written anew.
func TestChoicesAreKept(t *testing.T) {
	folder := Folder(t.TempDir())
	one := newChoices(folder)
	for _, c := range [][2]string{{"front", "store-1"}, {"bar", "store-2"}, {"front", "store-3"}, {"front", "store-3"}} {
		if err := one.KeepAccount(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := newChoices(folder).Accounts(); len(got) != 2 || got["front"] != "store-3" || got["bar"] != "store-2" {
		t.Errorf("kept %v", got)
	}
	if err := one.KeepAccount("", "x"); err == nil {
		t.Error("an account of no terminal was kept")
	}
	if err := one.KeepAccount("x", strings.Repeat("x", maxKeptID+1)); err == nil {
		t.Error("an endless account was kept")
	}
	for _, text := range []string{"", "{", `{"accounts":7}`, `{"accounts":{"":"x","y":""}}`, strings.Repeat(" ", maxKeptFile+1) + `{"accounts":{"x":"y"}}`} {
		if err := os.WriteFile(folder.file(choicesFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		damaged := newChoices(folder)
		if got := damaged.Accounts(); len(got) != 0 {
			t.Errorf("%.20q: %v", text, got)
		}
		if err := damaged.KeepAccount("front", "store-1"); err != nil || newChoices(folder).Accounts()["front"] != "store-1" {
			t.Errorf("after %.20q: %v", text, err)
		}
	}
	if err := newChoices(Folder(folder.file("nowhere"))).KeepAccount("front", "store-1"); err == nil {
		t.Error("kept in a folder that is not there")
	}
}
