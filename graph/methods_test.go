package graph_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// RFC 10008: QUERY is what POST is for a query, and may not change anything.
func TestQUERYFollowsTheRulesOfPOST(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for _, row := range []struct {
		name, body, header string
		status             int
		want               string
	}{
		{"a query", hello, "Accept: application/json", 200, `{"data":`},
		{"a query in parts", asked(deferQuery), "Accept: " + inParts, 200, `"incremental":`},
		{"no query", `{}`, "Accept: application/json", 400, "BAD_REQUEST"},
		{"an HTML form", "query=%7Ba%7D", "Content-Type: application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"the page of another site", hello, "Sec-Fetch-Site: cross-site", 403, "CSRF"},
		{"the page of another origin", hello, "Origin: https://elsewhere.example", 403, "CSRF"},
		{"a compressed body", hello, "Content-Encoding: gzip", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"a long body", asked(strings.Repeat(" ", 300<<10)), "Accept: application/json", 413, "LIMIT_BODY"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), "QUERY", "/graphql", strings.NewReader(row.body))
			r.Header.Set("Content-Type", "application/json")
			w := send(r, h, row.header)
			if w.Code != row.status || !strings.Contains(w.Body.String(), row.want) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, row.status, row.want)
			}
			if refused := row.status != 200 && row.name != "no query"; refused != (w.Header().Get("Accept-Query") == "application/json") {
				t.Errorf("Accept-Query is %q", w.Header().Get("Accept-Query"))
			}
		})
	}
}

// Apollo Client sends hashes by GET if it is told to.
func TestAHashByGETIsNotSupportedEither(t *testing.T) {
	t.Parallel()
	w := get(t, endpoint(&upstream{}), `extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22ab%22%7D%7D`)
	if r := read(t, w); len(r.Errors) == 0 || r.Errors[0].Message != "PersistedQueryNotSupported" {
		t.Errorf("got %s", w.Body)
	}
}
