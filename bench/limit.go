package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/graph"
	"portico/graph/limits"
	"portico/internal/auth"
	"portico/msgraph"
)

// roleLimit measures the adaptive limit of requests in flight beside fixed ones, in one run: GraphQL over HTTP in
// front, and behind it an upstream over HTTP that waits, so that waiting decides and not the CPU.
const roleLimit = "limit"

// callerHeader names the caller, in place of a token.
const callerHeader = "X-Caller"

// throttling is an upstream that answers every lookup after a while.
type throttling struct {
	latency time.Duration
	atATime int  // requests, 0 for any number
	refuses bool // with 429 what is beyond that, instead of letting it wait

	mu    sync.Mutex
	busy  int
	slots chan struct{}
}

func (u *throttling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.busy++
	over := u.atATime > 0 && u.busy > u.atATime
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		u.busy--
		u.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "application/json")
	if over && u.refuses {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	if u.slots != nil {
		u.slots <- struct{}{}
		defer func() { <-u.slots }()
	}
	body, err := io.ReadAll(r.Body)
	time.Sleep(u.latency)
	if err == nil {
		_, _ = w.Write(lookedUp(r.URL.Path, body)) // a client that left counts as failed anyway
	}
}

// lookedUp answers a GET of a port, or a batch of them.
func lookedUp(path string, body []byte) []byte {
	if len(body) == 0 {
		return fmt.Appendf(nil, `{"id":%q,"port":443}`, path[strings.LastIndexByte(path, '/')+1:])
	}
	var batch struct {
		Requests []struct{ ID, URL string }
	}
	if json.Unmarshal(body, &batch) != nil {
		return nil
	}
	out := []byte(`{"responses":[`)
	for i, r := range batch.Requests {
		path, _, _ := strings.Cut(r.URL, "?")
		out = append(out, strings.Repeat(",", min(i, 1))...)
		out = fmt.Appendf(out, `{"id":%q,"status":200,"headers":{"Content-Type":"application/json"},"body":%s}`, r.ID,
			lookedUp(path, nil))
	}
	return append(out, "]}"...)
}

// trial is one measurement: an upstream, a limit, and what came of it.
type trial struct {
	operations, wrong int
	light             []time.Duration
	limit             int // at the end
}

func (t trial) median() time.Duration {
	slices.Sort(t.light)
	return t.light[len(t.light)/2]
}

// measureLimit has heavy callers query 50 ports all the time, and a light one three ports.
func measureLimit(u *throttling, least, most, heavy int, length time.Duration) (t trial, err error) {
	if !u.refuses && u.atATime > 0 {
		u.slots = make(chan struct{}, u.atATime)
	}
	upstream := httptest.NewServer(u)
	defer upstream.Close()
	client, err := msgraph.New(upstream.URL+"/v1.0", msgraph.WithInFlight(least, most), msgraph.WithCaller(auth.CallerKey))
	if err != nil {
		return t, err
	}
	endpoint := graph.NewHandler(graph.Options{
		Fetch: client, Admit: client.Admit, Identity: func(context.Context) string { return "app" },
		Limits: limits.Default(), HostHints: true, Log: slog.New(slog.DiscardHandler),
	})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get(callerHeader)
		endpoint.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{Token: key, Key: key})))
	}))
	defer front.Close()
	front.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = heavy + 1
	end := time.Now().Add(length)
	var mu sync.Mutex
	var all sync.WaitGroup
	for caller := range heavy {
		all.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				ok, _ := askPorts(front, fmt.Sprint("heavy ", caller), fmt.Sprint(caller, "-", n), 50)
				mu.Lock()
				t.count(ok)
				mu.Unlock()
			}
		})
	}
	for n := 0; time.Now().Before(end); n++ {
		time.Sleep(50 * time.Millisecond)
		ok, took := askPorts(front, "light", fmt.Sprint("light-", n), 3)
		mu.Lock()
		t.count(ok)
		t.light = append(t.light, took)
		mu.Unlock()
	}
	all.Wait()
	t.limit = client.Status().Limit
	return t, nil
}

func (t *trial) count(ok bool) {
	t.operations++
	if !ok {
		t.wrong++
	}
}

// askPorts queries so many ports with ids that nobody else asks for, and reports whether all of them came.
func askPorts(front *httptest.Server, caller, name string, ports int) (ok bool, took time.Duration) {
	ids := make([]string, ports)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%d", strings.ReplaceAll(name, " ", "-"), i)
	}
	body, err := json.Marshal(map[string]any{
		"query": "query($ids: [ID!]!) { hostPorts(ids: $ids) { id port } }", "variables": map[string]any{"ids": ids},
	})
	if err != nil {
		return false, 0
	}
	req, err := http.NewRequest(http.MethodPost, front.URL, bytes.NewReader(body))
	if err != nil {
		return false, 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(callerHeader, caller)
	start := time.Now()
	resp, err := front.Client().Do(req)
	if err != nil {
		return false, time.Since(start)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return err == nil && bytes.Count(text, []byte(`"port":443`)) == ports, time.Since(start)
}

// compareLimits prints a table of fixed limits and the adaptive one, under three upstreams.
func compareLimits(args []string) error {
	flags := flag.NewFlagSet("bench limit", flag.ContinueOnError)
	length := flags.Duration("length", 20*time.Second, "`time` of one measurement")
	latency := flags.Duration("latency", 200*time.Millisecond, "`time` that the upstream takes for a request")
	heavy := flags.Int("heavy", 32, "`callers` that query 50 ports all the time")
	results := flags.String("results", "bench/limit.txt", "`file` to write the table to; empty: to none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var report strings.Builder
	out := io.MultiWriter(os.Stdout, &report)
	_, _ = fmt.Fprintf(out,
		"go run ./bench limit -length %v -latency %v -heavy %d\n\n%d callers query 50 ports, one caller 3 ports. ops/s: "+
			"all of them. right: operations with all ports.\n"+
			"light: median of the one caller, and its ratio to the same alone.\n\n", *length, *latency, *heavy, *heavy)
	for _, u := range upstreams {
		u.latency = *latency
		if err := compareUnder(out, u, *heavy, *length); err != nil {
			return err
		}
	}
	if *results == "" {
		return nil
	}
	return os.WriteFile(*results, []byte(report.String()), 0o644)
}

// behavior is how an upstream treats many requests at a time.
type behavior struct {
	name    string
	latency time.Duration
	atATime int
	refuses bool
}

var upstreams = []behavior{
	{name: "free"},
	{name: "429 beyond 20 at a time", atATime: 20, refuses: true},
	{name: "20 at a time, others wait", atATime: 20},
}

func (b behavior) start() *throttling {
	return &throttling{latency: b.latency, atATime: b.atATime, refuses: b.refuses}
}

// limitsTried are the fixed limits, and 0 for the adaptive one.
var limitsTried = []int{4, 16, 20, 64, 256, 0}

// compareUnder measures all limits under one upstream, and prints a line for each.
func compareUnder(out io.Writer, u behavior, heavy int, length time.Duration) error {
	alone, err := measureLimit(u.start(), 1, 256, 0, length/4)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s; light alone %v\n", u.name, alone.median().Round(time.Millisecond))
	best, trials := 0, make([]trial, len(limitsTried))
	for i, limit := range limitsTried {
		least, most := limit, limit
		if limit == 0 {
			least, most = 1, 256
		}
		if trials[i], err = measureLimit(u.start(), least, most, heavy, length); err != nil {
			return err
		}
		if limit > 0 {
			best = max(best, trials[i].operations)
		}
	}
	for i, t := range trials {
		t.print(out, limitsTried[i], best, length, alone.median())
	}
	return nil
}

// print prints one line: best is the number of operations with the best fixed limit, alone the light caller's median
// without heavy callers.
func (t trial) print(out io.Writer, limit, best int, length, alone time.Duration) {
	name := fmt.Sprint("fixed ", limit)
	if limit == 0 {
		name = "adaptive"
	}
	_, _ = fmt.Fprintf(out,
		"  %-9s %7.1f ops/s  %4.2f of the best fixed  %6.2f %% right  light %6v %5.2f  limit at the end %d\n", name,
		float64(t.operations)/length.Seconds(), float64(t.operations)/float64(best),
		100-100*float64(t.wrong)/float64(t.operations),
		t.median().Round(time.Millisecond), float64(t.median())/float64(alone), t.limit)
}
