package graph

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
)

// selection is what an operation asks of one value: the selection sets of every field that leads to it, under whatever
// aliases, in an operation whose input is read.
type selection struct {
	*reading
	sets []ast.SelectionSet
}

// asked is one field of the schema as a selection asks for it: once, with all its aliases and repetitions merged, but
// for requests of their own, whose arguments may differ.
type asked struct {
	*field
	sets     []ast.SelectionSet // those that are wanted now
	deferred bool               // every occurrence stands under an active @defer
	// Of a request of its own:
	*call
	selected selection
}

// selection is what one selection set asks for.
func (r *reading) selection(set ast.SelectionSet) selection {
	return selection{r, []ast.SelectionSet{set}}
}

// inside returns the selection of what is behind one occurrence of a field.
func (s selection) inside(f *ast.Field) selection {
	return s.selection(f.SelectionSet)
}

// of returns the selection of what is behind an asked field.
func (s selection) of(a asked) selection {
	return selection{s.reading, a.sets}
}

// each calls yield for every occurrence of a field that applies to the concrete type, fragments entered, @skip and
// @include obeyed.
func (s selection) each(on *ast.Definition, yield func(f *ast.Field, deferred bool)) {
	for _, set := range s.sets {
		s.eachIn(set, on, false, yield)
	}
}

func (s selection) eachIn(set ast.SelectionSet, on *ast.Definition, deferred bool, yield func(*ast.Field, bool)) {
	for _, sel := range set {
		if f, isField := sel.(*ast.Field); !isField {
			inner, defers := s.fragment(sel, on)
			s.eachIn(inner, on, deferred || defers, yield)
		} else if s.included(f.Directives) {
			yield(f, deferred)
		}
	}
}

// fragment returns what is in a fragment, if it applies to the concrete type, and whether it stands under an active @defer.
func (s selection) fragment(sel ast.Selection, on *ast.Definition) (set ast.SelectionSet, defers bool) {
	directives, condition := directivesOf(sel), ""
	switch sel := sel.(type) {
	case *ast.InlineFragment:
		set, condition = sel.SelectionSet, sel.TypeCondition
	case *ast.FragmentSpread:
		fragment := s.doc.Fragments.ForName(sel.Name)
		if fragment == nil {
			return nil, false
		}
		set, condition = fragment.SelectionSet, fragment.TypeCondition
	}
	if !facts.applies(condition, on) || !s.included(directives) {
		return nil, false
	}
	return set, s.defers(directives)
}

// deferrals returns how many fragments of a concrete type stand under an active @defer.
func (s selection) deferrals(on *ast.Definition) (n int) {
	for _, set := range s.sets {
		for _, sel := range set {
			if _, isField := sel.(*ast.Field); isField {
				continue
			}
			inner, defers := s.fragment(sel, on)
			if n += s.selection(inner).deferrals(on); defers {
				n++
			}
		}
	}
	return n
}

// fields returns the fields of a concrete type that are asked for, in the order of the document. What is plain is answered
// at once, deferred or not.
func (s selection) fields(on *ast.Definition) []asked {
	known := facts.fields[on.Name]
	var all []asked
	if len(s.sets) > 0 {
		all = make([]asked, 0, len(s.sets[0]))
	}
	s.each(on, func(f *ast.Field, deferred bool) {
		fact, ok := known[f.Name]
		if !ok {
			return // __typename
		}
		at := indexOf(all, fact)
		if at < 0 {
			at = len(all)
			all = append(all, asked{field: fact, deferred: true})
		}
		if fact.kind == request {
			all[at].call = s.call(f)
			all[at].selected = s.inside(f)
		}
		if later := deferred && fact.kind != property && fact.kind != plain; !later {
			all[at].deferred = false
			if len(f.SelectionSet) > 0 {
				all[at].sets = append(all[at].sets, f.SelectionSet)
			}
		}
	})
	return all
}

func indexOf(all []asked, fact *field) int {
	if fact.kind == request {
		return -1
	}
	return slices.IndexFunc(all, func(a asked) bool { return a.field == fact })
}

// nodes returns the selection of the nodes of a connection, and whether all of the list are to be counted.
func (s selection) nodes(connection *ast.Definition) (nodes selection, count bool) {
	nodes = selection{reading: s.reading}
	s.each(connection, func(f *ast.Field, _ bool) {
		switch f.Name {
		case "nodes":
			nodes.sets = append(nodes.sets, f.SelectionSet)
		case "edges":
			edge := facts.field(connection.Name, "edges").target
			s.inside(f).each(edge, func(f *ast.Field, _ bool) {
				if f.Name == "node" {
					nodes.sets = append(nodes.sets, f.SelectionSet)
				}
			})
		case "totalCount":
			count = true
		}
	})
	return nodes, count
}

// shows reports which parts of a connection a selection shows.
func (s selection) shows(connection *ast.Definition) (edges, cursors, info bool) {
	s.each(connection, func(f *ast.Field, _ bool) {
		info = info || f.Name == "pageInfo"
		if f.Name != "edges" {
			return
		}
		edges = true
		s.inside(f).each(facts.field(connection.Name, "edges").target, func(f *ast.Field, _ bool) {
			cursors = cursors || f.Name == "cursor"
		})
	})
	return edges, cursors, info
}

// projection is what one entity has to be asked for, and where its answer leads.
type projection struct {
	query   msgraph.Query
	follows []follow
	owned   []asked // requests below the entity, which need no more than its id
}

// follow is what in an answer leads to requests of their own.
type follow struct {
	path     []string // property names from the answer to the reference
	target   *ast.Definition
	carries  msgraph.Names
	whole    bool // what is referred to is in the answer, and only requests below it are wanted
	selected selection
}

// project says what of an entity the selection needs: declared is the type that the endpoint answers, concrete what the
// entity is. A property under @defer rides along, since the entity's own request is made in any case; of a navigation
// property under @defer only the reference does.
func (s selection) project(declared, concrete *ast.Definition) projection {
	var p projection
	var selects, expands []string
	for _, a := range s.fields(concrete) {
		name := facts.selectName(declared, concrete, a.name)
		switch {
		case a.kind == property:
			selects = append(selects, name)
			if a.target.Kind == ast.Object {
				p.follows = append(p.follows, s.of(a).follows(a.target, []string{a.name})...)
			}
		case a.kind == navigation && a.expand && s.of(a).needsMore(a.field):
			expands = append(expands, name)
			p.follows = append(p.follows, s.below(a)...)
		case a.kind == navigation:
			selects = append(selects, name)
			p.follows = append(p.follows, s.followsOf(a, nil)...)
		case a.kind == request && !a.deferred:
			p.owned = append(p.owned, a)
		}
	}
	p.query = msgraph.Query{Select: msgraph.NamesOf(selects...), Expand: msgraph.NamesOf(expands...)}
	return p
}

// follows returns where the navigation properties inside a complex type lead.
func (s selection) follows(complexType *ast.Definition, path []string) (all []follow) {
	if complexType.Kind != ast.Object {
		return nil
	}
	for _, a := range s.fields(complexType) {
		switch {
		case a.kind == navigation:
			all = append(all, s.followsOf(a, path)...)
		case a.target.Kind == ast.Object:
			all = append(all, s.of(a).follows(a.target, extend(path, a.name))...)
		}
	}
	return all
}

// followsOf returns where one navigation property leads: nowhere, if it is deferred. Whether its reference is enough shows
// when its type is known.
func (s selection) followsOf(a asked, path []string) []follow {
	if a.deferred {
		return nil
	}
	return []follow{{path: extend(path, a.name), target: a.target, carries: a.carries, selected: s.of(a)}}
}

// below returns where an expanded navigation property leads: to the requests below its target.
func (s selection) below(a asked) []follow {
	asks := false
	for _, concrete := range facts.objects[a.target.Name] {
		s.of(a).each(concrete, func(f *ast.Field, deferred bool) {
			asks = asks || (!deferred && facts.field(concrete.Name, f.Name).kind == request)
		})
	}
	if !asks {
		return nil
	}
	return []follow{{path: []string{a.name}, target: a.target, whole: true, selected: s.of(a)}}
}

// needsMore reports whether the selection asks for more properties of the target, whatever its concrete type, than its
// reference holds.
func (s selection) needsMore(f *field) (more bool) {
	for _, concrete := range facts.objects[f.target.Name] {
		s.each(concrete, func(f2 *ast.Field, _ bool) {
			kind := facts.field(concrete.Name, f2.Name).kind
			asks := kind == property || kind == navigation
			more = more || (asks && !f.carries.Has(f2.Name))
		})
	}
	return more
}

// isCarriedBy reports whether a reference that carries these properties is enough.
func (p projection) isCarriedBy(carries msgraph.Names) bool {
	return p.query.Expand == "" && carries.Covers(p.query.Select)
}

func extend(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}
