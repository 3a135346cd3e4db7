//go:build interop

package playground_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/playground"
	"portico/internal/playground/playgroundtest"
)

//go:embed testdata/introspection.json
var introspection string

// endpoint is not the one in the page's source, so that a page which ignored what it is told would fail.
const endpoint = "/api/graphql"

// A GraphQL server that knows a few answers, for the page is all that is tested here.
type stub struct {
	// The deferred part of an answer leaves when this is closed.
	arrived chan struct{}
}

func (s stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Query string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case strings.Contains(asked.Query, "__schema"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, introspection)
	case strings.Contains(asked.Query, "query PortTriage"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, hostile)
	case strings.Contains(asked.Query, "query PortCertificate"):
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, failing)
	case strings.Contains(asked.Query, "@defer"):
		s.defers(w, r)
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"hostPort":{"port":21,"banners":[{"banner":"220 FTP ready\r\n"}]}},`+
			`"extensions":{"upstream":{"requests":1}}}`)
	}
}

func (s stub) defers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", `multipart/mixed;boundary="-";deferSpec=20220824`)
	part := func(text string) {
		_, _ = fmt.Fprintf(w, "--%s\r\nContent-Type: application/json\r\n\r\n%s\r\n", "-", text)
		_ = http.NewResponseController(w).Flush()
	}
	part(`{"data":{"hostPort":{"port":21,"status":"OPEN"}},"hasNext":true}`)
	// A reader knows that a part is complete by the boundary that follows it.
	_, _ = io.WriteString(w, "---\r\n")
	_ = http.NewResponseController(w).Flush()
	select {
	case <-s.arrived:
	case <-r.Context().Done():
		return
	}
	_, _ = io.WriteString(w, "Content-Type: application/json\r\n\r\n"+
		`{"incremental":[{"data":{"host":{"id":"192.0.2.7"}},"path":["hostPort"],"label":"host"}],"hasNext":false}`+"\r\n-----\r\n")
}

func serveStub(t *testing.T) (url string, arrive func()) {
	t.Helper()
	return serveStubAs(t, playground.Options{Endpoint: endpoint, Emulator: true, Notes: []string{"all is <invented>"}})
}

func serveStubAs(t *testing.T, o playground.Options) (url string, arrive func()) {
	t.Helper()
	playgroundtest.RequireBuilt(t)
	s := stub{arrived: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("POST "+endpoint, s)
	mux.Handle("/", playground.Handler(o))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, func() { close(s.arrived) }
}

func TestInteropThePageRunsTheFirstTabAndLoadsNothingFromElsewhere(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	var want []string
	for _, tab := range playground.Tabs() {
		title, _, _ := strings.Cut(strings.TrimPrefix(tab.Query, "# "), "\n")
		want = append(want, title)
	}
	if diff := cmp.Diff(want, page.Tabs()); diff != "" {
		t.Errorf("tabs (-want +got):\n%s", diff)
	}
	page.WaitForWorkers(3)
	page.Run()
	page.WaitForText(`"banner": "220 FTP ready`)
	page.WaitForText(`"upstream"`)
	keepPicture(t, page, "first-tab")

	for _, request := range page.Requests() {
		if _, target, _ := strings.Cut(request, " "); !isOwn(target, url) {
			t.Errorf("the page requested %s", request)
		}
	}
	if got := page.OutsideRequests(); len(got) != 0 {
		t.Errorf("the browser requested %q", got)
	}
	if got := page.ConsoleErrors(); len(got) != 0 {
		t.Errorf("the console shows %q", got)
	}
}

func TestInteropADeferredPartIsShownWhenItArrives(t *testing.T) {
	url, arrive := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.OpenTab("Who shares this port's certificate?")
	page.Run()
	page.WaitForText(`"status": "OPEN"`)
	if got := page.Response(); strings.Contains(got, "192.0.2.7") {
		t.Errorf("the deferred part is there before it was sent:\n%s", got)
	}
	arrive()
	page.WaitForText(`"id": "192.0.2.7"`)
	page.WaitForText(`"status": "OPEN"`)
	if got := page.ConsoleErrors(); len(got) != 0 {
		t.Errorf("the console shows %q", got)
	}
}

func isOwn(target, url string) bool {
	return strings.HasPrefix(target, url+"/") || strings.HasPrefix(target, "data:") || strings.HasPrefix(target, "blob:"+url+"/")
}
