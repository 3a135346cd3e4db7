package msgraph_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

// A reader that decodes a body proves that it is valid. Whatever else would be no success is not given to it.
func TestEarlyReader(t *testing.T) {
	const torn = `{"id":"/hosts/1`
	tests := map[string]struct {
		replies []reply
		decodes bool // the reader decodes what is valid
		read    []string
		sent    int
		body    string
	}{
		"decoded":                             {[]reply{{}}, true, []string{entity(one)}, 1, entity(one)},
		"not decoded":                         {[]reply{{}}, false, []string{entity(one)}, 1, entity(one)},
		"torn once, decoded then":             {[]reply{{body: torn}, {}}, true, []string{torn, entity(one)}, 2, entity(one)},
		"torn once, not decoded then":         {[]reply{{body: torn}, {}}, false, []string{torn, entity(one)}, 2, entity(one)},
		"always torn":                         {[]reply{{body: torn}}, true, []string{torn, torn, torn}, 3, ""},
		"a refusal":                           {[]reply{{status: 403, body: refusal}}, true, nil, 1, ""},
		"overloaded once":                     {[]reply{{status: 503, body: "{}"}, {}}, true, []string{entity(one)}, 2, entity(one)},
		"no content":                          {[]reply{{status: 204}}, true, nil, 1, "null"},
		"no body":                             {[]reply{{body: " "}, {}}, true, []string{entity(one)}, 2, entity(one)},
		"the page of a proxy, then a success": {[]reply{{body: "<html>", header: map[string]string{"Content-Type": "text/html"}}, {}}, true, []string{entity(one)}, 2, entity(one)},
		"text in UTF-8 with a mark":           {[]reply{{body: "\ufeff" + entity(one)}}, true, []string{entity(one)}, 1, entity(one)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{replies: map[string][]reply{one: test.replies}}
				var read []string
				ctx := msgraph.WithEarlyReader(t.Context(), func(url string, body []byte) bool {
					if url != one {
						t.Errorf("the URL is %q", url)
					}
					read = append(read, string(body))
					return test.decodes && jsontext.Value(body).IsValid()
				})
				got := fetch(ctx, t, newClient(t, s), one)[0]
				if diff := cmp.Diff(test.read, read); diff != "" || got.body != test.body || s.requests() != test.sent {
					t.Errorf("body %q, %v after %d requests\nread (-want +got):\n%s", got.body, got.err, s.requests(), diff)
				}
			})
		})
	}
}

func TestEarlyReaderIsNotGivenItemsOfABatch(t *testing.T) {
	ctx := msgraph.WithEarlyReader(t.Context(), func(url string, _ []byte) bool {
		t.Errorf("%s was read", url)
		return true
	})
	fetch(ctx, t, newClient(t, &service{}), paths(5)...)
}

// Of those who share a GET, the one who sent it reads the body early.
func TestEarlyReaderOfASharedGet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second, replies: map[string][]reply{one: {{body: "{"}, {}}}}
		c := newClient(t, s)
		var mu sync.Mutex
		var read []string
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				ctx := msgraph.WithEarlyReader(t.Context(), func(_ string, body []byte) bool {
					mu.Lock()
					defer mu.Unlock()
					read = append(read, string(body))
					return jsontext.Value(body).IsValid()
				})
				if got := fetch(ctx, t, c, one)[0]; got.body != entity(one) {
					t.Errorf("got %q, %v", got.body, got.err)
				}
			})
		}
		all.Wait()
		if diff := cmp.Diff([]string{"{", entity(one)}, read); diff != "" || s.requests() != 2 {
			t.Errorf("%d requests, read (-want +got):\n%s", s.requests(), diff)
		}
	})
}
