package plan

import (
	"hash/maphash"
	"iter"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizer counts the fields that the response to an operation may have: each field at every place where it may be, and
// every list as long as its arguments allow. An array inside an entity counts as one element, since only Microsoft
// Graph knows its length. The count depends on nothing but the operation and its variables.
type sizer struct {
	*Reading
	sdl  func() string
	seed maphash.Seed
	// known are the counts that depend on arguments, and those of selections without a source.
	known map[sized]int
	// varies reports that what is being counted has arguments that its count depends on.
	varies bool
	// fields are those of the objects that are being counted, from the outermost inwards.
	fields []named
}

// named are the occurrences of a field under one name of the response: the first of them, and the selection sets of the
// others.
type named struct {
	*ast.Field
	more []ast.SelectionSet
}

// What takes more time and memory than a field counts as several more, as measured: an item of a list, a navigation
// property, what has a request of its own below an entity, whether it is sent or not, and a fragment under @defer,
// which is written as a payload of its own.
const itemSize, navigationSize, requestSize, deferredSize = 2, 5, 20, 100

// longText is how many bytes of names or text count as one more field.
const longText = 64

// Size returns how many fields the response to the operation may have. sdl returns the text of _service.sdl.
func (r *Reading) Size(sdl func() string) int {
	z := sizer{Reading: r, sdl: sdl, seed: maphash.MakeSeed(), known: map[sized]int{}, fields: make([]named, 0, 16)}
	return z.object(Schema.Query, r.Select(r.operation.SelectionSet), 1)
}

// of counts the fields of one value: as many as the largest of the types that it may have.
func (z *sizer) of(declared *ast.Definition, s Selection) (most int) {
	key := sized{on: declared, source: s.source}
	if s.source == nil {
		key.sets = z.hash(0, s.first)
		for _, set := range s.more {
			key.sets = z.hash(key.sets, set)
		}
	}
	if known, ok := z.known[key]; ok { // without this the work would double with every level
		z.varies = true
		return known
	}
	if known, ok := z.sizes.get(key); ok {
		return known
	}
	before := z.varies
	z.varies = s.source == nil
	for _, on := range catalog.objects[declared.Name] {
		most = max(most, z.object(on, s, 1))
	}
	if z.varies {
		z.known[key] = most
		return most
	}
	z.varies = before
	z.sizes.put(key, most)
	return most
}

// argumentsOf returns the arguments of a field whose count depends on them.
func (z *sizer) argumentsOf(f *ast.Field) *Arguments {
	z.varies = true
	return z.Reading.argumentsOf(f)
}

func (z *sizer) hash(before uint64, set ast.SelectionSet) uint64 {
	if len(set) == 0 {
		return before
	}
	return before*31 + maphash.Comparable(z.seed, set[0])
}

// object counts the fields of one object. items is the length of the page, where the object is a connection.
func (z *sizer) object(on *ast.Definition, s Selection, items int) (all int) {
	for f := range z.grouped(on, s) {
		value := z.value(on, f)
		if f.Name == "nodes" || f.Name == "edges" {
			value = z.times(items, value+itemSize)
		}
		all = saturating(all + 1 + len(f.Alias)/longText + value)
	}
	return saturating(all + z.times(deferredSize, s.deferrals(on)))
}

// grouped yields the fields that a selection has of an object, by their names in the response.
func (z *sizer) grouped(on *ast.Definition, s Selection) iter.Seq[named] {
	return func(yield func(named) bool) {
		start := len(z.fields)
		s.each(on, func(f *ast.Field, _ bool) { z.add(start, f) })
		for i, end := start, len(z.fields); i < end && yield(z.fields[i]); i++ {
		}
		z.fields = z.fields[:start]
	}
}

// add adds an occurrence of a field to those of the innermost object, which begin at start.
func (z *sizer) add(start int, f *ast.Field) {
	for i := start; i < len(z.fields); i++ {
		if z.fields[i].Alias == f.Alias {
			z.fields[i].more = append(z.fields[i].more, f.SelectionSet)
			return
		}
	}
	z.fields = append(z.fields, named{Field: f})
}

// below is what is selected of a field's value.
func (z *sizer) below(f named) Selection {
	if len(f.more) == 0 {
		return z.inside(f.Field)
	}
	return Selection{document: z.document, first: f.SelectionSet, more: f.more}
}

// value counts what is inside a field.
func (z *sizer) value(on *ast.Definition, f named) int {
	s := z.below(f)
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
