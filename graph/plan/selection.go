package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Selection is what an operation selects of one value: the selection sets of every field that leads to it, under
// whatever aliases. Nearly always that is one.
type Selection struct {
	*document
	first ast.SelectionSet
	more  []ast.SelectionSet
	// source is the first field with this selection set, nil if it is merged from several.
	source *ast.Field
}

// Selected is a field and what is selected of its value. Repetitions of a field are one, but for requests of their own,
// whose arguments may differ under another name in the response.
type Selected struct {
	*Field
	Selection Selection
	deferred  bool       // every occurrence is under an active @defer
	occurs    *ast.Field // the first occurrence of a request of its own, which has its arguments
}

// and adds the selection set of another occurrence.
func (s *Selection) and(f *ast.Field) {
	if s.first == nil {
		s.source = s.same(f)
		s.first = s.source.SelectionSet
		return
	}
	s.source = nil
	s.more = append(s.more, f.SelectionSet)
}

// each calls yield for every occurrence of a field that applies to the concrete type, fragments entered, @skip and
// @include obeyed.
func (s Selection) each(on *ast.Definition, yield func(f *ast.Field, deferred bool)) {
	s.eachIn(s.first, on, false, yield)
	for _, set := range s.more {
		s.eachIn(set, on, false, yield)
	}
}

func (s Selection) eachIn(set ast.SelectionSet, on *ast.Definition, deferred bool, yield func(*ast.Field, bool)) {
	for _, part := range set {
		if f, isField := part.(*ast.Field); !isField {
			inner, defers := s.fragment(part, on)
			s.eachIn(inner, on, deferred || defers, yield)
		} else if s.included(f.Directives) {
			yield(f, deferred)
		}
	}
}

// fragment returns what is in a fragment, if it applies to the concrete type, and whether it is under an active @defer.
func (s Selection) fragment(part ast.Selection, on *ast.Definition) (set ast.SelectionSet, defers bool) {
	directives, condition := directivesOf(part), ""
	switch part := part.(type) {
	case *ast.InlineFragment:
		set = part.SelectionSet
		if Schema.Types[part.TypeCondition] != nil { // the fragment that stands for an active @defer has no type
			condition = part.TypeCondition
		}
	case *ast.FragmentSpread:
		fragment := s.doc.Fragments.ForName(part.Name)
		if fragment == nil {
			return nil, false
		}
		set, condition = fragment.SelectionSet, fragment.TypeCondition
	}
	if !catalog.applies(condition, on) || !s.included(directives) {
		return nil, false
	}
	return set, s.defers(directives)
}

// deferrals returns how many fragments of a concrete type are under an active @defer.
func (s Selection) deferrals(on *ast.Definition) int {
	n := s.deferralsIn(s.first, on)
	for _, set := range s.more {
		n += s.deferralsIn(set, on)
	}
	return n
}

func (s Selection) deferralsIn(set ast.SelectionSet, on *ast.Definition) (n int) {
	for _, part := range set {
		if _, isField := part.(*ast.Field); isField {
			continue
		}
		inner, defers := s.fragment(part, on)
		if n += s.deferralsIn(inner, on); defers {
			n++
		}
	}
	return n
}

// fields returns the fields of a concrete type that are selected, in the order of the document.
func (s Selection) fields(on *ast.Definition) []Selected {
	known := catalog.fields[on.Name]
	all := make([]Selected, 0, len(s.first))
	s.each(on, func(f *ast.Field, deferred bool) {
		if field, ok := known[f.Name]; ok { // not __typename
			all = s.addField(all, field, f, deferred)
		}
	})
	return all
}

func (s Selection) addField(all []Selected, field *Field, f *ast.Field, deferred bool) []Selected {
	if field.kind == kindRequest {
		return s.addRequest(all, field, f, deferred)
	}
	at := 0
	for at < len(all) && all[at].Field != field {
		at++
	}
	if at == len(all) {
		all = append(all, Selected{Field: field, Selection: Selection{document: s.document}, deferred: true})
	}
	if deferred {
		return all
	}
	all[at].deferred = false
	if len(f.SelectionSet) > 0 {
		all[at].Selection.and(f)
	}
	return all
}

// addRequest adds a field that is a request of its own. Under one name it is one request for all that is selected under
// that name, but for what a deferred fragment adds.
func (s Selection) addRequest(all []Selected, field *Field, f *ast.Field, deferred bool) []Selected {
	at := 0
	for at < len(all) && (all[at].occurs == nil || all[at].occurs.Alias != f.Alias || all[at].deferred != deferred) {
		at++
	}
	if at == len(all) {
		return append(all, Selected{Field: field, Selection: s.inside(f), deferred: deferred, occurs: f})
	}
	all[at].Selection.and(f)
	return all
}

// nodes returns the selection of the nodes of a connection, and whether all of the list are to be counted.
func (s Selection) nodes(connection *ast.Definition) (nodes Selection, count bool) {
	nodes = Selection{document: s.document}
	s.each(connection, func(f *ast.Field, _ bool) {
		switch f.Name {
		case "nodes":
			nodes.and(f)
		case "edges":
			s.inside(f).each(catalog.field(connection.Name, "edges").Target, func(f *ast.Field, _ bool) {
				if f.Name == "node" {
					nodes.and(f)
				}
			})
		case "totalCount":
			count = true
		}
	})
	return nodes, count
}
