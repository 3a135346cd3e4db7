package plan

import (
	"hash/maphash"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizer counts the fields that the response to an operation may have: each field at every place where it may be, and
// every list as long as its arguments allow. An array inside an entity counts as one element, since only Microsoft Graph
// knows its length. The count depends on nothing but the operation and its variables.
type sizer struct {
	*Reading
	sdl   func() string
	seed  maphash.Seed
	known map[sized]int
}

// sized identifies what was counted: selection sets, merged, on a type.
type sized struct {
	on   *ast.Definition
	sets uint64
}

// named are the occurrences of a field under one name of the response.
type named struct {
	*ast.Field
	sets []ast.SelectionSet
}

// What takes more time and memory than a field counts as several more, as measured: an item of a list, a navigation
// property, what has a request of its own below an entity, whether it is sent or not, and a fragment under @defer, which is
// written as a payload of its own.
const itemSize, navigationSize, requestSize, deferredSize = 2, 5, 20, 100

// longText is how many bytes of names or text count as one more field.
const longText = 64

// Size returns how many fields the response to the operation may have. sdl returns the text of _service.sdl.
func (r *Reading) Size(sdl func() string) int {
	z := sizer{Reading: r, sdl: sdl, seed: maphash.MakeSeed(), known: map[sized]int{}}
	return z.object(Schema.Query, r.Select(r.operation.SelectionSet), 1)
}

// of counts the fields of one value: as many as the largest of the types that it may have.
func (z *sizer) of(declared *ast.Definition, s Selection) (most int) {
	concrete := catalog.objects[declared.Name]
	if len(concrete) == 1 {
		return z.object(concrete[0], s, 1)
	}
	key := sized{on: declared}
	for _, set := range s.sets {
		if len(set) > 0 {
			key.sets = key.sets*31 + maphash.Comparable(z.seed, set[0])
		}
	}
	if known, ok := z.known[key]; ok { // without this the work would double with every level
		return known
	}
	for _, on := range concrete {
		most = max(most, z.object(on, s, 1))
	}
	z.known[key] = most
	return most
}

// object counts the fields of one object. items is the length of the page, where the object is a connection.
func (z *sizer) object(on *ast.Definition, s Selection, items int) (all int) {
	for _, f := range grouped(on, s) {
		value := z.value(on, f)
		if f.Name == "nodes" || f.Name == "edges" {
			value = z.times(items, value+itemSize)
		}
		all = saturating(all + 1 + len(f.Alias)/longText + value)
	}
	return saturating(all + z.times(deferredSize, s.deferrals(on)))
}

// grouped returns the fields that a selection asks of an object, by their names in the response.
func grouped(on *ast.Definition, s Selection) (all []named) {
	s.each(on, func(f *ast.Field, _ bool) {
		for i := range all {
			if all[i].Alias == f.Alias {
				all[i].sets = append(all[i].sets, f.SelectionSet)
				return
			}
		}
		all = append(all, named{f, []ast.SelectionSet{f.SelectionSet}})
	})
	return all
}

// value counts what is inside a field.
func (z *sizer) value(on *ast.Definition, f named) int {
	s := Selection{Reading: z.Reading, sets: f.sets}
	field := catalog.field(on.Name, f.Name)
	switch {
	case strings.HasPrefix(f.Name, "__"):
		return z.introspection(f.Name, s)
	case f.Name == "sdl":
		return len(z.sdl()) / longText
	case field.Target == nil || len(f.SelectionSet) == 0:
		return 0
	case field.Connection != nil:
		return more(on, field) + z.object(field.Connection, s, z.argumentsOf(f.Field).pageLength())
	case field.kind == kindRequest && f.Definition.Type.Elem != nil:
		return z.times(z.argumentsOf(f.Field).entities(), z.of(field.Target, s)+itemSize)
	}
	return more(on, field) + z.of(field.Target, s)
}

// more is what a field takes beside its value.
func more(on *ast.Definition, f *Field) int {
	switch {
	case f.kind == kindNavigation:
		return navigationSize
	case f.kind == kindRequest && on != Schema.Query:
		return requestSize
	}
	return 0
}

// times is n times what one takes.
func (z *sizer) times(n, one int) int {
	if one > 0 && n > saturating(1<<30)/one {
		return saturating(1 << 30)
	}
	return n * one
}
