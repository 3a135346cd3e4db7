//go:build interop

package browsers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

// script sends an operation with @defer twice, and shows what the page was allowed to read.
const script = `<!doctype html><title>A frontend</title><link rel="icon" href="data:,"><pre id="shown"></pre><script>
(async () => {
  const shown = document.getElementById('shown');
  for (let n = 0; n < 2; n++) {
    try {
      const response = await fetch(%q, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'multipart/mixed; deferSpec=20220824, application/json', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        body: JSON.stringify({ query: %q }),
      });
      shown.append(response.headers.get('Content-Type') + ' ' + await response.text() + '\n');
    } catch (error) {
      shown.append('blocked: ' + error + '\n');
    }
  }
  document.title = 'done';
})();
</script>`

// frontend serves a page from an origin of its own, which sends its operation to the endpoint that target returns.
func frontend(t *testing.T, target func() string) (url string) {
	t.Helper()
	query := `{ hostPort(id: "` + servicetest.ExampleID + `") { port ... @defer { host { firstSeenDateTime } } } }`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, script, target(), query)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A page of an allowed origin gets all parts of a response, and asks for permission once. A page of any other origin gets
// nothing, and its operation is not executed.
func TestInteropOnlyPagesOfAllowedOriginsCallPortico(t *testing.T) {
	var s *servicetest.Service
	target := func() string { return s.URL + "/graphql" }
	allowed, other := frontend(t, target), frontend(t, target)
	s = servicetest.StartSmall(t, "PORTICO_ALLOWED_ORIGINS="+allowed)
	s.FetchToken(t)
	s.Emulator.ResetLog()

	blocked := playgroundtest.Visit(t, other+"/")
	blocked.WaitFor("the other page to be done", `document.title === 'done'`)
	if got := blocked.Text("#shown"); strings.Count(got, "blocked: TypeError") != 2 || strings.Contains(got, "data") {
		t.Errorf("the other page shows %s", got)
	}
	s.WantSent(t) // nothing

	page := playgroundtest.Visit(t, allowed+"/")
	page.WaitFor("the allowed page to be done", `document.title === 'done'`)
	got := page.Text("#shown")
	for _, want := range []string{"multipart/mixed", `"port":21`, `"hasNext":true`, `"hasNext":false`, `"firstSeenDateTime":"`} {
		if strings.Count(got, want) != 2 {
			t.Errorf("%s is not in both responses:\n%s", want, got)
		}
	}
	asked := 0
	for _, request := range page.Requests() {
		if strings.HasPrefix(request, http.MethodOptions+" ") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("%d preflight requests, want 1: %q", asked, page.Requests())
	}
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
}
