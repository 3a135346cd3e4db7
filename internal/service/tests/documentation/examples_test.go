package documentation_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/service/servicetest"

	"github.com/google/go-cmp/cmp"
)

const (
	goExample         = "examples/go"
	typescriptExample = "examples/typescript"
)

func TestTheGoExampleEnrichesAnIncident(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	got := output(t, command(t, goExample, "go", "run", ".", "-portico", s.URL+"/graphql",
		"85.13.139.18", "203.0.113.255", "contoso.com"))
	const want = `
HOST           OWNER                        REPUTATION     OPEN PORTS
85.13.139.18   AS64496 Example Hosting, DE  SUSPICIOUS 46  21 OpenSSH 8.2p1, 443 scaffolding on HTTPServer2 + nginx 1.18.0, 22 Sample Shell 9.6p1, 80 Example Web Server 2.4.1, 53/UDP Demo Name Server
203.0.113.255  unknown                      -              -
contoso.com    MarkMonitor Inc.             MALICIOUS 100  -
`
	if diff := cmp.Diff(want[1:], got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheGoExampleIsGeneratedFromTheSchema(t *testing.T) {
	t.Parallel()
	const generated = "incident.generated.go"
	want := read(t, filepath.Join(goExample, generated))
	root := t.TempDir()
	there := filepath.Join(root, goExample)
	if err := os.CopyFS(there, os.DirFS(goExample)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "schema.graphqls"), []byte(read(t, "schema.graphqls")), 0o644); err != nil {
		t.Fatal(err)
	}
	output(t, command(t, there, "go", "generate", "."))
	output(t, command(t, there, "go", "vet", "."))
	if read(t, filepath.Join(there, generated)) != want {
		t.Errorf("%s/%s is another: make generate", goExample, generated)
	}
}

// The second part of the answer leaves Portico only once the program has printed what it made of the first.
func TestTheTypeScriptExampleShowsTheFirstPartFirst(t *testing.T) {
	t.Parallel()
	requireModules(t, typescriptExample)
	s := servicetest.Start(t)
	shown := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Handler().ServeHTTP(&pausing{ResponseWriter: w, ctx: r.Context(), until: shown}, r)
	}))
	defer server.Close()

	cmd := command(t, typescriptExample, "npm", "start", "--silent", "--", "MTkyLjAuMi4xJCQ0NDM=", server.URL+"/graphql")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	first, _ := lines.ReadString('\n') // at the end it is empty, which is wrong below
	close(shown)
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &stderr)
	}
	if want := "192.0.2.1 shows cert0.example.com on port 443.\n"; first != want {
		t.Errorf("first %q, want %q", first, want)
	}
	for _, want := range []string{"Hosts that showed it: 3\n", "\n  192.0.2.1 (MALICIOUS 90): 443 Example Web Server 2.4.1, 465 "} {
		if !strings.Contains(string(rest), want) {
			t.Errorf("then %q, which lacks %q", rest, want)
		}
	}
}

func TestTheTypeScriptExampleIsGeneratedFromTheSchema(t *testing.T) {
	t.Parallel()
	requireModules(t, typescriptExample)
	output(t, command(t, typescriptExample, "npm", "run", "generated", "--silent"))
}

// pausing holds back what is written after the first flush.
type pausing struct {
	http.ResponseWriter
	ctx     context.Context
	until   <-chan struct{}
	flushed bool
}

func (p *pausing) Flush() {
	p.ResponseWriter.(http.Flusher).Flush()
	p.flushed = true
}

func (p *pausing) Write(b []byte) (int, error) {
	if p.flushed {
		select {
		case <-p.until:
		case <-p.ctx.Done():
		}
	}
	return p.ResponseWriter.Write(b)
}

// requireModules skips where a Node.js project was not installed, or fails in CI.
func requireModules(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil {
		return
	}
	missing := "not installed: npm --prefix " + dir + " ci"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// command is one that runs in a directory and ends with the test or after four minutes: Go may have to fetch and
// compile first.
func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // its children may hold the pipes
	return cmd
}

func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd, err, out, &stderr)
	}
	return string(out)
}
