package command

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// maxValue bounds a setting that is read from a file or from standard input, in bytes.
const maxValue = 64 << 10

// settings reads the values of --set for a provider: key=value, where the value is
// plain, @file, env:NAME, or - for standard input.
func settings(info payment.Info, sets []string, stdin io.Reader) (payment.Settings, error) {
	got := payment.Settings{}
	fromInput := ""
	for _, set := range sets {
		key, value, ok := strings.Cut(set, "=")
		if !ok || key == "" {
			return nil, usage("--set takes key=value, not %q. Nothing was changed.", set)
		}
		known := slices.IndexFunc(info.Settings, func(s payment.Setting) bool { return s.Key == key })
		if known < 0 {
			return nil, usage("%s has no setting %q. It knows: %s. Nothing was changed.", info.Name, key, strings.Join(keys(info), ", "))
		}
		if _, twice := got[key]; twice {
			return nil, usage("The setting %q is given twice. Nothing was changed.", key)
		}
		if value == "-" {
			if fromInput != "" {
				return nil, usage("Only one setting can be read from standard input, not both %q and %q. Nothing was changed.", fromInput, key)
			}
			fromInput = key
		}
		text, plain, err := resolve(value, stdin)
		if err != nil {
			return nil, usage("The setting %q cannot be read: %v. Nothing was changed.", key, err)
		}
		if plain && info.Settings[known].Secret {
			return nil, usage("The setting %q is a secret and would be seen in the list of processes. Give it as @file, env:NAME, or - for standard input. Nothing was changed.", key)
		}
		if choices := info.Settings[known].Choices; len(choices) > 0 && !slices.Contains(choices, text) {
			return nil, usage("The setting %q takes one of %s, not %q. Nothing was changed.", key, strings.Join(choices, ", "), text)
		}
		got[key] = text
	}
	return got, missing(info, got)
}

// missing names the settings that are required and were not given.
func missing(info payment.Info, got payment.Settings) error {
	var names []string
	for _, s := range info.Settings {
		if s.Required && s.Default == "" && got[s.Key] == "" {
			names = append(names, s.Key)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return usage("%s also needs: %s. Give each with --set key=value. Nothing was changed.", info.Name, strings.Join(names, ", "))
}

func keys(info payment.Info) []string {
	list := make([]string, 0, len(info.Settings))
	for _, s := range info.Settings {
		list = append(list, s.Key)
	}
	return list
}

// resolve finds the text of a value; plain is false where it came from elsewhere.
func resolve(value string, stdin io.Reader) (text string, plain bool, err error) {
	if path, ok := strings.CutPrefix(value, "@"); ok {
		file, err := os.Open(path)
		if err != nil {
			return "", false, err
		}
		defer func() { _ = file.Close() }() // it was only read
		text, err := readValue(file)
		return text, false, err
	}
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		text, set := os.LookupEnv(name)
		if !set {
			return "", false, fmt.Errorf("there is no environment variable %s", name)
		}
		return text, false, nil
	}
	if value == "-" {
		text, err := readValue(stdin)
		return text, false, err
	}
	return value, true, nil
}

// readValue reads a whole value without the line's end.
func readValue(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxValue+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxValue {
		return "", fmt.Errorf("it is longer than %d bytes", maxValue)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
