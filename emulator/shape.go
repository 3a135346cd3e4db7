package emulator

import (
	"slices"
	"strings"
	"sync"
)

// A shape is what a query string asks of a row: parsed once, used often.
type shape struct {
	selected masks  // nil: everything
	expanded masks  // members to expand
	context  string // the rest of @odata.context after "$metadata#", with its closing quote
	query    string // all options but the token of a page, encoded
	whole    bool   // whether nothing was asked but the resource
	list     listOptions
	err      *graphError
}

// maxShapes bounds the cache of query strings per row; maxShapeLength the length of one that is kept.
const (
	maxShapes      = 4096
	maxShapeLength = 2048
)

type shapeCache struct {
	mu    sync.RWMutex
	byRaw map[string]*shape
}

// shape parses a raw query string, or remembers having done so.
func (r *row) shape(raw string) *shape {
	c := &r.shapes
	c.mu.RLock()
	s := c.byRaw[raw]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	s = r.parse(raw)
	if len(raw) <= maxShapeLength && s.list.token == "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.byRaw == nil || len(c.byRaw) >= maxShapes {
			c.byRaw = map[string]*shape{}
		}
		c.byRaw[strings.Clone(raw)] = s
	}
	return s
}

func (r *row) parse(raw string) *shape {
	s := &shape{whole: raw == ""}
	given, err := r.queryOptions(raw)
	if err != nil {
		return &shape{err: err}
	}
	s.query = encodeOptions(given)
	var names []string
	if text, ok := given.value("$select"); ok {
		if names, s.err = r.of.parseSelect(s, text); s.err != nil {
			return s
		}
	}
	if text, ok := given.value("$expand"); ok {
		if s.err = r.of.parseExpand(s, text); s.err != nil {
			return s
		}
		for _, name := range r.of.expand {
			if slices.Contains(strings.Split(text, ","), name) {
				names = append(slices.DeleteFunc(names, func(n string) bool { return n == name }), name+"()")
			}
		}
	}
	s.context = r.contextOf(names)
	s.err = r.parseList(&s.list, given)
	return s
}

func (p *endpoint) parseSelect(s *shape, text string) ([]string, *graphError) {
	s.selected = make(masks, len(p.concrete))
	var names []string
	for term := range strings.SplitSeq(text, ",") {
		term = strings.TrimSpace(term)
		m, ok := p.terms[term]
		if !ok {
			return nil, p.refuseTerm(term)
		}
		for i, bits := range m {
			s.selected[i] |= bits
		}
		if !slices.Contains(names, term) {
			names = append(names, term)
		}
	}
	return names, nil
}

// refuseTerm says what is wrong with a term of $select.
func (p *endpoint) refuseTerm(term string) *graphError {
	path, name, qualified := cutLast(term, "/")
	switch {
	case term == "" || strings.ContainsAny(term, "()*$ '\""):
		return parsingFailed("Term '" + term + "' is not valid in a $select or $expand expression.")
	case !qualified:
		return parsingFailed(noProperty(term, p.declared.name))
	case !strings.HasPrefix(path, "microsoft.graph."):
		return parsingFailed("Found a path with multiple navigation properties or a bad complex property path in a " +
			"select clause. Please reword your query such that each level of select or expand only contains either " +
			"TypeSegments or Properties.")
	case p.find(path) != nil:
		return parsingFailed(noProperty(name, strings.TrimPrefix(path, namespace)))
	case defined(path):
		return parsingFailed("The type '" + path + "' specified in the URI is neither a base type nor a sub-type of " +
			"the previously-specified type '" + namespace + p.declared.name + "'.")
	default:
		return parsingFailed("The type '" + path + "' is not defined in the model.")
	}
}

func (p *endpoint) parseExpand(s *shape, text string) *graphError {
	s.expanded = make(masks, len(p.concrete))
	for term := range strings.SplitSeq(text, ",") {
		term = strings.TrimSpace(term)
		if !slices.Contains(p.expand, term) {
			return p.refuseExpand(text, term)
		}
		for i, bits := range p.terms[term] {
			s.expanded[i] |= bits
			if s.selected != nil {
				s.selected[i] |= bits
			}
		}
	}
	return nil
}

// refuseExpand says what is wrong with a term of $expand.
func (p *endpoint) refuseExpand(text, term string) *graphError {
	switch _, known := p.terms[term]; {
	case term == "" || strings.ContainsAny(term, "()*$/ '\""):
		return parsingFailed("Term '" + text + "' is not valid in a $select or $expand expression.")
	case p.reference(term):
		return &graphError{
			status: 400, code: "ExpandNotSupported",
			message: "Expand is not allowed for property '" + term + "' according to the entity schema.",
		}
	case known:
		return parsingFailed("Property '" + term + "' on type '" + namespace + p.declared.name +
			"' is not a navigation property or complex property. Only navigation properties can be expanded.")
	default:
		return parsingFailed(noProperty(term, p.declared.name))
	}
}

func noProperty(name, typeName string) string {
	return "Could not find a property named '" + name + "' on type '" + namespace + typeName + "'."
}

func parsingFailed(reason string) *graphError {
	return badRequest("Parsing OData Select and Expand failed: " + reason)
}

// contextOf renders the fragment of @odata.context for the selected names.
func (r *row) contextOf(names []string) string {
	projection := ""
	if len(names) > 0 {
		projection = "(" + strings.Join(names, ",") + ")"
	}
	if r.entity && r.owner == "" {
		return r.context + projection + `/$entity"`
	}
	return r.context + projection + `"`
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}
