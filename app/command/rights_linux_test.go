package command_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user without rights, whom the tests of root become: root may write
// everywhere.
const nobody = 65534

// asNobody runs the program as a user without rights, where that takes being one.
func asNobody(t *testing.T, binary string, args ...string) (status int, said string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary, args...)
	var out bytes.Buffer
	command.Stdout, command.Stderr, command.Dir = &out, &out, "/"
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	}
	err := command.Run()
	var ended *exec.ExitError
	if errors.Is(err, os.ErrPermission) {
		t.Skipf("the program cannot be run as another user here: %v", err)
	}
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String()
}

// TestFolderThatMayOnlyBeRead: the folder, the journal in it, and its log. Nothing is
// sold, nothing is changed, and it is said what to do; what was recorded can be read.
func TestFolderThatMayOnlyBeRead(t *testing.T) {
	t.Parallel()
	// The folders of the tests may be closed to others.
	base, err := os.MkdirTemp("/tmp", "paydesk-rights-")
	if err != nil {
		t.Skipf("no folder that others may enter: %v", err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(filepath.Join(base, "data"), 0o700)
		if err := os.RemoveAll(base); err != nil {
			t.Error(err)
		}
	})
	binary, data := filepath.Join(base, "paydesk"), filepath.Join(base, "data")
	file, err := os.ReadFile(program)
	if err == nil {
		err = errors.Join(os.WriteFile(binary, file, 0o600), os.Chmod(binary, 0o755), os.Chmod(base, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	if status, _, said := run(t, "terminal", "add", "desk", "--data", data, "--provider", "nexo", "--set", "address=127.0.0.1:1", "--set", "poiid=KASSA-01", "--set", "mode=light"); status != 0 {
		t.Fatal(said)
	}
	sale := []string{"sale", "--amount", "10", "--data", data}
	serve := []string{"serve", "--listen", "127.0.0.1:0", "--data", data}
	for _, c := range []struct {
		name, says            string
		folder, journal, lock os.FileMode
	}{
		{"the folder", "cannot be written", 0o555, 0o444, 0o444},
		{"the journal", "cannot be written", 0o777, 0o444, 0o666},
		{"nothing, not even looked into", "cannot be", 0o000, 0o444, 0o444},
	} {
		err := errors.Join(os.Chmod(filepath.Join(data, "journal.db"), c.journal), os.Chmod(filepath.Join(data, "lock"), c.lock), os.Chmod(data, c.folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{sale, serve} {
			status, said := asNobody(t, binary, args...)
			if status != 1 || !strings.Contains(said, c.says) || !strings.Contains(said, "Check") && !strings.Contains(said, "right to write") {
				t.Errorf("%s: %s: %d %s", c.name, args[0], status, said)
			}
		}
		if status, said := asNobody(t, binary, "doctor", "--data", data); status != 1 || !strings.Contains(said, "cannot be written to") && c.folder != 0 {
			t.Errorf("%s: doctor: %d %s", c.name, status, said)
		}
		if err := os.Chmod(data, 0o700); err != nil {
			t.Fatal(err)
		}
		was := journals(t, data)
		if status, out, said := run(t, "journal", "verify", "--data", data); status != 0 || !maps.Equal(was, journals(t, data)) {
			t.Errorf("%s: verify: %d %s%s", c.name, status, out, said)
		}
		_ = os.Remove(filepath.Join(data, "paydesk.log")) // where that was left by the other user
	}
}
