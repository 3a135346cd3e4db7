package attacks_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

func TestHostileRequestsAreRefusedBeforeTheyCostAnything(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	many := func(n int, text string) string { return strings.Repeat(text, n) }
	numbered := func(n int, text string) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, text+" ", i)
		}
		return all.String()
	}
	circle := "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
	doubling := "{ ...f0 }" + numbered(24, "fragment f%[1]d on Query { ...g%[1]d ...g%[1]d }")
	for i := range 24 {
		doubling += fmt.Sprintf(" fragment g%d on Query { ...f%d }", i, i+1)
	}
	doubling += " fragment f24 on Query { __typename }"
	for _, row := range []struct {
		what   string
		body   []byte
		status int
		code   string
		errors int // how many at most
	}{
		{"15,000 tokens", servicetest.Body("{" + many(15_000, " __typename") + "}"), 400, "LIMIT_TOKENS", 1},
		{"2,400 fields", servicetest.Body("{" + many(2400, " __typename") + "}"), 400, "LIMIT_FIELDS", 1},
		{"13 fields deep", servicetest.Body(many(13, "{ host") + many(13, "}")), 400, "LIMIT_DEPTH", 1},
		{"20,000 fields deep", servicetest.Body(many(20_000, "{ host") + many(20_000, "}")), 400, "LIMIT_DEPTH", 1},
		{"20,000 lists deep", servicetest.Body("{ hostPorts(ids: " + many(20_000, "[") + many(20_000, "]") + ") { id } }"), 400, "LIMIT_DEPTH", 1},
		{"fragments in a circle", servicetest.Body(circle), 200, "GRAPHQL_VALIDATION_FAILED", 1},
		{"fragments that double 24 times", servicetest.Body(doubling), 400, "LIMIT_NODES", 1},
		{"1,000 fragments", servicetest.Body("{ __typename } " + numbered(1000, "fragment f%d on Query { __typename }")), 400, "LIMIT_TOKENS", 1},
		{"101 aliases", servicetest.Body("{" + numbered(101, "a%d: __typename") + "}"), 400, "LIMIT_ALIASES", 1},
		{"61 aliased ports", servicetest.Body("{" + numbered(61, `a%d: hostPort(id: "x") { port }`) + "}"), 400, "LIMIT_ALIASES", 1},
		{"61 fields at the root", servicetest.Body("{" + many(61, ` hostPort(id: "x") { port }`) + "}"), 400, "LIMIT_ROOT_FIELDS", 1},
		{"10,000 directives", servicetest.Body("{ __typename" + many(10_000, " @a") + "}"), 400, "LIMIT_TOKENS", 1},
		{"500 directives", servicetest.Body("{ __typename" + many(500, " @a") + "}"), 400, "LIMIT_DIRECTIVES", 1},
		{"5,000 unknown fields", servicetest.Body("{" + numbered(5000, "unknown%d") + "}"), 400, "LIMIT_TOKENS", 1},
		{"240 unknown fields", servicetest.Body("{ hostPort(id: 1) {" + numbered(240, "unknown%d") + "} }"), 200, "GRAPHQL_VALIDATION_FAILED", 21},
		{"introspection in circles", servicetest.Body("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"), 400, "LIMIT_DEPTH", 1},
		{"10 operations in an array", []byte("[" + many(9, `{"query":"{__typename}"},`) + `{"query":"{__typename}"}]`), 400, "BATCHING_DISABLED", 1},
		{"1,000 operations in an array", []byte("[" + many(999, `{"query":"{__typename}"},`) + `{"query":"{__typename}"}]`), 400, "BATCHING_DISABLED", 1},
		{"a body of 10 MB", servicetest.Body("{ __typename #" + many(10<<20, "x") + "\n}"), 413, "LIMIT_BODY", 1},
		{"101 ids", servicetest.Body(servicetest.PortsQuery(make([]string, 101)...)), 400, "LIMIT_IDS", 1},
		{"nothing", nil, 400, "BAD_REQUEST", 1},
		{"variables nested 20,000 deep", []byte(`{"query":"{__typename}","variables":{"a":` + many(20_000, "[") + many(20_000, "]") + `}}`), 400, "BAD_REQUEST", 1},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := s.Post(t, row.body)
			if a.Status != row.status || len(a.Errors) == 0 || a.Errors[0].Extensions["code"] != row.code {
				t.Errorf("got %d %.300s, want %d %s", a.Status, a.Text, row.status, row.code)
			}
			if len(a.Errors) > row.errors || len(a.Text) > 500+300*len(a.Errors) || a.Data != "" {
				t.Errorf("%d errors in %d bytes", len(a.Errors), len(a.Text))
			}
			if a.Took > servicetest.Patience {
				t.Errorf("it took %v", a.Took)
			}
		})
	}
	s.WantSent(t)
}

// What an operation would cost is known before its first request, and too much is never begun.
func TestTheUpstreamBudgetIsHeldBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	lists := func(n int, fields string) servicetest.Operation {
		q := servicetest.Operation{Variables: map[string]any{}}
		var fieldsOf strings.Builder
		for list := range n {
			ids := make([]string, 100)
			for i := range ids {
				ids[i] = fmt.Sprintf("%d-%d", list, i)
			}
			q.Variables[fmt.Sprintf("v%d", list)] = ids
			fmt.Fprintf(&fieldsOf, " a%d: hostPorts(ids: $v%d) { %s }", list, list, fields)
		}
		var declared strings.Builder
		for list := range n {
			fmt.Fprintf(&declared, " $v%d: [ID!]!", list)
		}
		q.Query = "query(" + declared.String() + ") {" + fieldsOf.String() + " }"
		return q
	}
	for _, row := range []struct {
		what     string
		settings []string
		q        servicetest.Operation
		refused  bool
	}{
		{"400 requests, the most by default", nil, lists(4, "port"), false},
		{"500 requests", nil, lists(5, "port"), true},
		{"300 ports whose hosts only their answers tell", nil, lists(3, "host { firstSeenDateTime }"), true},
		{"ten are the most, and ten it takes", []string{"PORTICO_LIMIT_UPSTREAM_REQUESTS=10"}, servicetest.Operation{Query: servicetest.PortsQuery(strings.Split("abcdefghij", "")...)}, false},
		{"ten are the most, and eleven it takes", []string{"PORTICO_LIMIT_UPSTREAM_REQUESTS=10"}, servicetest.Operation{Query: servicetest.PortsQuery(strings.Split("abcdefghijk", "")...)}, true},
		{"eleven ids, and the same one twice", []string{"PORTICO_LIMIT_UPSTREAM_REQUESTS=10"}, servicetest.Operation{Query: servicetest.PortsQuery(strings.Split("abcdefghija", "")...)}, false},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, row.settings...)
			s.FetchToken(t)
			a := s.Send(t, row.q)
			if !row.refused {
				if len(a.Errors) != 0 || a.Status != http.StatusOK {
					t.Errorf("refused: %d %.300s", a.Status, a.Text)
				}
				return
			}
			if a.Status != http.StatusBadRequest || a.Codes() != "LIMIT_UPSTREAM_REQUESTS" || a.Data != "" {
				t.Errorf("not refused: %d %.300s", a.Status, a.Text)
			}
			s.WantSent(t)
		})
	}
}

// onePort is all that may ever be sent for a port by its id: one segment of a path, and the properties.
var onePort = regexp.MustCompile(`^/security/threatIntelligence/hostPorts/([^/?#\\ ]+)\?\$select=port$`)

// Whatever an id holds, it stays one segment below the collection, or it is not sent.
func TestAnIDLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	for _, id := range []string{
		"../../users", "..", ".", "...", "%2e%2e", "%2e%2e%2f%2e%2e%2fusers", "..%2fusers", `..\users`, "a/b", "/", "//elsewhere.example/x",
		"https://elsewhere.example/", "?$expand=*", "x?$select=*", "x&$top=999", "#", "x#y", "$batch", "$count", "{", "}", "{id}", "'", `"`,
		"')/$value", "a b", " ", "+", "a+b==", "a;b", "a:b@c", "%", "%00", "%zz", "\u2028", "😀", "ä", "\u202e", "<script>", "x\ty", "x\r\nHost: elsewhere.example",
		"\x00", "\x7f", "", strings.Repeat("a", 10_000), strings.Repeat("%2e%2e/", 100), "_emulator/faults",
	} {
		t.Run(fmt.Sprintf("%.30q", id), func(t *testing.T) {
			s.Emulator.ResetLog()
			a := s.Send(t, servicetest.Operation{Query: "query($id: ID!) { hostPort(id: $id) { port } }", Variables: map[string]any{"id": id}})
			requests := s.Emulator.Requests()
			reserved := id == "$count" && a.Codes() == "UPSTREAM_BAD_REQUEST" // OData keeps this segment for itself
			if a.Data != `{"hostPort":null}` || a.Codes() != "" && a.Codes() != "BAD_ID" && !reserved {
				t.Errorf("got %s", a.Text)
			}
			if a.Codes() == "BAD_ID" {
				if len(requests) != 0 {
					t.Errorf("a bad id was sent: %v", requests)
				}
				return
			}
			if len(requests) != 1 {
				t.Fatalf("%d requests", len(requests))
			}
			match := onePort.FindStringSubmatch(requests[0].URL)
			if match == nil || match[1] == "." || match[1] == ".." {
				t.Fatalf("upstream received %s", requests[0].URL)
			}
			if key, err := url.PathUnescape(match[1]); err != nil || key != id {
				t.Errorf("the id arrived as %q, %v", key, err)
			}
		})
	}
}

// Nor does an id that an answer holds.
func TestAnIDInAResponseCannotLeaveItsPath(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"../../users", "..", "x?$expand=*", "//elsewhere.example", "$batch", "x\r\ny", "x y"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t)
			text, _ := json.Marshal(host) // a text can be encoded
			s.Put(t, "hostPorts", fmt.Sprintf(`{"id":"port","host":{"id":%s}}`, text))
			s.FetchToken(t)
			a := s.Ask(t, `{ hostPort(id: "port") { host { id firstSeenDateTime } } }`)
			a.Want(t, fmt.Sprintf(`{"hostPort":{"host":{"id":%s,"firstSeenDateTime":null}}}`, text))
			for _, r := range s.Emulator.Requests() {
				path, _, _ := strings.Cut(r.URL, "?")
				if set, key, _ := strings.Cut(servicetest.ShortPath(path), "/"); set != "hostPorts" && set != "hosts" || strings.Contains(key, "/") || key == ".." {
					t.Errorf("upstream received %s", r.URL)
				}
			}
		})
	}
}

func TestOtherOriginsMayNotSendRequests(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	const jsonType, form = "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded"
	inQuery := "/graphql?query=" + url.QueryEscape(servicetest.PortsQuery("port-0"))
	for _, row := range []struct {
		what, method, path string
		headers            []string
		status             int
		code               string
	}{
		{"a script", "POST", "/graphql", []string{jsonType, "Sec-Fetch-Site: cross-site"}, 403, "CSRF"},
		{"a script of a sister site", "POST", "/graphql", []string{jsonType, "Sec-Fetch-Site: same-site"}, 403, "CSRF"},
		{"a script in an old browser", "POST", "/graphql", []string{jsonType, "Origin: https://elsewhere.example"}, 403, "CSRF"},
		{"a script without an origin", "POST", "/graphql", []string{jsonType, "Origin: null"}, 403, "CSRF"},
		{"an image", "GET", inQuery, []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"}, 403, "CSRF"},
		{"an image in an old browser", "GET", inQuery, []string{"Origin: https://elsewhere.example"}, 403, "CSRF"},
		{"a form", "POST", "/graphql", []string{form}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"a form as text", "POST", "/graphql", []string{"Content-Type: text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"a form with files", "POST", "/graphql", []string{"Content-Type: multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"a beacon", "POST", "/graphql", []string{"Sec-Fetch-Site: cross-site", "Content-Type: text/plain"}, 403, "CSRF"},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := s.Request(t, row.method, row.path, servicetest.Body(servicetest.PortsQuery("port-0")), row.headers...)
			if a.Status != row.status || a.Codes() != row.code {
				t.Errorf("got %d %s, want %d %s", a.Status, a.Text, row.status, row.code)
			}
			if allowed := a.Header.Get("Access-Control-Allow-Origin"); allowed != "" {
				t.Errorf("Access-Control-Allow-Origin: %s", allowed)
			}
		})
	}
	s.WantSent(t)
}

func TestCompressedBodiesAreRefusedUnread(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write(servicetest.Body("{ __typename #" + strings.Repeat("x", 8<<20) + "\n}"))
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	a := s.Post(t, bomb.Bytes(), "Content-Encoding: gzip")
	if a.Status != 415 || a.Codes() != "UNSUPPORTED_MEDIA_TYPE" {
		t.Errorf("got %d %s", a.Status, a.Text)
	}
}

func TestTheSchemaIsOpenAndFree(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	a := s.Ask(t, `query IntrospectionQuery { __schema { queryType { name } directives { name args { name type { name } } }
		types { kind name description fields(includeDeprecated: true) { name description args { name } type { ...T } } enumValues { name } possibleTypes { name } } } }
		fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`)
	if len(a.Errors) != 0 || !strings.Contains(a.Data, `"mostRecentSslCertificate"`) {
		t.Errorf("got %.300s", a.Text)
	}
	s.WantSent(t)
	if n := s.Emulator.TokenRequests(); n != 0 {
		t.Errorf("%d token requests", n)
	}
}

// An answer with very many wrong values is as bounded as one with none.
func TestErrorsOfAResponseAreCounted(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	banners := strings.Repeat(`{"timesObserved":"`+strings.Repeat("x", 5000)+`"},`, 300)
	s.Emulator.Fail(emulator.RawBody(200, `{"id":"port","port":1,"banners":[`+strings.TrimSuffix(banners, ",")+`]}`))
	a := s.Ask(t, `{ hostPort(id: "port") { port banners { timesObserved } } }`)
	if len(a.Errors) != 21 || a.Errors[20].Extensions["code"] != "LIMIT_ERRORS" {
		t.Errorf("%d errors, the last is %v", len(a.Errors), a.Errors[len(a.Errors)-1])
	}
	if len(a.Text) > 32<<10 {
		t.Errorf("%d bytes", len(a.Text))
	}
	if !strings.HasPrefix(a.Data, `{"hostPort":{"port":1,"banners":[{"timesObserved":null}`) {
		t.Errorf("data %.200s", a.Data)
	}
}
