package redact_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/paydesk-till/paydesk/backend/redact"
)

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.StringValue("4111111111111111") }

func TestHandler(t *testing.T) {
	const pan = "4111111111111111"
	var out bytes.Buffer
	next := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})
	log := slog.New(redact.Handler(next)).With("with", pan).WithGroup("g").With("password", "swordfish", "n", 4111111111111111)
	address := url.URL{Scheme: "https", Host: "host", RawQuery: "access_token=swordfish"}
	log.Info("read "+pan, "s", pan, "error", fmt.Errorf("answer %s: %w", pan, context.Canceled),
		slog.Group("in", "x", pan), "bytes", []byte(pan), "struct", struct{ A string }{pan}, "v", valuer{},
		"stringer", &address, "number", uint64(4111111111111111), "ServiceID", "1776000010", "ok", true, "count", 7)
	log.Debug("not enabled")
	got := out.String()
	for _, hidden := range []string{pan, "swordfish", "not enabled"} {
		if strings.Contains(got, hidden) {
			t.Errorf("%q is in %s", hidden, got)
		}
	}
	for _, want := range []string{`"msg":"read ************1111"`, `"password":"[redacted]"`, `"ServiceID":"1776000010"`, `"ok":true`, `"count":7`, `"in":{"x":"************1111"}`, "context canceled"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}
