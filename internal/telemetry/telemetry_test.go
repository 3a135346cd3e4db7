package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzhttp"

	"portico/internal/telemetry"
)

// serve answers one request behind the middleware, and returns the answer and the log's lines.
func serve(t *testing.T, r *http.Request, next http.HandlerFunc) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var log bytes.Buffer
	logger, err := telemetry.New(&log, "json", slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }() // net/http does the same
		telemetry.Middleware(next, logger, nil, nil, nil).ServeHTTP(w, r)
	}()
	var lines []map[string]any
	for d := json.NewDecoder(&log); ; {
		var line map[string]any
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return w, lines
		} else if err != nil {
			t.Fatal(err)
		}
		delete(line, "time")
		lines = append(lines, line)
	}
}

func TestARequestIsOneLine(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql?query=s3cret", strings.NewReader("s3cret"))
	r.Header.Set("Authorization", "Bearer s3cret")
	_, lines := serve(t, r, func(w http.ResponseWriter, r *http.Request) {
		record := telemetry.RecordOf(r.Context())
		record.Operation("PortTriage")
		record.Operation("")
		record.Upstream(1, 20, []string{"id-1"})
		record.Upstream(2, 2, []string{"id-2", "id-3"})
		record.Errors(2, "UPSTREAM_AUTH", "BAD_ID", "BAD_ID")
		record.Count("hint_misses", 1)
		record.Count("hint_misses", 2)
		record.Count("coerced", 0)
		record.Shared()
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("four"))
	})
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	if took, ok := lines[0]["duration_ms"].(float64); !ok || took < 0 {
		t.Errorf("duration_ms: %v", lines[0]["duration_ms"])
	}
	delete(lines[0], "duration_ms")
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "path": "/graphql", "status": 418.0, "bytes": 4.0,
		"operation": "PortTriage", "errors": 2.0, "error_codes": "BAD_ID,UPSTREAM_AUTH", "shared": true, "upstream_requests": 3.0, "upstream_items": 22.0,
		"request_ids": "id-1,id-2,id-3", "hint_misses": 3.0,
	}
	if diff := cmp.Diff(want, lines[0]); diff != "" {
		t.Error(diff)
	}
}

func TestWhatOthersChooseDoesNotMakeALineLongOrTwo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1000)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	r.URL.Path = "/" + long + "\nlevel=ERROR"
	var log bytes.Buffer
	logger, _ := telemetry.New(&log, "text", slog.LevelInfo)
	telemetry.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		record := telemetry.RecordOf(r.Context())
		record.Operation("a\nb\" c" + long)
		for range 1000 {
			record.Upstream(1, 1, []string{"\n" + long})
		}
	}), logger, nil, nil, nil).ServeHTTP(httptest.NewRecorder(), r)
	if n := strings.Count(log.String(), "\n"); n != 1 || log.Len() > 10<<10 {
		t.Errorf("%d lines of %d bytes", n, log.Len())
	}
}

func TestProbesAreSilent(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/livez", "/readyz"} {
		_, lines := serve(t, httptest.NewRequestWithContext(t.Context(), "GET", path, nil), func(http.ResponseWriter, *http.Request) {})
		if len(lines) != 0 {
			t.Errorf("%s: %v", path, lines)
		}
	}
}

func TestAPanicIsReportedAndLoggedWithoutItsValue(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/graphql": `{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}`,
		"/other":   "internal error\n",
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, nil)
		r.Header.Set("Authorization", "Bearer s3cret")
		w, lines := serve(t, r, func(http.ResponseWriter, *http.Request) { panic("s3cret") })
		if w.Code != 500 || w.Body.String() != want {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
		if len(lines) != 2 || lines[0]["msg"] != "panic" || lines[1]["status"] != 500.0 {
			t.Errorf("%s: lines %v", path, lines)
		}
		for _, line := range lines {
			if text, _ := json.Marshal(line); strings.Contains(string(text), "s3cret") {
				t.Errorf("%s: %s", path, text)
			}
		}
	}
}

func TestAPanicInTheMiddleOfAResponseAbortsIt(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
	w, lines := serve(t, r, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":`))
		panic("late")
	})
	if w.Body.String() != `{"data":` || len(lines) != 2 {
		t.Fatalf("got %s and %v", w.Body, lines)
	}
	if line := lines[1]; line["status"] != 500.0 || line["torn"] != true {
		t.Errorf("the log reports a complete response: %v", line)
	}
}

func TestPartsLeaveAsTheyAreFlushedAlsoThroughCompression(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("part"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	for name, handler := range map[string]http.Handler{"plain": next, "compressed": gzhttp.GzipHandler(next)} {
		w := httptest.NewRecorder()
		telemetry.Middleware(handler, slog.New(slog.DiscardHandler), nil, nil, nil).ServeHTTP(w,
			httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		if !w.Flushed {
			t.Errorf("%s: not flushed", name)
		}
	}
}

func TestARecordMayBeNilAndMayBeUsedByMany(t *testing.T) {
	t.Parallel()
	ctx, _ := telemetry.WithRecord(t.Context())
	for _, ctx := range []context.Context{t.Context(), ctx} {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				r := telemetry.RecordOf(ctx)
				r.Operation("a")
				r.Upstream(1, 1, []string{"x"})
				r.Errors(1)
				r.Shared()
				r.Count("n", 1)
			})
		}
		all.Wait()
	}
}

func TestALoggerHasAFormatAndALevel(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger, err := telemetry.New(&log, "text", slog.LevelWarn)
	if err != nil {
		t.Fatal(err)
	}
	logger.Info("unseen")
	logger.Warn("seen")
	if !strings.Contains(log.String(), "level=WARN msg=seen") || strings.Contains(log.String(), "unseen") {
		t.Errorf("got %s", log.String())
	}
	if _, err := telemetry.New(&log, "xml", slog.LevelInfo); err == nil {
		t.Error("no error for an unknown format")
	}
}
