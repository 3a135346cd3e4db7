package odata

import (
	"slices"
	"strings"
)

// parseSelect reads the value of $select: the selected members, and their names as given.
func (s *Set) parseSelect(text string) (masks, []string, *Error) {
	selected := make(masks, len(s.concrete))
	var names []string
	for term := range strings.SplitSeq(text, ",") {
		term = strings.TrimSpace(term)
		m, ok := s.terms[term]
		if !ok {
			return nil, nil, s.refuseTerm(term)
		}
		selected.add(m)
		if !slices.Contains(names, term) {
			names = append(names, term)
		}
	}
	return selected, names, nil
}

// add adds the members of another selection.
func (m masks) add(other masks) {
	for i, bits := range other {
		m[i] |= bits
	}
}

// refuseTerm explains what is wrong with a term of $select.
func (s *Set) refuseTerm(term string) *Error {
	path, name := term, ""
	slash := strings.LastIndexByte(term, '/')
	if slash >= 0 {
		path, name = term[:slash], term[slash+1:]
	}
	switch {
	case term == "" || strings.ContainsAny(term, "()*$ '\""):
		return invalidSelect("Term '" + term + "' is not valid in a $select or $expand expression.")
	case slash < 0:
		return invalidSelect(noProperty(term, s.declared.Name))
	case !strings.HasPrefix(path, "microsoft.graph."):
		return invalidSelect("Found a path with multiple navigation properties or a bad complex property path in a " +
			"select clause. Please reword your query such that each level of select or expand only contains either " +
			"TypeSegments or Properties.")
	case s.find(path) != nil:
		return invalidSelect(noProperty(name, strings.TrimPrefix(path, namespace)))
	case defined(path):
		return invalidSelect("The type '" + path + "' specified in the URI is neither a base type nor a sub-type of " +
			"the previously-specified type '" + s.declared.fullName() + "'.")
	default:
		return invalidSelect("The type '" + path + "' is not defined in the model.")
	}
}

// parseExpand reads the value of $expand: the members to expand, and their names in the order of the set.
func (s *Set) parseExpand(text string) (masks, []string, *Error) {
	expanded := make(masks, len(s.concrete))
	var given []string
	for term := range strings.SplitSeq(text, ",") {
		term = strings.TrimSpace(term)
		if !slices.Contains(s.expand, term) {
			return nil, nil, s.refuseExpand(text, term)
		}
		expanded.add(s.terms[term])
		given = append(given, term)
	}
	var names []string
	for _, name := range s.expand {
		if slices.Contains(given, name) {
			names = append(names, name)
		}
	}
	return expanded, names, nil
}

// refuseExpand explains what is wrong with a term of $expand.
func (s *Set) refuseExpand(text, term string) *Error {
	switch _, known := s.terms[term]; {
	case term == "" || strings.ContainsAny(term, "()*$/ '\""):
		return invalidSelect("Term '" + text + "' is not valid in a $select or $expand expression.")
	case s.isReference(term):
		return &Error{
			Status: 400, Code: "ExpandNotSupported",
			Message: "Expand is not allowed for property '" + term + "' according to the entity schema.",
		}
	case known:
		return invalidSelect("Property '" + term + "' on type '" + s.declared.fullName() +
			"' is not a navigation property or complex property. Only navigation properties can be expanded.")
	default:
		return invalidSelect(noProperty(term, s.declared.Name))
	}
}
