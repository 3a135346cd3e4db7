package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"portico/graph/limits"
)

// sizeOf returns the estimated size of an operation, with 100 ids wherever a list of them is a variable.
func sizeOf(t *testing.T, text string) int {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	if errs := validator.ValidateWithRules(Schema, doc, nil); errs != nil {
		t.Fatalf("%s: %v", text, errs)
	}
	return sizeIn(t, doc)
}

func sizeIn(t *testing.T, doc *ast.QueryDocument) int {
	t.Helper()
	op := doc.Operations[0]
	given := map[string]any{}
	for _, def := range op.VariableDefinitions {
		switch {
		case def.Type.Elem != nil && (def.Type.Name() == "ID" || def.Type.Name() == "_Any"):
			given[def.Variable] = make([]any, 100)
			for i := range 100 {
				given[def.Variable].([]any)[i] = "x"
			}
		case def.DefaultValue != nil:
		case def.Type.NonNull && Schema.Types[def.Type.Name()].Kind == ast.Enum:
			given[def.Variable] = Schema.Types[def.Type.Name()].EnumValues[0].Name
		case def.Type.NonNull:
			given[def.Variable] = "x"
		}
	}
	vars, unread := Input.Variables(op, given)
	if unread != nil {
		t.Fatal(unread)
	}
	r, err := Read(doc, op, vars, bounds)
	if err != nil {
		t.Fatal(err)
	}
	return r.Size(func() string { return "" })
}

func TestTheSizeOfAResponseCountsEachFieldAtEveryPlace(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, text string
		want       int
	}{
		{"a scalar of an entity", `{ hostPort(id: "a") { port } }`, 2},
		{"each alias", `{ a: hostPort(id: "a") { port } b: hostPort(id: "a") { x: port y: port } }`, 5},
		{"the same field twice under one name once", `{ hostPort(id: "a") { port port ...F ...F } hostPort(id: "a") { status } } fragment F on HostPort { port }`, 3},
		{"each entry of ids, equal ones too", `{ hostPorts(ids: ["a", "a", "a"]) { id port } }`, 1 + 3*(2+itemSize)},
		{"a single value for a list", `{ hostPorts(ids: "a") { id } }`, 2 + itemSize},
		{"ids of a variable", `query($ids: [ID!]!) { hostPorts(ids: $ids) { id } }`, 1 + 100*(1+itemSize)},
		{"no ids", `{ hostPorts(ids: []) { id } }`, 1},
		{"a page of the length that first says", `{ host(id: "a") { ports(first: 10) { nodes { id } } } }`, 2 + 1 + requestSize + 10*(1+itemSize)},
		{"first by a default", `query($n: Int = 7) { host(id: "a") { ports(first: $n) { nodes { id } } } }`, 2 + 1 + requestSize + 7*(1+itemSize)},
		{"25 items where first is not given", `{ host(id: "a") { ports { nodes { id } } } }`, 2 + 1 + requestSize + 25*(1+itemSize)},
		{"nodes and edges both", `{ host(id: "a") { ports(first: 10) { nodes { id } edges { cursor node { id } } } } }`, 2 + 1 + requestSize + 10*(1+itemSize) + 1 + 10*(3+itemSize)},
		{"totalCount and pageInfo once", `{ host(id: "a") { ports(first: 10) { totalCount pageInfo { hasNextPage endCursor } } } }`, 2 + 1 + requestSize + 3},
		{"an array inside an entity as one element", `{ hostPort(id: "a") { banners { banner timesObserved } } }`, 2 + 2},
		{"articles by ids", `{ articlesByIds(ids: ["a", "b"]) { id title } }`, 1 + 2*(2+itemSize)},
		{"a root list", `{ articles(first: 4) { edges { node { id } } } }`, 1 + 1 + 4*(2+itemSize)},
		{"the largest of the types that a value may have", `{ node(id: "a") { id ... on HostPort { port status } ... on Article { title } } }`, 1 + 3},
		{"fragments on interfaces", `{ host(id: "a") { ... on Node { id } ... on Host { firstSeenDateTime } ... on IpAddress { netblock countryOrRegion } ... on Hostname { registrar } } }`, 1 + 4},
		{"representations", `query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Node { id } } }`, 1 + 100*(2+itemSize)},
		{"what is under @defer", `{ hostPort(id: "a") { id ... @defer { host { id } } } }`, 1 + 1 + 2 + navigationSize + deferredSize},
		{"what is not under @defer after all", `{ hostPort(id: "a") { id ... @defer(if: false) { host { id } } } }`, 1 + 1 + 2 + navigationSize},
		{"each fragment under @defer that applies", `{ host(id: "192.0.2.1") { ... on IpAddress @defer(label: "a") { id ...F @defer(label: "b") } ... on Hostname @defer(label: "c") { id } } } fragment F on Host { firstSeenDateTime }`, 1 + 2 + 2*deferredSize},
		{"nothing that is skipped", `{ hostPort(id: "a") { id port @skip(if: true) ... @include(if: false) { status } } }`, 2},
		{
			"lists inside lists", `query($ids: [ID!]!) { hosts(ids: $ids) { hostPairs(first: 10) { nodes { childHost { ports(first: 3) { nodes { id } } } } } } }`,
			1 + 100*(itemSize+1+1+requestSize+10*(itemSize+1+navigationSize+1+requestSize+1+3*(1+itemSize))),
		},
		{"__typename", `{ __typename hostPort(id: "a") { __typename } }`, 3},
		{"a long name as several fields", `{ ` + strings.Repeat("a", 640) + `: hostPort(id: "a") { port } }`, 12},
	} {
		if got := sizeOf(t, row.text); got != row.want {
			t.Errorf("%s: %d, want %d", row.what, got, row.want)
		}
	}
}

// Fragments may be spread at many places, merged with other fields at some: the estimate of one place is not that of another.
func TestTheSizeOfMergedFieldsIsNotThatOfOne(t *testing.T) {
	t.Parallel()
	const f = ` fragment F on Host { hostPairs(first: 100) { nodes { id } } }`
	small := sizeOf(t, `{ a: host(id: "a") { ...F } }`+f)
	large := sizeOf(t, `{ b: host(id: "a") { ...F hostPairs(first: 100) { nodes { parentHost { id firstSeenDateTime } } } } }`+f)
	both := sizeOf(t, `{ a: host(id: "a") { ...F } b: host(id: "a") { ...F hostPairs(first: 100) { nodes { parentHost { id firstSeenDateTime } } } } }`+f)
	if both != small+large || large != small+100*(2+1+navigationSize) {
		t.Errorf("%d and %d, together %d", small, large, both)
	}
}

// The eight questions of analysts pass with 100 ids.
func TestTheDocumentsFitIntoAResponse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/documents/*.graphql")
	if err != nil || len(files) != 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if size := sizeOf(t, string(text)); size < 2 || size > limits.Default().Response {
			t.Errorf("%s: %d fields", file, size)
		}
	}
}

// Whatever nests, the estimate visits each part once for each type: it ends at once, and never wraps around.
func TestTheSizeOfWhatNestsEndlesslyIsLarge(t *testing.T) {
	t.Parallel()
	deep := "id"
	for range 40 {
		deep = "whois { host { " + deep + " } } hostPairs(first: 100) { nodes { childHost { id } parentHost { ... on Host { id } } } edges { node { id } } }"
	}
	if size := sizeOf(t, `query($ids: [ID!]!) { hosts(ids: $ids) { `+deep+` } }`); size < 1_000_000 {
		t.Errorf("%d fields", size)
	}
	lists := "id"
	for range 20 {
		lists = "hostPairs(first: 100) { nodes { childHost { " + lists + " } } }"
	}
	if size := sizeOf(t, `query($ids: [ID!]!) { hosts(ids: $ids) { `+lists+` } }`); size < 1<<30 || size > 1<<31 {
		t.Errorf("%d fields", size)
	}
}

// The same id may stand under many aliases, in lists and in representations: it is read once.
func TestAnIDIsReadOnce(t *testing.T) {
	t.Parallel()
	r, valid := readDocument(`query($ids: [ID!]!, $r: [_Any!]!) { a: hosts(ids: $ids) { id } b: hosts(ids: $ids) { id } c: host(id: "a[.]example") { id }
		d: _entities(representations: $r) { ... on Hostname { id } } e: _entities(representations: $r) { ... on Hostname { id } } }`,
		map[string]any{
			"ids": slices.Repeat([]any{"a[.]example", "not a host"}, 50),
			"r":   slices.Repeat([]any{map[string]any{"__typename": "Hostname", "id": "a[.]example"}}, 50),
		})
	if !valid || len(r.keys) != 3 || r.keys[givenID{Schema.Types["Host"], "a[.]example"}].ID != "a.example" || r.keys[givenID{Schema.Types["Host"], "not a host"}].Refused == nil {
		t.Errorf("read %v", r.keys)
	}
}
