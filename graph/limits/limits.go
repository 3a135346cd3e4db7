// Package limits holds documents to what one request may ask for, before they are validated: validation is where a hostile
// document hurts. It knows the syntax of GraphQL. It knows no schema, and bounds nothing that is not in the document.
package limits

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/code"
)

// Limits bound what one request may ask for. A zero field bounds nothing.
//
// A fragment counts wherever it is spread: what costs is the document with all fragments in place.
type Limits struct {
	Body             int64         // bytes of a request's body, or of the query string of a GET
	Tokens           int           // tokens of the document; the cost of validation grows with their square
	Fields           int           // fields in one selection set, those of repeated fields merged
	Nodes            int           // selections of the document: fields, and fragments that hold them
	Depth            int           // fields inside each other; introspection has a fixed limit of its own
	Aliases          int           // aliases of the document, those of __typename too
	Directives       int           // directives, as they are written
	RootFields       int           // fields of an operation's root
	Errors           int           // errors in an answer; one more says how many there are
	IDs              int           // ids in a list argument
	Value            int           // bytes of a string argument, but for ids and cursors
	Response         int           // fields of a response, by an estimate
	InFlight         int           // fields of the responses to all operations in flight, by the same estimate
	UpstreamRequests int           // requests that an operation may send upstream, items of batches counted
	Deadline         time.Duration // from the start of an operation to its answer
}

// Default are the limits that are on unless somebody says otherwise. They let fifty aliased lookups pass.
func Default() Limits {
	return Limits{
		Body: 256 << 10, Tokens: 2500, Fields: 250, Nodes: 5000, Depth: 12, Aliases: 60, Directives: 30, RootFields: 60,
		Errors: 20, IDs: 100, Value: 1 << 10, Response: 250_000, InFlight: 1_000_000, UpstreamRequests: 400, Deadline: 15 * time.Second,
	}
}

// Introspection nests deeper than any question about the world: the query that GraphiQL and its kin send goes 15 deep,
// most of it ofType, which wraps one type and costs nothing. What costs is walking from a type to its fields and on to
// their types, in circles.
const (
	maxIntrospection      = 19
	maxIntrospectionLists = 2
)

// Parse parses a document, and refuses one that is beyond a limit before it is validated. Validation is where a hostile
// document hurts: measured, it takes 10 s for one of 15,000 tokens.
func (l Limits) Parse(text string) (*ast.QueryDocument, *gqlerror.Error) {
	if err := checkLiterals(text); err != nil {
		return nil, err
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, l.Tokens)
	if err != nil {
		return nil, l.unparsed(err)
	}
	if err := l.check(doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// unparsed tells the parser's limits, which it gives no code, from errors of syntax.
func (l Limits) unparsed(err error) *gqlerror.Error {
	switch text := err.Error(); {
	case strings.Contains(text, "exceeded token limit"):
		return &gqlerror.Error{
			Message:    fmt.Sprintf("the document has more than %d tokens, the most that are allowed", l.Tokens),
			Extensions: map[string]any{"code": code.LimitTokens, "allowed": l.Tokens},
		}
	case strings.Contains(text, "exceeded maximum nesting depth"):
		return &gqlerror.Error{
			Message: fmt.Sprintf("the document nests more than %d deep, and %d fields inside each other are allowed",
				parser.MaxNestingDepth, l.Depth),
			Extensions: map[string]any{"code": code.LimitDepth, "allowed": l.Depth},
		}
	}
	syntax, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		syntax = &gqlerror.Error{Message: "the document cannot be parsed"}
	}
	errcode.Set(syntax, code.ParseFailed)
	return syntax
}

// check refuses a document by the first limit that it breaks.
func (l Limits) check(doc *ast.QueryDocument) *gqlerror.Error {
	m := measure(doc)
	if m.problem != "" {
		return &gqlerror.Error{Message: m.problem, Extensions: map[string]any{"code": code.ValidationFailed}}
	}
	size := m.size
	checks := [...]struct {
		code, what     string
		found, allowed int
	}{
		{code.LimitDepth, "fields inside each other", size.depth, l.Depth},
		{code.LimitDepth, "fields of introspection inside each other", size.introspection, maxIntrospection},
		{code.LimitDepth, "lists of introspection inside each other", size.introspectionLists, maxIntrospectionLists},
		{code.LimitDirectives, "directives", size.directives, l.Directives},
		{code.LimitAliases, "aliases", size.aliases, l.Aliases},
		{code.LimitNodes, "selections with its fragments in place", size.nodes, l.Nodes},
	}
	for _, c := range checks {
		if c.allowed > 0 && c.found > c.allowed {
			return beyond(c.code, c.what, c.found, c.allowed)
		}
	}
	return l.checkWidth(m)
}

// checkWidth looks at single selection sets. A document that is small in all cannot be wide in one.
func (l Limits) checkWidth(m *measurer) *gqlerror.Error {
	if l.Fields > 0 && m.size.nodes > l.Fields {
		if widest := m.widest(l.Fields); widest > l.Fields {
			return beyond(code.LimitFields, "fields in one selection set", widest, l.Fields)
		}
	}
	if l.RootFields > 0 && m.size.rootFields > l.RootFields {
		return beyond(code.LimitRootFields, "root fields", m.size.rootFields, l.RootFields)
	}
	return nil
}

func beyond(limit, what string, found, allowed int) *gqlerror.Error {
	number := fmt.Sprint(found)
	if found >= saturated {
		number = "more than " + fmt.Sprint(saturated)
	}
	return &gqlerror.Error{
		Message:    fmt.Sprintf("the document has %s %s, and %d are allowed", number, what, allowed),
		Extensions: map[string]any{"code": limit, "allowed": allowed},
	}
}
