package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

func (d *document) included(directives ast.DirectiveList) bool {
	return !d.condition(directives.ForName("skip"), false) && d.condition(directives.ForName("include"), true)
}

func (d *document) defers(directives ast.DirectiveList) bool {
	deferral := directives.ForName("defer")
	return deferral != nil && d.condition(deferral, true)
}

// condition is the value of a directive's argument "if", or what holds where it has none.
func (d *document) condition(directive *ast.Directive, otherwise bool) bool {
	if directive == nil {
		return otherwise
	}
	given := directive.Arguments.ForName("if")
	switch {
	case given == nil:
		return otherwise
	case given.Value.Kind != ast.Variable:
		return given.Value.Raw == "true"
	}
	value, present := d.conditions[given.Value.Raw]
	if !present {
		return otherwise
	}
	holds, _ := value.(bool)
	return holds
}

func directivesOf(s ast.Selection) ast.DirectiveList {
	switch s := s.(type) {
	case *ast.Field:
		return s.Directives
	case *ast.InlineFragment:
		return s.Directives
	case *ast.FragmentSpread:
		return s.Directives
	}
	return nil
}
