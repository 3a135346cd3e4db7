//go:build !race

package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A slope is found for points that are on a line.
func TestALineFitsPoints(t *testing.T) {
	for name, tt := range map[string]struct {
		values []float64
		slope  float64
		linear bool
	}{
		"on a line":     {[]float64{5, 8, 11, 14}, 3, true},
		"all equal":     {[]float64{5, 5, 5, 5}, 0, true},
		"near a line":   {[]float64{5, 8.1, 10.9, 14}, 2.98, true},
		"quadratic":     {[]float64{1, 4, 9, 16, 25, 36}, 7, false},
		"a single leap": {[]float64{1, 1, 1, 100}, 29.7, false},
	} {
		t.Run(name, func(t *testing.T) {
			var points []point
			for i, value := range tt.values {
				points = append(points, point{size: i + 1, allocs: value})
			}
			l := fit(points, point.allocations)
			if math.Abs(l.slope-tt.slope) > 1e-9 || l.isLinear(mostOff) != tt.linear {
				t.Errorf("%+v, want the slope %.3f, linear: %v", l, tt.slope, tt.linear)
			}
		})
	}
}

// A cost that grows faster than the size is found beside noise, and under a larger cost that is linear. Noise is not
// mistaken for it, however little the cost grows.
func TestWhatGrowsFasterThanItsSizeIsNotLinear(t *testing.T) {
	const series = 200
	for _, tt := range []struct {
		name  string
		cost  func(n float64) float64
		noise float64 // standard deviation, as a share
		found float64 // the share of series that are found not to be linear
	}{
		{"linear", func(n float64) float64 { return 300 + 10*n }, 0.03, 0},
		{"linear with a small slope", func(n float64) float64 { return 400 + 1.2*n }, 0.03, 0},
		{"constant", func(float64) float64 { return 400 }, 0.03, 0},
		{"by square roots", func(n float64) float64 { return 300 + 100*math.Sqrt(n) }, 0.02, 0},
		{"quadratic", func(n float64) float64 { return n * n }, 0.03, 1},
		{"linear and quadratic", func(n float64) float64 { return 300 + 10*n + 0.1*n*n }, 0.01, 1},
		{"a quadratic tenth at the end", func(n float64) float64 { return 1000 + 50*n + 0.06*n*n }, 0, 1},
		{"n log n", func(n float64) float64 { return 300 + 2*n*math.Log2(n) }, 0.01, 1},
		{"n log n alone", func(n float64) float64 { return 2 * n * math.Log2(n) }, 0.01, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dice, found := rand.New(rand.NewPCG(1, 2)), 0
			for range series {
				var points []point
				for _, n := range steps(1, 10) {
					value := tt.cost(float64(n)) * (1 + tt.noise*dice.NormFloat64())
					points = append(points, point{size: n, allocs: value})
				}
				if !fit(points, point.allocations).isLinear(mostOff) {
					found++
				}
			}
			if share := float64(found) / series; math.Abs(share-tt.found) > 0.05 {
				t.Errorf("%.3f of the series are not linear, want %.0f", share, tt.found)
			}
		})
	}
}

// An operation allocates in proportion to its elements, and sends exactly the items that they need.
func TestAllocationsScaleLinearly(t *testing.T) {
	var items atomic.Int64
	handler := offlineThrough(t, itemCounter{&items})
	w := world{}
	for i := range 100 {
		w.Ports = append(w.Ports, fmt.Sprintf("MTAuMC4w%04d%04d", i, i))
		w.Hosts = append(w.Hosts, fmt.Sprintf("10.1.0.%d", i))
	}
	for _, a := range axes() {
		t.Run(a.name, func(t *testing.T) {
			var points []point
			for _, n := range a.sizes {
				_, body, _ := strings.Cut(string(a.ask(w, n)), "\r\n\r\n")
				before := items.Load()
				if _, err := serveOnce(handler, []byte(body)); err != nil {
					t.Fatal(err)
				}
				if sent := int(items.Load() - before); sent != a.items(n) {
					t.Errorf("%d elements send %d items, want %d", n, sent, a.items(n))
				}
				points = append(points, point{size: n, allocs: float64(allocationsOf(t, handler, body, 4))})
			}
			l := fit(points, point.allocations)
			t.Logf("%+v: %v", l, points)
			if !l.isLinear(mostOffOfMallocs) {
				t.Errorf("not linear: %+v: %v", l, points)
			}
		})
	}
}

// An itemCounter is a canned Microsoft Graph that counts single requests and those in batches.
type itemCounter struct{ items *atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (c itemCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		c.items.Add(int64(bytes.Count(text, []byte(`"url":`))))
		r.Body = io.NopCloser(bytes.NewReader(text))
	} else {
		c.items.Add(1)
	}
	return canned{}.RoundTrip(r)
}
