package nexo

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A message that is too long for the timeline is redacted first and cut afterwards, at the
// border of a letter: wherever the cut falls, no letter is torn and no card number shows.
func TestLongMessageIsCutAfterRedaction(t *testing.T) {
	const number = "4111111111111111"
	for shift := range 40 {
		body := "<a>" + strings.Repeat("å", maxRecord/2-20) + strings.Repeat("x", shift) + " " + number + " " + number + strings.Repeat("ö", 100) + "</a>"
		got := record([]byte(body))
		if !utf8.ValidString(got) || strings.ContainsRune(got, utf8.RuneError) || len(got) > maxRecord+len("...") || !strings.HasSuffix(got, "...") {
			t.Fatalf("shift %d: %d bytes, ends %q", shift, len(got), got[len(got)-20:])
		}
		if strings.Contains(got, number[:12]) {
			t.Fatalf("shift %d: it ends with digits of a card number: %q", shift, got[len(got)-40:])
		}
	}
	if got := record([]byte("<a>short</a>")); got != "<a>short</a>" {
		t.Errorf("%q", got)
	}
}
