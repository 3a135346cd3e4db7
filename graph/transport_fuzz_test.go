package graph_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"runtime/metrics"
	"strings"
	"testing"
)

// mostAllocated is how many bytes the two responses to a document may allocate. The worst documents within the limits
// take 20 MiB. Without limits, 3,000 fields take 110 MiB, since what validation compares grows with their square.
const mostAllocated = 64 << 20

// FuzzQuery sends any text as a document, by both methods. Whatever it is, the answer is GraphQL's, and no text makes
// Portico allocate much. Go's own deadline ends a test with a text that takes long without allocating.
func FuzzQuery(f *testing.F) {
	for _, row := range hostile {
		if len(row.document) < 1000 {
			f.Add(row.document)
		}
	}
	f.Add(introspection)
	f.Add(deferQuery)
	h := endpoint(&upstream{})
	f.Fuzz(func(t *testing.T, query string) {
		before := allocated()
		answered(t, post(t, h, asked(query), "Accept: "+likeBrowse))
		answered(t, get(t, h, "query="+url.QueryEscape(query)))
		if n := allocated() - before; n > mostAllocated {
			t.Errorf("%d bytes were allocated; the maximum is %d", n, mostAllocated)
		}
	})
}

// allocated returns how many bytes this process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzBody sends any bytes as a body, with any Accept header.
func FuzzBody(f *testing.F) {
	f.Add(hello, "*/*")
	f.Add(`{"query":"query($id: ID!) { hostPort(id: $id) { port } }","variables":{"id":[1.5e3,{"a":null}]},"extensions":{}}`, likeBrowse)
	f.Add(`[`+hello+`]`, `application/json;q="0.1",text/*`)
	h := endpoint(&upstream{})
	f.Fuzz(func(t *testing.T, body, accept string) {
		answered(t, post(t, h, body, "Accept: "+accept))
	})
}

func answered(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "multipart/mixed") {
		return
	}
	if !json.Valid(w.Body.Bytes()) || w.Code >= 500 || strings.Contains(w.Body.String(), `"INTERNAL"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
