package command

import (
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// The blocks, read back module by module, are the code with its white border.
func TestBlocks(t *testing.T) {
	for _, text := range []string{"https://qr.example/abc?x=1&y=2", strings.Repeat("x", 2331)} {
		drawn, err := blocks(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := qr.Encode(text, qr.M, qr.Auto)
		if err != nil {
			t.Fatal(err)
		}
		size := want.Bounds().Dx()
		var rows [][]bool // light or not
		for line := range strings.Lines(drawn) {
			var top, bottom []bool
			for _, r := range strings.TrimSuffix(line, "\n") {
				top, bottom = append(top, r == '█' || r == '▀'), append(bottom, r == '█' || r == '▄')
			}
			rows = append(rows, top, bottom)
		}
		if len(rows) < size+2*quiet || len(rows[0]) != size+2*quiet {
			t.Fatalf("%d rows of %d, for %d modules", len(rows), len(rows[0]), size)
		}
		for y := range size + 2*quiet {
			for x := range size + 2*quiet {
				light := true
				if mx, my := x-quiet, y-quiet; mx >= 0 && my >= 0 && mx < size && my < size {
					r, _, _, _ := want.At(mx, my).RGBA()
					light = r != 0
				}
				if rows[y][x] != light {
					t.Fatalf("module %d, %d is wrong", x, y)
				}
			}
		}
	}
	if _, err := blocks(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that fits into no code is drawn")
	}
}

func TestScannedFromStandardInput(t *testing.T) {
	for in, want := range map[string]string{"286498530672949108\r\nmore\n": "286498530672949108", "1": "1", "\n": "", "": ""} {
		c := &cli{stdin: strings.NewReader(in)}
		code, err := c.scanned("-")
		if string(code) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, string(code), err)
		}
	}
	if code, err := (&cli{}).scanned("123"); string(code) != "123" || err != nil {
		t.Error(err)
	}
}
