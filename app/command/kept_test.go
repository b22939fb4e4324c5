package command_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/practice"
)

// expires finds an expiry date that stands beside its name, in JSON or in JSON within a
// text. The practice cards have one, and their cloud tells it with every approval.
var expires = regexp.MustCompile(`(?i)exp[a-z]*date[\\":\s]{1,12}[0-9]{4}`)

// TestWhatIsNeverKept: after a sale neither the key,
// the token, the expiry nor the customer's code stands in any file of the till, in the
// journal's export or in what was printed (iotpay.md sequences 1 and 41, pockyt.md 42).
func TestWhatIsNeverKept(t *testing.T) {
	t.Parallel()
	const code = "286498530672949108"
	for provider, c := range map[string]struct {
		secret string // the setting
		sales  [][]string
	}{
		"iotpay": {"key", [][]string{{}}},
		"pockyt": {"token", [][]string{{"--code", code}, {"--qr"}}},
	} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			kind, err := practice.Find(provider)
			if err != nil {
				t.Fatal(err)
			}
			hidden := kind.Settings("x")[c.secret]
			till := newCloud(t, provider, "chip-pin", nil)
			var said strings.Builder
			for _, more := range c.sales {
				status, out, err := run(t, append([]string{"sale", "--data", till.data, "--amount", "12.50"}, more...)...)
				if status != 0 {
					t.Fatalf("%d %s%s", status, out, err)
				}
				said.WriteString(out + err)
			}
			for _, args := range [][]string{{"journal", "export"}, {"journal", "show", "1"}, {"terminal", "list"}, {"doctor"}} {
				_, out, err := run(t, append(args, "--data", till.data)...)
				said.WriteString(out + err)
			}
			look := func(where string, text []byte) {
				if bytes.Contains(text, []byte(hidden)) {
					t.Errorf("%s holds the %s", where, c.secret)
				}
				if provider == "pockyt" && bytes.Contains(text, []byte(code)) {
					t.Errorf("%s holds the customer's code", where)
				}
				if found := expires.Find(text); found != nil {
					t.Errorf("%s holds %s", where, found)
				}
			}
			look("what was printed", []byte(said.String()))
			if provider == "iotpay" && !strings.Contains(said.String(), "expireDate") {
				t.Error("no answer with an expiry was recorded: nothing is proven")
			}
			files := 0
			if err := filepath.WalkDir(till.data, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || path == till.ledger || entry.Name() == c.secret { // the cloud's own, and what the secret was read from
					return err
				}
				text, err := os.ReadFile(path)
				files++
				look(entry.Name(), text)
				return err
			}); err != nil || files < 2 {
				t.Errorf("%d files, %v", files, err)
			}
		})
	}
}
