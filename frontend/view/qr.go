package view

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrBorder is the white border that readers need, in modules (ISO/IEC 18004).
const qrBorder = 4

// qrImage draws the code that the customer's wallet scans, sharp at every size; empty
// if it cannot be drawn.
func qrImage(text string) string {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return ""
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool { r, _, _, _ := code.At(x, y).RGBA(); return r == 0 }
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+qrBorder, y+qrBorder, x-from, x-from)
			}
		}
	}
	whole := size + 2*qrBorder
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="480" height="480" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dh-%dz"/><path d="%s"/></svg>`, whole, whole, whole, whole, whole, path.String())
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg))
}
