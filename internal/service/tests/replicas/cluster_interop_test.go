//go:build interop

package replicas_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/redis/redistest"
	"portico/internal/service/servicetest"
)

// cluster is one Microsoft Graph and one Redis, and the settings of the replicas in front of them.
type cluster struct {
	graph    *emulator.Emulator
	server   *emulator.Server
	redis    *redistest.Server
	settings []string
}

// patient is a timeout for Redis that no busy machine reaches.
const patient = "PORTICO_CACHE_TIMEOUT=20s"

func newCluster(t *testing.T, settings ...string) *cluster {
	t.Helper()
	c := &cluster{graph: emulator.New(emulator.WithWorld(50)), redis: redistest.Start(t)}
	server, err := emulator.Start(c.graph)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	c.server = server
	c.settings = append([]string{
		"PORTICO_CLOUD=emulator", "PORTICO_GRAPH_URL=" + server.URL + "/v1.0", "AZURE_TENANT_ID=" + c.graph.Tenant(),
		"AZURE_CLIENT_ID=" + c.graph.ClientID(), "AZURE_CLIENT_SECRET=" + c.graph.ClientSecret(),
		"PORTICO_CACHE=" + c.redis.URL, patient, "PORTICO_CURSOR_KEY=a key of at least 32 characters, or more",
	}, settings...)
	return c
}

// start starts a replica, and returns it when it is connected to Redis.
func (c *cluster) start(t *testing.T, settings ...string) *servicetest.Service {
	t.Helper()
	s := c.startAlone(t, settings...)
	c.connected(t, s)
	return s
}

// startAlone starts a replica, and does not wait for Redis.
func (c *cluster) startAlone(t *testing.T, settings ...string) *servicetest.Service {
	t.Helper()
	s := servicetest.Start(t, append(c.settings[:len(c.settings):len(c.settings)], settings...)...)
	s.UpstreamTransport.TLSClientConfig = &tls.Config{RootCAs: c.server.Pool, MinVersion: tls.VersionTLS12}
	return s
}

func (c *cluster) connected(t *testing.T, s *servicetest.Service) {
	t.Helper()
	servicetest.Eventually(t, "a replica is connected to Redis", func() bool { return verbose(t, s, "redis_connected") == "1" })
}

// settled waits until all that replicas write is in Redis.
func settled(t *testing.T, replicas ...*servicetest.Service) {
	t.Helper()
	for _, s := range replicas {
		servicetest.Eventually(t, "all is written", func() bool { return verbose(t, s, "redis_writes_waiting") == "0" })
	}
}

// verbose returns one of the numbers of /readyz?verbose.
func verbose(t *testing.T, s *servicetest.Service, name string) string {
	t.Helper()
	response, err := http.Get(s.URL + "/readyz?verbose")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v %s", response.StatusCode, err, text)
	}
	match := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(text)
	if match == nil {
		t.Fatalf("no %s in %s", name, text)
	}
	return string(match[1])
}

// sent returns the requests for resources that Microsoft Graph received, alone or in batches, since the last call.
func (c *cluster) sent() (all []string) {
	for _, r := range c.graph.Requests() {
		if len(r.Items) == 0 {
			all = append(all, r.URL)
		}
		for _, item := range r.Items {
			all = append(all, item.URL)
		}
	}
	c.graph.ResetLog()
	return all
}

// wantSent checks how many resources were requested since the last call.
func (c *cluster) wantSent(t *testing.T, what string, n int) {
	t.Helper()
	if got := c.sent(); len(got) != n {
		t.Errorf("%s: %d requests, want %d:\n%s", what, len(got), n, strings.Join(got, "\n"))
	}
}
