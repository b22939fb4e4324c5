package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSaleOfEveryCustomer are the customers of "Done when", each with its exit status.
func TestSaleOfEveryCustomer(t *testing.T) {
	for _, c := range []struct {
		customer, signature string
		status              []int
		state, entry        string
	}{
		{"chip-pin", "", []int{0}, "approved", "chip"},
		{"contactless", "", []int{0}, "approved", "contactless"},
		{"signature", "yes", []int{0}, "approved", "chip"},
		{"signature", "no", []int{2, 3}, "", ""},
		{"signature", "", []int{2, 3}, "", ""}, // nobody is at the keyboard
		{"declined", "", []int{2}, "declined", ""},
		{"cancels", "", []int{3}, "cancelled", ""},
	} {
		t.Run(strings.TrimRight(c.customer+" "+c.signature, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"sale", "--data", dir, "--practice", "--customer", c.customer, "--amount", "12.50", "--json"}
			if c.signature != "" {
				args = append(args, "--signature", c.signature)
			}
			status, stdout, stderr := run(t, args...)
			if status != c.status[0] && status != c.status[len(c.status)-1] {
				t.Fatalf("exit status %d, want %v\n%s%s", status, c.status, stdout, stderr)
			}
			var a answer
			if err := json.Unmarshal([]byte(stdout), &a); err != nil {
				t.Fatalf("%v in %q", err, stdout)
			}
			if (c.state != "" && a.State != c.state) || a.Requested != 1250 || a.Currency != "SEK" || a.Terminal != "nexo" || a.References.Ours == "" {
				t.Errorf("%s", stdout)
			}
			sums := charged(t, filepath.Join(dir, "practice", "nexo-ledger.jsonl"))
			if status == 0 {
				if a.Authorised != 1250 || a.Card.Entry != c.entry || len(sums) != 1 || sums[a.References.Terminal] != 1250 {
					t.Errorf("%s\nthe terminal charged %v", stdout, sums)
				}
			} else if a.Authorised != 0 || len(sums) != 0 {
				t.Errorf("%s\nthe terminal charged %v", stdout, sums)
			}
		})
	}
}

// TestMoneyThereAndBack walks one sale through the commands that name it.
func TestMoneyThereAndBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	practice := func(args ...string) []string {
		return append(args, "--data", dir, "--practice", "--customer", "chip-pin")
	}
	sale := money(t, 0, practice("sale", "--amount", "12.50", "--reference", "table 4")...)
	refund := money(t, 0, practice("refund", sale.Operation, "--amount", "3")...)
	if refund.Kind != "refund" || refund.Original != sale.Operation || refund.Authorised != 300 {
		t.Errorf("refund: %+v", refund)
	}
	if status, _, said := run(t, practice("void", "1")...); status != 1 || !strings.Contains(said, "given back already") {
		t.Errorf("void of a refunded sale: %d %s", status, said)
	}
	rest := money(t, 0, practice("refund", sale.References.Ours)...)
	if rest.Authorised != 950 {
		t.Errorf("the rest: %+v", rest)
	}
	second := money(t, 0, practice("sale", "--amount", "5")...)
	void := money(t, 0, practice("void", second.Operation)...)
	if void.Kind != "void" || void.Original != second.Operation || void.Authorised != 500 {
		t.Errorf("void: %+v", void)
	}
	if looked := money(t, 0, practice("lookup", "1")...); looked.Operation != sale.Operation || looked.State != "approved" {
		t.Errorf("lookup: %+v", looked)
	}
	for _, mark := range []string{"no. 1", "no. 2"} {
		if status, slip, said := run(t, practice("reprint", "1")...); status != 0 || !strings.Contains(slip, mark) || !strings.Contains(slip, "12,50") || !strings.Contains(slip, "TEST") {
			t.Errorf("reprint: %d without %q\n%s%s", status, mark, slip, said)
		}
	}
	if status, out, _ := run(t, practice("recover", "--json")...); status != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("recover: %d %s", status, out)
	}
	if status, out, said := run(t, "journal", "verify", "--data", dir, "--practice"); status != 0 || !strings.Contains(out, "is sound") {
		t.Errorf("verify: %d %s%s", status, out, said)
	}
	status, out, _ := run(t, "journal", "list", "table 4", "--data", dir, "--practice", "--json")
	var list []answer
	if err := json.Unmarshal([]byte(out), &list); status != 0 || err != nil || len(list) != 1 || list[0].Operation != sale.Operation {
		t.Errorf("list: %d %v %s", status, err, out)
	}
}

// TestKilledWhileThePINIsEntered is the promise of "Done when": the till dies in mid
// payment, the customer finishes, and the till finds what the terminal booked, once.
func TestKilledWhileThePINIsEntered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ledger := filepath.Join(dir, "ledger.jsonl")
	listen := freePort(t)
	terminal := start(t, "practice", "nexo", "--till", "http://"+listen, "--ledger", ledger, "--pace", "0", "--cooldown", "-1s")
	address := strings.TrimPrefix(await(t, terminal.out, "terminal "), "terminal http://")
	pinpad := strings.TrimPrefix(await(t, terminal.out, "pinpad "), "pinpad ")
	if status, _, said := run(t, "terminal", "add", "desk", "--data", dir, "--provider", "nexo",
		"--set", "address="+address, "--set", "poiid=KASSA-01", "--set", "listen="+listen); status != 0 {
		t.Fatal(said)
	}

	till := start(t, "sale", "--data", dir, "--amount", "12.50")
	await(t, till.said, "Present card")
	press(t, pinpad, "insert", "chip-pin")
	await(t, till.said, "Enter PIN")
	if status, _, said := run(t, "sale", "--data", dir, "--amount", "1"); status != 1 || !strings.Contains(said, "already running") || !strings.Contains(said, "takes a payment") {
		t.Errorf("a second till: %d %s", status, said)
	}
	if status, out, said := run(t, "journal", "list", "--data", dir); status != 0 || !strings.Contains(out, "12.50") {
		t.Errorf("reading beside it: %d %s%s", status, out, said)
	}
	if err := till.command.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for till.said.Scan() { // to its end: then the process is gone
	}

	press(t, pinpad, "pin", "right")
	await(t, terminal.said, "approved 12.50 SEK")

	status, out, said := run(t, "recover", "--data", dir, "--json")
	var found []answer
	if err := json.Unmarshal([]byte(out), &found); err != nil || status != 0 || len(found) != 1 {
		t.Fatalf("recover: %d %v %s%s", status, err, out, said)
	}
	sums := charged(t, ledger)
	if len(sums) != 1 || sums[found[0].References.Terminal] != 1250 || found[0].State != "approved" || found[0].Authorised != 1250 {
		t.Errorf("recover found %s, the terminal charged %v", out, sums)
	}
	if status, out, _ := run(t, "recover", "--data", dir, "--json"); status != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("recover again: %d %s", status, out)
	}
}

// TestUsage: what is wrong is said, nothing is started, and the status is 1.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for says, args := range map[string][]string{
		"unknown command":          {"bogus"},
		"unknown flag":             {"sale", "--bogus"},
		"--amount 12.50":           {"sale"},
		"wrong-then-right":         {"sale", "--practice", "--customer", "nobody", "--amount", "1"},
		"is for --practice":        {"sale", "--customer", "chip-pin", "--amount", "1"},
		"not an amount":            {"sale", "--practice", "--customer", "chip-pin", "--amount", "1x"},
		"more than zero":           {"sale", "--practice", "--customer", "chip-pin", "--amount", "0"},
		"is negative":              {"sale", "--practice", "--customer", "chip-pin", "--amount=-1"},
		"too many decimals":        {"sale", "--practice", "--customer", "chip-pin", "--amount", "1.005"},
		"takes yes or no":          {"sale", "--practice", "--amount", "1", "--signature", "maybe"},
		"No terminal is set up":    {"sale", "--amount", "1"},
		"no terminal \"other\"":    {"sale", "--practice", "--customer", "chip-pin", "--amount", "1", "--terminal", "other"},
		"no such operation":        {"refund", "99", "--practice", "--customer", "chip-pin"},
		"loopback address":         {"serve", "--listen", "0.0.0.0:0"},
		"also needs: poiid":        {"terminal", "add", "x", "--provider", "nexo", "--set", "address=127.0.0.1"},
		"Paydesk knows: nexo":      {"terminal", "add", "x", "--provider", "other"},
		"accepts 1 arg(s)":         {"lookup"},
		"no practice terminal for": {"practice", "other"},
	} {
		status, stdout, stderr := run(t, append(args, "--data", filepath.Join(dir, strings.Fields(args[0])[0]))...)
		if status != 1 || !strings.Contains(strings.ToLower(stderr), strings.ToLower(says)) || stdout != "" {
			t.Errorf("%v: exit status %d, want 1 and %q\n%s%s", args, status, says, stdout, stderr)
		}
	}
}

// TestAFolderThatCannotBeWritten: no sale is started, and it is said why.
func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, said := run(t, "sale", "--practice", "--customer", "chip-pin", "--amount", "1", "--data", filepath.Join(file, "below"))
	if status != 1 || !strings.Contains(said, "no payment is started") {
		t.Errorf("%d %s", status, said)
	}
	if status, out, _ := run(t, "doctor", "--data", filepath.Join(file, "below")); status != 1 || !strings.Contains(out, "bad   the data folder") {
		t.Errorf("doctor: %d %s", status, out)
	}
}
