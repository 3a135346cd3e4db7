package playground_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portico/graph/code"
	"portico/internal/playground"
)

const (
	pageText   = `<!doctype html><html lang="en" data-endpoint="/graphql" data-emulator="false"><div id="notes"></div></html>`
	servedText = `<!doctype html><html lang="en" data-endpoint="/graphql" data-emulator="false"></html>`
	scriptText = `console.log("portico")`
)

var served = playground.Options{Endpoint: "/graphql"}

// built is a page as small as a page can be, packed as the real one.
func built() fstest.MapFS {
	return fstest.MapFS{
		"dist/.keep":                  {},
		"dist/index.html.gz":          {Data: packed(pageText)},
		"dist/assets/index-abc.js.gz": {Data: packed(scriptText)},
		"dist/licenses.md.gz":         {Data: packed("MIT")},
	}
}

func packed(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.Bytes()
}

func serve(h http.Handler, method, path, acceptEncoding string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	if acceptEncoding != "" {
		r.Header.Set("Accept-Encoding", acceptEncoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = plain
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestHandlerServesThePageAndItsAssets(t *testing.T) {
	h := playground.HandlerOf(built(), served)
	for name, tt := range map[string]struct {
		method, path, accept                  string
		status                                int
		contentType, encoding, caching, wants string
	}{
		"the page": {
			"GET", "/", "gzip", 200,
			"text/html; charset=utf-8", "gzip", "no-cache", servedText,
		},
		"the page for a client without gzip": {
			"GET", "/", "", 200,
			"text/html; charset=utf-8", "", "no-cache", servedText,
		},
		"an asset is kept for ever": {
			"GET", "/assets/index-abc.js", "br, gzip;q=0.5", 200,
			"text/javascript; charset=utf-8", "gzip", "public, max-age=31536000, immutable", scriptText,
		},
		"an asset where gzip is refused": {
			"GET", "/assets/index-abc.js", "gzip;q=0, *", 200,
			"text/javascript; charset=utf-8", "", "public, max-age=31536000, immutable", scriptText,
		},
		"an asset where anything is accepted": {
			"GET", "/assets/index-abc.js", "*", 200,
			"text/javascript; charset=utf-8", "gzip", "public, max-age=31536000, immutable", scriptText,
		},
		"the licences are text": {
			"GET", "/licenses.md", "", 200,
			"text/plain; charset=utf-8", "", "no-cache", "MIT",
		},
		"a path that does not exist": {
			"GET", "/assets/other.js", "gzip", 404,
			"text/plain; charset=utf-8", "", "", "404 page not found\n",
		},
		"a folder": {
			"GET", "/assets/", "gzip", 404,
			"text/plain; charset=utf-8", "", "", "404 page not found\n",
		},
		"the packed file itself": {
			"GET", "/index.html.gz", "gzip", 404,
			"text/plain; charset=utf-8", "", "", "404 page not found\n",
		},
		"a method that writes": {
			"POST", "/", "gzip", 405,
			"text/plain; charset=utf-8", "", "", "only GET and HEAD are served here\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			res := serve(h, tt.method, tt.path, tt.accept)
			got := []any{
				res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Content-Encoding"),
				res.Header.Get("Cache-Control"), body(t, res),
			}
			want := []any{tt.status, tt.contentType, tt.encoding, tt.caching, tt.wants}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	server := httptest.NewServer(playground.HandlerOf(built(), served))
	defer server.Close()
	for _, encoding := range []string{"gzip", "identity"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", encoding)
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || len(text) != 0 {
			t.Errorf("HEAD with %s: status %d, body %q, error %v", encoding, res.StatusCode, text, err)
		}
	}
}

func TestHeadersKeepThePageToItself(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{"built": built(), "not built": {"dist/.keep": {}}} {
		t.Run(name, func(t *testing.T) {
			header := serve(playground.HandlerOf(files, served), "GET", "/", "gzip").Header
			for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
				if !strings.Contains(header.Get("Content-Security-Policy"), want) {
					t.Errorf("the policy %q lacks %q", header.Get("Content-Security-Policy"), want)
				}
			}
			got := map[string]string{}
			want := map[string]string{
				"X-Content-Type-Options":       "nosniff",
				"X-Frame-Options":              "DENY",
				"Referrer-Policy":              "no-referrer",
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
			}
			for key := range want {
				got[key] = header.Get(key)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThePageIsToldAboutTheServer(t *testing.T) {
	o := playground.Options{Endpoint: `/api"><script>`, Emulator: true, Notes: []string{"a <note> & another"}}
	got := body(t, serve(playground.HandlerOf(built(), o), "GET", "/", "gzip"))
	want := `<!doctype html><html lang="en" data-endpoint="/api&#34;&gt;&lt;script&gt;" data-emulator="true">` +
		`<p role="note" class="portico-banner">a &lt;note&gt; &amp; another</p></html>`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}

func TestEachErrorCodeIsDocumentedOffline(t *testing.T) {
	h := playground.HandlerOf(built(), served)
	page := body(t, serve(h, "GET", "/errors.html", "gzip"))
	var docs []struct{ Code, Cause, Remedy string }
	if err := json.Unmarshal([]byte(body(t, serve(h, "GET", "/errors.json", "gzip"))), &docs); err != nil {
		t.Fatal(err)
	}
	if len(docs) != len(code.Entries()) {
		t.Errorf("%d codes, want %d", len(docs), len(code.Entries()))
	}
	for i, e := range code.Entries() {
		if docs[i].Code != e.Code || docs[i].Cause != e.Cause || docs[i].Remedy != e.Remedy {
			t.Errorf("%+v is not %+v", docs[i], e)
		}
		if !strings.Contains(page, `<tr id="`+e.Code+`">`) {
			t.Errorf("no row for %s", e.Code)
		}
	}
	if !strings.Contains(page, "<code>application/json</code>") || strings.Contains(page, "`") {
		t.Error("the Markdown of the documentation is not HTML")
	}
}

func TestABinaryWithoutThePageSaysHowToBuildIt(t *testing.T) {
	other := fstest.MapFS{"dist/index.html.gz": {Data: packed(`<!doctype html><html data-endpoint="/graphql"></html>`)}}
	for name, files := range map[string]fstest.MapFS{"not built": {"dist/.keep": {}}, "built by another version": other} {
		h := playground.HandlerOf(files, served)
		res := serve(h, "GET", "/", "gzip")
		if text := body(t, res); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "make playground") {
			t.Errorf("%s: got %d %q, want 503 and the command", name, res.StatusCode, text)
		}
		if res := serve(h, "GET", "/assets/index-abc.js", "gzip"); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: an asset: got %d, want 404", name, res.StatusCode)
		}
	}
}

func TestTabsComeInOrderEachWithItsComment(t *testing.T) {
	var names []string
	for _, tab := range playground.Tabs() {
		names = append(names, tab.Name)
		if !strings.HasPrefix(tab.Query, "# ") || !strings.Contains(tab.Query, "\n# Costs ") {
			t.Errorf("%s does not start with what it shows and what it costs", tab.Name)
		}
	}
	want := []string{"1-host", "2-port-triage", "3-port-certificate", "4-ip-exposure", "5-incident-enrichment", "6-certificate-pivot", "7-certificate-hunt", "8-service-hunt", "9-infrastructure-chain"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("tabs (-want +got):\n%s", diff)
	}
}
