//go:build interop

package playgroundtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/playground/playgroundtest"
)

// A page that has what Open waits for, and then does what the playground must not do.
const leaking = `<!doctype html>
<button class="graphiql-execute-button">Run</button>
<div class="graphiql-query-editor"><div class="view-line">query</div></div>
<img src="http://image.example/pixel.png" alt="">
<script>
  new Worker('/worker.js');
  console.error('a complaint');
</script>`

func TestInteropWhatLeavesThePageIsNoticed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/worker.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = io.WriteString(w, `fetch('http://worker.example/data', { mode: 'no-cors' })`)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, leaking)
	}))
	defer server.Close()

	page := playgroundtest.Open(t, server.URL+"/")
	for _, host := range []string{"image.example", "worker.example"} {
		for deadline := time.Now().Add(20 * time.Second); !slices.Contains(page.OutsideRequests(), host); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s was requested and not noticed, only %q", host, page.OutsideRequests())
			}
		}
	}
	if got := page.Requests(); !slices.Contains(got, "GET http://image.example/pixel.png") {
		t.Errorf("the requests %q lack the image", got)
	}
	if got := strings.Join(page.ConsoleErrors(), "\n"); !strings.Contains(got, "a complaint") {
		t.Errorf("the console's errors %q lack the complaint", got)
	}
}
