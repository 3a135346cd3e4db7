package graph_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/limits"
	"portico/graph/transport"
)

const (
	asJSON    = "application/json; charset=utf-8"
	asGraphQL = "application/graphql-response+json; charset=utf-8"
	hello     = `{"query":"{ __typename }"}`
	helloData = `{"data":{"__typename":"Query"}}`
)

func TestEveryResponseHasAnAcceptedType(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for _, row := range []struct {
		accept string
		status int
		want   string
	}{
		{"", 200, asJSON},
		{"*/*", 200, asJSON},
		{"application/*", 200, asJSON},
		{"application/json", 200, asJSON},
		{"application/json; charset=utf-8", 200, asJSON},
		{"application/graphql-response+json", 200, asGraphQL},
		{"application/graphql-response+json, application/json;q=0.9", 200, asGraphQL},
		{"application/graphql-response+json;q=0.4, application/json;q=0.9", 200, asJSON},
		{"application/json, application/graphql-response+json", 200, asJSON},
		{"application/graphql-response+json, application/json", 200, asGraphQL},
		{"application/json;q=0, */*", 200, asGraphQL},
		{"application/json;q=0, */*;q=0.1", 200, asGraphQL},
		{"text/html, application/xhtml+xml, */*;q=0.8", 200, asJSON},
		{`text/html;a="x,application/graphql-response+json", application/json`, 200, asJSON},
		{"application/json;q=banana, application/graphql-response+json;q=0.1", 200, asGraphQL},
		{"application/json, multipart/mixed", 200, asJSON},
		{"multipart/mixed", 200, asJSON},
		{"text/html", 406, asJSON},
		{"application/json;q=0", 406, asJSON},
		{"multipart/mixed;incrementalSpec=v0.2", 406, asJSON},
	} {
		t.Run(row.accept, func(t *testing.T) {
			t.Parallel()
			w := post(t, h, hello, "Accept: "+row.accept)
			if w.Code != row.status || w.Header().Get("Content-Type") != row.want {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Header().Get("Content-Type"), row.status, row.want)
			}
		})
	}
}

func TestWhatIsWrongWithARequestHasAStatusAndACode(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for _, row := range []struct {
		name, body  string
		json, graph int // the status by the media type of the answer
		code        string
	}{
		{"no body", ``, 400, 400, "BAD_REQUEST"},
		{"torn", `{"query":`, 400, 400, "BAD_REQUEST"},
		{"no object", `"query"`, 400, 400, "BAD_REQUEST"},
		{"trailing data", hello + `{}`, 400, 400, "BAD_REQUEST"},
		{"a member twice", `{"query":"{a}","query":"{b}"}`, 400, 400, "BAD_REQUEST"},
		{"no UTF-8", "{\"query\":\"{ \xff }\"}", 400, 400, "BAD_REQUEST"},
		{"no query", `{"qeury":"{ __typename }"}`, 400, 400, "BAD_REQUEST"},
		{"a hash in place of a query", `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}`, 200, 400, "PERSISTED_QUERY_NOT_SUPPORTED"},
		{"an invalid hash", `{"extensions":{"persistedQuery":"ab"}}`, 400, 400, "BAD_REQUEST"},
		{"query null", `{"query":null}`, 400, 400, "BAD_REQUEST"},
		{"query a number", `{"query":1}`, 400, 400, "BAD_REQUEST"},
		{"operationName an array", `{"query":"{a}","operationName":[]}`, 400, 400, "BAD_REQUEST"},
		{"variables an array", `{"query":"{a}","variables":[1]}`, 400, 400, "BAD_REQUEST"},
		{"extensions a string", `{"query":"{a}","extensions":"x"}`, 400, 400, "BAD_REQUEST"},
		{"an array of 10", `[` + strings.Repeat(hello+",", 9) + hello + `]`, 400, 400, "BATCHING_DISABLED"},
		{"an array of 1000", `[` + strings.Repeat(hello+",", 999) + hello + `]`, 400, 400, "BATCHING_DISABLED"},
		{"a document that is not GraphQL", asked(`{`), 200, 400, "GRAPHQL_PARSE_FAILED"},
		{"no such field", asked(`{ nothing }`), 200, 400, "GRAPHQL_VALIDATION_FAILED"},
		{"no such operation", `{"query":"query a { __typename }","operationName":"b"}`, 200, 400, "GRAPHQL_VALIDATION_FAILED"},
		{"a variable is missing", asked(`query($id: ID!) { hostPort(id: $id) { id } }`), 200, 400, "BAD_USER_INPUT"},
		{"a mutation", asked(`mutation { touch }`), 200, 400, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for accept, status := range map[string]int{"application/json": row.json, "application/graphql-response+json": row.graph} {
				w := post(t, h, row.body, "Accept: "+accept)
				r := read(t, w)
				if w.Code != status || r.code() != row.code {
					t.Errorf("as %s: got %d %s, want %d %s", accept, w.Code, r.code(), status, row.code)
				}
				if strings.Contains(w.Body.String(), `"data"`) {
					t.Errorf("as %s: data in the answer to a request that was not executed: %s", accept, w.Body)
				}
			}
		})
	}
}

func TestHeadersThatARequestMayNotHave(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for _, row := range []struct {
		name, header string
		status       int
		code         string
	}{
		{"a form", "Content-Type: application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"a form with files", "Content-Type: multipart/form-data; boundary=x", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"text", "Content-Type: text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"no type", "Content-Type: ", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"another charset", "Content-Type: application/json; charset=iso-8859-1", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"the right charset", "Content-Type: application/json; charset=UTF-8", 200, ""},
		{"compressed", "Content-Encoding: gzip", 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"not compressed", "Content-Encoding: identity", 200, ""},
		{"from another site", "Sec-Fetch-Site: cross-site", 403, "CSRF"},
		{"from a sister site", "Sec-Fetch-Site: same-site", 403, "CSRF"},
		{"from the playground", "Sec-Fetch-Site: same-origin", 200, ""},
		{"from the address bar", "Sec-Fetch-Site: none", 200, ""},
		{"foreign origin", "Origin: https://evil.example", 403, "CSRF"},
		{"null origin", "Origin: null", 403, "CSRF"},
		{"origin with our name in it", "Origin: https://evil-example.com", 403, "CSRF"},
		{"our origin", "Origin: https://example.com", 200, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := post(t, h, hello, row.header)
			if code := read(t, w).code(); w.Code != row.status || code != row.code {
				t.Errorf("got %d %s, want %d %s", w.Code, code, row.status, row.code)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" || !strings.Contains(w.Header().Get("Vary"), "Origin") {
				t.Errorf("headers: %v", w.Header())
			}
			if row.status == 403 {
				w = get(t, h, "query={__typename}", row.header)
				if code := read(t, w).code(); w.Code != row.status || code != row.code {
					t.Errorf("by GET: got %d %s, want %d %s", w.Code, code, row.status, row.code)
				}
			}
		})
	}
}

func TestGET(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	typed := "query=" + url.QueryEscape(`query($n: String!) { __type(name: $n) { name } }`)
	for _, row := range []struct {
		name, query string
		status      int
		want        string // the data, or the code
	}{
		{"a query", "query={__typename}", 200, `{"__typename":"Query"}`},
		{"with variables", typed + "&variables=" + url.QueryEscape(`{"n":"Query"}`), 200, `{"__type":{"name":"Query"}}`},
		{"with empty variables", "query={__typename}&variables=", 200, `{"__typename":"Query"}`},
		{"one of two", "query=query+a{__typename}query+b{b:__typename}&operationName=b", 200, `{"b":"Query"}`},
		{"nothing", "", 400, "BAD_REQUEST"},
		{"malformed", "query=%zz", 400, "BAD_REQUEST"},
		{"a parameter twice", "query={a}&query={b}", 400, "BAD_REQUEST"},
		{"variables that are no object", "query={__typename}&variables=[]", 400, "BAD_REQUEST"},
		{"variables with more behind", "query={__typename}&variables={}{}", 400, "BAD_REQUEST"},
		{"too long", "query=" + strings.Repeat("a", 256<<10), 414, "LIMIT_BODY"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := get(t, h, row.query)
			r := read(t, w)
			if got := string(r.Data) + r.code(); w.Code != row.status || got != row.want {
				t.Errorf("got %d %s, want %d %s", w.Code, got, row.status, row.want)
			}
		})
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	for method, status := range map[string]int{"PUT": 405, "DELETE": 405, "HEAD": 405, "BREW": 405, "OPTIONS": 204} {
		w := send(httptest.NewRequestWithContext(t.Context(), method, "/graphql", strings.NewReader(hello)), endpoint(&upstream{}))
		if w.Code != status || w.Header().Get("Allow") != "GET, POST, QUERY" {
			t.Errorf("%s: got %d, Allow %q; want %d", method, w.Code, w.Header().Get("Allow"), status)
		}
	}
}

func TestGETNeverChangesAnything(t *testing.T) {
	t.Parallel()
	executed := 0
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a: Int } type Mutation { touch: Int }`})
	server := handler.New(&graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			executed++
			return graphql.OneShot(&graphql.Response{Data: []byte(`{"touch":1}`)})
		},
	})
	server.AddTransport(transport.HTTP{Limits: limits.Default()})
	w := get(t, server, "query="+url.QueryEscape("mutation { touch }"))
	if code := read(t, w).code(); w.Code != 405 || code != "METHOD_NOT_ALLOWED" || w.Header().Get("Allow") != "POST" || executed > 0 {
		t.Errorf("got %d %s, %d executions", w.Code, code, executed)
	}
	if w := post(t, server, asked("mutation { touch }")); w.Body.String() != `{"data":{"touch":1}}` {
		t.Errorf("by POST: %s", w.Body)
	}
}

func TestABodyBeyondTheLimitIsNotRead(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	large := asked("{ __typename #" + strings.Repeat("x", 10<<20) + "\n}")
	for name, body := range map[string]*http.Request{
		"of known length":   httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(large)),
		"of unknown length": httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", struct{ *strings.Reader }{strings.NewReader(large)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := send(body, h, "Content-Type: application/json")
			if code := read(t, w).code(); w.Code != 413 || code != "LIMIT_BODY" {
				t.Errorf("got %d %s", w.Code, code)
			}
		})
	}
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write(bytes.Repeat([]byte{' '}, 10<<20))
	_ = zip.Close()
	if w := post(t, h, bomb.String(), "Content-Encoding: gzip"); w.Code != 415 {
		t.Errorf("compressed: got %d", w.Code)
	}
}

func TestAResponseHasItsDataAndItsCostAndNothingElse(t *testing.T) {
	t.Parallel()
	w := post(t, endpoint(&upstream{}), asked(`{ hostPort(id: "`+exampleID+`") { port status host { id } } }`))
	want := `{"data":{"hostPort":{"port":21,"status":"OPEN","host":{"id":"85.13.139.18"}}},` +
		`"extensions":{"upstream":{"requests":0,"items":0,"waves":1,"estimate":1,"limit":400}}}`
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestVariablesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	body := `{"query":"query($id: ID!) { hostPort(id: $id) { port } }","variables":{"id":9007199254740993}}`
	w := post(t, endpoint(&upstream{}), body)
	if r := read(t, w); r.code() != "" {
		t.Errorf("got %s", w.Body)
	}
}

func TestErrorsDoNotRepeatTheBody(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for _, body := range []string{`{"query": s3cret}`, `{"s3cret":1}`, `["s3cret"]`, `{"query":["s3cret"]}`, `s3cret`} {
		if w := post(t, h, body); strings.Contains(w.Body.String(), "s3cret") {
			t.Errorf("%s: got %s", body, w.Body)
		}
	}
}

func TestABodyThatDoesNotComeInTime(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(endpoint(&upstream{}))
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, _ = io.WriteString(connection, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != 408 || !strings.Contains(string(body), "REQUEST_TIMEOUT") {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
}

func TestAPanicOutsideOfTheResolversIsReported(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a: Int }`})
	reported := 0
	for name, sharing := range map[string]*transport.Sharing{
		"shared": transport.NewSharing(func(context.Context) string { return "" }, nil), "alone": nil,
	} {
		reported = 0
		server := handler.New(&graphql.ExecutableSchemaMock{
			SchemaFunc: func() *ast.Schema { return schema },
			ExecFunc:   func(context.Context) graphql.ResponseHandler { panic("s3cret") },
		})
		server.SetRecoverFunc(func(context.Context, any) error { reported++; return errors.New("hidden") })
		server.AddTransport(transport.HTTP{Limits: limits.Default(), Sharing: sharing})
		w := post(t, server, asked("{ a }"))
		if w.Code != 500 || read(t, w).code() != "INTERNAL" || strings.Contains(w.Body.String(), "s3cret") || reported != 1 {
			t.Errorf("%s: got %d %s, reported %d times", name, w.Code, w.Body, reported)
		}
	}
}
