package app

import (
	"log/slog"
	"os"
)

// windowLog gives what Wails says to the log.
type windowLog struct{ log *slog.Logger }

func (l windowLog) Print(text string)   { l.log.Info(text, "from", "window") }
func (l windowLog) Trace(text string)   { l.log.Debug(text, "from", "window") }
func (l windowLog) Debug(text string)   { l.log.Debug(text, "from", "window") }
func (l windowLog) Info(text string)    { l.log.Info(text, "from", "window") }
func (l windowLog) Warning(text string) { l.log.Warn(text, "from", "window") }
func (l windowLog) Error(text string)   { l.log.Error(text, "from", "window") }

// Fatal does not return: Wails counts on that.
func (l windowLog) Fatal(text string) {
	l.log.Error(text, "from", "window")
	os.Exit(1)
}
