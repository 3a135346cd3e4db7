package msgraph

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"
)

// report logs a failure that ends calls: one line for what failed together, with a bound for each class and status. An
// unknown id is not a failure, and a caller who left is none of the service's.
func (f *fetch) report(ctx context.Context, e *Error, calls, tried int) {
	if e == nil || e.NotFound() || errors.Is(e, context.Canceled) {
		return
	}
	suppressed, ok := f.reports.Allow(e.key(), f.now())
	if !ok {
		return
	}
	attrs := append(e.attrs(), slog.String("code", e.Code), slog.String("message", e.Message),
		slog.Int("calls", calls), slog.Int("attempts", tried), slog.Int("suppressed", suppressed))
	f.log.LogAttrs(ctx, slog.LevelWarn, "Microsoft Graph request failed", attrs...)
}

// retrying logs a failure that another try may cure: at most one a second of each class and status at WARN, all of them
// at DEBUG.
func (f *fetch) retrying(ctx context.Context, one call, e *Error, wait time.Duration) {
	f.retried(ctx, e)
	level := slog.LevelDebug
	suppressed, ok := f.retries.Allow(e.key(), f.now())
	if ok && f.lane.pause(f.now()) <= 0 { // the begin of a pause has a line of its own
		level = slog.LevelWarn
	}
	attrs := append(e.attrs(),
		slog.Int("attempts", one.tried), slog.Duration("wait", wait), slog.Int("suppressed", suppressed))
	f.log.LogAttrs(ctx, level, "retrying Microsoft Graph request", attrs...)
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

// warnOfPause logs the begin of a pause: one line, however many requests and identities it stops.
func (c *Client) warnOfPause(until time.Time, failure *Error) {
	now := c.now()
	last := c.pauseLogged.Load()
	if last != nil && now.Before(*last) || !c.pauseLogged.CompareAndSwap(last, &until) {
		return
	}
	c.log.Warn("throttled by Microsoft Graph; pausing all requests of this identity",
		slog.Float64("pause_seconds", until.Sub(now).Seconds()), slog.String("request_id", failure.RequestID))
}
