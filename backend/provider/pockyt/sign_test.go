package pockyt

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"
)

type vector struct {
	ID       string `json:"id"`
	Inputs   fields `json:"inputs"`
	Token    string `json:"token"`
	Expected string `json:"expected"`
	Skip     string `json:"expected_skip_empty"`
	Keep     string `json:"expected_keep_empty"`
	Use      bool   `json:"use_in_tests"`
	Right    string `json:"correct_signature_for_these_inputs"`
}

func vectors(t *testing.T) (list []vector, tokens map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tokens  map[string]string `json:"tokens"`
		Vectors []vector          `json:"vectors"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors, file.Tokens
}

func (v vector) received(signature string) fields {
	f := maps.Clone(v.Inputs)
	f[signatureKey] = signature
	return f
}

// Sequences 1 to 3: the published samples that verify, ours, and those that do not.
func TestSeq01To03Vectors(t *testing.T) {
	list, tokens := vectors(t)
	right, wrong := 0, 0
	for _, v := range list {
		switch {
		case v.Skip != "": // pk-27: both readings of empty fields
			if !signed(v.received(v.Skip), v.Token) || !signed(v.received(v.Keep), v.Token) {
				t.Errorf("%s: a reading is refused", v.ID)
			}
			right++
		case v.Use:
			if got := sign(v.Inputs, v.Token); got != v.Expected {
				t.Errorf("%s: %s, want %s", v.ID, got, v.Expected)
			}
			if !signed(v.received(strings.ToUpper(v.Expected)), v.Token) || signed(v.received(v.Expected), v.Token+"x") {
				t.Errorf("%s: not verified by its own token alone", v.ID)
			}
			right++
		default: // as printed they verify with no published token
			for id, token := range tokens {
				if signed(v.received(v.Expected), token) {
					t.Errorf("%s verifies with %s", v.ID, id)
				}
			}
			if v.Right != "" && sign(v.Inputs, v.Token) != v.Right {
				t.Errorf("%s: the right signature is %s", v.ID, v.Right)
			}
			wrong++
		}
	}
	if right != 16 || wrong != 8 {
		t.Errorf("%d vectors verify, %d do not", right, wrong)
	}
	stray := maps.Clone(list[0].Inputs)
	stray["callbackUrl"] = stray["callbackUrl"] + " " // 2: a blank that some renderings add
	if sign(stray, token1) == list[0].Expected {
		t.Error("a stray blank verifies")
	}
}

// 44: the text that is sent is the text that is signed.
func TestSeq44AmountsAreSignedAsSent(t *testing.T) {
	if sign(fields{"amount": "13"}, token1) == sign(fields{"amount": "13.00"}, token1) {
		t.Error("13 and 13.00 have one signature")
	}
}

// 45: raw values, not those of JSON or of a form.
func TestSeq45Body(t *testing.T) {
	raw, err := fields{"note": "Café 100% + <tip> & more", "empty": ""}.body(" " + token1 + "\n")
	if err != nil {
		t.Fatal(err)
	}
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	if _, there := f["empty"]; there || f["note"] != "Café 100% + <tip> & more" || f[signatureKey] != sign(f, token1) || strings.Contains(string(raw), `\u00`) {
		t.Errorf("%s", raw)
	}
}
