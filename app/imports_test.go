package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const house = "github.com/paydesk-till/paydesk"

// pkg is a package as `go list` tells it.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// rule says what packages of the house may import, beside what every package may.
type rule struct {
	path string   // of the package; "x/*" is any package below x
	may  []string // packages of ours, in the same form; "*" is everything
}

// rules are those of design 2, "Who may import whom". The first one that fits a
// package holds.
var rules = []rule{
	{"backend/money", nil},
	{"backend/redact", nil},
	{"backend/payment", []string{"backend/money"}},
	{"backend/engine", []string{"backend/money", "backend/payment", "backend/redact"}},
	{"backend/journal", []string{"backend/money", "backend/payment", "backend/redact"}},
	{"backend/receipt", []string{"backend/money", "backend/payment", "backend/redact"}},
	{"backend/report", []string{"backend/money", "backend/payment", "backend/receipt"}},
	{"backend/secret", nil},
	// The registry, and helpers that all providers share.
	{"backend/provider", []string{"backend/money", "backend/payment", "backend/redact", "backend/provider/*"}},
	// What one exchange is, for all providers.
	{"backend/provider/link", []string{"backend/payment", "backend/redact"}},
	{"backend/provider/*", []string{"backend/money", "backend/payment", "backend/redact", "backend/callback", "backend/provider/link"}},
	{"backend/callback", []string{"backend/payment", "backend/redact"}},
	{"backend/practice", []string{"backend/practice/*"}},
	{"backend/practice/pinpad", nil},
	// What practice terminals stand on, whatever they speak.
	{"backend/practice/bench", []string{"backend/practice/pinpad"}},
	// A second, independent reading of the protocol.
	{"backend/practice/*", []string{"backend/money", "backend/practice/bench", "backend/practice/pinpad"}},
	// Tests that are packages of their own.
	{"backend/conform", []string{"backend/money", "backend/payment", "backend/redact", "backend/engine", "backend/journal"}},
	{"backend/simulate", []string{"backend/*"}},
	{"frontend/view", []string{"backend/money", "backend/payment", "backend/engine", "backend/receipt", "backend/report"}},
	{"frontend", []string{"backend/money", "backend/payment", "backend/engine", "backend/receipt", "backend/report", "frontend/view"}},
	{"app/command", []string{"app", "backend/*"}},
	{"app", []string{"backend/*", "frontend"}},
	{"app/*", []string{"*"}}, // tests of the whole till
	{"", []string{"app", "app/command"}},
}

// alone are the packages of others that one part of the house alone imports.
var alone = map[string]string{
	"database/sql":                 "backend/journal",
	"github.com/mattn/go-sqlite3":  "backend/journal",
	"github.com/pressly/goose/v3":  "backend/journal",
	"github.com/wailsapp/wails/v2": "app",
	"github.com/spf13/cobra":       "app/command",
	"github.com/a-h/templ":         "frontend",
}

func fits(path, form string) bool {
	below, wild := strings.CutSuffix(form, "*")
	return form == "*" || path == form || (wild && strings.HasPrefix(path, below))
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	var said bytes.Buffer
	command := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Deps", house+"/...")
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, said.String())
	}
	var list []pkg
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == house || strings.HasPrefix(p.ImportPath, house+"/") {
			list = append(list, p)
		}
	}
}

func TestWhoMayImportWhom(t *testing.T) {
	list := listPackages(t)
	if len(list) < 10 {
		t.Fatalf("only %d packages were found", len(list))
	}
	for _, p := range list {
		path := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, house), "/")
		at := slices.IndexFunc(rules, func(r rule) bool { return fits(path, r.path) })
		if at < 0 {
			t.Errorf("there is no rule for package %s: write down what it may import", path)
			continue
		}
		for _, imported := range p.Imports {
			theirs, ours := strings.CutPrefix(imported, house+"/")
			if ours && !slices.ContainsFunc(rules[at].may, func(form string) bool { return fits(theirs, form) }) {
				t.Errorf("%s imports %s", path, theirs)
			}
			checkAlone(t, path, imported)
		}
	}
}

// checkAlone keeps what only one part of the house may know.
func checkAlone(t *testing.T, path, imported string) {
	t.Helper()
	for theirs, owner := range alone {
		if imported != theirs && !strings.HasPrefix(imported, theirs+"/") {
			continue
		}
		inside := path == owner || (strings.HasPrefix(path, owner+"/") && owner != "app")
		if !inside {
			t.Errorf("%s imports %s, which is for %s alone", path, imported, owner)
		}
	}
}

// TestPracticeNeverMeetsTheTill: not even by way of others.
func TestPracticeNeverMeetsTheTill(t *testing.T) {
	found := 0
	for _, p := range listPackages(t) {
		path := strings.TrimPrefix(p.ImportPath, house+"/")
		if !strings.HasPrefix(path, "backend/practice") {
			continue
		}
		found++
		for _, dep := range p.Deps {
			theirs, ours := strings.CutPrefix(dep, house+"/")
			if ours && !strings.HasPrefix(theirs, "backend/practice") && theirs != "backend/money" {
				t.Errorf("%s depends on %s", path, theirs)
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d practice packages were looked at", found)
	}
}
