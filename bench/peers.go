package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A peer is another GraphQL server for the same API, which runs already.
type peer struct {
	*process
	name, path string
}

// withCache is what the name of a peer ends in that keeps responses. It takes part in the row of a warm W2 alone.
const withCache = "-cached"

// readPeers reads NAME=URL,... and finds the processes.
func readPeers(list string) (all []peer, err error) {
	for one := range strings.SplitSeq(list, ",") {
		name, address, _ := strings.Cut(strings.TrimSpace(one), "=")
		if name == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" || u.Port() == "" {
			return nil, fmt.Errorf("-peers has %q; write NAME=http://HOST:PORT/PATH", one)
		}
		ids, err := listening(u.Host)
		if err != nil {
			return nil, fmt.Errorf("peer %s: %w", name, err)
		}
		all = append(all, peer{&process{ids: ids, address: u.Host}, name, u.Path})
	}
	return all, nil
}

// What is asked of Portico and of its peers. They have the same schema, but for lists: Portico's are connections.
const (
	peerScalars = "port status protocol timesObserved"
	peerFacts   = "mostRecentSslCertificate { id sha1 subject { commonName } } host { id firstSeenDateTime }"
	peerWhole   = peerScalars + " banners { banner scanProtocol timesObserved } " +
		"services { isRecent component { name version category } } " + peerFacts
	peerPorts = "id " + peerScalars + " " + peerFacts
)

// peerWorkload is a workload of ids that every stub of Microsoft Graph can make an answer for.
type peerWorkload struct {
	name, what string
	bodies     func(list string) [][]byte // list is how the schema nests the fields of a list of ports
}

func peerWorkloads() []peerWorkload {
	one := func(n int, fields string) func(string) [][]byte {
		return func(string) [][]byte { return portBodies(n, fields) }
	}
	return []peerWorkload{
		{"W1", "a port's four scalars, always the same id", one(1, peerScalars)},
		{"W1r", "the same, 20,000 ids", one(20_000, peerScalars)},
		{"W2", "a port with banners, services, certificate and host, 20,000 ids", one(20_000, peerWhole)},
		{"W3", "50 aliased ports of 10 hosts with certificates and hosts, ids in variables", manyBodies},
		{"W4", "a host's 100 ports with certificates and host, 5,000 hosts", listBodies},
	}
}

var warmWorkload = peerWorkload{
	warm, "W2 for 1,000 ports that all caches have",
	func(string) [][]byte { return portBodies(hotPorts, peerWhole) },
}

func portID(a, b, port int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "10.0.%d.%d$$%d", a, b, port))
}

func portBodies(n int, fields string) (all [][]byte) {
	dice := rand.New(rand.NewPCG(42, 42))
	for range n {
		id := portID(dice.IntN(256), dice.IntN(256), 1+dice.IntN(65535))
		all = append(all, body("query($id: ID!) { hostPort(id: $id) { "+fields+" } }", map[string]any{"id": id}))
	}
	return all
}

func manyBodies(string) (all [][]byte) {
	ports := []int{443, 8443, 993, 995, 465}
	for network := range 256 {
		g := group{}
		for i := range 50 {
			g.ports = append(g.ports, portID(network, 1+i%10, ports[i/10]))
		}
		all = append(all, manyBody(g, peerScalars+" "+peerFacts))
	}
	return all
}

func listBodies(list string) (all [][]byte) {
	dice := rand.New(rand.NewPCG(42, 42))
	for range 5000 {
		host := fmt.Sprintf("10.0.%d.%d", dice.IntN(256), 1+dice.IntN(249))
		query := "query($id: ID!) { host(id: $id) { " + fmt.Sprintf(list, peerPorts) + " } }"
		all = append(all, body(query, map[string]any{"id": host}))
	}
	return all
}

// besidePeers measures Portico and its peers in front of the same upstream.
func (b *bench) besidePeers(ctx context.Context) error {
	peers, err := readPeers(b.peers)
	if err != nil {
		return err
	}
	var rows []row
	if len(peers) > 0 {
		rows, err = b.peerRows(ctx, peers)
	}
	b.compare(rows)
	return err
}

func (b *bench) peerRows(ctx context.Context, peers []peer) (rows []row, err error) {
	var plain, cached []peer
	for _, p := range peers {
		if strings.HasSuffix(p.name, withCache) {
			cached = append(cached, p)
		} else {
			plain = append(plain, p)
		}
	}
	if err := b.delay(ctx, 0); err != nil {
		return nil, err
	}
	b.printRowHead("Portico beside its peers, no latency, without caches")
	for _, w := range peerWorkloads() {
		if rows, err = b.besidePeersIn(ctx, rows, w, 0, plain, "PORTICO_CACHE=off"); err != nil {
			return rows, err
		}
	}
	if rows, err = b.latePeerRows(ctx, rows, plain); err != nil || len(cached) == 0 {
		return rows, err
	}
	b.printRowHead("Portico with its cache beside peers with theirs, no latency")
	return b.besidePeersIn(ctx, rows, warmWorkload, 0, cached, "PORTICO_CACHE=memory")
}

// latePeerRows measures W3 with an upstream that takes time.
func (b *bench) latePeerRows(ctx context.Context, rows []row, peers []peer) ([]row, error) {
	const latency = 20 * time.Millisecond
	if err := b.delay(ctx, latency); err != nil {
		b.printf("\nNot measured beside peers with latency: %v\n", err)
		return rows, nil
	}
	defer func() { _ = b.delay(context.WithoutCancel(ctx), 0) }()
	b.printRowHead("Portico beside its peers, upstream latency %v, without caches", latency)
	return b.besidePeersIn(ctx, rows, peerWorkloads()[3], latency, peers, "PORTICO_CACHE=off")
}

// besidePeersIn adds the row of one workload.
func (b *bench) besidePeersIn(
	ctx context.Context, rows []row, w peerWorkload, latency time.Duration, peers []peer, setting string,
) ([]row, error) {
	if !b.wants(w.name) || len(peers) == 0 {
		return rows, nil
	}
	portico, err := startPortico(ctx, b.binary, "PORTICO_CLOUD=global", "PORTICO_GRAPH_URL="+b.behind,
		"PORTICO_IDENTITY=passthrough", "PORTICO_LOG_LEVEL=warn", setting)
	if err != nil {
		return rows, err
	}
	defer portico.stop()
	const connection, list = "ports(first: 100) { nodes { %s } }", "ports { %s }"
	all := []contestant{{process: portico, name: "portico", ops: bearing("/graphql", w.bodies(connection))}}
	for _, p := range peers {
		all = append(all, contestant{process: p.process, name: p.name, ops: bearing(p.path, w.bodies(list))})
	}
	for _, one := range all {
		if err := verify(one.address, one.ops[0]); err != nil {
			return rows, fmt.Errorf("%s, %s: %w", w.name, one.name, err)
		}
	}
	if w.name == warm {
		if err := visitAll(all...); err != nil {
			return rows, err
		}
	}
	r := row{workload: w.name, what: w.what, latency: latency, workers: b.workers}
	r, err = b.contest(ctx, r, b.roundTime, all...)
	if err != nil {
		return rows, err
	}
	b.printRow(r)
	return append(rows, r), nil
}

// visitAll sends every operation once to each, so that all that have a cache know the response.
func visitAll(all ...contestant) error {
	for _, one := range all {
		c, err := dial(one.address)
		if err != nil {
			return err
		}
		for _, op := range one.ops {
			if err := c.do(op[0]); err != nil {
				return errors.Join(fmt.Errorf("%s: %w", one.name, err), c.conn.Close())
			}
		}
		_ = c.conn.Close()
	}
	return nil
}

// bearing returns operations with a token. The upstream of the peers accepts any.
func bearing(path string, bodies [][]byte) (ops []operation) {
	for _, body := range bodies {
		ops = append(ops, operation{postAs("Authorization: Bearer x\r\n", path, body)})
	}
	return ops
}

// delay sets the latency of the peers' upstream.
func (b *bench) delay(ctx context.Context, latency time.Duration) error {
	u, err := url.Parse(b.behind)
	if err != nil {
		return err
	}
	u.Path, u.RawQuery = "/_latency", "d="+latency.String()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the upstream of the peers does not respond, see bench/README.md: %w", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK && latency > 0 {
		return fmt.Errorf("GET %s returned HTTP %d", u, resp.StatusCode)
	}
	return nil
}
