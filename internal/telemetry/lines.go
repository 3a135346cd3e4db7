package telemetry

import (
	"context"
	"encoding/hex"
	"log/slog"
	"time"

	"portico/internal/opentelemetry"
)

// lines writes log lines: with the trace and the span that each belongs to, and durations as numbers of milliseconds.
type lines struct{ slog.Handler }

// Handle implements slog.Handler.
func (h lines) Handle(ctx context.Context, line slog.Record) error {
	if mayHoldDuration(line) {
		line = inMilliseconds(line)
	}
	if span := spanOf(ctx); span != nil {
		line.AddAttrs(appendIDs(nil, span)...)
	}
	return h.Handler.Handle(ctx, line)
}

func mayHoldDuration(line slog.Record) (may bool) {
	line.Attrs(func(attr slog.Attr) bool {
		switch attr.Value.Kind() {
		case slog.KindDuration, slog.KindGroup, slog.KindLogValuer:
			may = true
		}
		return !may
	})
	return may
}

func inMilliseconds(line slog.Record) slog.Record {
	same := slog.NewRecord(line.Time, line.Level, line.Message, line.PC)
	line.Attrs(func(attr slog.Attr) bool {
		same.AddAttrs(withUnit(attr))
		return true
	})
	return same
}

// withUnit writes a duration as a number of milliseconds under a name that ends in _ms, also inside a group.
func withUnit(attr slog.Attr) slog.Attr {
	switch value := attr.Value.Resolve(); value.Kind() {
	case slog.KindDuration:
		return slog.Float64(attr.Key+"_ms", milliseconds(value.Duration()))
	case slog.KindGroup:
		return slog.Attr{Key: attr.Key, Value: slog.GroupValue(allWithUnit(value.Group())...)}
	}
	return attr
}

func allWithUnit(attrs []slog.Attr) []slog.Attr {
	same := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		same[i] = withUnit(attr)
	}
	return same
}

// milliseconds has digits down to the microsecond.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// appendIDs appends what a log line says of a span that it belongs to.
func appendIDs(list []slog.Attr, span *opentelemetry.Span) []slog.Attr {
	trace, id := span.TraceID(), span.SpanID()
	var room [2 * (len(trace) + len(id))]byte
	both := string(hex.AppendEncode(hex.AppendEncode(room[:0], trace[:]), id[:])) // one allocation
	return append(list,
		slog.String("trace_id", both[:hex.EncodedLen(len(trace))]), slog.String("span_id", both[hex.EncodedLen(len(trace)):]))
}

// WithAttrs implements slog.Handler.
func (h lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lines{h.Handler.WithAttrs(allWithUnit(attrs))}
}

// WithGroup implements slog.Handler.
func (h lines) WithGroup(name string) slog.Handler { return lines{h.Handler.WithGroup(name)} }
