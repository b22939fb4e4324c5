package receipt

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// maxScan bounds what is drawn as a code, in signs: every scanner reads it off a slip
// of 58 mm then.
const maxScan = 64

// codeQuiet is the white border of a code, in modules (ISO/IEC 18004 asks for 4).
const codeQuiet = 4

// scannable tells whether a text is the number of a transaction that may be drawn: a
// web address or anything else that a scanner would act upon is not.
func scannable(text string) bool {
	return text != "" && len(text) <= maxScan && strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") == ""
}

// drawCode gives a QR code as the path of a picture that is size modules wide.
func drawCode(text string) (path string, size int, err error) {
	drawn, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("draw a code: %w", err)
	}
	width := drawn.Bounds().Dx()
	var b strings.Builder
	for y := range width {
		for x := 0; x < width; x++ {
			dark := 0
			for x+dark < width {
				if r, _, _, _ := drawn.At(x+dark, y).RGBA(); r != 0 {
					break
				}
				dark++
			}
			if dark > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+codeQuiet, y+codeQuiet, dark, dark)
				x += dark
			}
		}
	}
	return b.String(), width + 2*codeQuiet, nil
}
