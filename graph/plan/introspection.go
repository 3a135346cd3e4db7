package plan

import (
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// introspected is the price of one field of introspection, in fields of a response. The schema is large and every
// client needs it once: two of them in one operation are one too many.
const introspected = 4

// population is how many elements a list of introspection has: those of all the schema together, and the most that one
// owner has.
type population struct{ all, most int }

func (p *population) add(n int) {
	p.all += n
	p.most = max(p.most, n)
}

// populations are the lists of introspection, by type and field.
var populations = sync.OnceValue(func() map[string]*population {
	lists := map[string]*population{}
	for _, name := range []string{
		"__Schema.types", "__Schema.directives", "__Type.fields", "__Type.inputFields", "__Type.enumValues",
		"__Type.interfaces", "__Type.possibleTypes", "__Field.args", "__Directive.args",
	} {
		lists[name] = &population{}
	}
	lists["__Schema.types"].add(len(Schema.Types))
	lists["__Schema.directives"].add(len(Schema.Directives))
	for _, def := range Schema.Directives {
		lists["__Directive.args"].add(len(def.Arguments))
	}
	for _, def := range Schema.Types {
		list := "__Type.fields"
		if def.Kind == ast.InputObject {
			list = "__Type.inputFields"
		}
		lists[list].add(len(def.Fields))
		lists["__Type.enumValues"].add(len(def.EnumValues))
		lists["__Type.interfaces"].add(len(def.Interfaces))
		lists["__Type.possibleTypes"].add(len(Schema.PossibleTypes[def.Name]))
		for _, f := range def.Fields {
			lists["__Field.args"].add(len(f.Arguments))
		}
	}
	return lists
})

// introspection counts what is inside a meta field of the root, by the size of this binary's schema.
func (z *sizer) introspection(field string, s Selection) int {
	switch field {
	case "__schema":
		return z.times(introspected, z.described("__Schema", s, 1, true))
	case "__type":
		return z.times(introspected, z.described("__Type", s, 1, false))
	}
	return 0 // __typename
}

// described counts the fields of n elements of introspection. complete says that they are all that the schema has, so
// that the lists in them have a known length together; otherwise each list may be the longest there is.
func (z *sizer) described(on string, s Selection, n int, complete bool) (all int) {
	def := Schema.Types[on]
	for f := range z.grouped(def, s) {
		all = saturating(all + z.times(n, 1+len(f.Alias)/longText))
		declared := def.Fields.ForName(f.Name)
		if declared == nil || len(f.SelectionSet) == 0 {
			continue
		}
		inner, completeInner := n, false
		if list := populations()[on+"."+f.Name]; list != nil {
			inner, completeInner = z.times(n, list.most), false
			if complete {
				inner, completeInner = list.all, true
			}
		}
		if declared.Type.Name() == "__Type" && f.Name != "types" {
			completeInner = false // any type, and the same one many times
		}
		all = saturating(all + z.described(declared.Type.Name(), z.below(f), inner, completeInner))
	}
	return all
}
