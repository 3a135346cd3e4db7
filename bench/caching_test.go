package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/internal/golden"
)

// What the eight documents and a hot set cost upstream with the cache, in items. The counts do not depend on time. If a
// change makes them smaller, renew the file with go test ./bench -run TheCache -update.
func TestTheCacheSavesItems(t *testing.T) {
	golden.File(t, "testdata/cache.txt", documentItems(t)+hotItems(t), *update, "go test ./bench -run TheCache -update")
}

func documentItems(t *testing.T) string {
	documents, err := readDocuments("../testdata/documents")
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) != 8 {
		t.Errorf("%d documents, want 8", len(documents))
	}
	c, _ := overEmulator(t, 0)
	var table strings.Builder
	fmt.Fprintf(&table, "%-22s %5s %5s %16s %13s\n", "items upstream", "cold", "warm", "half the fields", "half the ids")
	for _, d := range documents {
		got, err := c.temperaturesOf(d)
		if err != nil {
			t.Fatal(err)
		}
		if got.warm.Items != 0 {
			t.Errorf("%s sends %d items with a warm cache", d.name, got.warm.Items)
		}
		fmt.Fprintf(&table, "%-22s %5d %5d %16d", d.name, got.cold.Items, got.warm.Items, got.wider.Items)
		if got.listed {
			fmt.Fprintf(&table, " %13d", got.longer.Items)
		}
		fmt.Fprintln(&table)
	}
	return table.String()
}

func hotItems(t *testing.T) string {
	const operations = 1000
	c, all := overEmulator(t, hotHosts)
	bodies, drawn := hotSet(all, operations)
	got, err := c.cost(bodies...)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("\nhot set: %d operations on %d of %d hosts, 3 items each without a cache: %d items, %.1f %% saved\n",
		operations, drawn, hotHosts, got.Items, 100-100*float64(got.Items)/(3*operations))
}

// A narrower document has every second field, and a shorter one half of each list in its variables.
func TestHalfOfADocument(t *testing.T) {
	d := document{
		text:      `query($ids: [ID!]!) { hosts(ids: $ids) { id a b { c d e } ... on Hostname { f } g ...F } } fragment F on Host { h i }`,
		variables: map[string]any{"ids": []any{"1", "2", "3"}, "first": 5.0},
	}
	got, err := d.narrower()
	if err != nil {
		t.Fatal(err)
	}
	const want = `query ($ids: [ID!]!) { hosts(ids: $ids) { id b { c e } ... on Hostname { f } g ... F } } fragment F on Host { h }`
	if diff := cmp.Diff(want, strings.Join(strings.Fields(got.text), " ")); diff != "" {
		t.Error(diff)
	}
	shorter, found := d.shorter()
	if diff := cmp.Diff(map[string]any{"ids": []any{"1", "2"}, "first": 5.0}, shorter.variables); diff != "" || !found {
		t.Errorf("%v, %s", found, diff)
	}
}

// overEmulator returns the endpoint with a cache, in front of an emulator in this process.
func overEmulator(t testing.TB, hosts int) (*cached, world) {
	t.Helper()
	server := serveUpstream(0, hosts)
	t.Cleanup(server.Close)
	client := server.Client()
	counted, ok := server.Config.Handler.(*counter)
	if !ok {
		t.Fatal("the upstream does not count")
	}
	c, err := withCacheInFront(server.URL, client, func() (counts, error) { return counted.counts(), nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	graph, ok := counted.next.(*emulator.Emulator)
	if !ok {
		t.Fatal("the upstream is not the emulator")
	}
	return c, world{Hosts: graph.HostIDs(), Ports: graph.PortIDs()}
}
