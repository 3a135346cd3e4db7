package plan

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// number is a number as JSON has it.
func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// unconditional takes from a document what may leave something out: conditions that depend on variables, cursors, and
// @defer. It returns how many fragments were deferred.
func unconditional(doc *ast.QueryDocument) (deferred int) {
	for _, op := range doc.Operations {
		deferred += unconditionalSet(op.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		deferred += unconditionalSet(fragment.SelectionSet)
	}
	return deferred
}

func unconditionalSet(set ast.SelectionSet) (deferred int) {
	for _, s := range set {
		var inside ast.SelectionSet
		switch s := s.(type) {
		case *ast.Field:
			s.Directives = certain(s.Directives)
			s.Arguments = slices.DeleteFunc(s.Arguments, func(a *ast.Argument) bool {
				return a.Name == "after" && a.Value.Kind == ast.Variable
			})
			inside = s.SelectionSet
		case *ast.InlineFragment:
			deferred += deferrals(s.Directives)
			s.Directives = certain(s.Directives)
			inside = s.SelectionSet
		case *ast.FragmentSpread:
			deferred += deferrals(s.Directives)
			s.Directives = certain(s.Directives)
		}
		deferred += unconditionalSet(inside)
	}
	return deferred
}

func deferrals(directives ast.DirectiveList) int {
	if directives.ForName("defer") != nil {
		return 1
	}
	return 0
}

// certain returns the directives without @defer and without conditions that depend on a variable.
func certain(directives ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(directives, func(d *ast.Directive) bool {
		condition := d.Arguments.ForName("if")
		return d.Name == "defer" || condition != nil && condition.Value.Kind == ast.Variable
	})
}
