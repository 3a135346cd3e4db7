package plan

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
	"portico/threatintel"
)

// Projection is what is requested of one entity, and where its response leads.
type Projection struct {
	Query msgraph.Query
	// Links lead from the response to other entities.
	Links []Link
	// Requests are those below the entity. They need no more of it than its id.
	Requests []Selected
	// Owns reports whether there are requests below the entity, now or under @defer.
	Owns bool

	keyless bool // the id is not selected
}

// Link is where a response leads: from a place in it to requests of their own.
type Link struct {
	path      []string // property names from the response to the reference
	target    *ast.Definition
	carries   msgraph.Names
	inline    bool // the target is in the response itself, and only requests below it are selected
	expanded  bool // the target is requested whole with its owner, and may come as a reference all the same
	complete  bool // the target is expanded, and there are no requests below it
	selection Selection
	hint      hint // of the id that the target is likely to have; nil where there is none
}

// needsOwn reports whether the target of a reference is requested itself: because the reference does not hold what is
// selected, or because only a reference came of what should have come with more.
func (l Link) needsOwn(target *Projection, r threatintel.Reference) bool {
	switch {
	case r.Bare && (l.expanded || l.carries != ""):
		return target.ExceedsKey()
	case l.inline:
		return false
	}
	return !target.IsCarriedBy(l.carries)
}

// namespace is Microsoft Graph's for threat intelligence. A schema type is the upstream type with a capital.
const namespace = "microsoft.graph.security."

// projections are those of one document, which all its operations share: the planner, the resolvers, and each of the
// items in a list project the same selections.
type projections = memo[projected, *Projection]

// projected identifies a projection.
type projected struct {
	source             *ast.Field
	declared, concrete *ast.Definition
}

// Of returns what the selection requests of a target.
func (s Selection) Of(t *Target) *Projection {
	switch {
	case t.Concrete == nil:
		return &nothingRequested
	case t.Endpoint == nil:
		return s.Project(t.Concrete, t.Concrete)
	}
	return s.Project(t.Endpoint, t.Concrete)
}

var nothingRequested Projection

// ByID is the query for an entity that its request names by id: the response has the id only if it is selected.
func (p *Projection) ByID() msgraph.Query {
	query := p.Query
	query.Keyless = p.keyless
	return query
}

// Project returns what the selection requests of an entity: declared is the type that the endpoint returns, concrete
// what the entity is. A property under @defer comes along, since the entity's own request is sent in any case. Of a
// navigation property under @defer only the reference does. Nobody may change what is returned: it is worked out once.
func (s Selection) Project(declared, concrete *ast.Definition) *Projection {
	if s.source == nil {
		return s.project(declared, concrete)
	}
	key := projected{s.source, declared, concrete}
	if known, found := s.projections.get(key); found {
		return known
	}
	p := s.project(declared, concrete)
	s.projections.put(key, p)
	return p
}

func (s Selection) project(declared, concrete *ast.Definition) *Projection {
	p := &Projection{keyless: true}
	var selects, expands []string
	for _, f := range s.fields(concrete) {
		name := selectName(declared, concrete, f.Name)
		switch f.kind {
		case kindPlain: // the id: an entity has no other plain field
			p.keyless = false
		case kindProperty:
			selects = append(selects, name)
			if f.Target.Kind == ast.Object {
				p.Links = append(p.Links, f.Selection.linksInside(f.Target, []string{f.Name})...)
			}
		case kindComputed:
			p.keyless = p.keyless && len(f.from) > 0 // what is from nothing else is from the id
			for _, property := range f.from {
				selects = append(selects, selectName(declared, concrete, property))
			}
		case kindNavigation:
			if f.expands() {
				expands = append(expands, name)
				p.Links = append(p.Links, f.inlineLinks()...)
				continue
			}
			selects = append(selects, name)
			p.Links = append(p.Links, f.links(nil)...)
		case kindRequest:
			p.Owns = true
			if !f.deferred {
				p.Requests = append(p.Requests, f)
			}
		}
	}
	for i := range p.Links {
		if link := &p.Links[i]; len(link.path) == 1 {
			link.hint = hintsOf[declared.Name][link.path[0]]
		}
	}
	p.Query = msgraph.Query{Select: msgraph.NamesOf(selects...), Expand: msgraph.NamesOf(expands...)}
	p.Links, p.Requests = slices.Clip(p.Links), slices.Clip(p.Requests)
	return p
}

// selectName is the name of a field of a concrete type in a $select of an endpoint that returns the declared type: a
// property of a derived type is qualified with it.
// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html, section 5.1.4
func selectName(declared, concrete *ast.Definition, name string) string {
	if declared == concrete {
		return name
	}
	if _, inherited := catalog.fields[declared.Name][name]; inherited {
		return name
	}
	return namespace + strings.ToLower(concrete.Name[:1]) + concrete.Name[1:] + "/" + name
}

// expands reports whether a navigation property is expanded: more is selected of its target than a reference holds.
func (c *Selected) expands() bool {
	return c.expandable && c.Selection.exceeds(c.Field)
}

// exceeds reports whether the selection has more properties of the target, whatever its concrete type, than its
// reference holds.
func (s Selection) exceeds(field *Field) (more bool) {
	for _, concrete := range catalog.objects[field.Target.Name] {
		s.each(concrete, func(f *ast.Field, _ bool) {
			more = more || catalog.field(concrete.Name, f.Name).exceeds(field.Carries)
		})
	}
	return more
}

// exceeds reports whether a field of an entity needs more of it than what a reference carries.
func (f *Field) exceeds(carries msgraph.Names) bool {
	switch f.kind {
	case kindProperty, kindNavigation:
		return !carries.Has(f.Name)
	case kindComputed:
		return slices.ContainsFunc(f.from, func(property string) bool { return !carries.Has(property) })
	}
	return false
}

// links returns where a navigation property at a path leads: nowhere, if it is deferred. Whether the reference is
// enough is known with its type.
func (c *Selected) links(path []string) []Link {
	if c.deferred {
		return nil
	}
	return []Link{{path: extend(path, c.Name), target: c.Target, carries: c.Carries, selection: c.Selection}}
}

// inlineLinks returns where an expanded navigation property leads: to the requests below its target, and to the target
// itself, should it come as a reference.
func (c *Selected) inlineLinks() []Link {
	return []Link{{
		path: []string{c.Name}, target: c.Target, selection: c.Selection,
		inline: true, expanded: true, complete: !c.Selection.hasRequests(c.Target),
	}}
}

// linksInside returns where the navigation properties inside a complex type lead.
func (s Selection) linksInside(complexType *ast.Definition, path []string) (all []Link) {
	if complexType.Kind != ast.Object {
		return nil
	}
	for _, f := range s.fields(complexType) {
		if f.kind == kindNavigation {
			all = append(all, f.links(path)...)
		} else {
			all = append(all, f.Selection.linksInside(f.Target, extend(path, f.Name))...)
		}
	}
	return all
}

// hasRequests reports whether the selection has requests below an entity, whatever its concrete type.
func (s Selection) hasRequests(target *ast.Definition) (found bool) {
	for _, concrete := range catalog.objects[target.Name] {
		s.each(concrete, func(f *ast.Field, deferred bool) {
			found = found || (!deferred && catalog.field(concrete.Name, f.Name).kind == kindRequest)
		})
	}
	return found
}

// NeedsOwn reports whether the entity itself is requested: for its properties, or, where nothing but its key is
// selected, to learn whether there is one. What is below it can be requested without.
func (p *Projection) NeedsOwn() bool {
	return p.ExceedsKey() || len(p.Requests) == 0
}

// IsCarriedBy reports whether a reference that carries these properties is enough.
func (p *Projection) IsCarriedBy(carries msgraph.Names) bool {
	return p.Query.Expand == "" && carries.Covers(p.Query.Select)
}

// ExceedsKey reports whether more is requested of the entity itself than its key, which every reference has.
func (p *Projection) ExceedsKey() bool { return !p.IsCarriedBy("") }

func extend(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}
