package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefundWithoutASaleOfEveryCustomer: money without a sale ends with the exit status
// of design 5, as a sale does, and the terminal's own ledger says the same.
func TestRefundWithoutASaleOfEveryCustomer(t *testing.T) {
	t.Parallel()
	cases := []struct {
		customer   string
		status     int
		reason     string
		authorised int64
	}{
		{"chip-pin", 0, "", 1250},
		{"late-approval", 0, "", 1250},
		{"declined", 2, "declined_by_issuer", 0},
		{"cancels", 3, "cancelled_by_customer", 0},
	}
	flights, folders := make([]*flight, len(cases)), make([]string, len(cases))
	for i, c := range cases {
		folders[i] = t.TempDir()
		flights[i] = launch(t, "refund", "--without-sale", "--data", folders[i], "--practice", "--terminal", "poynt", "--customer", c.customer, "--amount", "12.50",
			"--operator", "anna", "--why", "bought before this till", "--json")
	}
	for i, c := range cases {
		t.Run(c.customer, func(t *testing.T) {
			a := flights[i].land(t, c.status)
			if a.Kind != "refund" || a.Original != "" || a.Terminal != "poynt" || a.Reason != c.reason || a.Requested != 1250 || a.Authorised != c.authorised || a.References.Ours == "" {
				t.Errorf("%+v", a)
			}
			var sum int64
			for _, minor := range charged(t, filepath.Join(folders[i], "practice", "poynt-ledger.jsonl")) {
				sum += minor
			}
			if sum != c.authorised {
				t.Errorf("the terminal moved %d", sum)
			}
		})
	}
}

// TestRefundWithoutASaleIsSaidWhole: what is not said, or not possible, moves nothing.
func TestRefundWithoutASaleIsSaidWhole(t *testing.T) {
	t.Parallel()
	whole := []string{"--amount", "12.50", "--operator", "anna", "--why", "bought before this till"}
	dir := t.TempDir()
	for says, args := range map[string][]string{
		"needs --amount, --operator and --why": {"--without-sale", "--terminal", "poynt", "--amount", "12.50", "--operator", "anna"},
		"not both":                             append([]string{"7", "--without-sale", "--terminal", "poynt"}, whole...),
		"Say which sale":                       {"--amount", "3"},
		"cannot give money back without":       append([]string{"--without-sale", "--terminal", "nexo"}, whole...),
		"more than zero":                       append([]string{"--without-sale", "--terminal", "poynt"}, "--amount", "0", "--operator", "anna", "--why", "x"),
		"gives back USD only":                  append([]string{"--without-sale", "--terminal", "poynt", "--currency", "EUR"}, whole...),
		"the name of who does it":              append([]string{"--without-sale", "--terminal", "poynt"}, "--amount", "1", "--operator", " ", "--why", "x"),
	} {
		args = append([]string{"refund", "--data", dir, "--practice", "--customer", "chip-pin"}, args...)
		if status, out, said := run(t, args...); status != 1 || out != "" || !strings.Contains(said, says) {
			t.Errorf("%v: %d without %q\n%s%s", args, status, says, out, said)
		}
	}
	status, out, said := run(t, append([]string{"refund", "--without-sale", "--data", dir, "--practice", "--customer", "chip-pin", "--terminal", "poynt"}, whole...)...)
	if status != 0 || !strings.Contains(said, "Approved: refund without a sale 1, ") || !strings.Contains(out, "REFUND") {
		t.Errorf("%d\n%s%s", status, out, said)
	}
	status, out, said = run(t, "journal", "show", "1", "--data", dir, "--practice")
	if status != 0 || !strings.Contains(out, "Begun at the till: refund without a sale 1 of 12.50 USD") || !strings.Contains(out, "anna") || !strings.Contains(out, "bought before this till") {
		t.Errorf("%d\n%s%s", status, out, said)
	}
	if text := evidenceOf(t, dir, "1"); !strings.Contains(text, "Refund 1, without a sale") {
		t.Error("the evidence does not say what it was")
	}
	if status, out, said = run(t, "reprint", "1", "--data", dir, "--practice"); status != 0 || !strings.Contains(out, "REFUND") || !strings.Contains(out, "COPY") {
		t.Errorf("reprint: %d\n%s%s", status, out, said)
	}
	if status, out, said = run(t, "void", "1", "--data", dir, "--practice", "--customer", "chip-pin"); status != 1 || !strings.Contains(said, "cannot be taken back from here") {
		t.Errorf("void: %d\n%s%s", status, out, said)
	}
}

// evidenceOf reads an operation's evidence as a file.
func evidenceOf(t *testing.T, dir, operation string) string {
	t.Helper()
	file := filepath.Join(dir, "evidence.html")
	if status, _, said := run(t, "journal", "export", operation, "--out", file, "--data", dir, "--practice"); status != 0 {
		t.Fatal(said)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRefundWithoutASaleIsOffAtFirst: a terminal that nobody has set up for it refuses.
func TestRefundWithoutASaleIsOffAtFirst(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "poynt", "chip-pin", nil, "credit=off")
	status, out, said := run(t, "refund", "--without-sale", "--data", c.data, "--amount", "12.50", "--operator", "anna", "--why", "x")
	if status != 1 || !strings.Contains(said, "not set up to") {
		t.Errorf("%d\n%s%s", status, out, said)
	}
	if status, out, _ := run(t, "provider", "show", "poynt"); status != 0 || !strings.Contains(out, "credit") || !strings.Contains(out, "acquirer") {
		t.Errorf("the setting is not described:\n%s", out)
	}
}
