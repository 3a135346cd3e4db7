package incremental

import (
	"context"
	"reflect"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Part is what one @defer defers of one object: a payload of its own.
type Part struct {
	// Label is that of the @defer; may be empty.
	Label string
	// On is the object's type, Owner its value: a pointer; nil at the root.
	On    *ast.Definition
	Owner any
	// Selections is what the part holds. Active @defers inside are parts of their own.
	Selections ast.SelectionSet

	ctx   context.Context // the object's
	begun <-chan struct{} // closed when its round has begun
	next  *round          // of what it defers itself; set when its own has begun
}

// found gathers the parts of the objects that are resolved for one payload.
type found struct {
	mu    sync.Mutex
	parts []*Part
}

type foundKey struct{}

func (f *found) add(parts []*Part) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts = append(f.parts, parts...)
}

// finder finds the parts of values as they are resolved.
type finder struct {
	schema  *ast.Schema
	objects Objects
	vars    map[string]any
}

// around finds the parts of what a field resolves to.
func (f finder) around(ctx context.Context, next graphql.Resolver, resolve graphql.FieldMiddleware) (any, error) {
	value, err := resolve(ctx, next)
	fc := graphql.GetFieldContext(ctx)
	if err == nil && len(fc.Field.Selections) > 0 {
		if all, under := ctx.Value(foundKey{}).(*found); under {
			declared := f.schema.Types[fc.Field.Definition.Type.Name()]
			f.under(ctx, declared, fc.Field.Selections, reflect.ValueOf(value), all)
		}
	}
	return value, err
}

// under finds the parts of a value: an object, or a list of them, whose items are at their index.
func (f finder) under(
	ctx context.Context, declared *ast.Definition, set ast.SelectionSet, value reflect.Value, all *found,
) {
	switch value.Kind() {
	case reflect.Slice:
		for i := range value.Len() {
			item := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i, Result: value.Index(i).Interface()})
			f.under(item, declared, set, value.Index(i), all)
		}
	case reflect.Interface:
		f.under(ctx, declared, set, value.Elem(), all)
	case reflect.Struct:
		held := reflect.New(value.Type())
		held.Elem().Set(value)
		f.under(ctx, declared, set, held, all)
	case reflect.Pointer:
		if !value.IsNil() {
			all.add(f.parts(ctx, f.concrete(declared, value.Interface()), set, value.Interface()))
		}
	}
}

// concrete returns the object type of a value.
func (f finder) concrete(declared *ast.Definition, value any) *ast.Definition {
	if declared.IsAbstractType() {
		return f.schema.Types[f.objects.TypeOf(value)]
	}
	return declared
}

// parts returns what is deferred of an object.
func (f finder) parts(ctx context.Context, on *ast.Definition, set ast.SelectionSet, owner any) (all []*Part) {
	if on == nil {
		return nil
	}
	f.each(on, set, map[string]bool{}, func(fragment *ast.InlineFragment) {
		label, _ := argument(fragment.Directives[0], "label", f.vars).(string)
		all = append(all, &Part{Label: label, On: on, Owner: owner, Selections: fragment.SelectionSet, ctx: ctx})
	})
	return all
}

// each yields the deferred fragments that apply to an object type, fragments that are not deferred entered.
func (f finder) each(
	on *ast.Definition, set ast.SelectionSet, entered map[string]bool, yield func(*ast.InlineFragment),
) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			switch {
			case IsDeferred(s):
				if f.applies(on, s.SelectionSet[0]) {
					yield(s)
				}
			case f.applies(on, s):
				f.each(on, s.SelectionSet, entered, yield)
			}
		case *ast.FragmentSpread:
			if f.applies(on, s) && !entered[s.Name] {
				entered[s.Name] = true
				f.each(on, s.Definition.SelectionSet, entered, yield)
			}
		}
	}
}

// applies reports whether a fragment is executed on an object type.
func (f finder) applies(on *ast.Definition, fragment ast.Selection) bool {
	var condition string
	var directives ast.DirectiveList
	switch s := fragment.(type) {
	case *ast.InlineFragment:
		condition, directives = s.TypeCondition, s.Directives
	case *ast.FragmentSpread:
		condition, directives = s.Definition.TypeCondition, s.Directives
	}
	if skip := directives.ForName("skip"); skip != nil && holds(skip, f.vars) {
		return false
	}
	if include := directives.ForName("include"); include != nil && !holds(include, f.vars) {
		return false
	}
	return condition == "" || condition == on.Name || f.isA(on, condition)
}

func (f finder) isA(on *ast.Definition, wider string) bool {
	for _, possible := range f.schema.GetPossibleTypes(f.schema.Types[wider]) {
		if possible == on {
			return true
		}
	}
	return false
}
