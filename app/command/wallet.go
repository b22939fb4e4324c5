package command

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/paydesk-till/paydesk/backend/payment"
)

// maxCode bounds what is read as a customer's code, in bytes.
const maxCode = 4 << 10

// scanned is the customer's code as --code gives it: itself, or "-" for a line of
// standard input, where a scanner types it and no list of processes shows it.
func (c *cli) scanned(flag string) (payment.Scanned, error) {
	if flag != "-" {
		return payment.Scanned(flag), nil
	}
	line, err := bufio.NewReader(io.LimitReader(c.stdin, maxCode)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the customer's code: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", usage("--code - found nothing on standard input. Nothing was started.")
	}
	return payment.Scanned(line), nil
}

// code shows a QR code as text, for a customer to scan, once.
func (f *follower) code(p payment.Prompt) {
	if p.QR == "" || p.QR == f.drawn {
		return
	}
	f.drawn = p.QR
	text, err := blocks(p.QR)
	if err != nil {
		f.line("The code cannot be drawn here: " + err.Error())
		return
	}
	f.line(text)
	if left := time.Until(p.Until).Round(time.Second); left > 0 {
		f.line(fmt.Sprintf("Have the customer scan this code with the wallet within %d s.", int(left.Seconds())))
	}
}

// quiet is the white border that readers need, in modules (ISO/IEC 18004 asks for 4).
const quiet = 4

// blocks draws a QR code, two rows of modules in a line of text. Dark modules are
// blanks and light ones are ink, since most terminals are dark; readers that need the
// opposite are rare.
func blocks(text string) (string, error) {
	drawn, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	size := drawn.Bounds().Dx()
	light := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return y < size+quiet
		}
		r, _, _, _ := drawn.At(x, y).RGBA()
		return r != 0
	}
	var out strings.Builder
	for y := -quiet; y < size+quiet; y += 2 {
		for x := -quiet; x < size+quiet; x++ {
			switch top, bottom := light(x, y), light(x, y+1); {
			case top && bottom:
				out.WriteRune('█')
			case top:
				out.WriteRune('▀')
			case bottom:
				out.WriteRune('▄')
			default:
				out.WriteByte(' ')
			}
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}
