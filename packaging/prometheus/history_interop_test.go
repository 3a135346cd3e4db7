//go:build interop

package prometheus_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// history is Prometheus' database with what programs served, at times that are not the real ones: a query over five
// minutes does not take so long.
type history struct {
	programs []*program
	db       *tsdb.DB
	engine   *promql.Engine
	now      time.Time
	fired    map[string]bool // alerts, so far
}

func newHistory(t *testing.T, programs ...*program) *history {
	t.Helper()
	db, err := tsdb.Open(t.TempDir(), nil, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	t.Cleanup(func() { _ = errors.Join(engine.Close(), db.Close()) })
	return &history{programs: programs, db: db, engine: engine, now: time.Unix(1_700_000_000, 0), fired: map[string]bool{}}
}

// scrape stores what all programs serve now, and whether they serve anything.
func (h *history) scrape(t *testing.T) {
	t.Helper()
	h.now = h.now.Add(time.Second)
	appender := h.db.Appender(t.Context())
	for _, p := range h.programs {
		up := 1.0
		if err := h.scrapeOne(t, appender, p); err != nil {
			up = 0
		}
		if _, err := appender.Append(0, labels.FromStrings("__name__", "up", "job", "portico", "instance", p.metrics), h.now.UnixMilli(), up); err != nil {
			t.Fatal(err)
		}
	}
	if err := appender.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (h *history) scrapeOne(t *testing.T, appender storage.Appender, p *program) error {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.metrics+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	samples, err := textparse.New(text, response.Header.Get("Content-Type"), labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		entry, err := samples.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var found labels.Labels
		samples.Labels(&found)
		_, _, value := samples.Series()
		series := labels.NewBuilder(found).Set("job", "portico").Set("instance", p.metrics).Labels()
		if _, err := appender.Append(0, series, h.now.UnixMilli(), value); err != nil {
			t.Fatalf("%v: %v", series, err)
		}
	}
}

// query returns how many series an expression has now.
func (h *history) query(t *testing.T, expr string) int {
	t.Helper()
	query, err := h.engine.NewInstantQuery(t.Context(), h.db, nil, expr, h.now)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer query.Close()
	vector, err := query.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	n := 0
	for _, sample := range vector {
		if sample.F == sample.F { // not NaN, which a division by nothing gives
			n++
		}
	}
	return n
}
