package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"
)

// An axis is a way in which an operation grows.
type axis struct {
	name  string
	sizes []int
	ask   func(w world, n int) []byte
	items func(n int) int // that an operation sends upstream
}

func axes() []axis {
	each := func(n int) int { return n }
	return []axis{
		{"ids", steps(1, 10), askIDs, each},
		{"aliases", steps(1, 6), askAliases, each},
		{"ports", steps(1, 10), askFirst, func(int) int { return 2 }}, // the list and its owner
		{"hosts × lists", steps(2, 10), askLists, each},
	}
}

// steps returns the smallest size, and ten multiples of a step.
func steps(least, step int) []int {
	sizes := []int{least}
	for i := range 10 {
		sizes = append(sizes, (i+1)*step)
	}
	return sizes
}

// askIDs asks for some fields of ports, by n ids in one list.
func askIDs(w world, n int) []byte {
	query := `query IDs($ids: [ID!]!) { hostPorts(ids: $ids) { ` + scalars + ` } }`
	return post("/graphql", body(query, map[string]any{"ids": w.Ports[:n]}))
}

func askAliases(w world, n int) []byte {
	var fields strings.Builder
	for i, id := range w.Ports[:n] {
		fmt.Fprintf(&fields, "p%d: hostPort(id: %q) { %s } ", i, id, scalars)
	}
	return post("/graphql", body("query Aliases { "+fields.String()+"}", nil))
}

func askFirst(_ world, n int) []byte {
	query := strings.Replace(queryPorts, "first: 100", fmt.Sprintf("first: %d", n), 1)
	return post("/graphql", body(query, map[string]any{"id": wideIDs()[0]}))
}

// askLists asks for two lists of each of n/2 hosts.
func askLists(w world, n int) []byte {
	query := `query Lists($ids: [ID!]!) { hosts(ids: $ids) { ` +
		`ports(first: 5) { nodes { port } } components(first: 5) { nodes { name } } } }`
	return post("/graphql", body(query, map[string]any{"ids": w.Hosts[:n/2]}))
}

// A point is what an operation of one size costs in this process.
type point struct {
	size   int
	cpu    time.Duration
	allocs float64
	items  float64 // upstream
}

// A line is the straight line that fits some points best, and says how straight they are.
type line struct {
	slope, start float64
	// off is the distance between the line and the point that is furthest from it, as a share of the largest value.
	off float64
	// bend is how far the parabola that fits best hangs below its chord in the middle, as a share of the largest value.
	// It is 0 unless the parabola is so much better than the line that noise does not explain it. It is negative where the
	// cost grows more slowly than the size.
	bend float64
}

// leastF is the F statistic from which a parabola is better than a line by more than noise explains. Of 1,000 noisy
// lines with 11 points, one has more by chance and bends upwards.
const leastF = 20

// fit returns the line with the least squares. Its bend is from the polynomial of degree 2 that is orthogonal to lines.
func fit(points []point, of func(point) float64) line {
	n := float64(len(points))
	var sizes, values, largest float64
	for _, p := range points {
		sizes, values, largest = sizes+float64(p.size), values+of(p), max(largest, of(p))
	}
	var uu, uuu, uy float64
	for _, p := range points {
		u := float64(p.size) - sizes/n
		uu, uuu, uy = uu+u*u, uuu+u*u*u, uy+u*of(p)
	}
	l := line{slope: uy / uu}
	l.start = (values - l.slope*sizes) / n
	var vv, vy, rest float64
	for _, p := range points {
		u := float64(p.size) - sizes/n
		v, off := u*u-u*uuu/uu-uu/n, of(p)-l.start-l.slope*float64(p.size)
		vv, vy, rest = vv+v*v, vy+v*off, rest+off*off
		l.off = max(l.off, math.Abs(off)/largest)
	}
	explained := vy * vy / vv
	if noise := (rest - explained) / (n - 3); explained > leastF*noise {
		half := float64(points[len(points)-1].size-points[0].size) / 2
		l.bend = vy / vv * half * half / largest
	}
	return l
}

// isLinear reports whether no point is further from the line than a share of the largest value, and whether the points
// do not bend upwards.
func (l line) isLinear(off float64) bool { return l.off <= off && l.bend <= mostBend }

func (p point) micros() float64      { return micros(p.cpu) }
func (p point) allocations() float64 { return p.allocs }

// What counts as linear. CPU time varies with what else runs. Allocations do not, but buffers that double and
// batches of 20 come in steps.
const (
	mostOff          = 0.15
	mostOffOfMallocs = 0.10
	mostBend         = 0.01
)

// scaling measures operations that grow along each axis, in this process, and what an element costs.
func (b *bench) scaling(ctx context.Context) error {
	handler, u, w, err := b.inProcess(ctx)
	if err != nil {
		return err
	}
	defer u.stop()
	b.printf("\nScaling of one operation in process: CPU time and allocations, and the slope of the line that fits them\n")
	b.printf("%-14s %8s %10s %10s %8s %12s %14s %8s %8s %8s %8s\n", "", "elements", "µs/op", "allocs/op", "item",
		"µs/element", "allocs/element", "% off µs", "allocs", "bend µs", "allocs")
	for _, a := range axes() {
		if err := b.scalingOf(ctx, a, handler, w, u); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

func (b *bench) scalingOf(ctx context.Context, a axis, handler http.Handler, w world, u *upstream) error {
	var points []point
	for _, n := range a.sizes {
		p, err := measurePoint(handler, a.ask(w, n), n, func() (counts, error) { return u.counts(ctx) })
		if err != nil {
			return err
		}
		if int(math.Round(p.items)) != a.items(n) {
			return fmt.Errorf("%d elements cost %.2f items upstream, want %d", n, p.items, a.items(n))
		}
		points = append(points, p)
		b.printf("%-14s %8d %10.0f %10.0f %8.0f\n", a.name, n, micros(p.cpu), p.allocs, p.items)
	}
	cpu, allocs := fit(points, point.micros), fit(points, point.allocations)
	b.printf("%-14s %8s %42.1f %14.1f %8.1f %8.1f %8.1f %8.1f\n", "", "slope", cpu.slope, allocs.slope,
		100*cpu.off, 100*allocs.off, 100*cpu.bend, 100*allocs.bend)
	b.linear(a.name+": CPU time", cpu, mostOff)
	b.linear(a.name+": allocations", allocs, mostOffOfMallocs)
	return nil
}

// linear records the goals for one cost along an axis.
func (b *bench) linear(cost string, l line, off float64) {
	b.atMost(100*off, 100*l.off, " %", "scaling by %s: at most %.0f %% off a line", cost, 100*off)
	b.atMost(100*mostBend, 100*l.bend, " %", "scaling by %s: at most %.0f %% bent upwards", cost, 100*mostBend)
}

// measurePoint runs an operation a number of times, and takes the least CPU time of some runs: what else happens in the
// process can only add to it.
func measurePoint(handler http.Handler, request []byte, size int, sent func() (counts, error)) (point, error) {
	const runs, times = 5, 40
	p := point{size: size, cpu: time.Hour, allocs: math.Inf(1)}
	_, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	if err := serveTimes(handler, body, 3); err != nil { // connections, and what is compiled once
		return p, err
	}
	first, err := sent()
	if err != nil {
		return p, err
	}
	for range runs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := cpuTime()
		if err := serveTimes(handler, body, times); err != nil {
			return p, err
		}
		p.cpu = min(p.cpu, (cpuTime()-start)/times)
		runtime.ReadMemStats(&after)
		p.allocs = min(p.allocs, float64(after.Mallocs-before.Mallocs)/times)
	}
	last, err := sent()
	p.items = float64(last.since(first).Items) / (runs * times)
	return p, err
}

func serveTimes(handler http.Handler, body []byte, times int) error {
	for range times {
		if _, err := serveOnce(handler, body); err != nil {
			return err
		}
	}
	return nil
}

// serveOnce returns the response to an operation, also if it has errors.
func serveOnce(handler http.Handler, body []byte) ([]byte, error) {
	out := &sink{header: http.Header{}}
	handler.ServeHTTP(out, &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: "/graphql"}, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	})
	if out.failed() {
		return out.text, fmt.Errorf("unsuccessful response: %d %.200s", out.status, out.text)
	}
	return out.text, nil
}
