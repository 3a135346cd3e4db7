package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"portico/graph/code"
)

// quiet are the paths that are asked every few seconds by machines.
var quiet = []string{"/livez", "/readyz"}

// Middleware logs one line for each request once it is answered, and answers 500 for one that panics. Requests for
// /livez and /readyz are not logged. It stands in front of everything, so that what it counts is what was sent. The
// audit log, nil for none, gets a line for each operation. The instruments, nil for none, measure each request but for
// /livez and /readyz; route returns the pattern that a path belongs to, one of a few, or an empty one.
func Middleware(
	next http.Handler, logger *slog.Logger, audit *Audit, instruments *Instruments, route func(path string) string,
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		loud := !slices.Contains(quiet, r.URL.Path)
		record, serving := newRecord(instruments != nil && loud)
		record.audited, record.instruments = audit != nil, instruments
		caller := r.Context()
		counted := &counter{ResponseWriter: w, left: func() bool { return caller.Err() != nil }}
		if serving != nil {
			record.span = instruments.server.serve(serving, r, route(r.URL.Path), start)
		}
		ctx := record.within(caller)
		defer func() {
			took := time.Since(start)
			if loud {
				logLine(caller, logger, r, counted, took, record)
			}
			if err := audit.write(record, counted.statusSent(), start); err != nil {
				logger.ErrorContext(ctx, "writing the audit log failed", "error", err.Error())
			}
			serving.end(counted.statusSent(), took, record.isShared())
		}()
		defer func() {
			if value := recover(); value != nil {
				fail(ctx, counted, r, logger, value)
			}
		}()
		next.ServeHTTP(counted, r.WithContext(ctx))
	})
}

// newRecord returns a record and, if its request is measured, what measures it. They live together in one allocation,
// with room for the one operation that most requests have.
func newRecord(measured bool) (*Record, *serving) {
	if !measured {
		return &Record{}, nil
	}
	var all struct {
		Record
		serving
		Running
	}
	all.room = &all.Running
	return &all.Record, &all.serving
}

// logLine logs what a request was. The context has no span: the record knows it. The line is made here, because the
// logger would first look up the source line, which takes 1 % of the CPU time of an operation.
func logLine(
	ctx context.Context, logger *slog.Logger, r *http.Request, w *counter, took time.Duration, record *Record,
) {
	if !logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	list := append(make([]slog.Attr, 0, 16),
		slog.String("method", cut(r.Method)),
		slog.String("path", cut(r.URL.Path)),
		slog.Int("status", w.statusSent()),
		slog.Float64("duration_ms", milliseconds(took)),
		slog.Int64("bytes", w.bytes),
	)
	if w.torn {
		list = append(list, slog.Bool("torn", true))
	}
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0)
	line.AddAttrs(record.appendTo(list)...)
	_ = logger.Handler().Handle(ctx, line) // slog.Logger ignores this error as well
}

// fail logs a panic and answers for it; it panics itself if it is too late for that. A stack holds no values of headers
// or bodies, but the value of the panic may hold anything, so that only its type is logged unless it is an error of the
// runtime.
func fail(ctx context.Context, w *counter, r *http.Request, logger *slog.Logger, value any) {
	if value == http.ErrAbortHandler { //nolint:errorlint // a panic's value, never wrapped
		w.tear(http.StatusInternalServerError)
		panic(value)
	}
	logger.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("method", cut(r.Method)),
		slog.String("path", cut(r.URL.Path)),
		slog.String("value", describe(value)),
		slog.String("stack", string(debug.Stack())),
	)
	if w.status != 0 {
		w.tear(http.StatusInternalServerError)
		panic(http.ErrAbortHandler) // what was sent cannot be taken back: the client must see that it is torn
	}
	w.Header().Del("Content-Encoding")
	w.Header().Del("Content-Length")
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path != "/graphql" {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`{"errors":[{"message":"internal error","extensions":{"code":"` + code.Internal + `"}}]}`))
}

// describe words the value of a panic.
func describe(value any) string {
	type runtimeError interface{ RuntimeError() }
	if err, ok := value.(error); ok {
		if _, ok := value.(runtimeError); ok {
			return err.Error()
		}
	}
	return fmt.Sprintf("%T", value)
}

// counter sees what is sent through it. http.ResponseController finds the methods of the writer below by Unwrap.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
	torn   bool        // the client does not have the whole response
	left   func() bool // whether the client has closed the connection
}

// statusClientLeft is nginx's status for a response that its client did not take.
const statusClientLeft = 499

// tear notes that the client does not get what was begun, whatever status it was sent.
func (c *counter) tear(status int) {
	if !c.torn {
		c.status, c.torn = status, true
	}
}

// Unwrap returns the writer below.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *counter) WriteHeader(status int) {
	if c.status == 0 && status >= 200 { // those below are followed by another
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	left := c.left()
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	if err != nil || left {
		c.tear(statusClientLeft)
	}
	return n, err
}

// Flush sends what was written so far. Compression asks for this method by type, not by Unwrap.
func (c *counter) Flush() {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	_ = http.NewResponseController(c.ResponseWriter).Flush()
}

func (c *counter) statusSent() int {
	if c.status == 0 {
		return http.StatusOK
	}
	return c.status
}
