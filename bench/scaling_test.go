//go:build !race

package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A slope is found for points that are on a line, and R² says how far they are from it.
func TestALineFitsPoints(t *testing.T) {
	of := func(values ...float64) (points []point) {
		for i, value := range values {
			points = append(points, point{size: i + 1, allocs: value})
		}
		return points
	}
	for name, tt := range map[string]struct {
		points []point
		slope  float64
		linear bool
	}{
		"on a line":     {of(5, 8, 11, 14), 3, true},
		"all equal":     {of(5, 5, 5, 5), 0, true},
		"near a line":   {of(5, 8.1, 10.9, 14), 2.98, true},
		"quadratic":     {of(1, 4, 9, 16, 25, 36), 7, false},
		"a single leap": {of(1, 1, 1, 100), 29.7, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := fit(tt.points, point.allocations)
			if math.Abs(l.slope-tt.slope) > 1e-9 || (l.fits >= leastFit) != tt.linear {
				t.Errorf("slope %.3f and R² %.3f, want %.3f, linear: %v", l.slope, l.fits, tt.slope, tt.linear)
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
			t.Logf("%.1f allocations an element, R² %.4f: %v", l.slope, l.fits, points)
			if l.fits < leastFitOfMallocs {
				t.Errorf("R² is %.4f, want at least %.3f: %v", l.fits, leastFitOfMallocs, points)
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
