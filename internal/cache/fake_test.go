package cache_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"portico/internal/cache"
	"portico/msgraph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graph stands in for msgraph.Client. It answers every GET with the selected properties, whose values say when they
// were requested, unless a response or a failure is set for the path.
type graph struct {
	mu        sync.Mutex
	sent      [][]string        // in one call of Fetch
	responses map[string]string // by path, or by URL
	failures  map[string]error  // by path, or "" for all
	version   int
	hold      chan struct{} // if not nil, requests wait for it
}

func (g *graph) NextPage(_, link string) (string, bool) { return link, true }

func (g *graph) Fetch(ctx context.Context, urls []string, done func(int, []byte, error)) {
	g.mu.Lock()
	g.sent = append(g.sent, slices.Clone(urls))
	hold := g.hold
	g.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	for i, url := range urls {
		body, err := g.response(url)
		done(i, body, err)
	}
}

func (g *graph) response(url string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	path, query, _ := strings.Cut(url, "?")
	if err := g.failures[path]; err != nil {
		return nil, err
	}
	if err := g.failures[""]; err != nil {
		return nil, err
	}
	if body, set := g.responses[url]; set {
		return []byte(body), nil
	}
	if body, set := g.responses[path]; set {
		return []byte(body), nil
	}
	return []byte(g.entity(path, query)), nil
}

// entity is an entity with the properties that a query selects.
func (g *graph) entity(path, query string) string {
	id := path[strings.LastIndex(path, "/")+1:]
	all := map[string]any{"@odata.context": "https://graph.example/$metadata#things/$entity"}
	if query == "" {
		all["id"] = id
	}
	for option := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(option, "=")
		for property := range strings.SplitSeq(value, ",") {
			switch {
			case name == "$select" && property == "id":
				all["id"] = id
			case name == "$select":
				all[property] = g.version
			case name == "$expand":
				all[property] = map[string]any{"id": property, "version": g.version}
			}
		}
	}
	body, _ := json.Marshal(all)
	return string(body)
}

func (g *graph) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

// take returns what was sent since the last call.
func (g *graph) take() [][]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	sent := g.sent
	g.sent = nil
	return sent
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type identityKey struct{}

// as returns a context of an identity.
func as(t testing.TB, id cache.Identity) context.Context {
	return context.WithValue(t.Context(), identityKey{}, id)
}

// past returns a context whose requests go past the cache.
func past(t testing.TB) context.Context {
	t.Helper()
	return cache.With(t.Context(), cache.Demand{HasMaxAge: true})
}

// world is a cache in front of a graph, with a clock.
type world struct {
	*graph
	*clock
	*cache.Cache
}

// lifetime is that of everything but "/none", which is not stored.
var lifetime = cache.Lifetime{Fresh: time.Hour, Stale: 24 * time.Hour}

func newWorld(t testing.TB, change ...func(*cache.Options)) *world {
	t.Helper()
	w := &world{
		graph: &graph{responses: map[string]string{}, failures: map[string]error{}},
		clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	}
	options := cache.Options{
		Bytes: 64 << 20, Unknown: 5 * time.Minute, Now: w.Now,
		Lifetimes: func(path string) cache.Lifetime {
			if strings.HasPrefix(path, "/none") {
				return cache.Lifetime{}
			}
			return lifetime
		},
		Identify: func(ctx context.Context) cache.Identity {
			if id, found := ctx.Value(identityKey{}).(cache.Identity); found {
				return id
			}
			return cache.Identity{Key: "app"}
		},
	}
	for _, one := range change {
		one(&options)
	}
	w.Cache = cache.New(w.graph, options)
	t.Cleanup(w.Close)
	return w
}

// reply is the answer to one URL.
type reply struct {
	body string
	err  error
}

// get gets URLs in one wave.
func (w *world) get(ctx context.Context, urls ...string) (replies []reply, use msgraph.CacheUse) {
	ctx, trace := msgraph.WithTrace(ctx)
	replies = make([]reply, len(urls))
	var mu sync.Mutex
	w.Fetch(ctx, urls, func(i int, body []byte, err error) {
		mu.Lock()
		defer mu.Unlock()
		if replies[i] != (reply{}) {
			panic("answered twice: " + urls[i])
		}
		replies[i] = reply{string(body), err}
	})
	return replies, trace.CacheUse()
}

// Fetch is the cache's: the graph has one too.
func (w *world) Fetch(ctx context.Context, urls []string, done func(int, []byte, error)) {
	w.Cache.Fetch(ctx, urls, done)
}

// plain returns what a reply says: the failure or the value, without annotations and without a wrapper.
func plain(t testing.TB, r reply) any {
	t.Helper()
	if r.err != nil || !json.Valid([]byte(r.body)) {
		return fmt.Sprint(r)
	}
	var value any
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		t.Fatal(err)
	}
	if all, ok := value.(map[string]any); ok {
		delete(all, "@odata.context")
		if inner, wrapped := all["value"].(map[string]any); wrapped {
			return inner
		}
	}
	return value
}

// properties returns the properties of an entity, without the id.
func properties(t testing.TB, r reply) map[string]any {
	t.Helper()
	all, ok := plain(t, r).(map[string]any)
	if !ok {
		t.Fatalf("not an entity: %v", r)
	}
	delete(all, "id")
	return all
}
