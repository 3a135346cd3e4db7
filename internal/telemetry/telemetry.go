// Package telemetry says what the service does: structured logs, one line for each request, with what the request cost
// upstream. It knows HTTP and numbers. It does not know GraphQL nor Microsoft Graph: those who do tell a request's
// Record what they found, and no more than may stand in a log: never a token, the text of a query or a variable.
package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// New returns a logger that writes records of the level and above to w, as "text" or as "json", with the trace that the
// context belongs to. Durations are in milliseconds, and their names say so. Where w is a [Writer], it reports lost
// lines in the same format.
func New(w io.Writer, format string, level slog.Level) (*slog.Logger, error) {
	var handler func(io.Writer) slog.Handler
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		handler = func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, options) }
	case "json":
		handler = func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, options) }
	default:
		return nil, fmt.Errorf("unknown log format %q: want text or json", format)
	}
	if buffered, ok := w.(*Writer); ok {
		buffered.onLoss(func(dropped int) []byte { return lossNotice(handler, dropped) })
	}
	return slog.New(lines{handler(w)}), nil
}

// lossNotice is the line that says how many were lost.
func lossNotice(handler func(io.Writer) slog.Handler, dropped int) []byte {
	var line bytes.Buffer
	record := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines were lost: the reader of the log is too slow", 0)
	record.AddAttrs(slog.Int("count", dropped))
	_ = handler(&line).Handle(context.Background(), record) // writing to memory does not fail
	return line.Bytes()
}
