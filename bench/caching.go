package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"portico/graph"
	"portico/internal/cache"
	"portico/msgraph"
)

// A cached endpoint is the GraphQL endpoint in this process, with a cache in front of Microsoft Graph that keeps
// everything as long as it runs.
type cached struct {
	http.Handler
	stored *cache.Cache
	sent   func() (counts, error) // upstream since its start
	// underWay are the calls of Fetch. An operation can end before its requests do, if it turns out not to need them.
	underWay sync.WaitGroup
}

// fetching is a Fetcher whose calls are counted while they run.
type fetching struct {
	graph.Fetcher
	underWay *sync.WaitGroup
}

func (f fetching) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	f.underWay.Add(1)
	defer f.underWay.Done()
	f.Fetcher.Fetch(ctx, urls, done)
}

// withCacheInFront returns the endpoint with its cache in front of an upstream. close ends the cache.
func withCacheInFront(base string, client *http.Client, sent func() (counts, error)) (*cached, error) {
	c := &cached{sent: sent}
	handler, err := inProcess(base, client, endpoint{front: func(wire *msgraph.Client) graph.Fetcher {
		c.stored = cache.New(wire, cache.Options{
			Bytes: 64 << 20, Unknown: time.Hour,
			Lifetimes: func(string) cache.Lifetime { return cache.Lifetime{Fresh: time.Hour} },
			Identify:  func(context.Context) cache.Identity { return cache.Identity{Key: "app"} },
		})
		return fetching{c.stored, &c.underWay}
	}})
	c.Handler = handler
	return c, err
}

func (c *cached) close() {
	if c.stored != nil {
		c.stored.Close()
	}
}

// A spending is what one operation costs, here and upstream.
type spending struct {
	counts
	cpu time.Duration
}

// cost runs operations one after another and returns what all of them cost.
func (c *cached) cost(bodies ...[]byte) (spending, error) {
	before, err := c.sent()
	if err != nil {
		return spending{}, err
	}
	start := cpuTime()
	for _, body := range bodies {
		if text, err := serveOnce(c, body); err != nil && !bytes.Contains(text, []byte(`"data":{`)) {
			return spending{}, err // an error of a field is part of some documents
		}
		c.underWay.Wait()
	}
	spent := cpuTime() - start
	after, err := c.sent()
	return spending{after.since(before), spent}, err
}

// temperatures are what a document costs with an empty cache, and with what another one left there.
type temperatures struct {
	cold   spending
	warm   spending // after the same document
	wider  spending // after a document with half of the fields
	longer spending // after the document with half of the ids, if it has a list of ids
	listed bool
}

func (c *cached) temperaturesOf(d document) (t temperatures, err error) {
	narrower, err := d.narrower()
	if err != nil {
		return t, err
	}
	c.stored.PurgeAll()
	if t.cold, err = c.cost(d.body()); err != nil {
		return t, err
	}
	if t.warm, err = c.cost(d.body()); err != nil {
		return t, err
	}
	if t.wider, err = c.costAfter(narrower, d); err != nil {
		return t, err
	}
	shorter, listed := d.shorter()
	if t.listed = listed; listed {
		t.longer, err = c.costAfter(shorter, d)
	}
	return t, err
}

// costAfter returns what a document costs if the cache has what another one requested.
func (c *cached) costAfter(before, d document) (spending, error) {
	c.stored.PurgeAll()
	if _, err := c.cost(before.body()); err != nil {
		return spending{}, err
	}
	return c.cost(d.body())
}

// hotHosts is the size of the hot set: hosts that are queried again and again, some far more often than others.
const hotHosts = 1000

const queryHot = `query Hot($id: ID!) { host(id: $id) { firstSeenDateTime lastSeenDateTime ` +
	`reputation { classification score } ports(first: 20) { nodes { port status protocol lastSeenDateTime } } } }`

// hotSet returns n operations on hosts of a world, drawn from a Zipf distribution with a fixed seed. It also returns
// how many hosts were drawn.
func hotSet(w world, n int) (bodies [][]byte, drawn int) {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(7, 7)), 1.1, 1, hotHosts-1)
	hosts := map[uint64]bool{}
	for range n {
		which := zipf.Uint64()
		hosts[which] = true
		bodies = append(bodies, body(queryHot, map[string]any{"id": w.Hosts[which]}))
	}
	return bodies, len(hosts)
}

// caching measures what the cache saves.
func (b *bench) caching(ctx context.Context) error {
	if err := b.documentRows(ctx); err != nil {
		return err
	}
	if err := b.hotRows(ctx); err != nil {
		return err
	}
	return b.warmRow(ctx)
}

// besideUpstream runs something with an upstream in another process.
func (b *bench) besideUpstream(ctx context.Context, hosts int, do func(*upstream, *cached) error) error {
	u, err := startUpstream(ctx, b.scratch, 0, hosts)
	if err != nil {
		return err
	}
	defer u.stop()
	c, err := withCacheInFront(u.url, u.client, func() (counts, error) { return u.counts(ctx) })
	if err != nil {
		return err
	}
	defer c.close()
	return do(u, c)
}

func (b *bench) documentRows(ctx context.Context) error {
	documents, err := readDocuments("testdata/documents")
	if err != nil {
		return err
	}
	b.printf("\nThe eight documents with a cache, in process: requests, items and kB upstream, CPU time in ms.\n" +
		"cold: the cache is empty. warm: the same was queried before. half warm: before, a document was queried that has\n" +
		"every second of the fields (half the fields), or the first half of the list of ids (half the ids).\n")
	b.printf("%-21s %-26s %-26s %-26s %s\n", "", "cold", "warm", "half the fields", "half the ids")
	return b.besideUpstream(ctx, 0, func(_ *upstream, c *cached) error {
		var sent int64
		for _, d := range documents {
			got, err := b.documentRow(c, d)
			if err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
			sent += got.warm.Items
		}
		b.atMost(0, float64(sent), " items", "the eight documents send nothing upstream if the cache is warm")
		return nil
	})
}

// documentRow prints the counts of the last of some runs, which are equal, and the least CPU time.
func (b *bench) documentRow(c *cached, d document) (least temperatures, err error) {
	const runs = 20
	never := spending{cpu: time.Hour}
	least = temperatures{cold: never, warm: never, wider: never, longer: never}
	for range runs {
		t, err := c.temperaturesOf(d)
		if err != nil {
			return t, err
		}
		least.cold, least.warm = least.cold.or(t.cold), least.warm.or(t.warm)
		least.wider, least.longer, least.listed = least.wider.or(t.wider), least.longer.or(t.longer), t.listed
	}
	b.printf("%-21s %-26s %-26s %-26s", d.name, least.cold, least.warm, least.wider)
	if least.listed {
		b.printf(" %s", least.longer)
	}
	b.printf("\n")
	return least, nil
}

func (s spending) or(other spending) spending { return spending{other.counts, min(s.cpu, other.cpu)} }

// String implements fmt.Stringer.
func (s spending) String() string {
	return fmt.Sprintf("%2d req %3d it %6.1f %6.2f", s.Requests, s.Items, float64(s.Bytes)/1000, milliseconds(s.cpu))
}

func (b *bench) hotRows(ctx context.Context) error {
	const operations = 20_000
	return b.besideUpstream(ctx, worldSize, func(u *upstream, on *cached) error {
		w, err := u.world(ctx)
		if err != nil {
			return err
		}
		handler, err := inProcess(u.url, u.client, endpoint{})
		if err != nil {
			return err
		}
		bodies, drawn := hotSet(w, operations)
		return b.printHot(bodies, drawn, on, &cached{Handler: handler, sent: on.sent})
	})
}

// printHot compares two endpoints in turns, a thousand operations at a time.
func (b *bench) printHot(bodies [][]byte, drawn int, on, off *cached) error {
	var with, without spending
	for part := 0; part < len(bodies); part += 1000 {
		for c, into := range map[*cached]*spending{on: &with, off: &without} {
			s, err := c.cost(bodies[part:min(part+1000, len(bodies))]...)
			if err != nil {
				return err
			}
			*into = spending{into.plus(s.counts), into.cpu + s.cpu}
		}
	}
	n := float64(len(bodies))
	b.printf("\nHot set in process: %d operations on %d of %d hosts (Zipf, exponent 1.1), each a host with its\n"+
		"reputation and ports\n", len(bodies), drawn, hotHosts)
	b.printf("%-12s %10s %10s %10s %12s\n", "", "req/op", "item/op", "saved", "µs CPU/op")
	for _, line := range []struct {
		name string
		of   spending
	}{{"cache off", without}, {"cache on", with}} {
		b.printf("%-12s %10.3f %10.3f %9.1f%% %12.0f\n", line.name, float64(line.of.Requests)/n, float64(line.of.Items)/n,
			100*(1-float64(line.of.Items)/float64(without.Items)), micros(line.of.cpu)/n)
	}
	return nil
}

// warmRow measures W2 for ports that the cache has, beside a Portico without a cache.
func (b *bench) warmRow(ctx context.Context) error {
	up, w, err := startWorld(ctx, b.scratch)
	if err != nil {
		return err
	}
	defer up.stop()
	hot := workloads(w)[2]
	hot.portico = hot.portico[:hotPorts]
	var all []contestant
	for _, store := range []string{"memory", "off"} {
		portico, err := startPortico(ctx, b.binary, atEmulator(up, "PORTICO_CACHE="+store)...)
		if err != nil {
			return err
		}
		defer portico.stop() //nolint:gocritic // two processes, which run side by side
		all = append(all, contestant{portico, "cache " + store, hot.portico, up})
	}
	if err := visitAll(all[0]); err != nil {
		return err
	}
	b.printRowHead("%s: W2 for %d ports that the cache has; the cache of responses on and off", warm, hotPorts)
	r, err := b.contest(ctx, row{workload: warm, workers: b.workers}, b.roundTime, all...)
	if err != nil {
		return err
	}
	b.printRow(r)
	b.atMost(0, float64(r.columns[0].sent.Items), " items", "%s sends nothing upstream", warm)
	return nil
}
