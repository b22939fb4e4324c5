package bench

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/paydesk-till/paydesk/backend/practice/pinpad"
)

func TestLogIsBounded(t *testing.T) {
	l := NewLog(nil, "test", func(time.Time) string { return "noon" })
	for n := range pinpad.MaxLog + maxViolations {
		l.Note(fmt.Sprint("note ", n))
	}
	lines := l.Lines()
	if len(lines) != pinpad.MaxLog || lines[0] != (pinpad.Line{At: "noon", Text: fmt.Sprint("note ", maxViolations)}) {
		t.Errorf("%d lines, the first is %v", len(lines), lines[0])
	}
	for n := range maxViolations + 3 {
		l.Violate(fmt.Sprint("violation ", n))
	}
	if v := l.Violations(); len(v) != maxViolations || v[0] != "violation 3" {
		t.Errorf("%d violations, the first is %q", len(v), v[0])
	}
	lines = l.Lines()
	if last := lines[len(lines)-1].Text; last != fmt.Sprint("Violation: violation ", maxViolations+2) {
		t.Errorf("last %q", last)
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	l := NewLog(slog.New(slog.NewTextHandler(&out, nil)), "till-1", Clock)
	l.Note("something happened")
	if got := out.String(); !strings.Contains(got, "something happened") || !strings.Contains(got, "terminal=till-1") {
		t.Error(got)
	}
}

func TestWatch(t *testing.T) {
	l := quiet()
	changed, end := l.Watch()
	l.Note("one")
	l.Changed() // nobody has looked yet: one signal is enough
	<-changed
	select {
	case <-changed:
		t.Error("told twice")
	default:
	}
	end()
	l.Note("two")
	select {
	case <-changed:
		t.Error("told after the end")
	default:
	}
	for range maxWatchers {
		l.Watch()
	}
	late, _ := l.Watch()
	l.Changed()
	select {
	case <-late:
		t.Error("more watch than may")
	default:
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"short": "short", strings.Repeat("ö", 61): strings.Repeat("ö", 60) + "...", "a\xffb": "a?b"} {
		if got := Shorten(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
