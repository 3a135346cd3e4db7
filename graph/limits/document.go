package limits

import "github.com/vektah/gqlparser/v2/ast"

// saturated is where counting stops: fragments that double with every level reach any number.
const saturated = 1_000_000

// size is what a document asks for, with every fragment in place.
type size struct {
	nodes              int // fields, and the fragments that hold them
	depth              int
	introspection      int // the depth of what is under __schema and __type
	introspectionLists int // how often a path there goes from a type to a list of others
	aliases            int
	directives         int // as written: a directive is validated once, however often its fragment is spread
	rootFields         int // the most of any operation
}

// extent is the size of one selection set, relative to where it stands. What is under __schema or __type is counted
// apart, since only there the depth of a fragment is that of an introspection.
type extent struct {
	width, nodes, aliases, depth, lists int
	introspection, introspectionLists   int
}

// measurer walks a document that is parsed and nothing more: fields may not exist, fragments may be missing. It visits
// each part once, whatever the fragments make of it.
type measurer struct {
	fragments map[string]*measured
	size      size
	roots     []ast.SelectionSet // of the operations, and of the fragments that nothing spreads
	problem   string             // why the document is invalid, if that had to be seen
}

// measured is a fragment, and its extent once it is known.
type measured struct {
	definition         *ast.FragmentDefinition
	extent             extent
	spread, busy, done bool
}

// measure returns the size of a document, unless it says what is wrong with it.
func measure(doc *ast.QueryDocument) *measurer {
	m := &measurer{fragments: make(map[string]*measured, len(doc.Fragments))}
	for _, f := range doc.Fragments {
		if m.fragments[f.Name] != nil {
			m.problem = "two fragments have the same name"
			return m
		}
		m.fragments[f.Name] = &measured{definition: f}
	}
	for _, op := range doc.Operations {
		e := m.set(op.SelectionSet)
		m.root(e, op.SelectionSet)
		m.size.rootFields = max(m.size.rootFields, e.width)
		m.size.directives += len(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.size.directives += len(v.Directives)
		}
	}
	for _, f := range doc.Fragments { // what nothing spreads is validated all the same
		if !m.fragments[f.Name].spread {
			m.root(m.fragment(f.Name), f.SelectionSet)
		}
	}
	return m
}

// root adds the extent of a set that is in no other.
func (m *measurer) root(e extent, set ast.SelectionSet) {
	m.roots = append(m.roots, set)
	s := &m.size
	s.nodes = min(saturated, s.nodes+e.nodes)
	s.aliases = min(saturated, s.aliases+e.aliases)
	s.depth = max(s.depth, e.depth)
	s.introspection = max(s.introspection, e.introspection)
	s.introspectionLists = max(s.introspectionLists, e.introspectionLists)
}

func (m *measurer) set(set ast.SelectionSet) (e extent) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			m.size.directives += len(s.Directives)
			e.add(m.field(s))
		case *ast.InlineFragment:
			m.size.directives += len(s.Directives)
			e.add(m.set(s.SelectionSet))
			e.add(extent{nodes: 1})
		case *ast.FragmentSpread:
			m.size.directives += len(s.Directives)
			e.add(m.fragment(s.Name))
			e.add(extent{nodes: 1})
		}
	}
	return e
}

// add puts b beside e in one selection set.
func (e *extent) add(b extent) {
	e.width = min(saturated, e.width+b.width)
	e.nodes = min(saturated, e.nodes+b.nodes)
	e.aliases = min(saturated, e.aliases+b.aliases)
	e.depth = max(e.depth, b.depth)
	e.lists = max(e.lists, b.lists)
	e.introspection = max(e.introspection, b.introspection)
	e.introspectionLists = max(e.introspectionLists, b.introspectionLists)
}

// field returns what a field adds to the set that it stands in.
func (m *measurer) field(f *ast.Field) extent {
	e := m.set(f.SelectionSet)
	e.width = 1
	e.nodes = min(saturated, e.nodes+1)
	if f.Alias != f.Name {
		e.aliases = min(saturated, e.aliases+1)
	}
	e.depth++
	switch f.Name {
	case "__schema", "__type":
		e.introspection = max(e.introspection, e.depth)
		e.introspectionLists = max(e.introspectionLists, e.lists)
		e.depth, e.lists = 1, 0
	case "fields", "inputFields", "interfaces", "possibleTypes":
		e.lists++
	}
	return e
}

// fragment returns what a spread adds to the set that it stands in.
func (m *measurer) fragment(name string) extent {
	f := m.fragments[name]
	switch {
	case f == nil: // validation will say so
		return extent{}
	case f.busy:
		m.problem = "a fragment spreads itself, directly or through others"
		return extent{}
	case !f.done:
		f.busy = true
		m.size.directives += len(f.definition.Directives)
		f.extent = m.set(f.definition.SelectionSet)
		f.busy, f.done = false, true
	}
	f.spread = true
	return f.extent
}

// widest returns the largest number of fields in one selection set of a document without circles. Fields that answer
// under the same name are one field, and their selection sets one set: validation compares each field in it with each
// other. It stops soon after most is passed, and visits no more than the document's nodes.
func (m *measurer) widest(most int) int {
	w := widthMeter{fragments: m.fragments, most: most}
	for _, set := range m.roots {
		w.merged([]ast.SelectionSet{set})
	}
	return w.widest
}

type widthMeter struct {
	fragments    map[string]*measured
	most, widest int
}

// merged measures sets that are answered as one, and what is below them.
func (w *widthMeter) merged(sets []ast.SelectionSet) {
	below := map[string][]ast.SelectionSet{}
	width := 0
	for _, set := range sets {
		width += w.flatten(set, below)
	}
	w.widest = max(w.widest, width)
	for _, sets := range below {
		if w.widest > w.most {
			return
		}
		w.merged(sets)
	}
}

// flatten counts the fields of a set, and gathers what is below them by the names under which they answer.
func (w *widthMeter) flatten(set ast.SelectionSet, below map[string][]ast.SelectionSet) (width int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			width++
			if len(s.SelectionSet) > 0 {
				below[s.Alias] = append(below[s.Alias], s.SelectionSet)
			}
		case *ast.InlineFragment:
			width += w.flatten(s.SelectionSet, below)
		case *ast.FragmentSpread:
			if f := w.fragments[s.Name]; f != nil {
				width += w.flatten(f.definition.SelectionSet, below)
			}
		}
	}
	return width
}
