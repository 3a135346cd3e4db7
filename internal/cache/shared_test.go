package cache_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/cache"
	"portico/msgraph"
)

// store plays the Redis of all replicas. Each replica has rooms of its own there.
type store struct {
	mu    sync.Mutex
	kept  map[string][]byte
	away  bool
	reads int
	rooms []*room
}

// room implements [cache.Shared] for one replica.
type room struct {
	*store
	replica, prefix string
	changed         func(string)
}

func (s *store) room(replica, prefix string) *room {
	r := &room{store: s, replica: replica, prefix: prefix, changed: func(string) {}}
	s.rooms = append(s.rooms, r)
	return r
}

// Name implements [cache.Shared].
func (r *room) Name(of string) string { return r.prefix + of }

// Get implements [cache.Shared].
func (r *room) Get(_ context.Context, names ...string) ([][]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	values := make([][]byte, len(names))
	for i, name := range names {
		values[i] = r.kept[name]
	}
	return values, !r.away
}

// Set implements [cache.Shared].
func (r *room) Set(name string, value []byte, _ time.Duration) { _ = r.write(name, value) }

// Put implements [cache.Shared].
func (r *room) Put(_ context.Context, name string, value []byte, _ time.Duration) error {
	return r.write(name, value)
}

// Add implements [cache.Shared].
func (r *room) Add(_ context.Context, name string, value []byte, _ time.Duration) ([]byte, bool) {
	r.mu.Lock()
	kept, away := r.kept[name], r.away
	r.mu.Unlock()
	if kept != nil || away {
		return kept, !away
	}
	return value, r.write(name, value) == nil
}

func (r *room) write(name string, value []byte) error {
	r.mu.Lock()
	if r.away {
		r.mu.Unlock()
		return errors.New("away")
	}
	r.kept[name] = value
	var told []*room
	for _, other := range r.rooms {
		if other.replica != r.replica && strings.HasPrefix(name, other.prefix) {
			told = append(told, other)
		}
	}
	r.mu.Unlock()
	for _, other := range told {
		other.changed(name)
	}
	return nil
}

// Delete implements [cache.Shared].
func (r *room) Delete(names ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		delete(r.kept, name)
	}
}

// OnChange implements [cache.Shared].
func (r *room) OnChange(changed func(string)) { r.changed = changed }

// change changes what is kept, or whether it can be reached.
func (s *store) change(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// x returns the property x of a host, which tells the version that is served.
func (w *world) x(t testing.TB) any {
	t.Helper()
	replies, _ := w.get(t.Context(), "/hosts/a?$select=id,x")
	return properties(t, replies[0])["x"]
}

// join has a replica share the store.
func (s *store) join(replica string) func(*cache.Options) {
	return func(o *cache.Options) {
		o.Entries, o.Marks, o.Drops = s.room(replica, "entity:"), s.room(replica, "mark:"), s.room(replica, "drop:")
	}
}

// replicas returns two worlds with one clock and one store.
func replicas(t testing.TB) (a, b *world, s *store) {
	t.Helper()
	s = &store{kept: map[string][]byte{}}
	a, b = newWorld(t, s.join("a")), newWorld(t, s.join("b"))
	b.clock = a.clock
	return a, b, s
}

const hostA = "/hosts/a?$select=id,x,y"

// What one replica requested, the other requests no more.
func TestWhatReplicasRequestOfWhatOthersRequested(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second string
		sent          []string
	}{
		"the same":            {hostA, hostA, nil},
		"fewer properties":    {hostA, "/hosts/a?$select=id,y", nil},
		"a property more":     {hostA, "/hosts/a?$select=id,x,y,z", []string{"/hosts/a?$select=z"}},
		"another entity":      {hostA, "/hosts/b?$select=id,x", []string{"/hosts/b?$select=id,x"}},
		"an unknown id":       {"/unknown?$select=id,x", "/unknown?$select=id,x", nil},
		"a page":              {"/list?$select=id,x&$top=5", "/list?$select=id,x&$top=5", nil},
		"a page's next":       {"/list?$select=id&$skiptoken=x", "/list?$select=id&$skiptoken=x", nil},
		"what is not stored":  {"/none/a?$select=id,x", "/none/a?$select=id,x", []string{"/none/a?$select=id,x"}},
		"null":                {"/null?$select=id,x", "/null?$select=id,x", nil},
		"an expanded one":     {"/hosts/a?$select=id&$expand=n", "/hosts/a?$select=id,n", nil},
		"a failure":           {"/fails?$select=id,x", "/fails?$select=id,x", []string{"/fails?$select=id,x"}},
		"an absent property":  {"/odd?$select=id,absent", "/odd?$select=id,absent", nil},
		"the key is not said": {"/hosts/a?$select=x", "/hosts/a?$select=x", nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, _ := replicas(t)
			for _, w := range []*world{a, b} {
				w.failures["/unknown"] = &msgraph.Error{Kind: msgraph.Refused, Status: 404, Code: "NotFound"}
				w.failures["/fails"] = &msgraph.Error{Kind: msgraph.Refused, Status: 500}
				w.responses["/list"] = `{"@odata.context":"c","value":[{"id":"1","x":1}]}`
				w.responses["/null"] = `{"@odata.context":"c","value":null}`
				w.responses["/odd"] = `{"@odata.context":"c","id":"odd"}`
			}
			first, _ := a.get(t.Context(), tt.first)
			second, _ := b.get(t.Context(), tt.second)
			if sent := slices.Concat(b.take()...); !slices.Equal(sent, tt.sent) {
				t.Errorf("sent %v, want %v", sent, tt.sent)
			}
			if tt.first == tt.second && (plainText(t, first[0]) != plainText(t, second[0])) {
				t.Errorf("%v, then %v", first[0], second[0])
			}
			if third, _ := b.get(t.Context(), tt.second); tt.sent == nil && plainText(t, third[0]) != plainText(t, second[0]) {
				t.Errorf("%v from memory, %v before", third[0], second[0])
			}
		})
	}
}

func TestAWaveReadsOnce(t *testing.T) {
	a, b, s := replicas(t)
	urls := []string{hostA, "/hosts/b?$select=id,x", "/hosts/c?$select=id,x", "/hosts/a?$select=id,z"}
	a.get(t.Context(), urls...)
	before := s.reads
	if _, use := b.get(t.Context(), urls...); use.Hits != len(urls) || s.reads != before+1 {
		t.Errorf("%d hits, %d reads", use.Hits, s.reads-before)
	}
	if _, use := b.get(t.Context(), urls...); use.Hits != len(urls) || s.reads != before+1 {
		t.Errorf("from memory: %d hits, %d reads", use.Hits, s.reads-before)
	}
}

func TestAReplicasWriteReplacesWhatOthersHaveInMemory(t *testing.T) {
	a, b, _ := replicas(t)
	a.get(t.Context(), hostA)
	b.get(t.Context(), hostA)
	a.set(func() { a.version = 2 })
	a.get(past(t), hostA)
	replies, use := b.get(t.Context(), hostA)
	if got := properties(t, replies[0]); got["x"] != 2.0 || use.Hits != 1 || len(b.take()) > 0 {
		t.Errorf("%v, %+v", got, use)
	}
}

func TestAStoreThatIsAwayChangesNothing(t *testing.T) {
	a, b, s := replicas(t)
	s.change(func() { s.away = true })
	for _, w := range []*world{a, b} {
		replies, use := w.get(t.Context(), hostA)
		if use.Hits != 0 || len(w.take()) != 1 || replies[0].err != nil {
			t.Errorf("%+v %v", use, replies)
		}
		if _, use := w.get(t.Context(), hostA); use.Hits != 1 {
			t.Errorf("from memory: %+v", use)
		}
	}
}

// A token is served from the store after Microsoft Graph accepted it at this very replica.
func TestATokenIsNotServedFromTheStoreBeforeItIsAccepted(t *testing.T) {
	a, b, _ := replicas(t)
	token := as(t, cache.Identity{Key: "token:1", Unverified: true, Expires: a.Now().Add(time.Hour)})
	a.get(token, hostA)
	a.get(token, "/hosts/b?$select=id,x")
	if _, use := b.get(token, hostA); use.Hits != 0 {
		t.Error("served before it was accepted")
	}
	if _, use := b.get(token, "/hosts/b?$select=id,x"); use.Hits != 1 {
		t.Error("not served after it was accepted")
	}
}

func TestForeignValuesAreMisses(t *testing.T) {
	a, _, s := replicas(t)
	a.get(t.Context(), hostA)
	name := "entity:app\n/hosts/a?"
	good := string(s.kept[name])
	for what, value := range map[string]string{
		"nothing": "", "text": "text", "null": "null", "a list": "[]", "an empty object": "{}", "cut off": good[:len(good)-1],
		"another key":      strings.Replace(good, "/hosts/a", "/hosts/b", 1),
		"another identity": strings.Replace(good, "app", "appx", 1),
		"another mark":     strings.Replace(good, `"m":"`, `"m":"x`, 1),
		"not an object":    strings.Replace(good, `"h":{`, `"h":["`, 1),
		"a member twice":   strings.Replace(good, `"v":{`, `"v":{"x":1,"x":2,`, 1),
		"a time as text":   strings.Replace(good, `"t":`, `"t":"now","u":`, 1),
	} {
		if value == good {
			t.Fatalf("%s: the value is not changed: %s", what, good)
		}
		s.change(func() { s.kept[name] = []byte(value) })
		b := newWorld(t, s.join(what))
		replies, use := b.get(t.Context(), hostA)
		if got := properties(t, replies[0]); use.Hits != 0 || len(got) != 2 {
			t.Errorf("%s: %v %+v", what, got, use)
		}
	}
}

// The clock of another replica may be ahead.
func TestAnEntryFromTheFutureIsNew(t *testing.T) {
	a, b, _ := replicas(t)
	a.pass(time.Hour)
	a.get(t.Context(), hostA)
	a.pass(-time.Hour)
	if _, use := b.get(t.Context(), hostA); use.Hits != 1 || use.Age != 0 {
		t.Errorf("%+v", use)
	}
}

// plainText is plain as text. A null in a wrapper is null.
func plainText(t testing.TB, r reply) string {
	t.Helper()
	if r.err != nil {
		return r.err.Error()
	}
	return strings.ReplaceAll(fmt.Sprint(plain(t, r)), "map[value:<nil>]", "<nil>")
}

// eventually waits for what another goroutine does.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("never: %s", what)
}
