// Package telemetry says what the service does: structured logs, one line for each request, with what the request cost
// upstream. It knows HTTP and numbers. It does not know GraphQL nor Microsoft Graph: those who do tell a request's
// Record what they found, and no more than may stand in a log: never a token, the text of a query or a variable.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

// New returns a logger that writes records of the level and above to w, as "text" or as "json".
func New(w io.Writer, format string, level slog.Level) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, fmt.Errorf("unknown log format %q: want text or json", format)
}
