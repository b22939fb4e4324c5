package command

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/payment"
	"github.com/paydesk-till/paydesk/backend/report"
)

// A step is one line: who, what, and the state where it changed.
func TestTold(t *testing.T) {
	at := time.Date(2026, 4, 12, 12, 0, 0, 5e6, time.Local)
	for _, c := range []struct {
		step report.Step
		want string
	}{
		{report.Step{Seq: 7, At: at, From: report.Terminal, To: report.Till, Text: "Approved", Detail: "code 1", State: payment.Approved, Changed: true},
			"     7  12:00:00.005  terminal -> till  Approved: code 1  => approved"},
		{report.Step{Seq: 8, At: at, From: report.Till, Text: "The cashier asks to stop", Person: "Bo", State: payment.Approved},
			"     8  12:00:00.005  till              The cashier asks to stop, by Bo"},
	} {
		if got := told(c.step); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	if got := told(report.Step{Text: "a\x1b[2Jb"}); strings.Contains(got, "\x1b") {
		t.Errorf("%q can steer the screen", got)
	}
	if got := indented("a\x1b[2Jb\nc"); strings.Contains(got, "\x1b") || !strings.Contains(got, "\n ") {
		t.Errorf("%q can steer the screen", got)
	}
}
