package graph_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzQuery sends any text as a document, by both methods. Whatever it is, the answer is GraphQL's, and soon.
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
		start := time.Now()
		answered(t, post(t, h, asked(query), "Accept: "+likeBrowse))
		answered(t, get(t, h, "query="+url.QueryEscape(query)))
		if took := time.Since(start); took > 20*time.Second { // far beyond what a busy machine takes
			t.Errorf("took %v", took)
		}
	})
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
