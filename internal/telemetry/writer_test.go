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
	"testing"
	"time"

	"portico/internal/telemetry"
)

// stuck is a reader of the log who reads nothing until it is released.
type stuck struct {
	release chan struct{}
	written bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.release
	return s.written.Write(p)
}

func TestASlowReaderBlocksNoOneAndLearnsWhatItMissed(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			reader := &stuck{release: make(chan struct{})}
			w := telemetry.NewWriter(reader)
			log, err := telemetry.New(w, format, slog.LevelInfo)
			if err != nil {
				t.Fatal(err)
			}
			line := strings.Repeat("x", 1000)
			for range 10_000 { // 10 MB, more than is kept
				log.Info(line)
			}
			if w.Dropped() < 1000 {
				t.Errorf("%d lines dropped", w.Dropped())
			}
			if w.Close(time.Millisecond) {
				t.Error("everything is written, it says")
			}
			close(reader.release)
			if !w.Close(time.Minute) {
				t.Fatal("it does not end")
			}
			lines := strings.Split(strings.TrimSpace(reader.written.String()), "\n")
			if got := len(lines) - 1 + w.Dropped(); got != 10_000 {
				t.Errorf("%d lines are written or counted, want 10,000", got)
			}
			if last := lines[len(lines)-1]; !strings.Contains(last, "log lines were lost") || !strings.Contains(last, "count") {
				t.Errorf("no notice of the loss at the end: %.200s", last)
			}
			for _, line := range lines {
				if format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %.200s", line)
				}
			}
		})
	}
}

type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestADisconnectedReaderIsCounted(t *testing.T) {
	t.Parallel()
	w := telemetry.NewWriter(gone{})
	_, _ = io.WriteString(w, "one\ntwo\n")
	if !w.Close(time.Minute) || w.Dropped() != 2 {
		t.Errorf("%d lines dropped, want 2", w.Dropped())
	}
	if n, err := io.WriteString(w, "late\n"); n != 5 || err != nil || w.Dropped() != 3 {
		t.Errorf("after the end: %d, %v, %d dropped", n, err, w.Dropped())
	}
}

func TestDurationsNameTheirUnit(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger, _ := telemetry.New(&log, "json", slog.LevelInfo)
	logger.Info("a", "wait", 1500*time.Microsecond, slog.Group("g", "took", time.Second))
	if text := log.String(); !strings.Contains(text, `"wait_ms":1.5`) || !strings.Contains(text, `"took_ms":1000`) {
		t.Errorf("got %s", text)
	}
}

// failing is the connection of a client that left in the middle.
type failing struct{ *httptest.ResponseRecorder }

func (failing) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAResponseThatItsClientDoesNotTakeIsNoSuccess(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }
	for name, tt := range map[string]struct {
		w    http.ResponseWriter
		next http.HandlerFunc
	}{
		"the write fails": {failing{httptest.NewRecorder()}, whole},
		"the client left": {httptest.NewRecorder(), func(w http.ResponseWriter, r *http.Request) { cancel(); whole(w, r) }},
		"it is given up":  {httptest.NewRecorder(), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		var log bytes.Buffer
		logger, _ := telemetry.New(&log, "json", slog.LevelInfo)
		func() {
			defer func() { _ = recover() }() // net/http does the same
			r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", nil)
			telemetry.Middleware(tt.next, logger, nil, nil, nil).ServeHTTP(tt.w, r)
		}()
		if text := log.String(); strings.Contains(text, `"status":200`) || !strings.Contains(text, `"torn":true`) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
