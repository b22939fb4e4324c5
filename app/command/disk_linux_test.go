package command_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiskFull has the real process run into a limit of the size of its files, as
// on a full disk, at several points: what cannot be recorded is not begun; what was
// begun is in doubt until it can be recorded; nothing is charged twice or lost.
func TestDiskFull(t *testing.T) {
	shell, err := exec.LookPath("bash") // its limit counts in KiB everywhere
	if err != nil {
		t.Skip("needs bash")
	}
	data := t.TempDir()
	practice := []string{"--data", data, "--practice", "--customer", "contactless"}
	money(t, 0, append([]string{"sale", "--amount", "5"}, practice...)...)
	want := 1
	for _, limit := range []int{4, 60, 140} {
		command := exec.CommandContext(t.Context(), shell, append([]string{"-c", fmt.Sprintf(`ulimit -f %d; exec "$0" "$@"`, limit), program,
			"sale", "--amount", "7", "--json", "--wait", "1s"}, practice...)...)
		said, _ := command.CombinedOutput() // the status is looked at below
		status := command.ProcessState.ExitCode()
		switch status {
		case 1:
			if !strings.Contains(string(said), "cannot be recorded") {
				t.Errorf("%d KiB: no sentence about the disk: %s", limit, said)
			}
		case 0, 5:
			want++
		default:
			t.Errorf("%d KiB: exit status %d: %s", limit, status, said)
		}
		if status, _, said := run(t, "recover", "--data", data, "--practice", "--wait", "20s"); status != 0 {
			t.Errorf("%d KiB: recover ended with %d: %s", limit, status, said)
		}
		sums := charged(t, filepath.Join(data, "practice", "nexo-ledger.jsonl"))
		if len(sums) != want {
			t.Errorf("%d KiB: the terminal charged %v, want %d payments", limit, sums, want)
		}
	}
	if status, out, said := run(t, "journal", "verify", "--data", data, "--practice"); status != 0 {
		t.Errorf("the journal: %s%s", out, said)
	}
}
