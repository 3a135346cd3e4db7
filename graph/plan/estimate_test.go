package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// estimate returns how many items the planner expects of an operation before anything is sent: what a quota is charged.
func estimate(p *Planner, r *Reading) (items int) {
	for _, step := range p.Plan(r) {
		items += 1 + step.Expected
	}
	return items
}

// A chain is charged to its end: what a target leads to that is requested for itself is requested, too.
func TestTheEstimateFollowsChains(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		`{ hostComponent(id: "x") { host { firstSeenDateTime } } }`:                                                                    2,
		`{ article(id: "x") { indicators(first: 2) { nodes { artifact { ... on HostCookie { name } } } } } }`:                          3,
		`{ article(id: "x") { indicators(first: 2) { nodes { artifact { ... on HostCookie { host { id } } } } } } }`:                   3,
		`{ article(id: "x") { indicators(first: 2) { nodes { artifact { ... on HostCookie { host { firstSeenDateTime } } } } } } }`:    5,
		`{ article(id: "x") { indicators(first: 2) { nodes { artifact { ... on HostCookie { host { reputation { score } } } } } } } }`: 5,
		`{ hostCookie(id: "x") { host { cookies(first: 3) { nodes { name host { firstSeenDateTime } } } } } }`:                         5,
		// A cursor belongs to a host that nobody knows yet.
		`{ hostCookie(id: "x") { host { cookies(first: 3, after: "YQ") { nodes { name } } } } }`:                     2,
		`{ hostCookie(id: "x") { host { cookies(first: 3, after: "YQ", where: {name: "a"}) { nodes { name } } } } }`: 5,
		// One fragment in two places, with more beside it.
		`{ a: hostPair(id: "x") { ...P parentHost { id } } b: hostPair(id: "y") { ...P parentHost { reputation { score } } } }
		fragment P on HostPair { parentHost { firstSeenDateTime } }`: 5,
		`{ hostCookie(id: "x") { host { hostname: firstSeenDateTime cookies(first: 3) { nodes { host { reputation { score } } } } } } }`: 6,
	} {
		r, valid := readDocument(query, nil)
		if !valid {
			t.Errorf("%s is not valid", query)
			continue
		}
		if got := estimate(&Planner{Sealer: NewSealer("")}, r); got != want {
			t.Errorf("%s: %d items, want %d", query, got, want)
		}
	}
}

// Without hints nothing is counted by itself, so that the estimate is the price.
func TestTheEstimateIsThePriceOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	compared := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, valid := readDocument(string(text), nil)
		if !valid || strings.Contains(string(text), "@defer") {
			continue
		}
		compared++
		p := &Planner{Sealer: NewSealer("")}
		if got, price := estimate(p, r), newEstimator(p).operation(r).price().Items; got != price {
			t.Errorf("%s: %d items are expected, and the price is %d", filepath.Base(file), got, price)
		}
	}
	if compared < 20 {
		t.Errorf("only %d queries were compared", compared)
	}
}
