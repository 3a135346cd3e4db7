package cache_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/cache"
	"portico/msgraph"
)

func TestWhatIsSentByTheSecondQuery(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second []string
		after         time.Duration
		want          []string
	}{
		"the same properties": {
			first:  []string{"/hosts/a?$select=id,asn,name"},
			second: []string{"/hosts/a?$select=id,asn,name"},
		},
		"fewer properties": {
			first:  []string{"/hosts/a?$select=id,asn,name"},
			second: []string{"/hosts/a?$select=id,name"},
		},
		"the id alone": {
			first:  []string{"/hosts/a?$select=id,asn"},
			second: []string{"/hosts/a?$select=id"},
		},
		"more properties: only those that are missing": {
			first:  []string{"/hosts/a?$select=id,asn,name"},
			second: []string{"/hosts/a?$select=id,asn,city,name,zone"},
			want:   []string{"/hosts/a?$select=city,zone"},
		},
		"without the id: the same": {
			first:  []string{"/hosts/a?$select=asn,name"},
			second: []string{"/hosts/a?$select=asn,name"},
		},
		"without the id, after it": {
			first:  []string{"/hosts/a?$select=id,asn,name"},
			second: []string{"/hosts/a?$select=asn,name"},
		},
		"the id, after a response without": {
			first:  []string{"/hosts/a?$select=asn,name"},
			second: []string{"/hosts/a?$select=id,asn,name"},
			want:   []string{"/hosts/a?$select=id"},
		},
		"without the id, a property more": {
			first:  []string{"/hosts/a?$select=asn"},
			second: []string{"/hosts/a?$select=asn,name"},
			want:   []string{"/hosts/a?$select=name"},
		},
		"with the id, a property more": {
			first:  []string{"/hosts/a?$select=id,asn"},
			second: []string{"/hosts/a?$select=id,asn,name"},
			want:   []string{"/hosts/a?$select=name"},
		},
		"without the id, all is null and left out": {
			first:  []string{"/empty?$select=asn"},
			second: []string{"/empty?$select=asn"},
		},
		"without the id, another object": {
			first:  []string{"/page?$select=asn"},
			second: []string{"/page?$select=asn"},
			want:   []string{"/page?$select=asn"},
		},
		"properties of a derived type": {
			first:  []string{"/hosts/a?$select=id,microsoft.graph.security.hostname/registrar"},
			second: []string{"/hosts/a?$select=id,microsoft.graph.security.hostname/registrant,microsoft.graph.security.hostname/registrar"},
			want:   []string{"/hosts/a?$select=microsoft.graph.security.hostname/registrant"},
		},
		"a wave with one miss: only that": {
			first:  []string{"/hosts/a?$select=id,asn", "/hosts/b?$select=id,asn", "/hosts/c?$select=id,asn"},
			second: []string{"/hosts/a?$select=id,asn", "/hosts/d?$select=id,asn", "/hosts/c?$select=id,asn"},
			want:   []string{"/hosts/d?$select=id,asn"},
		},
		"a reference after the same expanded": {
			first:  []string{"/ports/a?$select=id,port&$expand=certificate"},
			second: []string{"/ports/a?$select=id,certificate,port"},
		},
		"expanded after the reference": {
			first:  []string{"/ports/a?$select=id,certificate,port"},
			second: []string{"/ports/a?$select=id,port&$expand=certificate"},
			want:   []string{"/ports/a?$select=id&$expand=certificate"},
		},
		"after the time": {
			first:  []string{"/hosts/a?$select=id,asn"},
			second: []string{"/hosts/a?$select=id,asn"},
			after:  3 * time.Hour,
			want:   []string{"/hosts/a?$select=id,asn"},
		},
		"what is not stored": {
			first:  []string{"/none/a?$select=id,asn"},
			second: []string{"/none/a?$select=id,asn"},
			want:   []string{"/none/a?$select=id,asn"},
		},
		"without $select: the same": {
			first:  []string{"/hosts/a"},
			second: []string{"/hosts/a"},
		},
		"without $select, after a selection": {
			first:  []string{"/hosts/a?$select=id,asn"},
			second: []string{"/hosts/a"},
			want:   []string{"/hosts/a"},
		},
		"another entity": {
			first:  []string{"/hosts/a?$select=id,asn"},
			second: []string{"/hosts/b?$select=id,asn"},
			want:   []string{"/hosts/b?$select=id,asn"},
		},
		"a page: the same": {
			first:  []string{"/list?$select=id,asn&$top=5&$count=true"},
			second: []string{"/list?$select=id,asn&$top=5"},
		},
		"a page: the count in addition": {
			first:  []string{"/list?$select=id,asn&$top=5"},
			second: []string{"/list?$select=id,asn&$top=5&$count=true"},
			want:   []string{"/list?$select=id,asn&$top=5&$count=true"},
		},
		"a page: another size": {
			first:  []string{"/list?$select=id,asn&$top=5"},
			second: []string{"/list?$select=id,asn&$top=6"},
			want:   []string{"/list?$select=id,asn&$top=6"},
		},
		"a page: another filter": {
			first:  []string{"/list?$select=id,asn&$filter=kind%20eq%20'a'"},
			second: []string{"/list?$select=id,asn&$filter=kind%20eq%20'b'"},
			want:   []string{"/list?$select=id,asn&$filter=kind%20eq%20'b'"},
		},
		"a page: more properties, with those that it had": {
			first:  []string{"/list?$select=id,asn&$top=5"},
			second: []string{"/list?$select=id,name&$top=5"},
			want:   []string{"/list?$select=id,asn,name&$top=5"},
		},
		"a link to the next page: the same": {
			first:  []string{"/list?$select=id,asn&$skiptoken=x"},
			second: []string{"/list?$select=id,asn&$skiptoken=x"},
		},
		"a link to the next page: another selection": {
			first:  []string{"/list?$select=id,asn&$skiptoken=x"},
			second: []string{"/list?$select=id&$skiptoken=x"},
			want:   []string{"/list?$select=id&$skiptoken=x"},
		},
		"an entity in a value: only what is missing": {
			first:  []string{"/wrapped?$select=id,asn"},
			second: []string{"/wrapped?$select=id,asn,name"},
			want:   []string{"/wrapped?$select=name"},
		},
		"null": {
			first:  []string{"/null?$select=id,asn"},
			second: []string{"/null?$select=id,name"},
		},
		"null, after its time": {
			first:  []string{"/null?$select=id,asn"},
			second: []string{"/null?$select=id,asn"},
			after:  6 * time.Minute,
			want:   []string{"/null?$select=id,asn"},
		},
		"an entity without id": {
			first:  []string{"/anonymous?$select=id,asn"},
			second: []string{"/anonymous?$select=id,asn"},
			want:   []string{"/anonymous?$select=id,asn"},
		},
		"not JSON": {
			first:  []string{"/broken?$select=id,asn"},
			second: []string{"/broken?$select=id,asn"},
			want:   []string{"/broken?$select=id,asn"},
		},
		"a name that is there twice": {
			first:  []string{"/twice?$select=id,asn"},
			second: []string{"/twice?$select=id,asn"},
			want:   []string{"/twice?$select=id,asn"},
		},
		"an unknown id": {
			first:  []string{"/unknown?$select=id,asn"},
			second: []string{"/unknown?$select=id,name"},
		},
		"an unknown id, after its time": {
			first:  []string{"/unknown?$select=id,asn"},
			second: []string{"/unknown?$select=id,asn"},
			after:  6 * time.Minute,
			want:   []string{"/unknown?$select=id,asn"},
		},
		"an unknown path with an escaped slash": {
			first:  []string{"/odd%2Fpath?$select=id"},
			second: []string{"/odd%2Fpath?$select=id"},
			want:   []string{"/odd%2Fpath?$select=id"},
		},
		"a failure": {
			first:  []string{"/failing?$select=id"},
			second: []string{"/failing?$select=id"},
			want:   []string{"/failing?$select=id"},
		},
		"an incomplete response": {
			first:  []string{"/noticed?$select=id"},
			second: []string{"/noticed?$select=id"},
			want:   []string{"/noticed?$select=id"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.responses["/list"] = `{"value":[{"id":"x"}],"@odata.count":1}`
			w.responses["/wrapped"] = `{"@odata.context":"c","value":{"id":"x","asn":1,"name":2}}`
			w.responses["/null"] = `null`
			w.responses["/empty"] = `{"@odata.context":"https://graph.example/$metadata#things/$entity"}`
			w.responses["/page"] = `{"message":"signed out"}`
			w.responses["/anonymous"] = `{"asn":1}`
			w.responses["/broken"] = `{"id":"x","asn":`
			w.responses["/twice"] = `{"id":"x","asn":1,"asn":2}`
			w.failures["/unknown"] = &msgraph.Error{Kind: msgraph.Refused, Status: 404, Code: "NotFound"}
			w.failures["/odd%2Fpath"] = &msgraph.Error{Kind: msgraph.Refused, Status: 404, Code: "UnknownError"}
			w.failures["/failing"] = &msgraph.Error{Kind: msgraph.Unavailable, Status: 503}
			w.failures["/noticed"] = &msgraph.Notice{Incomplete: true}
			first, _ := w.get(t.Context(), tt.first...)
			w.take()
			w.pass(tt.after)
			second, use := w.get(t.Context(), tt.second...)
			var sent []string
			for _, urls := range w.take() {
				sent = append(sent, urls...)
			}
			if diff := cmp.Diff(tt.want, sent); diff != "" {
				t.Errorf("sent, -want +got:\n%s", diff)
			}
			if hits := len(tt.second) - len(tt.want); use.Hits != hits {
				t.Errorf("%d hits, want %d", use.Hits, hits)
			}
			if !cmp.Equal(tt.first, tt.second) {
				return
			}
			for i := range first {
				if diff := cmp.Diff(plain(t, first[i]), plain(t, second[i])); diff != "" {
					t.Errorf("the second response differs, -first +second:\n%s", diff)
				}
			}
		})
	}
}

// The properties of one response may be older than others.
func TestAPartialHitIsPutTogether(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), "/hosts/a?$select=id,asn,name")
	w.set(func() { w.version = 1 })
	w.pass(time.Minute)
	replies, use := w.get(t.Context(), "/hosts/a?$select=id,asn,city")
	want := map[string]any{"asn": 0.0, "city": 1.0}
	if diff := cmp.Diff(want, properties(t, replies[0])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if use.Left != 59*time.Minute {
		t.Errorf("it stays fresh for %s, want as long as its oldest property", use.Left)
	}
	w.pass(59*time.Minute + 30*time.Second)
	w.take()
	_, use = w.get(t.Context(), "/hosts/a?$select=city")
	if sent := w.take(); sent != nil || use.Renewals != 0 {
		t.Errorf("the newer property was requested: %v, %d renewals", sent, use.Renewals)
	}
}

// Responses that arrive at the same time are stored beside each other: none of them is lost.
func TestWhatArrivesAtOnceIsKeptTogether(t *testing.T) {
	const properties = 64
	w := newWorld(t)
	begin := make(chan struct{})
	var all []string
	var wg sync.WaitGroup
	for i := range properties {
		name := fmt.Sprintf("p%02d", i)
		all = append(all, name)
		wg.Go(func() {
			<-begin
			w.get(t.Context(), "/hosts/a?$select=id,"+name)
		})
	}
	close(begin)
	wg.Wait()
	w.take()
	w.get(t.Context(), "/hosts/a?$select=id,"+strings.Join(all, ","))
	if sent := w.take(); sent != nil {
		t.Errorf("requested again: %v", sent)
	}
}

// A response to a part of the properties that is about another entity must not be mixed with the stored ones.
func TestAPartialHitOfAnotherEntityIsRequestedAsAWhole(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), "/hosts/a?$select=id,asn")
	w.set(func() { w.responses["/hosts/a"] = `{"id":"other","asn":7,"city":8}` })
	replies, _ := w.get(t.Context(), "/hosts/a?$select=id,asn,city")
	if diff := cmp.Diff(map[string]any{"asn": 7.0, "city": 8.0}, properties(t, replies[0])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := [][]string{{"/hosts/a?$select=id,asn"}, {"/hosts/a?$select=city"}, {"/hosts/a?$select=id,asn,city"}}
	if diff := cmp.Diff(want, w.take()); diff != "" {
		t.Errorf("sent, -want +got:\n%s", diff)
	}
}

// A response in a batch shares its memory with others, and whoever gets one may reuse that memory.
func TestStoredResponsesAreCopies(t *testing.T) {
	w := newWorld(t)
	for _, url := range []string{"/hosts/a?$select=id,asn", "/list?$select=id&$top=5"} {
		w.set(func() { w.responses["/list"] = `{"value":[]}` })
		w.Cache.Fetch(t.Context(), []string{url}, func(_ int, body []byte, _ error) { clear(body) })
		replies, use := w.get(t.Context(), url)
		if use.Hits != 1 || strings.Contains(replies[0].body, "\x00") {
			t.Errorf("%s: %d hits, %q", url, use.Hits, replies[0].body)
		}
	}
}

func TestCountSendsNothing(t *testing.T) {
	w := newWorld(t)
	w.responses["/list"] = `{"value":[]}`
	w.get(t.Context(), "/hosts/a?$select=id,asn", "/list?$select=id&$top=5", "/hosts/b?$select=id")
	w.take()
	urls := []string{"/hosts/a?$select=asn", "/hosts/a?$select=asn,city", "/hosts/c?$select=id", "/list?$select=id&$top=5"}
	for age, want := range map[time.Duration]int{0: 2, 90 * time.Minute: 2, 3 * time.Hour: 0} {
		w.pass(age)
		if stored := w.Count(t.Context(), urls); stored != want || w.take() != nil {
			t.Errorf("after %s %d, want %d", age, stored, want)
		}
		w.pass(-age)
	}
}

// A response that was requested before the purge is older than it.
func TestTheMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	small := cache.New(w.graph, cache.Options{
		Bytes: 1 << 20, Lifetimes: func(string) cache.Lifetime { return lifetime },
		Identify: func(context.Context) cache.Identity { return cache.Identity{Key: "app"} },
	})
	defer small.Close()
	big := `{"id":"x","text":"` + strings.Repeat("x", 10<<10) + `"}`
	for i := range 500 {
		path := "/hosts/" + strings.Repeat("a", i+1)
		w.set(func() { w.responses[path] = big })
		small.Fetch(t.Context(), []string{path + "?$select=id,text"}, func(int, []byte, error) {})
	}
	deadline := time.Now().Add(10 * time.Second)
	for small.Snapshot().Bytes > 1<<20+1<<17 {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of at most %d", small.Snapshot().Bytes, 1<<20)
		}
		time.Sleep(time.Millisecond)
	}
}
