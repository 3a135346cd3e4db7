//go:build interop

package replicas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

const (
	// clients send queries at the same time.
	clients = 4
	// rounds is how often every client has sent all of its queries before and after each event, so that both replicas
	// have answered each of them.
	rounds = 8
)

// load is what clients send: some queries all of them, and others one of them alone.
type load struct {
	shared []servicetest.Operation
	own    [clients][]servicetest.Operation
}

func newLoad(t *testing.T, c *cluster) load {
	t.Helper()
	var l load
	for _, operation := range operations(t) {
		l.shared = append(l.shared, operation)
	}
	l.shared = append(l.shared, servicetest.Operation{Query: manyPorts(c.graph.PortIDs()[:50])})
	for i, host := range c.graph.HostIDs() {
		l.own[i%clients] = append(l.own[i%clients], servicetest.Operation{
			Query: fmt.Sprintf(`{ host(id: %q) { firstSeenDateTime reputation { score } cookies(first: 3) { nodes { name } } } }`, host),
		})
	}
	return l
}

// manyPorts asks for ports under aliases, each with its host and certificate.
func manyPorts(ids []string) string {
	var b strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&b, "p%d: hostPort(id: %q) { port host { firstSeenDateTime } mostRecentSslCertificate { sha1 } }\n", i, id)
	}
	return "{" + b.String() + "}"
}

// sender sends operations to an address, and compares what comes back.
type sender struct {
	t       *testing.T
	address string
	client  *http.Client
	want    *sync.Map // responses by query
	sent    atomic.Int64
}

// send sends an operation. The first response to it is the right one.
func (s *sender) send(o servicetest.Operation) {
	body, err := json.Marshal(map[string]any{"query": o.Query, "variables": o.Variables})
	if err != nil {
		s.t.Error(err)
		return
	}
	s.sent.Add(1)
	response, err := s.client.Post("http://"+s.address+"/graphql", "application/json", bytes.NewReader(body)) //nolint:noctx // has a timeout
	if err != nil {
		s.t.Errorf("request %d: %v", s.sent.Load(), err)
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var got struct {
		Data   json.RawMessage
		Errors []any
	}
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(text, &got) != nil {
		s.t.Errorf("request %d: %d %v %.300s", s.sent.Load(), response.StatusCode, err, text)
		return
	}
	data := fmt.Sprintf("%s %d errors", got.Data, len(got.Errors))
	if want, known := s.want.LoadOrStore(o.Query, data); known && want != data {
		s.t.Errorf("request %d: another response:\n%.2000s\nwant\n%.2000s", s.sent.Load(), data, want)
	}
}

// warm sends each operation once, one after the other.
func (s *sender) warm(l load) {
	for _, operation := range slices.Concat(append([][]servicetest.Operation{l.shared}, l.own[:]...)...) {
		s.send(operation)
	}
}

// Two replicas behind nginx share a Redis. One of them is replaced, and Redis is restarted, while clients send queries:
// no request fails, no response is wrong, and both together request hardly more than one process does.
// REPLICAS_FOR=30s has them send for longer.
func TestInteropAReplicaIsReplacedWithoutAFailedRequest(t *testing.T) {
	binary := build(t)
	c := newCluster(t)
	l := newLoad(t, c)
	want := &sync.Map{}
	newSender := func(address string) *sender {
		transport := &http.Transport{MaxIdleConnsPerHost: clients}
		t.Cleanup(transport.CloseIdleConnections)
		return &sender{t: t, address: address, client: &http.Client{Transport: transport, Timeout: time.Minute}, want: want}
	}
	alone := servicetest.FreeAddress(t)
	one := c.portico(t, binary, alone, "PORTICO_CACHE=memory")
	newSender(alone).warm(l)
	one.stop()
	items := len(c.sent())

	first, second := servicetest.FreeAddress(t), servicetest.FreeAddress(t)
	replaced := c.portico(t, binary, first)
	c.portico(t, binary, second)
	s := newSender(balance(t, first, second))
	s.warm(l)
	var (
		all   sync.WaitGroup
		done  atomic.Bool
		turns [clients]atomic.Int64
	)
	for i := range clients {
		all.Go(func() {
			for !done.Load() {
				for n, operation := range l.own[i] {
					s.send(operation)
					s.send(l.shared[(n+i)%len(l.shared)])
				}
				turns[i].Add(1)
			}
		})
	}
	defer func() {
		done.Store(true)
		all.Wait()
	}()
	goOn := func() {
		var from [clients]int64
		for i := range turns {
			from[i] = turns[i].Load()
		}
		for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && !t.Failed(); time.Sleep(50 * time.Millisecond) {
			least := turns[0].Load() - from[0]
			for i := range turns {
				least = min(least, turns[i].Load()-from[i])
			}
			if least >= rounds {
				return
			}
		}
		t.Error("clients do not get on")
	}
	start := time.Now()
	goOn()
	replaced.stop()
	c.portico(t, binary, first)
	goOn()
	c.redis.Kill()
	goOn()
	c.redis.Run()
	goOn()
	if longer, err := time.ParseDuration(os.Getenv("REPLICAS_FOR")); err == nil {
		time.Sleep(longer - time.Since(start))
	}
	done.Store(true)
	all.Wait()
	got := len(c.sent())
	t.Logf("%d requests in %v; %d items upstream, %d by one process", s.sent.Load(), time.Since(start).Round(time.Second), got, items)
	if 100*got > 105*items || items < 100 {
		t.Errorf("two replicas requested %d items, one process %d", got, items)
	}
}
