// Package limits lists the limits that can be set, each once, and checks documents against those of their syntax before
// they are validated, because validation is where a hostile document costs most. It does not know the schema, and other
// packages check the limits that are not about the document.
package limits

import (
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/code"
)

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
			Message:    fmt.Sprintf("The document has more than %d tokens, which is the maximum.", l.Tokens),
			Extensions: map[string]any{"code": code.LimitTokens, "allowed": l.Tokens},
		}
	case strings.Contains(text, "exceeded maximum nesting depth"):
		return &gqlerror.Error{
			Message: fmt.Sprintf("The document nests more than %d levels deep; the maximum depth of fields is %d.",
				parser.MaxNestingDepth, l.Depth),
			Extensions: map[string]any{"code": code.LimitDepth, "allowed": l.Depth},
		}
	}
	syntax, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		syntax = &gqlerror.Error{Message: "The document cannot be parsed."}
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
		{code.LimitDepth, "levels of nested fields", size.depth, l.Depth},
		{code.LimitDepth, "levels of nested introspection fields", size.introspection, maxIntrospection},
		{code.LimitDepth, "levels of nested introspection lists", size.introspectionLists, maxIntrospectionLists},
		{code.LimitDirectives, "directives", size.directives, l.Directives},
		{code.LimitAliases, "aliases", size.aliases, l.Aliases},
		{code.LimitNodes, "selections after expanding fragments", size.nodes, l.Nodes},
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
		Message:    fmt.Sprintf("The document has %s %s; the maximum is %d.", number, what, allowed),
		Extensions: map[string]any{"code": limit, "allowed": allowed},
	}
}
