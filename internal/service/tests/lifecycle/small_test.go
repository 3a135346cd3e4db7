//go:build unix

package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/playground"
	"portico/internal/service/servicetest"
)

// send sends a request, and returns status and body.
func (c *child) send(t *testing.T, query, variables string) (int, string) {
	t.Helper()
	if variables == "" {
		variables = "{}"
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(variables)})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+c.address+"/graphql", "application/json", strings.NewReader(string(body))) //nolint:noctx // the test has a timeout
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}

// In 64 MiB and on one processor all documents run, and 32 callers of 50 ports are served or refused.
func TestLittleMemoryAndOneProcessor(t *testing.T) {
	t.Parallel()
	c := spawn(t, "GOMEMLIMIT=64MiB", "GOMAXPROCS=1", "PORTICO_EMULATOR_SIZE=200", "PORTICO_EMULATOR_LATENCY=5ms")
	tabs := playground.Tabs()
	if len(tabs) < 8 {
		t.Fatalf("%d documents", len(tabs))
	}
	for _, tab := range tabs {
		status, text := c.send(t, tab.Query, tab.Variables)
		// Microsoft's published example has an impossible date.
		if codes := strings.Count(text, `"code":`) - strings.Count(text, `"code":"UPSTREAM_INVALID_VALUE"`); status != http.StatusOK || codes != 0 {
			t.Errorf("%s: %d %.300s", tab.Name, status, text)
		}
	}
	var served, refused atomic.Int32
	var all sync.WaitGroup
	for caller := range 32 {
		all.Go(func() {
			for round := range 3 {
				ids := make([]string, 50)
				for i := range ids {
					ids[i] = servicetest.PortID(fmt.Sprintf("10.%d.%d.%d", caller, round, i), 443)
				}
				list, _ := json.Marshal(ids) //nolint:errchkjson // strings
				status, text := c.send(t, "{ hostPorts(ids: "+string(list)+") { id port banners { banner } host { id } } }", "")
				switch {
				case status == http.StatusOK && !strings.Contains(text, "INTERNAL"):
					served.Add(1)
				case status == http.StatusServiceUnavailable && strings.Contains(text, "OVERLOADED"):
					refused.Add(1)
				default:
					t.Errorf("%d %.300s", status, text)
				}
			}
		})
	}
	all.Wait()
	if n := served.Load() + refused.Load(); n != 96 || served.Load() == 0 {
		t.Errorf("%d served, %d refused, of 96", served.Load(), refused.Load())
	}
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid)); err == nil {
		_, peak, _ := strings.Cut(string(text), "VmHWM:")
		peak, _, _ = strings.Cut(peak, "\n")
		t.Logf("%d served, %d refused, at most %s resident", served.Load(), refused.Load(), strings.TrimSpace(peak))
	}
	c.wantEnd(t)
}

// With all file descriptors taken, a connection that is open is served, new ones wait, and the log has one warning.
func TestWithoutFileDescriptorsOpenConnectionsAreServed(t *testing.T) {
	t.Parallel()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, exec.Command("sh", "-c", `ulimit -n 48; exec "$0"`, file)) //nolint:noctx // it is ended by its own signals
	log := &servicetest.Buffer{}
	go func() { _, _ = io.Copy(log, c.stderr) }()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	if problem := c.query(client); problem != "" {
		t.Fatal(problem)
	}
	var idle []net.Conn
	for range 60 {
		conn, err := net.Dial("tcp", c.address) //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	servicetest.Eventually(t, "a warning", func() bool { return strings.Contains(log.String(), "no file descriptor is left") })
	for range 5 {
		if problem := c.query(client); problem != "" {
			t.Errorf("on the open connection: %s", problem)
		}
	}
	for _, conn := range idle {
		_ = conn.Close()
	}
	fresh := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	if problem := c.query(fresh); problem != "" {
		t.Errorf("on a new connection, when there are descriptors again: %s", problem)
	}
	c.wantEnd(t)
	if n := strings.Count(log.String(), `"level":"WARN","msg":"no file descriptor`); n != 1 {
		t.Errorf("%d warnings in\n%s", n, log.String())
	}
}
