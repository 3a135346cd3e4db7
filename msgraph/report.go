package msgraph

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"portico/internal/failure"
)

// FailureClass names what stood in the way of the request by one of the
// words of package failure.
func (e *Error) FailureClass() string {
	switch {
	case e.Kind == TimedOut:
		return failure.Timeout
	case e.Kind == BadResponse, e.Kind == TooLarge:
		return failure.Response
	case errors.Is(e.Err, errProxy):
		return failure.Proxy
	case e.Kind == Unavailable && e.Status == 0 && e.Err != nil:
		return failure.Class(e.Err)
	}
	return failure.Status
}

// cause is an error of the transport. Its text may hold addresses and parts
// of a response, so that it is replaced by its class.
type cause struct {
	class string
	err   error
}

// causeOf wraps an error of the transport, unless it knows its class itself:
// then its text is safe.
func causeOf(err error) error {
	var safe interface{ FailureClass() string }
	if errors.As(err, &safe) || errors.Is(err, errTooLarge) || errors.Is(err, errTryLimit) {
		return err
	}
	return &cause{failure.Class(err), err}
}

// Error returns the class.
func (c *cause) Error() string { return c.class }

// FailureClass returns the class.
func (c *cause) FailureClass() string { return c.class }

// Unwrap returns the error of the transport, whose text is not to be shown.
func (c *cause) Unwrap() error { return c.err }

// report logs a failure that ends calls: one line for what failed together,
// with a bound for each class and status. An unknown id is no failure, and a
// caller who left is none of the service's.
func (f *fetch) report(ctx context.Context, e *Error, calls, tried int) {
	if e == nil || e.NotFound() || errors.Is(e, context.Canceled) {
		return
	}
	suppressed, ok := f.reports.Allow(e.key(), f.now())
	if !ok {
		return
	}
	attrs := append(e.attrs(), slog.String("code", e.Code), slog.String("message", e.Message), slog.Int("calls", calls), slog.Int("attempts", tried), slog.Int("suppressed", suppressed))
	f.log.LogAttrs(ctx, slog.LevelWarn, "Microsoft Graph request failed", attrs...)
}

// retrying logs a failure that another try may cure: at most one a second of
// each class and status at WARN, all of them at DEBUG.
func (f *fetch) retrying(ctx context.Context, one call, e *Error, wait time.Duration) {
	level := slog.LevelDebug
	suppressed, ok := f.retries.Allow(e.key(), f.now())
	if ok && f.lane.pause(f.now()) <= 0 { // the begin of a pause has a line of its own
		level = slog.LevelWarn
	}
	attrs := append(e.attrs(), slog.Int("attempts", one.tried), slog.Duration("wait", wait), slog.Int("suppressed", suppressed))
	f.log.LogAttrs(ctx, level, "Microsoft Graph request is sent again", attrs...)
}

// key is what failures have in common that are bounded together in the log.
func (e *Error) key() string { return e.FailureClass() + " " + strconv.Itoa(e.Status) }

// attrs are what a log line says of the failure.
func (e *Error) attrs() []slog.Attr {
	class := e.FailureClass()
	attrs := []slog.Attr{slog.String("class", class), slog.String("kind", e.Kind.String())}
	if e.Status > 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	for _, text := range []struct{ name, value string }{
		{"cause", causeText(e.Err, class)}, {"request_id", e.RequestID},
	} {
		if text.value != "" {
			attrs = append(attrs, slog.String(text.name, text.value))
		}
	}
	return attrs
}

// causeText returns the text of a cause where it says more than the class.
func causeText(err error, class string) string {
	if err == nil || err.Error() == class {
		return ""
	}
	return err.Error()
}
