package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/report"
)

func TestVerdict(t *testing.T) {
	sound := report.Seal{Lines: 3, First: 4, Last: 6, Head: report.Head{Seq: 9, At: noon, Where: "the keychain"}, Whole: report.Whole{At: noon, Events: 9, Operations: 3, Seq: 9}}
	for _, c := range []struct {
		name   string
		change func(*report.Seal)
		says   string
		good   int
		sound  bool
	}{
		{"sound", func(*report.Seal) {}, "sound from line 1 to line 9, over this operation (whole journal checked 2026-04-12 12:00:00: 9 lines of 3 operations)", 3, true},
		{"the head", func(*report.Seal) {}, "agrees: line 9, written down 2026-04-12 12:00:00 in the keychain", 3, true},
		{"a changed line", func(s *report.Seal) { s.Faults = []string{"event 5 was changed"} }, "NOT as they were recorded: event 5 was changed", 2, false},
		{"a cut journal", func(s *report.Seal) { s.Head.Fault = "the end was cut off" }, "does NOT agree with the head", 2, false},
		{"a head that cannot be read", func(s *report.Seal) { s.Head.Problem = "it is locked" }, "cannot be read: it is locked", 2, true},
		{"no head yet", func(s *report.Seal) { s.Head = report.Head{} }, "No head", 2, true},
		{"not checked yet", func(s *report.Seal) { s.Whole = report.Whole{} }, "was not checked yet", 2, true},
		{"being checked", func(s *report.Seal) { s.Whole = report.Whole{Running: true} }, "is being checked now", 2, true},
		{"checked before this", func(s *report.Seal) { s.Whole.Seq = 5 }, "Lines of this operation came later", 2, true},
		{"checked and bad", func(s *report.Seal) { s.Whole.Faults = []string{"event 2 was changed"} }, "NOT sound (checked 2026-04-12 12:00:00): event 2", 2, false},
	} {
		s := sound
		c.change(&s)
		good, text := 0, ""
		for _, l := range s.Verdict(time.UTC) {
			if l.Good {
				good++
			}
			if l.Good && l.Bad {
				t.Errorf("%s: both good and bad: %s", c.name, l.Text)
			}
			text += l.Text + "\n"
		}
		if !strings.Contains(text, c.says) || good != c.good || s.Sound() != c.sound {
			t.Errorf("%s: %d good, sound %v:\n%s", c.name, good, s.Sound(), text)
		}
	}
}
