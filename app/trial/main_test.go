package trial

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait for the program, a page or a terminal. Nothing is
// asserted about how long things take.
const patience = 40 * time.Second

// windowTags build the program with its window on Linux.
const windowTags = "desktop,production,webkit2_41"

// scratch holds what the tests build and what browsers leave behind.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "paydesk-trial-")
	if err == nil {
		err = os.Setenv("TMPDIR", dir) // browsers leave folders there
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // a browser may still be writing; the system clears the rest
	scratch = dir
	return m.Run()
}

// lacking skips a test for want of a tool; where CI is true it fails instead.
func lacking(t *testing.T, sentence string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

// tool finds a program that a test needs.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	lacking(t, fmt.Sprintf("%s is not installed: ./build/setup.sh test installs it.", strings.Join(names, " or ")))
	return ""
}

// program is the program without a window.
func program(t *testing.T) string { return built(t, "PAYDESK_BIN", windowless) }

// windowProgram is the program with its window.
func windowProgram(t *testing.T) string { return built(t, "PAYDESK_WINDOW_BIN", windowed) }

var (
	windowless = sync.OnceValues(func() (string, error) { return build("paydesk", "") })
	windowed   = sync.OnceValues(func() (string, error) { return build("paydesk-window", windowTags) })
)

// built gives the program that the environment names, or builds it.
func built(t *testing.T, variable string, make func() (string, error)) string {
	t.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	if _, err := os.Stat(inRepository("frontend", "dist", "app.js")); err != nil {
		lacking(t, "The pages' script is not bundled: ./build/setup.sh does that.")
	}
	path, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func build(name, tags string) (string, error) {
	path := filepath.Join(scratch, name)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-tags", tags, "-o", path, ".")
	cmd.Dir = inRepository()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	return path, nil
}

// inRepository is a path below the repository's root: tests run in their package's
// folder.
func inRepository(parts ...string) string {
	return filepath.Join(append([]string{"..", ".."}, parts...)...)
}

// keep stores a picture where PAYDESK_ARTEFACTS says, else with the test's own files.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	dir := os.Getenv("PAYDESK_ARTEFACTS")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		t.Error("keep a picture:", err)
	}
}
