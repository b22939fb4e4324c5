package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wallet pays the code that is shown, and the one that is scanned; what is no code is
// refused before anything is recorded; a part goes back; and no file keeps the code.
func TestWallet(t *testing.T) {
	t.Parallel()
	const code = "286498530672949108"
	dir := t.TempDir()
	practice := func(customer string, args ...string) []string {
		return append(args, "--data", dir, "--practice", "--customer", customer)
	}
	sale := func(customer string, args ...string) []string {
		return practice(customer, append([]string{"sale", "--terminal", "pockyt", "--amount", "12.50"}, args...)...)
	}
	status, stdout, stderr := run(t, sale("chip-pin", "--qr", "--json")...)
	var shown answer
	if err := json.Unmarshal([]byte(stdout), &shown); status != 0 || err != nil || shown.Authorised != 1250 || strings.Count(stderr, "▄▄▄▄▄") < 3 || strings.Contains(stdout, "▄") {
		t.Fatalf("%d %v\n%s\n%s", status, err, stdout, stderr)
	}
	scanned := money(t, 0, sale("chip-pin", "--code", code, "--vendor", "alipay")...)
	if scanned.Card.Brand != "Alipay" || scanned.Card.Entry != "mobile" {
		t.Errorf("%+v", scanned)
	}
	if refund := money(t, 0, practice("chip-pin", "refund", scanned.Operation, "--amount", "3")...); refund.Authorised != 300 {
		t.Errorf("%+v", refund)
	}
	money(t, 2, sale("declined", "--code", code)...)
	money(t, 3, sale("cancels", "--qr")...)
	for name, args := range map[string][]string{
		"an article":      {"--code", "4006381333931"},
		"letters":         {"--code", "hello"},
		"200 digits":      {"--code", strings.Repeat("1234567890", 20)},
		"scanned twice":   {"--code", code + code},
		"nothing":         {"--code", "-"},
		"no wallet":       {"--code", code, "--vendor", "shells"},
		"shown by none":   {"--qr", "--vendor", "shells"},
		"another PIN pad": {"--code", code, "--terminal", "iotpay"},
		"both":            {"--code", code, "--qr"},
		"a card reader":   {"--code", code, "--terminal", "nexo"},
	} {
		if status, stdout, stderr := run(t, sale("chip-pin", args...)...); status != 1 || stdout != "" || strings.TrimSpace(stderr) == "" {
			t.Errorf("%s: %d %s%s", name, status, stdout, stderr)
		}
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || strings.HasPrefix(info.Name(), "pockyt-") { // the practice cloud's own
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), code) {
			t.Errorf("%s holds the customer's code", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
