package view

import (
	"bytes"
	"strings"
	"testing"
)

// TestPagesSayHowToBuildThem is design 10.16: without the bundle the pages compile
// and say what is missing.
func TestPagesSayHowToBuildThem(t *testing.T) {
	for _, built := range []bool{false, true} {
		var b bytes.Buffer
		if err := Page(Shell{Title: "Sale", Built: built, Body: NoTerminal()}).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if says := strings.Contains(b.String(), "./build/run.sh"); says == built {
			t.Errorf("built %v: it says how to build: %v", built, says)
		}
	}
}
