package pinpad

import (
	"fmt"
	"strings"
)

// Code 128 (ISO/IEC 15417), sets B and C, for digits alone: what a till's scanner
// reads from a drawn phone. A symbol is six widths of bars and spaces in turn, in
// modules, together 11; the stop symbol has one bar more.
var symbols128 = strings.Fields(`212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221
223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131
311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112`)

const (
	code128ToB    = 100 // from set C to set B
	code128StartC = 105
	code128Stop   = 106
	digitInB      = 16 // value of "0" in set B
	quiet         = 10 // modules of white on either side
	maxCode       = 40
)

// values128 are the symbols of a line of digits: pairs in set C, a last single one in
// set B, then the check symbol. A text with anything else, or none, has none.
func values128(text string) []int {
	if text == "" || len(text) > maxCode || strings.Trim(text, "0123456789") != "" {
		return nil
	}
	values := []int{code128StartC}
	for len(text) > 1 {
		values = append(values, int(text[0]-'0')*10+int(text[1]-'0'))
		text = text[2:]
	}
	if text != "" {
		values = append(values, code128ToB, digitInB+int(text[0]-'0'))
	}
	sum := values[0]
	for i, v := range values[1:] {
		sum += (i + 1) * v
	}
	return append(values, sum%103, code128Stop)
}

// barcode is a drawn Code 128: the path of its bars, one unit high, and how many
// modules it is wide, quiet zones included.
type barcode struct {
	Bars  string
	Width int
}

func drawBarcode(text string) barcode {
	values := values128(text)
	if values == nil {
		return barcode{}
	}
	var bars strings.Builder
	x := quiet
	for _, v := range values {
		for i, width := range symbols128[v] {
			w := int(width - '0')
			if i%2 == 0 {
				fmt.Fprintf(&bars, "M%d 0h%dv1h-%dz", x, w, w)
			}
			x += w
		}
	}
	return barcode{Bars: bars.String(), Width: x + quiet}
}
