package app

import (
	"io"
	"log/slog"

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/paydesk-till/paydesk/backend/redact"
)

// The bounds of the log.
const (
	logMegabytes = 10
	logFiles     = 5
	logDays      = 90
)

// openLog makes the log of the folder: JSON lines without card data.
func openLog(f Folder) (*slog.Logger, io.Closer) {
	file := &lumberjack.Logger{Filename: f.Log(), MaxSize: logMegabytes, MaxBackups: logFiles, MaxAge: logDays}
	return slog.New(redact.Handler(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))), file
}
