package trial

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// red is the headline of a refusal.
func red(r, g, b int) bool { return near(r, 0x8c) && near(g, 0x16) && near(b, 0x16) }

// TestRefusal starts the program with its window on a damaged journal: whoever
// started it by its icon reads why it does not open and what to do.
func TestRefusal(t *testing.T) {
	t.Parallel()
	data, d := t.TempDir(), newDisplay(t)
	if err := os.WriteFile(filepath.Join(data, "journal.db"), bytes.Repeat([]byte("a shopping list\n"), 99), 0o600); err != nil {
		t.Fatal(err)
	}
	program := exec.Command(windowProgram(t), "--data", data)
	program.Env = append(program.Environ(), d.environment()...)
	var said bytes.Buffer
	program.Stderr = &said
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill() }) // it has ended already
	d.window = d.find("^Paydesk cannot open$")
	keep(t, "window-refusal", d.await("the refusal", func(seen image.Image) bool { return share(seen, red) > 0.001 }))
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := program.Wait()
	if program.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "journal renew") {
		t.Errorf("it ended with %v: %s", err, said.String())
	}
}
