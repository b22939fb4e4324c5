package view

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/paydesk-till/paydesk/backend/payment"
)

func TestCodesAreDrawn(t *testing.T) {
	const text = "https://wallet.example/pay?order=1"
	data, found := strings.CutPrefix(qrImage(text), "data:image/svg+xml;base64,")
	svg, err := base64.StdEncoding.DecodeString(data)
	if !found || err != nil {
		t.Fatalf("%.40s, %v", data, err)
	}
	want, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	// What is drawn is the code, module for module, behind its border.
	drawn := map[[2]int]bool{}
	_, path, _ := strings.Cut(string(svg), `<path d="`)
	for _, bar := range strings.Split(strings.TrimPrefix(path[:strings.Index(path, `"`)], "M"), "M") {
		var x, y, w, back int
		if n, err := fmt.Sscanf(bar, "%d %dh%dv1h-%dz", &x, &y, &w, &back); n != 4 || err != nil || w != back {
			t.Fatalf("%q: %v", bar, err)
		}
		for i := range w {
			drawn[[2]int{x + i - qrBorder, y - qrBorder}] = true
		}
	}
	size := want.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := want.At(x, y).RGBA(); (r == 0) != drawn[[2]int{x, y}] {
				t.Fatalf("module %d,%d is drawn %t", x, y, drawn[[2]int{x, y}])
			}
			delete(drawn, [2]int{x, y})
		}
	}
	if len(drawn) > 0 || !strings.Contains(string(svg), fmt.Sprintf(`viewBox="0 0 %d %d"`, size+8, size+8)) {
		t.Errorf("%d modules too many, or another border", len(drawn))
	}
	if src := qrImage(strings.Repeat("x", 10_000)); src != "" {
		t.Errorf("more than a code can hold is drawn: %.40s", src)
	}
}

func TestCodesRunOut(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		prompt payment.Prompt
		shown  bool
	}{
		"none":     {payment.Prompt{}, false},
		"for good": {payment.Prompt{QR: "x"}, true},
		"good":     {payment.Prompt{QR: "x", Until: now.Add(time.Second)}, true},
		"run out":  {payment.Prompt{QR: "x", Until: now}, false},
	} {
		if got := showsCode(c.prompt, now); got != c.shown {
			t.Errorf("%s: %t", name, got)
		}
	}
}
