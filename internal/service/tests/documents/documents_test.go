package documents_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/documents"
	"portico/internal/service"
	"portico/internal/service/servicetest"
)

const (
	port  = `query Port { hostPort(id: "` + servicetest.ExampleID + `") { port } }`
	data  = `{"hostPort":{"port":21}}`
	other = `{ __typename }`
)

// manifest writes a map of documents by their hashes, and returns its name.
func manifest(t testing.TB, texts ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "documents.json")
	write(t, name, texts...)
	return name
}

func write(t testing.TB, name string, texts ...string) {
	t.Helper()
	byHash := map[string]string{}
	for _, text := range texts {
		byHash[documents.Hash(text)] = text
	}
	encoded, err := json.Marshal(byHash)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".new", encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

func TestRequestsNameADocument(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_DOCUMENTS="+manifest(t, port), "PORTICO_DOCUMENTS_MODE=require")
	hash := documents.Hash(port)
	for what, body := range map[string]string{
		"documentId":               fmt.Sprintf(`{"documentId": %q}`, hash),
		"documentId with a prefix": fmt.Sprintf(`{"documentId": "sha256:%s"}`, hash),
		"doc_id":                   fmt.Sprintf(`{"doc_id": %q}`, hash),
		"id":                       fmt.Sprintf(`{"id": %q}`, hash),
		"Apollo's extension":       fmt.Sprintf(`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": %q}}}`, hash),
		"two names of one":         fmt.Sprintf(`{"documentId": %q, "id": %[1]q}`, hash),
		"its text":                 fmt.Sprintf(`{"query": %q}`, port),
		"its text and an id":       fmt.Sprintf(`{"query": %q, "id": "7"}`, port),
	} {
		if a := s.Post(t, []byte(body)); a.Data != data || len(a.Errors) > 0 {
			t.Errorf("%s: %s", what, a.Text)
		}
	}
	for _, path := range []string{
		"/graphql/" + hash, "/graphql?documentId=" + hash, "/graphql?id=" + hash,
		"/graphql?extensions=" + url.QueryEscape(fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hash)),
	} {
		if a := s.Request(t, http.MethodGet, path, nil); a.Data != data {
			t.Errorf("GET %s: %s", path, a.Text)
		}
	}
}

func TestWhatIsDoneWithOtherDocuments(t *testing.T) {
	t.Parallel()
	file := manifest(t, port)
	for _, row := range []struct{ mode, body, want string }{
		{"require", `{"query": "{ __typename }"}`, "DOCUMENT_NOT_TRUSTED"},
		{"require", `{"query": "{ not GraphQL"}`, "DOCUMENT_NOT_TRUSTED"},
		{"require", `{"documentId": "other"}`, "DOCUMENT_NOT_TRUSTED"},
		{"require", fmt.Sprintf(`{"query": "{ __typename }", "documentId": %q}`, documents.Hash(port)), "DOCUMENT_NOT_TRUSTED"},
		{"require", fmt.Sprintf(`{"query": %q}`, port+" "), "DOCUMENT_NOT_TRUSTED"},
		{"allow", `{"query": "{ __typename }"}`, ""},
		{"allow", `{"documentId": "other"}`, "PERSISTED_QUERY_NOT_FOUND"},
		{"log", `{"query": "{ __typename }"}`, ""},
		{"log", `{"documentId": "other"}`, "PERSISTED_QUERY_NOT_FOUND"},
		{"log", `{"documentId": "a", "id": "b"}`, "BAD_REQUEST"},
		{"log", `{"documentId": 1}`, "BAD_REQUEST"},
		{"log", `{"id": 1, "query": "{ __typename }"}`, ""},
		{"off", `{"query": "{ __typename }"}`, ""},
		{"off", fmt.Sprintf(`{"documentId": %q}`, documents.Hash(port)), "PERSISTED_QUERY_NOT_SUPPORTED"},
	} {
		t.Run(row.mode+" "+row.body, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, "PORTICO_DOCUMENTS="+file, "PORTICO_DOCUMENTS_MODE="+row.mode)
			if a := s.Post(t, []byte(row.body)); a.Codes() != row.want {
				t.Errorf("got %s", a.Text)
			}
			logged := strings.Contains(s.Log.String(), "document is not trusted")
			if want := row.mode == "log" && row.want == ""; logged != want {
				t.Errorf("logged: %v", logged)
			}
		})
	}
}

func TestTrustedDocumentsSkipTheLimitsOfDocuments(t *testing.T) {
	t.Parallel()
	file := manifest(t, port)
	allow := servicetest.StartSmall(t, "PORTICO_DOCUMENTS="+file, "PORTICO_DOCUMENTS_MODE=allow", "PORTICO_LIMIT_TOKENS=10")
	if a := allow.Ask(t, port); a.Data != data {
		t.Errorf("a trusted document: %s", a.Text)
	}
	if a := allow.Ask(t, port+" "); a.Codes() != "LIMIT_TOKENS" {
		t.Errorf("another document: %s", a.Text)
	}
}

func TestADocumentMayDefer(t *testing.T) {
	t.Parallel()
	text := `{ hostPort(id: "` + servicetest.ExampleID + `") { port ... @defer { host { firstSeenDateTime } } } }`
	s := servicetest.StartSmall(t, "PORTICO_DOCUMENTS="+manifest(t, text))
	a := s.Post(t, fmt.Appendf(nil, `{"documentId": %q}`, documents.Hash(text)), "Accept: multipart/mixed, application/json")
	if len(a.Parts) == 0 {
		t.Errorf("no parts: %s", a.Text)
	}
}

func TestDocumentsAreReadAgainWhenTheyChange(t *testing.T) {
	t.Parallel()
	file := manifest(t, port)
	s := servicetest.StartSmall(t, "PORTICO_DOCUMENTS="+file, "PORTICO_DOCUMENTS_MODE=require")
	if a := s.Ask(t, other); a.Codes() != "DOCUMENT_NOT_TRUSTED" {
		t.Fatal(a.Text)
	}
	write(t, file, other)
	servicetest.Eventually(t, "the new documents are used", func() bool { return len(s.Ask(t, other).Errors) == 0 })
	if a := s.Ask(t, port); a.Codes() != "DOCUMENT_NOT_TRUSTED" {
		t.Errorf("an old document: %s", a.Text)
	}
	write(t, file, other, "{ nothingOfTheKind }")
	servicetest.Eventually(t, "the wrong documents are noticed", func() bool {
		return strings.Contains(s.Log.String(), "the previous ones stay in use")
	})
	if a := s.Ask(t, other); len(a.Errors) > 0 {
		t.Errorf("after wrong documents: %s", a.Text)
	}
}

func TestDocumentsCheck(t *testing.T) {
	t.Parallel()
	many := `query Many($ids: [ID!]!) { hostPorts(ids: $ids) { port host { firstSeenDateTime } } }`
	for _, row := range []struct {
		what  string
		texts []string
		args  []string
		wants []string
		fails bool
	}{
		{"one port", []string{port}, nil, []string{"OPERATION", "Port", "1         1      1"}, false},
		{"a hundred ports with their hosts", []string{many}, nil, []string{"Many", "10        200    2"}, false},
		{"too many items", []string{port, many}, []string{"--max-items", "199"}, []string{"Many may request 200 items, more than 199"}, true},
		{"items enough", []string{port, many}, []string{"--max-items=200"}, nil, false},
		{"a field that does not exist", []string{"{ nothingOfTheKind }"}, nil, []string{"nothingOfTheKind"}, true},
		{"a flag that does not exist", []string{port}, []string{"--most"}, []string{"most"}, true},
	} {
		t.Run(row.what, func(t *testing.T) {
			var out bytes.Buffer
			args := append([]string{"documents", "check", manifest(t, row.texts...)}, row.args...)
			err := service.Run(t.Context(), args, nil, &out, &out, service.Process{Exit: servicetest.ExitOf(t)})
			if (err != nil) != row.fails {
				t.Errorf("got %v", err)
			}
			for _, want := range row.wants {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, &out)
				}
			}
		})
	}
}
