package graph_test

import (
	"bufio"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"portico/graph"
)

const (
	inParts    = "multipart/mixed;deferSpec=20220824, application/json"
	likeBrowse = "application/json, multipart/mixed" // what GraphiQL sends with every operation
	deferQuery = `query Page($later: Boolean! = true) { hostPort(id: "` + exampleID + `") {
	  port
	  ... @defer(if: $later, label: "host") { host { firstSeenDateTime } }
	} }`
	whole = `{"data":{"hostPort":{"port":21,"host":{"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}}}}`
)

func TestDeferredFieldsArriveInTheirOwnPart(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	u, release := held()
	u.port = nil
	server := httptest.NewServer(endpoint(u))
	defer server.Close()
	response := ask(t.Context(), t, server, deferQuery, inParts)
	defer func() { _ = response.Body.Close() }()
	if got, want := response.Header.Get("Content-Type"), `multipart/mixed; boundary="-"; deferSpec=20220824`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	reader := partsOf(t, response)
	first := nextPart(t, reader)
	release() // the first part came before what it defers
	second := nextPart(t, reader)
	if _, err := reader.NextPart(); err != io.EOF {
		t.Errorf("after the last part: %v", err)
	}
	want := []string{
		`{"data":{"hostPort":{"port":21}},"hasNext":true}`,
		`{"incremental":[{"data":{"host":{"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}},"label":"host","path":["hostPort"]}],"hasNext":false}`,
	}
	if diff := cmp.Diff(want, []string{uncharged(first), uncharged(second)}); diff != "" {
		t.Error(diff)
	}
}

func TestPartsAreDelimitedAsClientsExpect(t *testing.T) {
	t.Parallel()
	w := post(t, endpoint(&upstream{}), asked(deferQuery), "Accept: "+inParts)
	want := "\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" +
		`{"data":{"hostPort":{"port":21}},"hasNext":true}` +
		"\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" +
		`{"incremental":[{"data":{"host":{"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}},"label":"host","path":["hostPort"]}],"hasNext":false}` +
		"\r\n-----\r\n"
	if diff := cmp.Diff(want, uncharged(w.Body.String())); diff != "" {
		t.Error(diff)
	}
}

func TestIncrementalDeliveryNeedsADeferAndAClientThatAcceptsIt(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	plain := `{"data":{"hostPort":{"port":21}}}`
	for _, row := range []struct{ name, body, accept, contentType, want string }{
		{"a plain query", asked(portQuery), likeBrowse, asJSON, plain},
		{"a plain query that accepts only multipart", asked(portQuery), "multipart/mixed", asJSON, plain},
		{"@defer for JSON", asked(deferQuery), "application/json", asJSON, whole},
		{"@defer for the newer JSON", asked(deferQuery), "application/graphql-response+json", asGraphQL, whole},
		{"@defer for anything", asked(deferQuery), "*/*", asJSON, whole},
		{"@defer for parts of weight 0", asked(deferQuery), "application/json, multipart/mixed;q=0", asJSON, whole},
		{"@defer for an unsupported format", asked(deferQuery), "multipart/mixed;incrementalSpec=v0.2, application/json", asJSON, whole},
		{"@defer(if: false)", asked(strings.ReplaceAll(strings.ReplaceAll(deferQuery, "$later,", "false,"), "($later: Boolean! = true)", "")), likeBrowse, asJSON, whole},
		{"@defer(if: $no)", strings.TrimSuffix(asked(deferQuery), "}") + `,"variables":{"later":false}}`, likeBrowse, asJSON, whole},
		{"the word in a name", asked(strings.ReplaceAll(portQuery, "hostPort", "deferred: hostPort")), likeBrowse, asJSON, `{"data":{"deferred":{"port":21}}}`},
		{"@defer of introspection", asked("{ __schema { ... @defer { __typename } } }"), likeBrowse, asJSON, `{"data":{"__schema":{"__typename":"__Schema"}}}`},
		{"@defer for another type", asked(`{ host(id: "example.com") { id ... on IpAddress @defer { netblock } } }`), likeBrowse, asJSON, `{"data":{"host":{"id":"85.13.139.18"}}}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := post(t, h, row.body, "Accept: "+row.accept)
			if got := w.Header().Get("Content-Type"); got != row.contentType {
				t.Errorf("got %s, want %s", got, row.contentType)
			}
			if diff := cmp.Diff(row.want, uncharged(w.Body.String())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsWrongIsSaidInOnePiece(t *testing.T) {
	t.Parallel()
	w := post(t, endpoint(&upstream{}), asked("{ hostPort { ... @defer { id } } }"), "Accept: "+inParts)
	if code := read(t, w).code(); w.Header().Get("Content-Type") != asJSON || code != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("got %s %s", w.Header().Get("Content-Type"), w.Body)
	}
}

func TestAFragmentIsCompleteWithoutIncrementalDelivery(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	query := `query { hostPort(id: "` + exampleID + `") { port ...Later @defer } }
		fragment Later on HostPort { ...Host @defer(label: "x") } fragment Host on HostPort { host { firstSeenDateTime } }`
	for range 2 { // the second time from the cache of documents
		if diff := cmp.Diff(whole, uncharged(post(t, h, asked(query)).Body.String())); diff != "" {
			t.Error(diff)
		}
		if w := post(t, h, asked(query), "Accept: "+inParts); !strings.Contains(w.Body.String(), "incremental") {
			t.Errorf("the copy without @defer was kept: %s", w.Body)
		}
	}
}

func TestADisconnectedClientLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	u, _ := held()
	u.port = nil
	server := httptest.NewServer(endpoint(u))
	defer server.Close()
	for range 40 { // gqlgen alone waits for ever in every second case
		ctx, leave := context.WithCancel(t.Context())
		response := ask(ctx, t, server, deferQuery, inParts)
		_ = nextPart(t, partsOf(t, response))
		leave()
		_ = response.Body.Close()
	}
}

func TestDeferredFieldsEndAtTheDeadline(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	u, _ := held()
	u.port = nil
	h := endpoint(u, func(o *graph.Options) { o.Limits.Deadline = 20_000_000 })
	w := post(t, h, asked(deferQuery), "Accept: "+inParts)
	if body := w.Body.String(); !strings.Contains(body, "DEADLINE_EXCEEDED") || !strings.HasSuffix(body, "\r\n-----\r\n") {
		t.Errorf("got %s", body)
	}
}

func ask(ctx context.Context, t *testing.T, server *httptest.Server, query, accept string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(asked(query)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func partsOf(t *testing.T, response *http.Response) *multipart.Reader {
	t.Helper()
	_, params, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	return multipart.NewReader(bufio.NewReader(response.Body), params["boundary"])
}

func nextPart(t *testing.T, reader *multipart.Reader) string {
	t.Helper()
	part, err := reader.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
