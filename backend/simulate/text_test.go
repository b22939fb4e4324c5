package simulate

import (
	"bytes"
	"os"
	"slices"
)

// checkFiles looks for card numbers in the journal's files.
func (w *world) checkFiles(path string) {
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(path + suffix)
		if err != nil {
			if !os.IsNotExist(err) {
				w.fail(noCardNumber, "%v", err)
			}
			continue
		}
		if bytes.Contains(raw, []byte(cardNumber)) {
			w.fail(noCardNumber, "a card number that somebody typed is in the journal%s", suffix)
		}
	}
}

// harmless stand before what may well look like a card's number: how long an exchange
// lasted, in nanoseconds, the name of a card scheme in hexadecimal (EMV tag 50), and a
// host's date and time, which stands on every Canadian slip.
var harmless = [][]byte{[]byte(`"took":`), []byte(`0x50\":\"`), []byte(`"TS: `)}

func hexadecimal(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

// passed gives where what is harmless at a place of the text ends; else the place.
func passed(text []byte, at int) int {
	for _, mark := range harmless {
		if bytes.HasPrefix(text[at:], mark) {
			for at += len(mark); at < len(text) && hexadecimal(text[at]); at++ {
			}
			return at
		}
	}
	return at
}

// uncarded begin no card's number: what follows the A of a card application's id, which
// with a flipped sign behind it may be long enough, and Pockyt's transaction numbers.
var uncarded = [][]byte{[]byte("0000000"), []byte("29755")}

func mayBeCard(digits []byte) bool {
	begins := func(with []byte) bool { return bytes.HasPrefix(digits, with) }
	return len(digits) >= 13 && len(digits) <= 19 && luhn(digits) && !slices.ContainsFunc(uncarded, begins)
}

// findCardNumber gives a run of 13 to 19 digits that passes the Luhn check.
func findCardNumber(text []byte) string {
	for at := 0; at < len(text); at++ {
		if past := passed(text, at); past > at {
			at = past
			continue
		}
		end := at
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if mayBeCard(text[at:end]) {
			return string(text[at:end])
		}
		at = end
	}
	return ""
}

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
