//go:build interop

package prometheus_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portico/packaging/binary/binarytest"
)

// A program is a Portico that runs.
type program struct {
	t                         *testing.T
	graphql, metrics, control string
	cmd                       *exec.Cmd
	log                       *output
	client                    *http.Client
}

// output is what a program logs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) find(name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if found := regexp.MustCompile(`"` + name + `":"([^"]+)"`).FindStringSubmatch(o.text.String()); found != nil {
		return found[1]
	}
	return ""
}

func TestMain(m *testing.M) { binarytest.Main(m) }

// start runs Portico with an emulator of its own, until the test ends.
func start(t *testing.T, binary string, settings ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(binary), log: &output{}, client: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, //nolint:gosec // the emulator's own certificate
	}}
	p.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "PORTICO_LISTEN=127.0.0.1:0", "PORTICO_METRICS_LISTEN=127.0.0.1:0", "PORTICO_LOG_FORMAT=json",
		"PORTICO_EMULATOR_CONTROL=on", "PORTICO_EMULATOR_SIZE=20", "PORTICO_DRAIN_DELAY=0s",
	}, settings...)
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	for range 500 {
		if p.graphql = p.log.find("graphql"); p.graphql != "" {
			p.metrics, p.control = p.log.find("metrics_address"), p.log.find("emulator_control")
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("it does not listen: %s", p.log.text.String())
	return nil
}

// startRedis runs a Redis without a port until the test ends, and returns the path of its socket.
func startRedis(t *testing.T) (*os.Process, string) {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 500 {
		if _, err := os.Stat(socket); err == nil {
			return cmd.Process, socket
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("redis-server does not listen")
	return nil, ""
}

// stop ends the program, if it runs.
func (p *program) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	}
}

// ask sends a query, with a token if there is one, and returns the response.
func (p *program) ask(query, token string) string {
	body, _ := json.Marshal(map[string]string{"query": query}) // strings can be encoded
	r, err := http.NewRequest(http.MethodPost, p.graphql, bytes.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return ""
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return p.send(r)
}

// probe asks whether the program is ready, as Kubernetes does.
func (p *program) probe() {
	r, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(p.graphql, "/graphql")+"/readyz", http.NoBody)
	if err != nil {
		p.t.Error(err)
		return
	}
	p.send(r)
}

// askAll sends queries at the same time.
func (p *program) askAll(queries ...string) {
	var all sync.WaitGroup
	for _, query := range queries {
		all.Go(func() { p.ask(query, "") })
	}
	all.Wait()
}

// askUntilStale sends a query about a port until the cache answers with an entry that is past its time. It does so
// between once and twice that time.
func (p *program) askUntilStale(query string) {
	for range 100 {
		if strings.Contains(p.ask(query, ""), `"cacheStale":1`) {
			return
		}
		time.Sleep(60 * time.Millisecond)
	}
	p.t.Error("the cache never answered with a stale entry")
}

// fail has the emulator fail as the JSON says; an empty one ends all faults.
func (p *program) fail(fault string) {
	method, body := http.MethodPost, io.Reader(strings.NewReader(fault))
	if fault == "" {
		method, body = http.MethodDelete, http.NoBody
	}
	r, err := http.NewRequest(method, p.control+"/faults", body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if text := p.send(r); fault != "" && !strings.Contains(text, "faults") {
		p.t.Fatalf("%s: %s", fault, text)
	}
}

func (p *program) send(r *http.Request) string {
	response, err := p.client.Do(r)
	if err != nil {
		p.t.Error(err)
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Error(err)
	}
	return string(text)
}

// token returns a caller's token of the emulator.
func (p *program) token() string {
	r, err := http.NewRequest(http.MethodPost, p.control+"/tokens", strings.NewReader(`{"kind":"user"}`))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	text := p.send(r)
	found := regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`).FindString(text)
	if found == "" {
		p.t.Fatalf("no token in %s", text)
	}
	return found
}

// port is a query for a port of the emulator's world that is in no other query.
func port(n int) string {
	return fmt.Sprintf(`query Port%d { hostPort(id: "ODUuMTMuMTM5LjE4JCQyMQ==") { port host { firstSeenDateTime } } }`, n)
}
