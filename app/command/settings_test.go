package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/payment"
)

var example = payment.Info{Name: "example", Settings: []payment.Setting{
	{Key: "address", Required: true}, {Key: "key", Required: true, Secret: true}, {Key: "mode", Default: "a", Choices: []string{"a", "b"}},
}}

func TestSettingsFromEverywhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PAYDESK_TEST_KEY", "from the environment")
	for value, want := range map[string]string{"@" + file: "from a file", "env:PAYDESK_TEST_KEY": "from the environment", "-": "from input"} {
		got, err := settings(example, []string{"address=h=1:2", "key=" + value, "mode=b"}, strings.NewReader("from input\n"))
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		if got["key"] != want || got["address"] != "h=1:2" || got["mode"] != "b" {
			t.Errorf("%s: %v", value, got)
		}
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		sets []string
		says string
	}{
		"an unknown key names the known ones": {[]string{"adress=x"}, "address, key, mode"},
		"a missing one is named":              {[]string{"address=x"}, "also needs: key"},
		"a plain secret":                      {[]string{"address=x", "key=abc"}, "is a secret"},
		"no value":                            {[]string{"address"}, "key=value"},
		"no key":                              {[]string{"=x"}, "key=value"},
		"twice":                               {[]string{"address=x", "address=y"}, "twice"},
		"standard input twice":                {[]string{"address=-", "key=-"}, "standard input"},
		"a word that is no choice":            {[]string{"mode=c"}, "one of a, b"},
		"a file that is not there":            {[]string{"key=@/no/such/file"}, "cannot be read"},
		"a variable that is not there":        {[]string{"key=env:PAYDESK_NO_SUCH"}, "PAYDESK_NO_SUCH"},
		"nothing at all":                      {nil, "address, key"},
	} {
		_, err := settings(example, c.sets, strings.NewReader("x"))
		if payment.CodeOf(err) != payment.CodeInput || !strings.Contains(payment.TextOf(err), c.says) || !strings.Contains(payment.TextOf(err), "Nothing was changed") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: the secret stands in %v", name, err)
		}
	}
	if _, err := settings(example, []string{"address=-"}, strings.NewReader(strings.Repeat("x", maxValue+1))); payment.CodeOf(err) != payment.CodeInput {
		t.Errorf("an endless value: %v", err)
	}
}
