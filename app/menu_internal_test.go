package app

import (
	"log/slog"
	"testing"
)

// TestOpenPadTells: what Wails says only in its log is counted, and a window that has
// not started says so instead of doing nothing.
func TestOpenPadTells(t *testing.T) {
	w := &window{}
	l := countedLog{windowLog{slog.New(slog.DiscardHandler)}, &w.errors}
	l.Warning("a warning")
	if n := w.errors.Load(); n != 0 {
		t.Errorf("a warning counts as %d errors", n)
	}
	l.Error("Unable to open default system browser")
	if n := w.errors.Load(); n != 1 {
		t.Errorf("one error counts as %d", n)
	}
	if err := w.openPad("http://127.0.0.1:1/"); err == nil {
		t.Error("nothing was opened, and nobody is told")
	}
}
