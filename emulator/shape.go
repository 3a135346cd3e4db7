package emulator

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A shape is what a query string asks of an endpoint: parsed once, used often.
type shape struct {
	selected masks  // nil: everything
	expanded masks  // members to expand
	context  string // the rest of @odata.context after "$metadata#", with its closing quote
	err      *graphError
}

// maxShapes bounds the cache of query strings per endpoint; maxShapeLength the length of one that is kept.
const (
	maxShapes      = 4096
	maxShapeLength = 2048
)

type shapeCache struct {
	mu    sync.RWMutex
	byRaw map[string]*shape
}

// shape parses a raw query string, or remembers having done so.
func (p *endpoint) shape(raw string) *shape {
	c := &p.shapes
	c.mu.RLock()
	s := c.byRaw[raw]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	s = p.parse(raw)
	if len(raw) <= maxShapeLength {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.byRaw == nil || len(c.byRaw) >= maxShapes {
			c.byRaw = map[string]*shape{}
		}
		c.byRaw[strings.Clone(raw)] = s
	}
	return s
}

// systemOptions are the query options of OData that no endpoint here takes, with the name that a refusal gives them.
var systemOptions = map[string]string{
	"$filter": "Filter", "$orderby": "OrderBy", "$top": "Top", "$skip": "Skip", "$count": "Count", "$search": "Search",
	"$format": "Format", "$apply": "Apply", "$compute": "Compute", "$skiptoken": "SkipToken",
	"$deltatoken": "DeltaToken", "$levels": "Levels",
}

func (p *endpoint) parse(raw string) *shape {
	s := &shape{}
	options, err := queryOptions(raw)
	if err != nil {
		return &shape{err: err}
	}
	var names []string
	if text, ok := options["$select"]; ok {
		if names, s.err = p.parseSelect(s, text); s.err != nil {
			return s
		}
	}
	if text, ok := options["$expand"]; ok {
		if s.err = p.parseExpand(s, text); s.err != nil {
			return s
		}
		for _, name := range p.expand {
			if slices.Contains(strings.Split(text, ","), name) {
				names = append(slices.DeleteFunc(names, func(n string) bool { return n == name }), name+"()")
			}
		}
	}
	s.context = p.contextOf(names)
	return s
}

// queryOptions splits a raw query string and refuses what no endpoint takes.
func queryOptions(raw string) (map[string]string, *graphError) {
	options := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, badRequest("The query string is not encoded properly.")
		}
		if err := checkOption(name); err != nil {
			return nil, err
		}
		if _, twice := options[name]; twice {
			return nil, badRequest("Query option '" + name +
				"' was specified more than once, but it must be specified at most once.")
		}
		options[name] = value
	}
	return options, nil
}

func checkOption(name string) *graphError {
	if name == "$select" || name == "$expand" {
		return nil
	}
	if option, ok := systemOptions[name]; ok {
		return optionNotAllowed(option)
	}
	return badRequest("The query parameter '" + name + "' is not supported.")
}

func optionNotAllowed(option string) *graphError {
	return badRequest("The query specified in the URI is not valid. Query option '" + option + "' is not allowed. " +
		"To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings.")
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
	if len(p.expand) == 0 {
		return optionNotAllowed("Expand")
	}
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
func (p *endpoint) contextOf(names []string) string {
	projection := ""
	if len(names) > 0 {
		projection = "(" + strings.Join(names, ",") + ")"
	}
	return "security/threatIntelligence/" + p.set + projection + `/$entity"`
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}
