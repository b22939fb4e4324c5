package redact

import (
	"context"
	"fmt"
	"log/slog"
)

// Handler makes a handler that removes card data and secrets from the message and
// from all attributes before next sees them.
func Handler(next slog.Handler) slog.Handler { return &handler{next} }

type handler struct{ next slog.Handler }

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	safe := slog.NewRecord(r.Time, r.Level, Text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		safe.AddAttrs(attr(a))
		return true
	})
	return h.next.Handle(ctx, safe)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.next.WithAttrs(all(attrs))}
}

func (h *handler) WithGroup(name string) slog.Handler { return &handler{h.next.WithGroup(name)} }

func all(attrs []slog.Attr) []slog.Attr {
	safe := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		safe[i] = attr(a)
	}
	return safe
}

func attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if treat(a.Key) == secret {
		return slog.String(a.Key, Removed)
	}
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(all(v.Group())...)}
	case slog.KindString:
		return slog.String(a.Key, value(a.Key, v.String()))
	case slog.KindBool, slog.KindDuration, slog.KindTime:
		return slog.Attr{Key: a.Key, Value: v}
	}
	text := v.String()
	switch x := v.Any().(type) {
	case error: // in full: a wrapped answer may stand in it
		return slog.String(a.Key, value(a.Key, x.Error()))
	case []byte:
		return slog.String(a.Key, value(a.Key, string(x)))
	case fmt.Stringer:
		return slog.String(a.Key, value(a.Key, x.String()))
	}
	if safe := value(a.Key, text); safe != text {
		return slog.String(a.Key, safe)
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// value is field for text of any length.
func value(key, text string) string {
	return keep([]byte(text), func(text string, depth int) string { return field(key, text, depth) })
}
