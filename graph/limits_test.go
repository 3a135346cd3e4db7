package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/graph"
	"portico/graph/limits"
)

// hostile are documents that cost more than they look.
var hostile = []struct {
	name, document, code string
}{
	{"15,000 fields", "{" + strings.Repeat(" __typename", 15_000) + " }", "LIMIT_TOKENS"},
	{"1,000 fields in one set", "{" + strings.Repeat(" __typename", 999) + " }", "LIMIT_FIELDS"},
	{"251 fields in one set", "{" + strings.Repeat(" __typename", 251) + " }", "LIMIT_FIELDS"},
	{"61 root fields", "{" + strings.Repeat(" __typename", 61) + " }", "LIMIT_ROOT_FIELDS"},
	{"61 root fields by fragments", "{...f ...f ...f ...f} fragment f on Query {" + strings.Repeat(" __typename", 16) + " }", "LIMIT_ROOT_FIELDS"},
	{"200 fields merged with their like", "{" + strings.Repeat(" hostPort(id: 1) { port port port port port }", 60) + " }", "LIMIT_FIELDS"},
	{"depth 13", nested("host", 13), "LIMIT_DEPTH"},
	{"depth 800", nested("a", 800), "LIMIT_DEPTH"},
	{"depth 1,000", nested("a", 1000), "LIMIT_TOKENS"},
	{"depth 100,000", nested("a", 100_000), "LIMIT_DEPTH"},
	{"a list 100,000 deep", "{ hostPort(id: " + strings.Repeat("[", 100_000) + ") { id } }", "LIMIT_DEPTH"},
	{"depth 13 by fragments", "{ a { a { a { a { ...f } } } } } fragment f on A { a { a { a { a { ...g } } } } } fragment g on A { a { a { a { a { a } } } } }", "LIMIT_DEPTH"},
	{"a fragment in a circle", "{ ...f } fragment f on Query { ...f }", "GRAPHQL_VALIDATION_FAILED"},
	{"three fragments in a circle", "{ ...f } fragment f on Query { ...g } fragment g on Query { ...h } fragment h on Query { ...f }", "GRAPHQL_VALIDATION_FAILED"},
	{"a circle that nothing spreads", "{ __typename } fragment f on Query { ...g } fragment g on Query { ...f }", "GRAPHQL_VALIDATION_FAILED"},
	{"two fragments of one name", "{ ...f } fragment f on Query { id } fragment f on Query { id }", "GRAPHQL_VALIDATION_FAILED"},
	{"1,000 fragments", "{ __typename } " + strings.Repeat("fragment f on Query { __typename } ", 1000), "LIMIT_TOKENS"},
	{"fragments that double 24 times", doubling(24, "__typename"), "LIMIT_NODES"},
	{"fragments that double 100 times", doubling(100, "__typename"), "LIMIT_NODES"},
	{"fragments that double what is missing", doubling(30, "...missing"), "LIMIT_NODES"},
	{"fragments that double aliases", doubling(7, "a: __typename"), "LIMIT_ALIASES"},
	{"101 aliases of __typename", aliases(101, "__typename"), "LIMIT_ALIASES"},
	{"61 aliases of hostPort", aliases(61, `hostPort(id: "x") { id }`), "LIMIT_ALIASES"},
	{"10,000 directives", "{ __typename" + strings.Repeat(" @aa", 10_000) + " }", "LIMIT_TOKENS"},
	{"31 directives", "{ __typename" + strings.Repeat(" @aa", 31) + " }", "LIMIT_DIRECTIVES"},
	{"5,000 unknown fields", unknown(5000), "LIMIT_TOKENS"},
	{"introspection in circles", "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }", "LIMIT_DEPTH"},
	{"introspection 20 deep", "{ __type(name: \"A\") { " + strings.Repeat("ofType { ", 18) + "name" + strings.Repeat("}", 18) + " } }", "LIMIT_DEPTH"},
	{"introspection in circles by fragments", "{ __schema { types { ...f } } } fragment f on __Type { fields { type { ...g } } } " +
		"fragment g on __Type { interfaces { possibleTypes { name } } }", "LIMIT_DEPTH"},
}

func nested(field string, depth int) string {
	return strings.Repeat("{"+field, depth) + strings.Repeat("}", depth)
}

func doubling(levels int, last string) string {
	var text strings.Builder
	text.WriteString("{ ...f0 }")
	for i := range levels {
		fmt.Fprintf(&text, " fragment f%d on Query { ...f%d ...f%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&text, " fragment f%d on Query { %s }", levels, last)
	return text.String()
}

func aliases(n int, field string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " a%d: %s", i, field)
	}
	return "{" + text.String() + " }"
}

func unknown(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " unknown%d", i)
	}
	return "{" + text.String() + " }"
}

func TestDocumentsBeyondALimitAreRefusedAndCostNothingUpstream(t *testing.T) {
	t.Parallel()
	u := &upstream{}
	h := endpoint(u)
	for _, row := range hostile {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := post(t, h, asked(row.document), "Accept: application/graphql-response+json")
			r := read(t, w)
			if w.Code != 400 && w.Code != 413 || r.code() != row.code && r.code() != "LIMIT_BODY" {
				t.Fatalf("got %d %s, want 400 %s", w.Code, w.Body, row.code)
			}
			if len(r.Errors) != 1 || w.Body.Len() > 500 {
				t.Errorf("%d errors in %d bytes", len(r.Errors), w.Body.Len())
			}
		})
	}
	t.Cleanup(func() {
		if n := u.lookups.Load(); n != 0 {
			t.Errorf("%d lookups", n)
		}
	})
}

func TestALimitIsA400ForClientsOfTheOldMediaTypeToo(t *testing.T) {
	t.Parallel()
	if w := post(t, endpoint(&upstream{}), asked(aliases(61, "__typename"))); w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
}

func TestRefusalsNameTheNumberFoundAndTheNumberAllowed(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for document, want := range map[string]string{
		hostile[0].document:        "The document has more than 2500 tokens, which is the maximum.",
		nested("host", 13):         "The document has 13 levels of nested fields; the maximum is 12.",
		aliases(61, "__typename"):  "The document has 61 aliases; the maximum is 60.",
		doubling(40, "__typename"): "The document has more than 1000000 selections after expanding fragments; the maximum is 5000.",
	} {
		if got := read(t, post(t, h, asked(document))).Errors[0].Message; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// introspection is as deep as what GraphiQL sends.
const introspection = `query IntrospectionQuery {
  __schema {
    description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

func TestDocumentsWithinTheLimitsPass(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for name, document := range map[string]string{
		"introspection":     introspection,
		"60 aliases":        aliases(60, "__typename"),
		"50 aliased ports":  aliases(50, `hostPort(id: "`+exampleID+`") { ...Port } `) + "fragment Port on HostPort { id port status host { id } }",
		"depth 12":          "{ hostPort(id: 1) { host { id } } }",
		"30 directives":     "{ __typename" + strings.Repeat(" ...@include(if: true) { __typename }", 30) + " }",
		"the same fragment": "{ a: hostPort(id: 1) { ...f } b: hostPort(id: 2) { ...f } } fragment f on HostPort { id }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := read(t, post(t, h, asked(document))); r.code() != "" {
				t.Errorf("got %v", r.Errors)
			}
		})
	}
}

func TestALimitOfZeroIsNone(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{}, func(o *graph.Options) {
		o.Limits = limits.Limits{Deadline: o.Limits.Deadline, IDs: 1, UpstreamRequests: 1}
	})
	w := post(t, h, asked(aliases(300, "__typename")))
	if r := read(t, w); w.Code != 200 || r.code() != "" {
		t.Errorf("got %d %v", w.Code, r.Errors)
	}
}

func TestAResponseHasAtMostTwentyErrorsAndCountsTheRest(t *testing.T) {
	t.Parallel()
	w := post(t, endpoint(&upstream{}), asked(unknown(50)))
	r := read(t, w)
	if len(r.Errors) != 21 || w.Body.Len() > 5<<10 {
		t.Fatalf("%d errors in %d bytes", len(r.Errors), w.Body.Len())
	}
	if got, want := r.Errors[20].Message, "30 more errors were omitted; the maximum is 20."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	long := asked("{ " + strings.Repeat("x", 100_000) + " }")
	if w := post(t, endpoint(&upstream{}), long); w.Body.Len() > 1000 {
		t.Errorf("one long name: %d bytes", w.Body.Len())
	}
}

func TestARepeatedDocumentIsNotMeasuredAgain(t *testing.T) {
	t.Parallel()
	h := endpoint(&upstream{})
	for range 3 {
		if w := post(t, h, hello); uncharged(w.Body.String()) != helloData {
			t.Fatalf("got %s", w.Body)
		}
	}
	if w := post(t, h, asked(aliases(61, "__typename"))); w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
	if w := post(t, h, asked(aliases(61, "__typename"))); w.Code != 400 {
		t.Errorf("the second time: got %d", w.Code)
	}
}

func BenchmarkHostileDocuments(b *testing.B) {
	h := endpoint(&upstream{})
	for _, row := range hostile {
		b.Run(row.name, func(b *testing.B) {
			body := asked(row.document)
			for b.Loop() {
				sendBody(b, h, body)
			}
		})
	}
}

// BenchmarkWorstDocuments times those that the limits let pass, where validation has the most to do.
func BenchmarkWorstDocuments(b *testing.B) {
	h := endpoint(&upstream{})
	for name, document := range map[string]string{
		"60 root fields":     "{" + strings.Repeat(" __typename", 60) + " }",
		"250 fields":         `{ hostPort(id: "x") {` + strings.Repeat(" bad", 250) + " } }",
		"10 sets of 230":     aliases(10, `hostPort(id: "x") {`+strings.Repeat(" nope", 230)+" }"),
		"60 merged":          "{" + strings.Repeat(` hostPort(id: "x") { id id id id }`, 60) + " }",
		"300 fragments":      manyFragments(270),
		"400 variables":      manyVariables(400),
		"deep with many":     "{" + strings.Repeat(`hostPort(id: "x") { host { ... on IpAddress { id } bad } }`, 60) + "}",
		"introspect 2 lists": "{ __schema { types { fields { type { fields { name } } } } } }",
	} {
		b.Run(name, func(b *testing.B) {
			body := asked(document)
			for b.Loop() {
				sendBody(b, h, body)
			}
		})
	}
}

func manyFragments(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " fragment f%d on Query { %s }", i, "__typename")
	}
	return "{ __typename }" + text.String()
}

func manyVariables(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " $v%d: ID", i)
	}
	return "query(" + text.String() + ") { __typename }"
}
