package pockyt

import (
	"encoding/json"
	"os"
	"testing"
)

// vector is a published or computed signature (pockyt.md 4.4).
type vector struct {
	ID        string
	Fields    map[string]string
	Token     string
	Expected  string
	KeepEmpty string `json:"keep_empty"`
	SkipEmpty string `json:"skip_empty"`
	Verifies  bool
	Right     string // what the inputs of one that does not verify should have carried
}

func vectors(t testing.TB) (tokens []string, list []vector) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tokens  []string
		Vectors []vector
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 20 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	return file.Tokens, file.Vectors
}

func with(f map[string]string, signature string) map[string]string {
	g := map[string]string{signField: signature}
	for name, value := range f {
		g[name] = value
	}
	return g
}

// Sequences 1 and 3: what verifies is accepted, what does not is refused.
func TestVectors(t *testing.T) {
	tokens, list := vectors(t)
	for _, v := range list {
		t.Run(v.ID, func(t *testing.T) {
			if v.KeepEmpty != "" {
				keep, skip := with(v.Fields, v.KeepEmpty), with(v.Fields, v.SkipEmpty)
				for reading, want := range map[string][2]bool{emptyEither: {true, true}, emptySigned: {true, false}, emptyLeftOut: {false, true}} {
					if got := [2]bool{verify(keep, v.Token, reading), verify(skip, v.Token, reading)}; got != want {
						t.Errorf("%s: %v, want %v", reading, got, want)
					}
				}
				return
			}
			if !v.Verifies {
				for _, token := range tokens {
					if verify(with(v.Fields, v.Expected), token, emptyEither) {
						t.Errorf("verifies with %s", token)
					}
				}
				if v.Right != "" && sign(v.Fields, v.Token, true) != v.Right {
					t.Errorf("%s, want %s", sign(v.Fields, v.Token, true), v.Right)
				}
				return
			}
			if got := sign(v.Fields, v.Token, false); got != v.Expected {
				t.Errorf("%s, want %s", got, v.Expected)
			}
			f := with(v.Fields, v.Expected)
			for name := range v.Fields {
				bad := with(f, v.Expected)
				bad[name] += " "
				if verify(bad, v.Token, emptyEither) {
					t.Errorf("verifies with another %s", name)
				}
			}
			if verify(f, v.Token+"0", emptyEither) {
				t.Error("verifies with another token")
			}
		})
	}
}

// Sequence 2: the stray blank of some renderings.
func TestStrayBlank(t *testing.T) {
	_, list := vectors(t)
	f := with(list[0].Fields, list[0].Expected)
	f[" callbackUrl"] = f["callbackUrl"]
	delete(f, "callbackUrl")
	if verify(f, Token, emptyEither) {
		t.Error("the blank makes no difference")
	}
}
