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

// atMost is how many of a card number's first digits may be anywhere (receipts.md R-02).
const atMost = 6

// typed gives the first digits, four more than may be anywhere, of all that somebody types
// or scans in a run and that must not be kept: a card's number and the codes of wallets.
// They are the only whole ones there, for the practice terminals tell of their cards no
// more than they may. (A search for all that passes the Luhn check took ids that the
// network had damaged for cards.)
func (w *world) typed() (begins [][]byte) {
	begins = [][]byte{[]byte(cardNumber[:atMost+4])}
	for _, t := range w.plan.terminals {
		for _, o := range t.operations {
			if o.code != "" {
				begins = append(begins, []byte(o.code[:atMost+4]))
			}
		}
	}
	return begins
}

// hasTyped tells whether a text has any of what was typed, also with blanks or dashes
// between the digits.
func hasTyped(text []byte, begins [][]byte) bool {
	bare := text
	if bytes.ContainsAny(text, " -") {
		bare = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(" "), nil), []byte("-"), nil)
	}
	return slices.ContainsFunc(begins, func(b []byte) bool { return bytes.Contains(bare, b) })
}
