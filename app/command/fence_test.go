package command_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameReference: while a sale is in doubt, another one with its reference and
// amount is refused with 1 on any terminal and names it; another reference, and
// another terminal, go on. Nothing is charged twice.
func TestSameReference(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ledgers := map[string]string{}
	for name, customer := range map[string]string{"front": "unplugged", "bar": "contactless"} {
		ledgers[name] = filepath.Join(dir, name+".jsonl")
		terminal := start(t, "practice", "nexo", "--ledger", ledgers[name], "--pace", "0", "--cooldown", "-1s", "--customer", customer)
		address := strings.TrimPrefix(await(t, terminal.out, "terminal "), "terminal http://")
		if status, _, said := run(t, "terminal", "add", name, "--data", dir, "--provider", "nexo", "--set", "mode=light",
			"--set", "address="+address, "--set", "poiid=KASSA-01"); status != 0 {
			t.Fatal(said)
		}
	}
	sale := func(terminal, amount, reference string) (int, answer, string) {
		status, out, said := run(t, "sale", "--data", dir, "--json", "--wait", "1s", "--terminal", terminal, "--amount", amount, "--reference", reference)
		var a answer
		if out != "" {
			if err := json.Unmarshal([]byte(out), &a); err != nil {
				t.Fatal(err)
			}
		}
		return status, a, said
	}
	status, first, said := sale("front", "12.50", "Table 4")
	if status != 5 {
		t.Fatalf("%d %s", status, said)
	}
	for _, terminal := range []string{"front", "bar"} {
		status, _, said := sale(terminal, "12.50", "table 4")
		if status != 1 || !strings.Contains(said, "operation 1") || !strings.Contains(said, "Table 4") {
			t.Errorf("again on %s: %d %s", terminal, status, said)
		}
	}
	for amount, reference := range map[string]string{"12.51": "Table 4", "12.50": "Table 5"} {
		if status, a, said := sale("bar", amount, reference); status != 0 || a.State != "approved" {
			t.Errorf("%s for %s: %d %s", amount, reference, status, said)
		}
	}
	sums := charged(t, ledgers["bar"])
	if len(sums) != 2 || len(charged(t, ledgers["front"])) > 1 {
		t.Errorf("charged %v", sums)
	}
	if status, out, _ := run(t, "lookup", "1", "--data", dir, "--json"); status != 5 || !strings.Contains(out, first.Operation) {
		t.Errorf("the first: %d %s", status, out)
	}
}
