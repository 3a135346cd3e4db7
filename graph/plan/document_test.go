package plan

import (
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestEqualSelectionSetsAreProjectedOnce(t *testing.T) {
	for name, row := range map[string]struct {
		query       string
		projections int
	}{
		"under two aliases": {
			`{ a: hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { port host { lastSeenDateTime } }
			   b: hostPort(id: "ODUuMjM5LjUzLjIyOSQkODA4MQ==") { port host { lastSeenDateTime } } }`, 2,
		},
		"with a fragment": {
			`{ a: hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { ...F } b: hostPort(id: "ODUuMjM5LjUzLjIyOSQkODA4MQ==") { ...F } }
			 fragment F on HostPort { port host { lastSeenDateTime } }`, 2,
		},
		"other fields": {
			`{ a: hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { port host { lastSeenDateTime } }
			   b: hostPort(id: "ODUuMjM5LjUzLjIyOSQkODA4MQ==") { status host { firstSeenDateTime } } }`, 4,
		},
		"other aliases": {
			`{ a: hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { port host { lastSeenDateTime } }
			   b: hostPort(id: "ODUuMjM5LjUzLjIyOSQkODA4MQ==") { x: port host { y: lastSeenDateTime } } }`, 4,
		},
		"other arguments": {
			`{ a: host(id: "192.0.2.1") { ports(first: 1) { nodes { port } } } b: host(id: "192.0.2.2") { ports(first: 2) { nodes { port } } } }`, 3,
		},
		"a directive": {
			`{ a: hostPort(id: "ODUuMjM5LjUzLjIyOCQkODA4MQ==") { port @skip(if: false) host { lastSeenDateTime } }
			   b: hostPort(id: "ODUuMjM5LjUzLjIyOSQkODA4MQ==") { port host { lastSeenDateTime } } }`, 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, valid := readDocument(row.query, nil)
			if !valid {
				t.Fatal("not valid")
			}
			p := Planner{HostHints: true, Missed: func() {}, Sealer: NewSealer("")}
			p.Plan(r)
			if n := len(r.projections.known); n != row.projections {
				t.Errorf("%d projections, want %d", n, row.projections)
			}
		})
	}
}

// What is worked out of a document serves all its operations, and goes with the document.
func TestDocumentsAreRemembered(t *testing.T) {
	parse := func(query string) *ast.QueryDocument { return gqlparser.MustLoadQueryWithRules(Schema, query, nil) }
	doc := parse(`{ hostPort(id: "x") { port } }`)
	first := documentOf(doc, doc.Operations[0], nil)
	if documentOf(doc, doc.Operations[0], nil) != first {
		t.Error("worked out twice")
	}
	conditional := parse(`query ($c: Boolean!) { hostPort(id: "x") { port @skip(if: $c) } }`)
	if first := documentOf(conditional, conditional.Operations[0], nil); documentOf(conditional, conditional.Operations[0], nil) == first {
		t.Error("a document with a directive is remembered")
	}
	for i := range 20 {
		other := parse(`{ hostPort(id: "x") { port } } # ` + strings.Repeat(strconv.Itoa(i%10), remembered/16))
		documentOf(other, other.Operations[0], nil)
	}
	if documentOf(doc, doc.Operations[0], nil) == first {
		t.Error("it is still remembered after many others")
	}
}
